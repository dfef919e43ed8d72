import { analyse, analyseQuery, ANALYSER } from '../../plugins/memory-index/analyser.ts';
import { oramaEngine } from '../../plugins/memory-index/orama/orama-engine.ts';
import { questionOf } from '../../plugins/memory/recall/question.ts';
import { usualRanking, type Ranking } from '../../plugins/memory/recall/rank.ts';
import { recall } from '../../plugins/memory/recall/recall.ts';
import { sure } from '../../plugins/memory/recall/sure.ts';
import { SUPERSEDED } from '../../plugins/memory/store/entry.ts';
import { makeScratch } from '../../plugins/bench/scratch.ts';
import { vectorsOf } from './encoder.ts';
import type { Entry, Way } from './way.ts';

/** What is brought up unasked stands above this, whatever else was found below. */
const CUT = 1;
const MOST = 100;
const MODEL = 'encoder';
/** As many as a turn looks at. */
const CANDIDATES = 16;

const analyser = { analyse, analyseQuery };

/** The product's own way, with words alone: what bots have that have no embedder. */
export const words: Way = productWay('words', { ...usualRanking, vectors: 0, isWeighed: false });
/** The same with age, use and importance, as bots have it. */
export const weighed: Way = productWay('words, weighed', { ...usualRanking, vectors: 0 });

/** With a small sentence encoder: its vectors alone, beside words, and as bots have it. */
export const vectorWays: readonly Way[] = [
  productWay('vectors', { ...usualRanking, words: 0, beside: 0, isWeighed: false }),
  productWay('hybrid', { ...usualRanking, isWeighed: false }),
  productWay('hybrid, weighed', usualRanking),
];

function productWay(name: string, ranking: Ranking): Way {
  return {
    name,
    cut: CUT,
    async open(entries) {
      const scratch = await makeScratch();
      const index = await oramaEngine.open({ folder: scratch.path, analyse, analyser: ANALYSER, damaged: () => {} });
      const texts = new Map(entries.map(({ id, text }) => [id, text]));
      const replaced = new Set(entries.flatMap(({ supersedes = [] }) => supersedes));
      await index.put(entries.map((entry) => indexed(entry, replaced)));
      if (ranking.vectors > 0) {
        const vectors = await vectorsOf(entries.map(({ text }) => text));
        await index.embed(MODEL, new Map(entries.flatMap(({ id }, at) => (vectors[at] ? [[id, vectors[at]]] : []))));
      }
      return {
        async ask(text, askedAt, before = []) {
          const now = new Date(askedAt);
          const said = before
            .slice(-3)
            .toReversed()
            .map((each) => each.text);
          const question = questionOf(text, { now, analyser, before: said });
          const [vector] = ranking.vectors > 0 ? await vectorsOf([text]) : [];
          const found = await recall(index, question, { limit: MOST, now, ranking, vector });
          const candidates = found.slice(0, CANDIDATES).map(({ entry: { id, at }, similarity, standsOut }) => ({
            id,
            at,
            similarity,
            standsOut,
            text: texts.get(id) ?? '',
          }));
          const kept = new Set(sure(text, candidates, analyser).map(({ id }) => id));
          return found
            .map(({ entry, score }) => ({ id: entry.id, score: kept.has(entry.id) ? CUT + score : score / 1_000 }))
            .toSorted((a, b) => b.score - a.score);
        },
        async [Symbol.asyncDispose]() {
          await index[Symbol.asyncDispose]();
          await scratch[Symbol.asyncDispose]();
        },
      };
    },
  };
}

function indexed({ id, text, at, group, importance = 3 }: Entry, replaced: ReadonlySet<string>) {
  return {
    id,
    text,
    at,
    source: id,
    stamp: '',
    importance,
    uses: 0,
    ...(group !== undefined && { group }),
    tags: ['fact', 'fact', 'owner', ...(replaced.has(id) ? [SUPERSEDED] : [])],
  };
}
