import { rm } from 'node:fs/promises';
import path from 'node:path';
import { Fault, type IndexInfo, type IndexPlace, type Log, type MemoryEngine, type MemoryIndex } from 'boternity';
import { IndexHandle } from './index-handle.ts';

export interface IndexesOptions {
  /** The folder below which each key has its own, absolute. */
  readonly root: string;
  readonly analyse: IndexPlace['analyse'];
  readonly analyser: string;
  readonly log: Log;
  /** The name of the engine, or `auto`. */
  readonly engine: string;
  /** With so many entries or more `auto` is the engine for many. */
  readonly many: number;
  readonly idleMs: number;
  readonly mostBytes: number;
}

interface Kept {
  readonly handle: IndexHandle;
  usedAt: number;
  bytes: number;
}

/** An index goes back to the engine for few when it has become this much smaller than what is many. */
const SHRUNK = 0.8;
const KEY = /^[a-z0-9][a-z0-9._-]{0,99}(\/[a-z0-9][a-z0-9._-]{0,99}){0,3}$/;

/** All indexes of the house: each is loaded when it is asked, and put out of memory when nobody asks or memory is short. */
export class IndexStock implements AsyncDisposable {
  readonly #options: IndexesOptions;
  readonly #engines = new Map<string, MemoryEngine>();
  readonly #kept = new Map<string, Kept>();
  readonly #timer: NodeJS.Timeout;
  #unloading: Promise<unknown> = Promise.resolve();

  constructor(options: IndexesOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#unloadIdle(), Math.max(20, options.idleMs / 4)).unref();
  }

  /** Adds an engine; gives the way to take it back. Throws when there is one of this name. */
  addEngine(engine: MemoryEngine): () => void {
    if (this.#engines.has(engine.name)) throw new Error(`There is an engine "${engine.name}" already.`);
    this.#engines.set(engine.name, engine);
    return () => void this.#engines.delete(engine.name);
  }

  of(key: string): MemoryIndex {
    return this.#handle(key);
  }

  info(key: string): Promise<IndexInfo> {
    return this.#handle(key).peek();
  }

  async remove(key: string): Promise<void> {
    const below = [...this.#kept].filter(([other]) => other === checked(key) || other.startsWith(`${key}/`));
    for (const [, { handle }] of below) await handle.unload();
    for (const [other] of below) this.#kept.delete(other);
    await rm(path.join(this.#options.root, key), { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#unloading;
    for (const { handle } of this.#kept.values()) await handle.unload();
  }

  #handle(key: string): IndexHandle {
    return (this.#kept.get(checked(key)) ?? this.#keep(key)).handle;
  }

  #keep(key: string): Kept {
    const { root, analyse, analyser, log } = this.#options;
    const own = log.with({ index: key });
    const handle = new IndexHandle({
      folder: path.join(root, key),
      place: { analyse, analyser, damaged: (what) => own.warn(what) },
      engineFor: (entries, now) => this.#engineFor(entries, now),
      onUsed: (bytes) => this.#used(key, bytes),
      onFailed: (what, error) => own.error(what, { error }),
    });
    const kept: Kept = { handle, usedAt: Date.now(), bytes: 0 };
    this.#kept.set(key, kept);
    return kept;
  }

  #engineFor(entries: number, now?: MemoryEngine): MemoryEngine {
    const { engine: wished, many } = this.#options;
    const limit = now?.name === 'native' ? many * SHRUNK : many;
    const name = wished !== 'auto' ? wished : entries >= limit ? 'native' : 'orama';
    const engine = this.#engines.get(name);
    if (!engine) throw new Fault('MEMORY_ENGINE_MISSING', `No plugin has the engine "${name}" for memory indexes.`);
    if (engine.missing !== undefined) throw new Fault('MEMORY_ENGINE_MISSING', engine.missing);
    return engine;
  }

  #used(key: string, bytes: number | undefined): void {
    const kept = this.#kept.get(key);
    if (!kept) return;
    kept.usedAt = Date.now();
    if (bytes === undefined) return;
    kept.bytes = bytes;
    this.#makeRoom(key);
  }

  /** Those go first that were not used for longest; the one that is used now stays, however large. */
  #makeRoom(now: string): void {
    let bytes = 0;
    for (const kept of this.#kept.values()) bytes += kept.handle.isLoaded ? kept.bytes : 0;
    const others = [...this.#kept].filter(([key, { handle }]) => key !== now && handle.isLoaded && !handle.isUsed);
    for (const [, kept] of others.toSorted(([, a], [, b]) => a.usedAt - b.usedAt)) {
      if (bytes <= this.#options.mostBytes) return;
      bytes -= kept.bytes;
      this.#unload(kept.handle);
    }
  }

  #unloadIdle(): void {
    const before = Date.now() - this.#options.idleMs;
    for (const { handle, usedAt } of this.#kept.values()) {
      if (usedAt < before && handle.isLoaded && !handle.isUsed) this.#unload(handle);
    }
  }

  #unload(handle: IndexHandle): void {
    this.#unloading = Promise.allSettled([this.#unloading, handle.unload()]);
  }
}

function checked(key: string): string {
  if (!KEY.test(key)) throw new Error(`"${key}" is no key of a memory index.`);
  return key;
}
