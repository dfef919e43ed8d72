/** Rest between one piece of news of a bot and the next, in milliseconds. */
const REST_MS = 500;
/** Memories in one piece of news. */
const MOST = 1_000;

/** Tells which memories of bots changed: the first at once, those that follow on its heels together. */
export class News implements Disposable {
  readonly #tell: (bot: string, ids: readonly string[]) => void;
  /** Bots that something was told of just now → what is to be told next. */
  readonly #waiting = new Map<string, { readonly ids: Set<string>; readonly timer: NodeJS.Timeout }>();

  constructor(tell: (bot: string, ids: readonly string[]) => void) {
    this.#tell = tell;
  }

  add(bot: string, ids: readonly string[]): void {
    const waiting = this.#waiting.get(bot);
    if (waiting) for (const id of ids) waiting.ids.add(id);
    else this.#send(bot, new Set(ids));
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  #send(bot: string, ids: ReadonlySet<string>): void {
    const timer = setTimeout(() => this.#next(bot), REST_MS).unref();
    this.#waiting.set(bot, { ids: new Set([...ids].slice(MOST)), timer });
    this.#tell(bot, [...ids].slice(0, MOST));
  }

  #next(bot: string): void {
    const { ids = new Set<string>() } = this.#waiting.get(bot) ?? {};
    this.#waiting.delete(bot);
    if (ids.size > 0) this.#send(bot, ids);
  }
}
