import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { IndexedEntry, IndexInfo, IndexPlace, MemoryEngine, MemoryIndex, OpenIndex } from 'boternity';
import type { About } from './kept/changes.ts';
import { aboutIn } from './kept/store.ts';

export interface HandleOptions {
  /** The folder of its key, absolute. */
  readonly folder: string;
  readonly place: Omit<IndexPlace, 'folder'>;
  /** Which engine shall keep so many entries, and that `now` does. Throws when there is none. */
  readonly engineFor: (entries: number, now?: MemoryEngine) => MemoryEngine;
  /** Hears after each use; of `bytes` when they may have changed. */
  readonly onUsed: (bytes?: number) => void;
  readonly onFailed: (what: string, error: unknown) => void;
}

interface Loaded {
  readonly engine: MemoryEngine;
  readonly index: OpenIndex;
  /** How many are asking it something. */
  users: number;
}

const empty: IndexInfo = { engine: '', entries: 0, vectors: 0, model: undefined, bytes: 0 };

/** The index of one key, loaded or not, whichever engine keeps it. It moves to another engine when it grows or shrinks. */
export class IndexHandle implements MemoryIndex {
  readonly #options: HandleOptions;
  #loading: Promise<Loaded> | undefined;
  #loaded: Loaded | undefined;
  #moving: Promise<void> | undefined;

  #closing: Promise<void> | undefined;
  #using = 0;
  #writing = 0;
  #known: IndexInfo | undefined;
  #waitsForWrites: (() => void)[] = [];

  constructor(options: HandleOptions) {
    this.#options = options;
  }

  get isLoaded(): boolean {
    return this.#loading !== undefined;
  }

  get isUsed(): boolean {
    return this.#using > 0 || this.#moving !== undefined;
  }

  put = (...input: Parameters<MemoryIndex['put']>) => this.#write((index) => index.put(...input));
  remove = (...input: Parameters<MemoryIndex['remove']>) => this.#write((index) => index.remove(...input));
  touch = (...input: Parameters<MemoryIndex['touch']>) => this.#write((index) => index.touch(...input));
  unembedded = (...input: Parameters<MemoryIndex['unembedded']>) => this.#write((index) => index.unembedded(...input));
  embed = (...input: Parameters<MemoryIndex['embed']>) => this.#write((index) => index.embed(...input));
  clear = () => this.#write((index) => index.clear());
  words = (...input: Parameters<MemoryIndex['words']>) => this.#ask((index) => index.words(...input));
  nearest = (...input: Parameters<MemoryIndex['nearest']>) => this.#ask((index) => index.nearest(...input));
  during = (...input: Parameters<MemoryIndex['during']>) => this.#ask((index) => index.during(...input));
  around = (...input: Parameters<MemoryIndex['around']>) => this.#ask((index) => index.around(...input));
  get = (...input: Parameters<MemoryIndex['get']>) => this.#ask((index) => index.get(...input));

