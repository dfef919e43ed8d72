import { Fault } from 'boternity';
import type { StorePlace } from '../kept/store.ts';
import type { WordedIndex } from '../worded.ts';
import { WorkerGone, type IndexWorker } from './index-worker.ts';
import type { Method } from './protocol.ts';

/** How often something is asked again after its worker ended. */
const TRIES = 2;

/**
 * An index that lives in the worker. When the worker ends, the index is opened in a new one and what was not answered is asked again: doing
 * any of it twice comes to the same.
 */
export class RemoteIndex {
  readonly #worker: IndexWorker;
  readonly #place: StorePlace;
  #opened: Promise<number> | undefined;
  #isClosed = false;

  constructor(worker: IndexWorker, place: StorePlace) {
    this.#worker = worker;
    this.#place = place;
  }

  /** Opens it, and gives it as one that is here. */
  async open(): Promise<WordedIndex> {
    await this.#again(() => this.#open());
    const call =
      (method: Method) =>
      (...input: readonly unknown[]) =>
        this.#call(method, input);
    const methods = Object.fromEntries(METHODS.map((method) => [method, call(method)]));
    return { ...methods, [Symbol.asyncDispose]: () => this.#close() } as unknown as WordedIndex;
  }

  #call(method: Method, input: readonly unknown[]): Promise<unknown> {
    return this.#again(async () => this.#worker.ask({ do: 'call', index: await this.#open(), method, input }));
  }

  async #again<T>(work: () => Promise<T>): Promise<T> {
    for (let tried = 0; tried <= TRIES; tried += 1) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof WorkerGone) || this.#isClosed) throw error;
        this.#opened = undefined;
      }
    }
    throw new Fault('MEMORY_INDEX_LOST', 'The part of the server that searches many memories ended again and again.');
  }

  #open(): Promise<number> {
    const { folder, format, damaged } = this.#place;
    return (this.#opened ??= this.#worker.open(folder, format, damaged));
  }

  async #close(): Promise<void> {
    const index = await this.#opened?.catch(() => undefined);
    this.#opened = undefined;
    this.#isClosed = true;
    // An index that went with its worker has nothing to close: all that was answered is kept.
    if (index !== undefined) await this.#worker.close(index).catch(() => undefined);
  }
}

const METHODS: readonly Method[] = [
  'put',
  'remove',
  'touch',
  'words',
  'nearest',
  'during',
  'around',
  'get',
  'embedded',
  'page',
  'unembedded',
  'embed',
  'info',
  'clear',
  'freeze',
];
