import { Fault } from 'boternity';
import { Worker } from 'node:worker_threads';
import type { Reply, Request } from './protocol.ts';

type Asked = Request extends infer One ? (One extends Request ? Omit<One, 'number'> : never) : never;

/** The worker ended before it answered. What was asked may have been done, and can be asked again. */
export class WorkerGone extends Error {}

/** Nothing of how this process was started; and as much room for what is soon forgotten as costs 100 MB less and no time. */
const OPTIONS = { execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: 16 } };

/** The one worker of all large indexes: started when it is needed, ended when no index is open. */
export class IndexWorker implements AsyncDisposable {
  #worker: Worker | undefined;
  #ending: Promise<unknown> | undefined;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #open = new Map<number, (what: string) => void>();
  #number = 0;
  readonly #onError: (error: unknown) => void;

  /** `onError` hears why a worker ended that was not asked to. */
  constructor(onError: (error: unknown) => void = () => undefined) {
    this.#onError = onError;
  }

  /** Opens an index; gives the number it is asked by. Rejects with WorkerGone when the worker ends. */
  async open(folder: string, format: string, damaged: (what: string) => void): Promise<number> {
    const index = (this.#number += 1);
    this.#open.set(index, damaged);
    try {
      await this.ask({ do: 'open', index, folder, format });
      return index;
    } catch (error) {
      await this.#forget(index);
      throw error;
    }
  }

  async close(index: number): Promise<void> {
    try {
      if (this.#open.has(index)) await this.ask({ do: 'close', index });
    } finally {
      await this.#forget(index);
    }
  }

  async ask(asked: Asked): Promise<unknown> {
    await this.#ending;
    if (!this.#open.has(asked.index)) throw new WorkerGone();
    const number = (this.#number += 1);
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(number, answer);
    const worker = this.#started();
    // Whoever waits for an answer waits for the worker; otherwise it holds nobody up.
    worker.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage({ ...asked, number });
    return answer.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#open.clear();
    await this.#end();
  }

  #started(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(new URL('worker.ts', import.meta.url), OPTIONS);
    worker.unref();
    worker.on('message', (reply: Reply) => this.#hear(reply));
    worker.on('error', (error) => this.#onError(error));
    worker.once('exit', () => this.#lose(worker));
    return (this.#worker = worker);
  }

  #hear(reply: Reply): void {
    if ('damaged' in reply) {
      this.#open.get(reply.index)?.(reply.damaged);
      return;
    }
    const waiting = this.#waiting.get(reply.number);
    this.#waiting.delete(reply.number);
    if (this.#waiting.size === 0) this.#worker?.unref();
    if ('value' in reply) waiting?.resolve(reply.value);
    else waiting?.reject(faultOf(reply.error));
  }

  /** Everything that was open in it is gone; whoever needs it opens it again. */
  #lose(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#open.clear();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(new WorkerGone());
  }

  async #forget(index: number): Promise<void> {
    this.#open.delete(index);
    if (this.#open.size === 0) await this.#end();
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    this.#ending = worker.terminate().finally(() => (this.#ending = undefined));
    this.#lose(worker);
    await this.#ending;
  }
}

function faultOf({ message, code }: { readonly message: string; readonly code: string | undefined }): Fault {
  return Fault.from(Object.assign(new Error(message), { code }));
}
