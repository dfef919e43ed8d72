import { z, type Files, type Log } from 'boternity';
import { Circuits } from './circuits.ts';

const FILE = '.boternity/health.json';
/** Counts are written at most this often, in milliseconds; a circuit that opens or closes at once. */
const PAUSE_MS = 5_000;

const kept = z.array(
  z.object({
    name: z.string(),
    failures: z.number(),
    openUntil: z.string().nullable(),
    lastFailure: z.object({ at: z.string(), kind: z.string(), message: z.string() }).nullable(),
    lastSuccess: z.string().nullable(),
    since: z.string(),
    calls: z.number(),
    failed: z.number(),
  }),
);

/** Keeps the circuits in `.boternity/health.json`, so that a restart does not send requests to what is known to be down. */
export class HealthFile implements AsyncDisposable {
  readonly circuits: Circuits;
  readonly #files: Files;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #writing = Promise.resolve();

  constructor(files: Files, log: Log) {
    this.#files = files;
    this.#log = log;
    this.circuits = new Circuits((isUrgent) => this.#later(isUrgent ? 0 : PAUSE_MS));
  }

  /** Reads what was kept. What cannot be read is as good as nothing: calls find it out anew. */
  async read(): Promise<void> {
    try {
      const text = (await this.#files.read(FILE))?.toString() ?? '[]';
      this.circuits.restore(kept.parse(JSON.parse(text)));
    } catch {
      this.#log.warn(`${FILE} is not as it should be; what it knew of providers is forgotten`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#timer) this.#write();
    await this.#writing;
  }

  #later(ms: number): void {
    if (ms === 0) return this.#write();
    this.#timer ??= setTimeout(() => this.#write(), ms).unref();
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing
      .then(() => this.#files.write(FILE, `${JSON.stringify(this.circuits.all)}\n`))
      .catch((error: unknown) => this.#log.warn('What is known of providers could not be kept', { error }));
  }
}
