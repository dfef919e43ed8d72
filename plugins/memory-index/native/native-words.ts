import { Highest } from '../kept/best.ts';
import { Bm25, type Wanted, type WordSearch } from '../kept/bm25.ts';
import { grown } from '../kept/growable.ts';
import { planOf } from '../kept/plan.ts';
import type { State } from '../kept/state.ts';
import { Delta } from './delta.ts';
import { Postings } from './postings.ts';

/** New and removed entries are merged when they are more than this part of all, or more than so many. */
const PART = 0.05;
const FEW = 1_000;
/** A close look at one slot takes as long as going over so many of a word. */
const CLOSER = 16;
/** Sums are made in another order here: so much may differ. */
const ALMOST = 1 - 1e-9;

/**
 * Finds words in postings: for each word, in one long array, the slots that have it. Rare words come first; once the words that are left can
 * lift nobody among the best who is not there yet, only those who have a rare word are looked at. That leaves nothing out.
 */
export class NativeWords implements WordSearch {
  readonly #state: State;
  #postings: Postings;
  #delta = new Delta();
  #removed = 0;
  #scores = new Float64Array(0);
  #touched = new Uint32Array(0);
  #best = new Float64Array(0);

  constructor(state: State) {
    this.#state = state;
    this.#postings = Postings.of(state);
  }

  async build(): Promise<void> {
    this.#merge();
  }

  add(slot: number): void {
    this.#delta.add(slot, this.#state.lists.get(slot));
  }

  drop(_slot: number): void {
    this.#removed += 1;
  }

  candidates(wanted: readonly Wanted[], limit: number, now: number): number[] {
    const { lists, vocabulary, rows } = this.#state;
    const bm25 = new Bm25(lists, vocabulary, rows.size);
    this.#scores = grown(this.#scores, rows.top);
    this.#best = grown(this.#best, rows.top);
    this.#touched = grown(this.#touched, rows.top);
    let touched = 0;
    for (const step of planOf(wanted, bm25, vocabulary)) {
      // Looking at the sums is worth it only before a word that very many have.
      if (touched >= limit && step.having > touched) {
        const least = this.#least(touched, limit, now) * ALMOST;
        const isEnough = step.left < least && this.#count(touched, least - step.left) * CLOSER < step.having;
        if (isEnough) return this.#take(touched, now, least - step.left);
      }
      touched = this.#addUp(step.wanted, bm25, touched);
    }
    return this.#take(touched, now, this.#least(touched, limit, now) * ALMOST);
  }

  tidy(): boolean {
    const waiting = this.#delta.size + this.#removed;
    if (waiting <= FEW || waiting <= PART * this.#state.rows.size) return false;
    this.#merge();
    return true;
  }

  get bytes(): number {
    return this.#postings.bytes + this.#delta.bytes + this.#scores.byteLength * 2 + this.#touched.byteLength;
  }

  #merge(): void {
    this.#state.lists.compact();
    this.#postings = Postings.of(this.#state);
    this.#delta = new Delta();
    this.#removed = 0;
  }

  /** Adds what one thing that is asked for is worth to all that have it; gives how many slots have a sum now. */
  #addUp({ weight, variants }: Wanted, bm25: Bm25, touchedBefore: number): number {
    const { lists } = this.#state;
    const [scores, best, all] = [this.#scores, this.#best, this.#touched];
    let touched = touchedBefore;
    const isAlone = variants.length === 1;
    const met: number[] = [];
    for (const { word, worth } of variants) {
      const most = weight * worth * bm25.rarity(word);
      const meet = (slot: number, times: number): void => {
        if (times === 0 || lists.count(slot) === 0) return;
        const value = most * bm25.part(times, lists.length(slot));
        const before = scores[slot] ?? 0;
        if (isAlone) {
          if (before === 0) all[touched++] = slot;
          scores[slot] = before + value;
          return;
        }
        const had = best[slot] ?? 0;
        if (had === 0) met.push(slot);
        if (value > had) best[slot] = value;
      };
      this.#postings.each(word, meet);
      this.#delta.each(word, meet);
    }
    for (const slot of met) {
      const before = scores[slot] ?? 0;
      if (before === 0) all[touched++] = slot;
      scores[slot] = before + (best[slot] ?? 0);
      best[slot] = 0;
    }
    return touched;
  }

  /** The lowest sum among the `limit` highest. */
  #least(touched: number, limit: number, now: number): number {
    const highest = new Highest(limit);
    for (let at = 0; at < touched; at += 1) {
      const slot = this.#touched[at] ?? 0;
      const score = this.#scores[slot] ?? 0;
      if (score > highest.least && this.#state.rows.counts(slot, now)) highest.add(score);
    }
    return highest.least;
  }

  /** How many slots have at least this sum. */
  #count(touched: number, least: number): number {
    let count = 0;
    for (let at = 0; at < touched; at += 1) if ((this.#scores[this.#touched[at] ?? 0] ?? 0) >= least) count += 1;
    return count;
  }

  /** Slots with at least this sum; all sums are 0 again afterwards. */
  #take(touched: number, now: number, least: number): number[] {
    const found: number[] = [];
    for (let at = 0; at < touched; at += 1) {
      const slot = this.#touched[at] ?? 0;
      if ((this.#scores[slot] ?? 0) >= least && this.#state.rows.counts(slot, now)) found.push(slot);
      this.#scores[slot] = 0;
    }
    return found;
  }
}