  async *entries(): AsyncGenerator<readonly IndexedEntry[]> {
    this.#using += 1;
    // Another engine would count its places in another way: it does not move meanwhile.
    while (this.#moving) await this.#moving;
    this.#writing += 1;
    const loaded = await this.#load();
    loaded.users += 1;
    try {
      yield* loaded.index.entries();
    } finally {
      loaded.users -= 1;
      this.#endWrite();
      this.#using -= 1;
      this.#options.onUsed();
    }
  }

  async info(): Promise<IndexInfo> {
    if (!this.isLoaded && this.#known) return { ...this.#known, bytes: 0 };
    return this.#ask(async (index) => (this.#known = await index.info()));
  }

  /** The same without loading it: of one that was never loaded, what its last snapshot says. */
  async peek(): Promise<IndexInfo> {
    if (this.#loaded) return this.#loaded.index.info();
    if (this.#known) return { ...this.#known, bytes: 0 };
    const about = await this.#about();
    return { ...empty, ...about, engine: this.#options.engineFor(about?.entries ?? 0).name };
  }

  /** Puts it out of memory, when all that is being asked has been answered. It loads again when it is asked. */
  async unload(): Promise<void> {
    while (this.#moving) await this.#moving;
    const loading = this.#loading;
    this.#loading = undefined;
    this.#loaded = undefined;
    if (loading) this.#closing = this.#close(loading);
    await this.#closing;
  }

  async #close(loading: Promise<Loaded>): Promise<void> {
    try {
      const loaded = await loading;
      this.#known = await loaded.index.info().catch(() => this.#known);
      await closeWhenUnused(loaded);
    } catch (error) {
      this.#options.onFailed('It could not be closed', error);
    }
  }

  async #ask<T>(question: (index: OpenIndex) => Promise<T>): Promise<T> {
    this.#using += 1;
    this.#options.onUsed();
    try {
      const loaded = await this.#load();
      loaded.users += 1;
      try {
        return await question(loaded.index);
      } finally {
        loaded.users -= 1;
      }
    } finally {
      this.#using -= 1;
      this.#options.onUsed();
    }
  }

  async #write<T>(change: (index: OpenIndex) => Promise<T>): Promise<T> {
    while (this.#moving) await this.#moving;
    this.#writing += 1;
    try {
      return await this.#ask(change);
    } finally {
      this.#endWrite();
      this.#settle();
    }
  }

  #endWrite(): void {
    this.#writing -= 1;
    if (this.#writing === 0) for (const go of this.#waitsForWrites.splice(0)) go();
  }

  #load(): Promise<Loaded> {
    return (this.#loading ??= this.#open().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    }));
  }

  async #open(): Promise<Loaded> {
    await this.#closing;
    const about = this.#known ?? (await this.#about());
    const loaded = await this.#openWith(this.#options.engineFor(about?.entries ?? 0));
    this.#loaded = loaded;
    this.#settle();
    return loaded;
  }

  async #openWith(engine: MemoryEngine): Promise<Loaded> {
    return { engine, index: await engine.open({ ...this.#options.place, folder: this.#folderOf(engine) }), users: 0 };
  }

  #about(): Promise<About | undefined> {
    return aboutIn(this.#folderOf(this.#options.engineFor(0))).catch(() => undefined);
  }

  #folderOf({ name, storage = name }: MemoryEngine): string {
    return path.join(this.#options.folder, `@${storage}`);
  }

  /** Looks, after a change, at how large it has become. */
  #settle(): void {
    const loaded = this.#loaded;
    if (!loaded || this.#moving) return;
    void loaded.index
      .info()
      .then((info) => {
        this.#known = info;
        this.#options.onUsed(info.bytes);
        const engine = this.#options.engineFor(info.entries, loaded.engine);
        if (engine.name === loaded.engine.name || this.#loaded !== loaded || this.#moving) return;
        this.#moving = this.#move(loaded, engine).finally(() => (this.#moving = undefined));
      })
      .catch(() => undefined);
  }

  /** Changes wait, questions go on being answered by the engine that has it, until the other has it too. */
  async #move(from: Loaded, engine: MemoryEngine): Promise<void> {
    try {
      while (this.#writing > 0) await new Promise<void>((go) => this.#waitsForWrites.push(go));
      if (this.#loaded !== from || (engine.storage ?? engine.name) !== (from.engine.storage ?? from.engine.name))
        return;
      await from.index.freeze?.();
      const to = await this.#openWith(engine);
      this.#loaded = to;
      this.#loading = Promise.resolve(to);
      await closeWhenUnused(from);
    } catch (error) {
      this.#options.onFailed(`It could not move to the engine "${engine.name}"`, error);
      this.#loading = undefined;
      this.#loaded = undefined;
      await closeWhenUnused(from).catch(() => undefined);
    }
  }
}

async function closeWhenUnused(loaded: Loaded): Promise<void> {
  // Whoever waited for it has it one turn later at the latest.
  do await nextTurn();
  while (loaded.users > 0);
  await loaded.index[Symbol.asyncDispose]();
}
