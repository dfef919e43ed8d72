/** How long uses wait before the files are told, in milliseconds. */
const LATER_MS = 300_000;

/** What became of a memory since its file was written. */
export interface Use {
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly last: number;
}

/** Counts how often memories are used, and tells it from time to time: a recall writes no file. */
export class Uses {
  readonly #tell: (uses: ReadonlyMap<string, Use>) => Promise<void>;
  #waiting = new Map<string, Use>();
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (uses: ReadonlyMap<string, Use>) => Promise<void>) {
    this.#tell = tell;
  }

  add(ids: readonly string[], at: number): void {
    for (const id of ids) this.#waiting.set(id, { count: (this.#waiting.get(id)?.count ?? 0) + 1, last: at });
    if (ids.length > 0) this.#timer ??= setTimeout(() => void this.flush(), LATER_MS).unref();
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const uses = this.#waiting;
    this.#waiting = new Map();
    if (uses.size > 0) await this.#tell(uses);
  }
}
