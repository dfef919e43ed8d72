import { basePath } from '../router.ts';

/** What the server told once, and when. */
export interface KeptAnswer<Value = unknown> {
  readonly value: Value;
  /** When it was told, milliseconds since 1970. */
  readonly at: number;
  /** Something was changed since that it may tell of. */
  readonly isStale: boolean;
}

/** What this browser keeps of the server's answers and of messages that wait, for one person; gone when they sign out. */
export interface Kept {
  get<Value>(key: string): Promise<KeptAnswer<Value> | undefined>;
  put(key: string, value: unknown): Promise<void>;
  remove(key: string): Promise<void>;
  /** Keys that begin so. */
  keys(prefix: string): Promise<string[]>;
  /** What is told under keys that begin so may be different now. */
  markStale(prefix: string): Promise<void>;
  /** Does something that only one window of the browser shall do at a time. Where they cannot take turns it does it all the same. */
  inTurn(work: () => Promise<void>): Promise<void>;
  /** Nothing is left, but for keys that begin as `but` says; from then on nothing is kept until the page is loaded anew. */
  clear(options?: { readonly but?: string }): Promise<void>;
}

const DATABASE = `boternity${basePath}`;
const STORE = 'kept';

/** Raised when what is kept has another form; what was kept before is thrown away. */
const VERSION = 1;

/**
 * Keeps answers in the browser's database, and in memory in front of it. Where there is no database, as in some private windows, it is
 * the memory alone. Nothing here is ever the truth: it is what can be shown until the server has told it again.
 */
export function openKept(): Kept {
  const memory = new Map<string, KeptAnswer>();
  const database = new Database();
  const loading = database.all().then((rows) => {
    for (const [key, row] of rows) if (!memory.has(key)) memory.set(key, row);
  });
  let isOpen = true;

  const keysWith = (prefix: string): string[] => [...memory.keys()].filter((key) => key.startsWith(prefix));
  return {
    async get<Value>(key: string) {
      const known = memory.get(key);
      if (known === undefined) await loading;
      return memory.get(key) as KeptAnswer<Value> | undefined;
    },
    async put(key, value) {
      if (!isOpen) return;
      const row = { value, at: Date.now(), isStale: false };
      memory.set(key, row);
      await database.write([[key, row]]);
    },
    async remove(key) {
      await loading;
      memory.delete(key);
      await database.write([[key, undefined]]);
    },
    async keys(prefix) {
      await loading;
      return keysWith(prefix);
    },
    async markStale(prefix) {
      await loading;
      const rows = keysWith(prefix).flatMap((key): [string, KeptAnswer][] => {
        const row = memory.get(key);
        return row && !row.isStale ? [[key, { ...row, isStale: true }]] : [];
      });
      for (const [key, row] of rows) memory.set(key, row);
      if (rows.length > 0) await database.write(rows);
    },
    async inTurn(work) {
      if ('locks' in navigator) await navigator.locks.request(DATABASE, work);
      else await work();
    },
    async clear({ but } = {}) {
      isOpen = false;
      await loading;
      const gone = [...memory.keys()].filter((key) => but === undefined || !key.startsWith(but));
      for (const key of gone) memory.delete(key);
      if (but === undefined) await database.clear();
      else await database.write(gone.map((key) => [key, undefined]));
    },
  };
}

/** A table of the browser's database. Whatever it refuses is as if it were not there. */
class Database {
  readonly #opened = this.#open();

  async all(): Promise<[string, KeptAnswer][]> {
    const store = await this.#store('readonly');
    if (!store) return [];
    const rows = ((await ended(store.getAll())) ?? []) as (KeptAnswer & { readonly key: string })[];
    return rows.map(({ key, ...row }) => [key, row]);
  }

  async write(rows: readonly (readonly [string, KeptAnswer | undefined])[]): Promise<void> {
    const store = await this.#store('readwrite');
    if (!store) return;
    await Promise.all(
      rows.map(([key, row]): Promise<unknown> =>
        row === undefined ? ended(store.delete(key)) : ended(store.put({ ...row, key })),
      ),
    );
  }

  async clear(): Promise<void> {
    const store = await this.#store('readwrite');
    if (store) await ended(store.clear());
  }

  async #store(mode: IDBTransactionMode): Promise<IDBObjectStore | undefined> {
    try {
      return (await this.#opened)?.transaction(STORE, mode).objectStore(STORE);
    } catch {
      return undefined;
    }
  }

  async #open(): Promise<IDBDatabase | undefined> {
    try {
      const opening = indexedDB.open(DATABASE, VERSION);
      opening.addEventListener('upgradeneeded', () => {
        for (const name of opening.result.objectStoreNames) opening.result.deleteObjectStore(name);
        opening.result.createObjectStore(STORE, { keyPath: 'key' });
      });
      return await ended(opening);
    } catch {
      return undefined;
    }
  }
}

function ended<Result>(request: IDBRequest<Result>): Promise<Result | undefined> {
  return new Promise((resolve) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => resolve(undefined));
  });
}
