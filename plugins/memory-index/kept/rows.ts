import type { IndexedEntry } from 'boternity';
import { grown } from './growable.ts';

/** The entries of an index, each in a slot: a small number that words and vectors speak of. */
export class Rows {
  readonly #slots = new Map<string, number>();
  readonly #groups = new Map<string, number>();
  #entries: (IndexedEntry | undefined)[] = [];
  #digests: string[] = [];
  #free: number[] = [];
  #at = new Float64Array(0);
  #groupOf = new Uint32Array(0);
  #expires = new Float64Array(0);

  get size(): number {
    return this.#slots.size;
  }

  /** Slots lie below this. */
  get top(): number {
    return this.#entries.length;
  }

  slotOf(id: string): number | undefined {
    return this.#slots.get(id);
  }

  entry(slot: number): IndexedEntry | undefined {
    return this.#entries[slot];
  }

  /** What tells one text from another. */
  digest(slot: number): string {
    return this.#digests[slot] ?? '';
  }

  at(slot: number): number {
    return this.#at[slot] ?? 0;
  }

  /** Whether something is there that has not expired. */
  counts(slot: number, now: number): boolean {
    return (this.#expires[slot] ?? 0) > now;
  }

  /** Puts a new entry into a slot and gives that. */
  add(entry: IndexedEntry, digest: string): number {
    const slot = this.#free.pop() ?? this.#entries.length;
    this.#at = grown(this.#at, slot + 1);
    this.#groupOf = grown(this.#groupOf, slot + 1);
    this.#expires = grown(this.#expires, slot + 1);
    this.#slots.set(entry.id, slot);
    this.#digests[slot] = digest;
    this.change(slot, entry);
    return slot;
  }

  /** Gives a slot another state of the same entry. */
  change(slot: number, entry: IndexedEntry): void {
    this.#entries[slot] = entry;
    this.#at[slot] = entry.at;
    this.#groupOf[slot] = this.#groupNumber(entry.group);
    this.#expires[slot] = entry.expiresAt ?? Infinity;
  }

  /** Empties a slot. It is not used again before `reuse`. */
  drop(slot: number): void {
    const entry = this.#entries[slot];
    if (entry) this.#slots.delete(entry.id);
    this.#entries[slot] = undefined;
    this.#digests[slot] = '';
    this.#expires[slot] = 0;
  }

  /** Lets new entries into the slots that are empty: nothing speaks of them any more. */
  reuse(): void {
    this.#free = [];
    for (let slot = this.top - 1; slot >= 0; slot -= 1) if (!this.#entries[slot]) this.#free.push(slot);
  }

  /** What is there, in the order of slots, from a slot on. */
  *live(from = 0): Generator<[number, IndexedEntry]> {
    for (let slot = from; slot < this.top; slot += 1) {
      const entry = this.#entries[slot];
      if (entry) yield [slot, entry];
    }
  }

  /** Which comes first of two that are alike otherwise: the newer one, then by id. It does not depend on when they were put. */
  compare(a: number, b: number): number {
    return this.at(b) - this.at(a) || compareIds(this.#entries[a]?.id ?? '', this.#entries[b]?.id ?? '');
  }

  /** Slots of a time, newest first. */
  during(from: number, to: number, limit: number, now: number): number[] {
    const found: number[] = [];
    for (let slot = 0; slot < this.top; slot += 1) {
      const at = this.#at[slot] ?? 0;
      if (at >= from && at < to && this.counts(slot, now)) found.push(slot);
    }
    return found.toSorted((a, b) => this.compare(a, b)).slice(0, limit);
  }

  /** Slots just before and after one in its group, in order. */
  around(slot: number, span: number, now: number): number[] {
    const group = this.#groupOf[slot] ?? 0;
    if (group === 0 || !this.#entries[slot]) return [];
    const members: number[] = [];
    for (let other = 0; other < this.top; other += 1) {
      if (this.#groupOf[other] === group && (other === slot || this.counts(other, now))) members.push(other);
    }
    members.sort((a, b) => this.at(a) - this.at(b) || this.compare(a, b));
    const place = members.indexOf(slot);
    return members.slice(Math.max(0, place - span), place + span + 1).filter((other) => other !== slot);
  }

  get bytes(): number {
    return this.top * 480;
  }

  /** 0 is no group. */
  #groupNumber(group: string | undefined): number {
    if (group === undefined) return 0;
    const number = this.#groups.get(group) ?? this.#groups.size + 1;
    this.#groups.set(group, number);
    return number;
  }
}

function compareIds(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
