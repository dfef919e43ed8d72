import { readCranfieldQuestions, readDocuments } from './cranfield.ts';
import { isExactly, mean, ndcgAt10, recallAt, reciprocalRank } from './measures.ts';
import {
  categories,
  kinds,
  readConversations,
  readWorlds,
  type Case,
  type Conversation,
  type Half,
  type Question,
  type World,
} from './sets.ts';
import type { Asker, Entry, Ranked, Said, Way } from './way.ts';

/** What questions of one kind came to. Parts are from 0 to 1; undefined where there is nothing to count. */
export interface Row {
  readonly kind: string;
  readonly questions: number;
  readonly parts: Readonly<Record<string, number | undefined>>;
}

export interface Comparison {
  /** The first row is about all questions. */
  readonly rows: readonly Row[];
  /** Milliseconds per question. */
  readonly times: readonly number[];
  /** US dollars. */
  readonly cost: number;
  /** A line for each question that was not answered as it should be. */
  readonly misses: readonly string[];
}

interface Asked<Item> {
  readonly item: Item;
  readonly ranked: readonly Ranked[];
  /** What the way would have brought up unasked. */
  readonly kept: readonly Ranked[];
  readonly time: number;
}

/** Turns of all conversations of a half in one index, found one by one. */
export async function compareConversations(way: Way, half: Half, isQuick: boolean): Promise<Comparison> {
  const all = await readConversations(half);
  const conversations = isQuick ? all.conversations.slice(0, 1) : all.conversations;
  const known = new Set(conversations.map(({ id }) => id));
  const questions = all.questions.filter(({ conversation }) => known.has(conversation));
  await using asker = await way.open(conversations.flatMap(turnsOf));
  const asked: Asked<Question>[] = [];
  for (const item of questions) asked.push(await ask(way, asker, item, item.question, item.askedAt));
  return {
    rows: byKind(asked, categories, ({ category }) => category, conversationParts),
    ...spent(asked, asker),
    misses: asked
      .filter(({ item, ranked }) => item.answers.length > 0 && recallAt(10, ranked, item.answers) < 1)
      .map(missOf),
  };
}

/** Memories of each bot in an index of its own; every question once at once, once after ten turns about something else. */
export async function comparePrecision(way: Way, half: Half, isQuick: boolean): Promise<Comparison> {
  const { worlds, cases } = await readWorlds(half);
  const asked: Asked<Case & { isDrifted: boolean }>[] = [];
  let cost = 0;
  for (const world of isQuick ? worlds.slice(0, 1) : worlds)
    for (const bot of world.bots) {
      await using asker = await way.open(memoriesOf(world, bot));
      for (const each of cases.filter((one) => one.world === world.id && one.bot === bot))
        for (const before of [[], world.drift]) {
          const item = { ...each, isDrifted: before.length > 0 };
          asked.push(await ask(way, asker, item, each.question, each.askedAt, before));
        }
      cost += asker.cost?.() ?? 0;
    }
  return {
    rows: byKind(asked, kinds, ({ kind }) => kind, precisionParts),
    times: asked.map(({ time }) => time),
    cost,
    misses: asked.filter(({ item, kept }) => !isExactly(kept, item.expected)).map(missOf),
  };
}

/** The documents of Cranfield. */
export async function compareCranfield(way: Way, isQuick: boolean): Promise<Comparison> {
  const documents = await readDocuments();
  const questions = await readCranfieldQuestions();
  await using asker = await way.open(isQuick ? documents.slice(0, 200) : documents);
  const asked: Asked<(typeof questions)[number]>[] = [];
  for (const item of isQuick ? questions.slice(0, 5) : questions)
    asked.push(await ask(way, asker, item, item.question, new Date(0).toISOString()));
  const parts = (some: readonly (typeof asked)[number][]): Row['parts'] => ({
    'nDCG@10': mean(some.map(({ item, ranked }) => ndcgAt10(ranked, item.answers))),
  });
  return { rows: byKind(asked, [], () => '', parts), ...spent(asked, asker), misses: [] };
}

