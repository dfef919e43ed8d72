import type { IndexedEntry } from 'boternity';
import { SHARED, SUPERSEDED } from './entry.ts';

/** Importance of what is always at hand. */
const VITAL = 5;

/** Those few entries of a memory that are known without asking its index. */
export class AtHand {
  readonly #vital = new Map<string, IndexedEntry>();
  readonly #shared = new Map<string, IndexedEntry>();
  /** What was replaced, and what expires. */
  readonly #passing = new Map<string, IndexedEntry>();

  /** Of the highest importance, oldest first. */
  get vital(): IndexedEntry[] {
    return [...this.#vital.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Those that other bots may see. */
  get shared(): IndexedEntry[] {
    return [...this.#shared.values()];
  }

  /** How many have expired; and, unless they are wanted, were replaced. */
  passed(withSuperseded: boolean, now = Date.now()): number {
    let count = 0;
    for (const { tags, expiresAt = Infinity } of this.#passing.values())
      if (expiresAt <= now || (!withSuperseded && tags?.includes(SUPERSEDED) === true)) count += 1;
    return count;
  }

  see(entry: IndexedEntry): void {
    const { importance, tags = [], expiresAt } = entry;
    const isSuperseded = tags.includes(SUPERSEDED);
    keep(this.#vital, entry, importance === VITAL && !isSuperseded);
    keep(this.#shared, entry, tags.includes(SHARED));
    keep(this.#passing, entry, isSuperseded || expiresAt !== undefined);
  }

  forget(id: string): void {
    for (const entries of [this.#vital, this.#shared, this.#passing]) entries.delete(id);
  }
}

function keep(entries: Map<string, IndexedEntry>, entry: IndexedEntry, isOne: boolean): void {
  if (isOne) entries.set(entry.id, entry);
  else entries.delete(entry.id);
}
