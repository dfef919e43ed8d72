import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { Fault, type Client, type TapeProviders } from 'boternity';
import type { Told } from '../listeners.ts';
import type { TapeFile } from './tape-file.ts';

/** How long nothing may be under way before a conversation is over: its title comes behind its answer. In milliseconds. */
const QUIET_MS = 500;
/** How long an answer that was stopped may take to be on the tape, in milliseconds. */
const LAST_MS = 2_000;

type Line = Told | { readonly type: 'ready'; readonly providers: TapeProviders };

/** What the server tells of its exchanges, as it comes to a tape. */
export class Recording implements AsyncDisposable {
  /** Exchanges that were too much to be searched for keys. */
  omitted = 0;
  readonly #file: TapeFile;
  readonly #open = new Set<number>();
  readonly #leave = new AbortController();
  readonly #ready = Promise.withResolvers<void>();
  #ended: Promise<void> = Promise.resolve();
  #tell: (hasHappened: boolean) => void = () => undefined;

  constructor(file: TapeFile) {
    this.#file = file;
  }

  /** Begins to listen; answers when nothing can be missed any more. */
  async begin(client: Client, wanted: Readonly<Record<string, unknown>>): Promise<void> {
    const query = new URLSearchParams(
      Object.entries(wanted).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    );
    const { body } = await client.fetch(`/recording?${query}`, { signal: this.#leave.signal });
    if (!body) throw new Fault('INTERNAL', 'The server sent nothing.');
    const input = Readable.from(body as AsyncIterable<Uint8Array>, { objectMode: false });
    this.#ended = this.#read(input).catch(() => undefined);
    await this.#ready.promise;
  }

  /** Waits until the server leaves. */
  ended(): Promise<void> {
    return this.#ended;
  }

  /** Waits until nothing is under way for a while; after the signal only for what was cut off by it. */
  async quiet(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#tell(true));
    for (;;) {
      if (signal.aborted && this.#open.size === 0) return;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      this.#tell = resolve;
      const patience = signal.aborted ? LAST_MS : QUIET_MS;
      const isIdle = signal.aborted || this.#open.size === 0;
      const timer = isIdle ? setTimeout(() => resolve(false), patience) : undefined;
      const hasHappened = await promise;
      clearTimeout(timer);
      if (!hasHappened) return;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leave.abort();
    await this.#ended;
    await this.#file.written();
  }

  async #read(input: Readable): Promise<void> {
    for await (const text of createInterface({ input })) {
      if (!text.startsWith('data: ')) continue;
      const line = JSON.parse(text.slice('data: '.length)) as Line;
      if (line.type === 'ready') {
        this.#file.know(line.providers);
        this.#ready.resolve();
        continue;
      }
      if (line.type === 'asked') this.#open.add(line.number);
      else this.#open.delete(line.number);
      if (line.type === 'answered') this.#file.add(line.number, line.exchange);
      if (line.type === 'omitted') this.omitted += 1;
      this.#tell(true);
    }
  }
}