export function turnsOf({ id, turns }: Conversation): Entry[] {
  return turns.map((turn) => ({ ...turn, at: Date.parse(turn.at), group: id }));
}

function memoriesOf({ memories }: World, bot: string): Entry[] {
  return memories
    .filter((memory) => memory.bot === bot)
    .map((memory) => Object.assign(memory, { at: Date.parse(memory.created_at) }));
}

async function ask<Item>(
  way: Way,
  asker: Asker,
  item: Item,
  question: string,
  askedAt: string,
  before: readonly Said[] = [],
): Promise<Asked<Item>> {
  const start = performance.now();
  const ranked = await asker.ask(question, Date.parse(askedAt), before);
  const time = performance.now() - start;
  return { item, ranked, kept: ranked.filter(({ score }) => score >= way.cut), time };
}

function conversationParts(asked: readonly Asked<Question>[]): Row['parts'] {
  const answered = asked.filter(({ item }) => item.answers.length > 0);
  const silent = asked.filter(({ item }) => item.answers.length === 0);
  const recall = (depth: number, which: 'ranked' | 'kept' = 'ranked'): number | undefined =>
    part(answered.map((each) => recallAt(depth, each[which], each.item.answers)));
  return {
    'recall@1': recall(1),
    'recall@5': recall(5),
    'recall@10': recall(10),
    MRR: part(answered.map(({ item, ranked }) => reciprocalRank(ranked, item.answers))),
    'kept@10': recall(10, 'kept'),
    silent: part(silent.map(({ kept }) => (kept.length === 0 ? 1 : 0))),
  };
}

function precisionParts(asked: readonly Asked<Case & { isDrifted: boolean }>[]): Row['parts'] {
  const right = (some: typeof asked): number | undefined =>
    part(some.map(({ item, kept }) => (isExactly(kept, item.expected) ? 1 : 0)));
  return {
    'wholly right': right(asked),
    'at once': right(asked.filter(({ item }) => !item.isDrifted)),
    'after drift': right(asked.filter(({ item }) => item.isDrifted)),
    'with noise': part(asked.map(({ item, kept }) => (kept.some(({ id }) => !item.expected.includes(id)) ? 1 : 0))),
  };
}

function byKind<Item>(
  asked: readonly Asked<Item>[],
  names: readonly string[],
  kindOf: (item: Item) => string,
  partsOf: (asked: readonly Asked<Item>[]) => Row['parts'],
): Row[] {
  const row = (kind: string, some: readonly Asked<Item>[]): Row => ({
    kind,
    questions: some.length,
    parts: partsOf(some),
  });
  const rest = names.map((name) =>
    row(
      name,
      asked.filter(({ item }) => kindOf(item) === name),
    ),
  );
  return [row('all', asked), ...rest.filter(({ questions }) => questions > 0)];
}

function part(values: readonly number[]): number | undefined {
  return values.length > 0 ? mean(values) : undefined;
}

function spent(asked: readonly Asked<unknown>[], asker: Asker): Pick<Comparison, 'times' | 'cost'> {
  return { times: asked.map(({ time }) => time), cost: asker.cost?.() ?? 0 };
}

function missOf({ item, ranked, kept }: Asked<Question | (Case & { isDrifted: boolean })>): string {
  const isCase = 'expected' in item;
  const wanted = isCase ? item.expected : item.answers;
  const got = (isCase ? kept : ranked.slice(0, 10)).map(({ id, score }) => `${id} ${score.toFixed(2)}`);
  const drifted = isCase && item.isDrifted ? ' (after drift)' : '';
  return `${item.id}${drifted} ${item.question}\n      wanted ${wanted.join(', ') || 'nothing'}\n      got    ${got.join(', ') || 'nothing'}`;
}
