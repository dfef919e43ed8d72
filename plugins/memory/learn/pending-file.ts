import { z, type Files, type Log } from 'boternity';

const FILE = '.boternity/learning.json';
/** Changes of so many milliseconds are written together; where the file is long, writing takes so small a part of the time. */
const TOGETHER_MS = 500;
const PART_OF_TIME = 1 / 50;
/** Conversations of a bot that are known in their order. */
const RECENT = 4;

const pendingSchema = z.object({
  bot: z.string(),
  conversation: z.string(),
  /** Since something was learned last. */
  turns: z.number(),
  /** Milliseconds since 1970. */
  saidAt: z.number(),
  dueAt: z.number(),
  tries: z.number(),
});

/** A conversation that something may be learned from. */
export type Pending = z.output<typeof pendingSchema>;

/** Which conversations wait to be learned from, on disk. */
export class PendingFile implements AsyncDisposable {
  readonly #files: Files;
  readonly #log: Log;
  readonly #pending = new Map<string, Pending>();
  /** Bot → conversations in which something was said last, latest first. */
  readonly #recent = new Map<string, readonly string[]>();
  #restMs = TOGETHER_MS;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(files: Files, log: Log) {
    this.#files = files;
    this.#log = log;
  }

  all(): IterableIterator<Pending> {
    return this.#pending.values();
  }

  /** Of a bot's, those in which something was said last, latest first. */
  latestOf(bot: string): Pending[] {
    return (this.#recent.get(bot) ?? []).flatMap((conversation) => this.#pending.get(conversation) ?? []);
  }

  get(conversation: string): Pending | undefined {
    return this.#pending.get(conversation);
  }

  set(pending: Pending): void {
    this.#take(pending);
    this.#later();
  }

  remove(conversation: string): void {
    if (this.#pending.delete(conversation)) this.#later();
  }

  /** Takes up what an earlier server left. A damaged file is begun anew: what it held is learned when these conversations go on. */
  async read(): Promise<void> {
    try {
      const text = (await this.#files.read(FILE))?.toString('utf8');
      if (text === undefined) return;
      const found = z.array(pendingSchema).parse(JSON.parse(text));
      for (const pending of found.toSorted((a, b) => a.saidAt - b.saidAt)) this.#take(pending);
    } catch (error) {
      this.#log.warn(`${FILE} is damaged, and is begun anew`, { error });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#timer) this.#write();
    await this.#writing;
  }

  #take(pending: Pending): void {
    const { bot, conversation, saidAt } = pending;
    const isSaid = this.#pending.get(conversation)?.saidAt !== saidAt;
    this.#pending.set(conversation, pending);
    if (!isSaid) return;
    const others = (this.#recent.get(bot) ?? []).filter((each) => each !== conversation);
    this.#recent.set(bot, [conversation, ...others].slice(0, RECENT));
  }

  #later(): void {
    this.#timer ??= setTimeout(() => this.#write(), this.#restMs).unref();
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing
      .then(async () => {
        const began = performance.now();
        await this.#files.write(FILE, `${JSON.stringify([...this.all()], null, 2)}\n`);
        this.#restMs = Math.max(TOGETHER_MS, (performance.now() - began) / PART_OF_TIME);
      })
      .catch((error: unknown) => this.#log.warn(`${FILE} could not be written`, { error }));
  }
}
