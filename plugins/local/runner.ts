import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ServiceError } from 'boternity';
import type { Ask, Chunk, FromWorker, Load, ToWorker } from './messages.ts';

/** How long a process may go on with an answer that nobody wants any more, in milliseconds. */
const STOP_MS = 10_000;
const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));
/** Variables that the process needs; nobody's keys are among them. */
const WANTED =
  /^(PATH|HOME|USER|LANG|LC_.*|TMPDIR|TEMP|TMP|SYSTEMROOT|LD_LIBRARY_PATH|DYLD_.*|CUDA_.*|HIP_.*|VK_.*|GGML_.*|OMP_.*)$/i;

interface Waiting {
  take(chunk: Chunk): void;
  fail(error: unknown): void;
}

/** A model in a process of its own: started when it is asked, ended when nobody asks it for a while. */
export class Runner implements Disposable {
  readonly #load: Load;
  readonly #idleMs: number;
  readonly #waiting = new Map<number, Waiting>();
  /** Answers that were to stop, with what happens where they do not. */
  readonly #stopping = new Map<number, NodeJS.Timeout>();
  #child: ChildProcess | undefined;
  #rest: NodeJS.Timeout | undefined;
  #last = 0;

  constructor(load: Load, idleMs: number) {
    this.#load = load;
    this.#idleMs = idleMs;
  }

  /** Its id while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** The answer as it is made. Rejects at once when the signal comes, and when the process breaks down. */
  ask(ask: Ask, signal: AbortSignal): AsyncGenerator<Chunk> {
    return this.#talk((id) => ({ type: 'ask', id, ask }), signal);
  }

  /** Vectors of texts: one chunk. Rejects as answers do. */
  embed(texts: readonly string[], signal: AbortSignal): AsyncGenerator<Chunk> {
    return this.#talk((id) => ({ type: 'embed', id, texts }), signal);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#rest);
    this.#child?.kill('SIGKILL');
  }

  async *#talk(message: (id: number) => ToWorker, signal: AbortSignal): AsyncGenerator<Chunk> {
    const id = (this.#last += 1);
    const chunks: Chunk[] = [];
    let error: unknown;
    let wake = (): void => undefined;
    const fail = (reason: unknown): void => {
      error ??= reason;
      wake();
    };
    const stop = (): void => fail(new Error('aborted'));
    signal.throwIfAborted();
    signal.addEventListener('abort', stop, { once: true });
    this.#waiting.set(id, { fail, take: (chunk) => (chunks.push(chunk), wake()) });
    let isOver = false;
    try {
      this.#send(message(id));
      while (!isOver) {
        if (chunks.length === 0 && error === undefined) await new Promise<void>((resolve) => (wake = resolve));
        if (signal.aborted) throw error;
        for (const chunk of chunks.splice(0)) {
          yield chunk;
          isOver ||= chunk.type === 'end' || chunk.type === 'error' || chunk.type === 'vectors';
        }
        if (!isOver && error !== undefined) throw error;
      }
    } finally {
      signal.removeEventListener('abort', stop);
      this.#leave(id, isOver);
    }
  }

  #send(message: ToWorker): void {
    clearTimeout(this.#rest);
    this.#child ??= this.#start();
    this.#child.send(message, () => undefined);
  }

  #start(): ChildProcess {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => WANTED.test(name)));
    const child = fork(WORKER, [JSON.stringify(this.#load)], {
      env,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.on('message', ({ id, ...chunk }: FromWorker) => {
      if (chunk.type !== 'stopped') return this.#waiting.get(id)?.take(chunk);
      clearTimeout(this.#stopping.get(id));
      this.#stopping.delete(id);
    });
    child.on('error', () => undefined);
    child.once('exit', (code, signal) => {
      if (this.#child !== child) return;
      this.#forget();
      const message = `The process that runs the model ended with ${signal ?? code}.`;
      for (const waiting of this.#waiting.values()) waiting.fail(new ServiceError(undefined, { message }));
    });
    return child;
  }

  /** Whoever asks from now on gets a new process: one that is ending would take the question with it. */
  #forget(): void {
    this.#child = undefined;
    for (const late of this.#stopping.values()) clearTimeout(late);
    this.#stopping.clear();
  }

  /** An answer that nobody wants any more is stopped; a process that does not obey is ended. */
  #leave(id: number, isOver: boolean): void {
    const child = this.#child;
    this.#waiting.delete(id);
    if (!child) return;
    child.send({ type: 'stop', id } satisfies ToWorker, () => undefined);
    if (!isOver) this.#stopping.set(id, setTimeout(() => child.kill('SIGKILL'), STOP_MS).unref());
    clearTimeout(this.#rest);
    if (this.#waiting.size > 0) return;
    this.#rest = setTimeout(() => {
      this.#forget();
      child.kill('SIGKILL');
    }, this.#idleMs).unref();
  }
}
