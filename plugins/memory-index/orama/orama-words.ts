import type { AnyOrama } from '@orama/orama';
import { B, Bm25, K1, type Wanted, type WordSearch } from '../kept/bm25.ts';
import { Breath } from '../kept/breath.ts';
import { Highest } from '../kept/best.ts';
import { planOf } from '../kept/plan.ts';
import type { State } from '../kept/state.ts';
import { countedIndex, type Orama } from './counted-index.ts';

const FIELD = 'words';
/** Stands behind each word, so that the beginning of another is not taken for it. */
const END = '\u0001';
/** Removals after which gaps are closed. */
const FEW = 256;
/** Orama adds up in another order: so much may differ. */
const ALMOST = 1 - 1e-9;

/** Finds words with Orama: whole words, by BM25. It is told words and how often they are there; texts it never sees. */
export class OramaWords implements WordSearch {
  readonly #orama: Orama;
  readonly #state: State;
  readonly #db: AnyOrama;
  /** The slot whose words Orama is taking in. */
  #slot = 0;
  #bytes = 0;
  #removed = 0;

  constructor(orama: Orama, state: State) {
    this.#orama = orama;
    this.#state = state;
    const { vocabulary, lists } = state;
    const counts = {
      times: (word: string) => lists.times(this.#slot, vocabulary.find(word.slice(0, -1)) ?? -1),
      length: () => lists.length(this.#slot),
      mean: () => lists.total / Math.max(1, state.rows.size),
    };
    this.#db = orama.create({
      schema: { [FIELD]: 'string' },
      components: {
        tokenizer: {
          language: 'any',
          normalizationCache: new Map(),
          tokenize: (raw) => raw.split(' ').filter(Boolean),
        },
        index: countedIndex(orama, counts),
      },
      sort: { enabled: false },
    });
  }

  async build(): Promise<void> {
    const breath = new Breath();
    for (const [slot] of this.#state.rows.live()) {
      this.add(slot);
      if (breath.isShort) await breath.rest();
    }
  }

  add(slot: number): void {
    const { lists, vocabulary } = this.#state;
    this.#slot = slot;
    const words = Array.from(lists.get(slot).words, (word) => vocabulary.word(word) + END);
    void this.#orama.insert(this.#db, { id: String(slot), [FIELD]: words.join(' ') });
    this.#bytes += 400 + words.length * 250;
  }

  drop(slot: number): void {
    this.#slot = slot;
    this.#removed += 1;
    this.#bytes -= 400 + this.#state.lists.count(slot) * 250;
    void this.#orama.remove(this.#db, String(slot));
  }

  candidates(wanted: readonly Wanted[], limit: number, now: number): number[] {
    const { lists, vocabulary, rows } = this.#state;
    const scores = new Map<number, number>();
    const bm25 = new Bm25(lists, vocabulary, rows.size);
    for (const step of planOf(wanted, bm25, vocabulary)) {
      if (scores.size >= limit && step.having > scores.size) {
        const least = this.#least(scores, limit, now) * ALMOST;
        const found = step.left < least ? this.#atLeast(scores, least - step.left, now) : undefined;
        if (found && found.length < step.having) return found;
      }
      this.#addUp(step.wanted, scores);
    }
    return this.#atLeast(scores, this.#least(scores, limit, now) * ALMOST, now);
  }

  #addUp({ weight, variants }: Wanted, scores: Map<number, number>): void {
    const best = new Map<number, number>();
    for (const { word, worth } of variants) {
      for (const [slot, score] of this.#scores(this.#state.vocabulary.word(word))) {
        best.set(slot, Math.max(best.get(slot) ?? 0, score * worth));
      }
    }
    for (const [slot, score] of best) scores.set(slot, (scores.get(slot) ?? 0) + score * weight);
  }

  /** The lowest score among the `limit` highest. */
  #least(scores: ReadonlyMap<number, number>, limit: number, now: number): number {
    const highest = new Highest(limit);
    for (const [slot, score] of scores) if (this.#state.rows.counts(slot, now)) highest.add(score);
    return highest.least;
  }

  #atLeast(scores: ReadonlyMap<number, number>, least: number, now: number): number[] {
    const found: number[] = [];
    for (const [slot, score] of scores) if (score >= least && this.#state.rows.counts(slot, now)) found.push(slot);
    return found;
  }

  /** Orama takes out at once what is removed; our own lists have gaps then. */
  tidy(): boolean {
    if (this.#removed < FEW) return false;
    this.#removed = 0;
    this.#state.lists.compact();
    return true;
  }

  get bytes(): number {
    return this.#bytes;
  }

  #scores(word: string): (readonly [number, number])[] {
    const { index, data, tokenizer, internalDocumentIDStore: ids } = this.#db;
    const relevance = { k: K1, b: B, d: 0 };
    const found = index.search(
      data.index,
      word + END,
      tokenizer,
      undefined,
      [FIELD],
      false,
      0,
      {},
      relevance,
      this.#state.rows.size,
      undefined,
      1,
    );
    return found.map(([number, score]) => [Number(ids.internalIdToId[number - 1]), score] as const);
  }
}
