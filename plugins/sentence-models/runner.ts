import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Fault, ServiceError, unlessAborted, type Embedding } from 'boternity';
import type { FromHelper, Load, Outcome, ToHelper } from './messages.ts';

/** A thread or a process that makes vectors. */
export interface Helper {
  /** Of a process. */
  readonly pid: number | undefined;
  say(message: ToHelper): void;
  end(): void;
}

/** Starts a helper that tells what it says and, once, that it ended. */
export type StartHelper = (load: Load, hear: (message: FromHelper) => void, ended: (why: string) => void) => Helper;

/** How long a helper may go on with texts that nobody wants any more, in milliseconds. */
const STOP_MS = 10_000;
/** Variables that a process needs; nobody's keys are among them. */
const WANTED = /^(PATH|HOME|USER|LANG|LC_.*|TMPDIR|TEMP|TMP|SYSTEMROOT|LD_LIBRARY_PATH|DYLD_.*|OMP_.*)$/i;

/** A thread: for code that is ours. */
export const startThread: StartHelper = (load, hear, ended) => {
  const worker = new Worker(new URL('static-worker.ts', import.meta.url), { workerData: load, env: {} });
  worker.on('message', hear);
  let why = '';
  worker.on('error', (error: unknown) => (why = error instanceof Error ? error.message : String(error)));
  worker.once('exit', (code) => ended(why || `It ended with ${code}.`));
  return {
    pid: undefined,
    say: (message) => worker.postMessage(message, []),
    end: () => void worker.terminate(),
  };
};

/** A process: for a native library, whose crash takes nobody along. */
export const startProcess: StartHelper = (load, hear, ended) => {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => WANTED.test(name)));
  const child = fork(fileURLToPath(new URL('transformer-worker.ts', import.meta.url)), [JSON.stringify(load)], {
    env,
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  child.on('message', hear);
  child.on('error', () => undefined);
  child.once('exit', (code, signal) => ended(`It ended with ${signal ?? code}.`));
  return {
    pid: child.pid,
    say: (message) => void child.send(message, () => undefined),
    end: () => void child.kill('SIGKILL'),
  };
};

/** A model in a helper of its own: started when it is asked, ended when nobody asks it for a while. */
export class Runner implements Disposable {
  readonly #load: Load;
  readonly #start: StartHelper;
  readonly #idleMs: number;
  readonly #waiting = new Map<number, PromiseWithResolvers<Outcome>>();
  /** Requests that were to stop, with what happens where they do not. */
  readonly #stopping = new Map<number, NodeJS.Timeout>();
  #helper: Helper | undefined;
  #rest: NodeJS.Timeout | undefined;
  #last = 0;

  constructor(load: Load, start: StartHelper, idleMs: number) {
    this.#load = load;
    this.#start = start;
    this.#idleMs = idleMs;
  }

  /** Vectors of texts. Rejects with a fault for files that are wrong, with a ServiceError for what may pass, at once with the signal. */
  async embed(texts: readonly string[], signal: AbortSignal): Promise<Embedding> {
    signal.throwIfAborted();
    const id = (this.#last += 1);
    const done = Promise.withResolvers<Outcome>();
    this.#waiting.set(id, done);
    clearTimeout(this.#rest);
    this.#helper ??= this.#begin();
    this.#helper.say({ type: 'embed', id, texts });
    try {
      const outcome = await unlessAborted(done.promise, signal);
      if (outcome.type === 'vectors') return this.#cut(outcome.numbers, texts.length, outcome.tokens);
      const message = outcome.type === 'error' ? outcome.message : 'It was stopped.';
      if (outcome.type === 'error' && outcome.kind === 'file') throw new Fault('MODEL_FILE_INVALID', message);
      throw new ServiceError(undefined, { message });
    } finally {
      this.#leave(id);
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#rest);
    this.#helper?.end();
  }

  #begin(): Helper {
    const hear = ({ id, ...outcome }: FromHelper): void => {
      clearTimeout(this.#stopping.get(id));
      this.#stopping.delete(id);
      this.#waiting.get(id)?.resolve(outcome);
      this.#waiting.delete(id);
    };
    const helper = this.#start(this.#load, hear, (why) => this.#retire(helper, why));
    return helper;
  }

  /** A helper that ended, or shall: whoever waits for it hears why. The next request has a new one. */
  #retire(helper: Helper, why: string): void {
    helper.end();
    if (this.#helper !== helper) return;
    this.#helper = undefined;
    for (const late of this.#stopping.values()) clearTimeout(late);
    this.#stopping.clear();
    const error = new ServiceError(undefined, { message: `What runs the model broke down. ${why}` });
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }

  /** What nobody wants any more is stopped; a helper that does not obey is ended. */
  #leave(id: number): void {
    const helper = this.#helper;
    const isLeft = this.#waiting.delete(id);
    if (!helper) return;
    if (isLeft) {
      helper.say({ type: 'stop', id });
      this.#stopping.set(id, setTimeout(() => this.#retire(helper, 'It did not stop.'), STOP_MS).unref());
    }
    clearTimeout(this.#rest);
    if (this.#waiting.size === 0)
      this.#rest = setTimeout(() => this.#retire(helper, 'It was idle.'), this.#idleMs).unref();
  }

  #cut(numbers: Float32Array, count: number, tokens: number): Embedding {
    const { dimensions } = this.#load;
    if (numbers.length !== count * dimensions)
      throw new Fault(
        'MODEL_FILE_INVALID',
        `Its vectors have ${numbers.length / count} numbers, and its config.json says ${dimensions}.`,
      );
    const vectors = Array.from({ length: count }, (_, at) => numbers.subarray(at * dimensions, (at + 1) * dimensions));
    return { vectors, tokens };
  }
}
