import {
  categories,
  halves,
  kinds,
  readConversations,
  readWorlds,
  type Case,
  type Conversation,
  type Half,
  type Question,
  type World,
} from './sets.ts';

/** The sets of one half, as they were read. */
export interface Sets {
  readonly half: Half;
  readonly conversations: readonly Conversation[];
  readonly questions: readonly Question[];
  readonly worlds: readonly World[];
  readonly cases: readonly Case[];
}

export async function readSets(): Promise<Sets[]> {
  const sets: Sets[] = [];
  for (const half of halves) sets.push({ half, ...(await readConversations(half)), ...(await readWorlds(half)) });
  return sets;
}

/** What is wrong with the sets, a sentence each; nothing when they can be measured with. */
export function problemsOf(sets: readonly Sets[]): string[] {
  const conversations = sets.flatMap((each) => each.conversations);
  const questions = sets.flatMap((each) => each.questions);
  const cases = sets.flatMap((each) => each.cases);
  const worlds = sets.flatMap((each) => each.worlds);
  const turns = conversations.flatMap((each) => each.turns);
  return [
    ...tooFew('conversations', conversations, 20),
    ...tooFew('questions', questions, 300),
    ...tooFew('cases', cases, 120),
    ...tooFew('worlds', worlds, 12),
    ...twice(
      'id',
      [...conversations, ...turns, ...questions, ...worlds, ...worlds.flatMap((each) => each.memories), ...cases].map(
        ({ id }) => id,
      ),
    ),
    ...twice(
      'turn',
      turns.map(({ text }) => text),
    ),
    ...twice(
      'question',
      questions.map(({ question }) => question),
    ),
    ...twice(
      'case',
      cases.map(({ world, bot, question }) => `${world} ${bot} ${question}`),
    ),
    ...conversations.flatMap(problemsOfConversation),
    ...worlds.flatMap(problemsOfWorld),
    ...sets.flatMap(problemsOfHalf),
  ];
}

function problemsOfConversation({ id, turns }: Conversation): string[] {
  return [
    ...(turns.length < 40 || turns.length > 60 ? [`${id} has ${turns.length} turns, not 40 to 60.`] : []),
    ...turns
      .filter((turn, index) => !(Date.parse(turn.at) > Date.parse(turns[index - 1]?.at ?? '1970-01-01')))
      .map((turn) => `${turn.id} is not later than the turn before it.`),
  ];
}

function problemsOfWorld({ id, bots, memories, drift }: World): string[] {
  const earlier = new Set<string>();
  return [
    ...(memories.length < 30 || memories.length > 60 ? [`${id} has ${memories.length} memories, not 30 to 60.`] : []),
    ...(drift.length === 10 ? [] : [`${id} has ${drift.length} turns of drift, not ten.`]),
    ...memories.flatMap((memory) => {
      const unknown = memory.supersedes?.filter((each) => !earlier.has(each)) ?? [];
      earlier.add(memory.id);
      return [
        ...(bots.includes(memory.bot) ? [] : [`${memory.id} is of no bot of ${id}.`]),
        ...unknown.map((each) => `${memory.id} supersedes ${each}, which is not before it.`),
      ];
    }),
  ];
}

function problemsOfHalf({ half, conversations, questions, worlds, cases }: Sets): string[] {
  const saidIn = new Map(conversations.flatMap((each) => each.turns.map((turn) => [turn.id, each.id] as const)));
  const ends = new Map(conversations.map(({ id, turns }) => [id, Date.parse(turns.at(-1)?.at ?? '')]));
  const owners = new Map(
    worlds.flatMap((each) => each.memories.map((memory) => [memory.id, `${each.id} ${memory.bot}`])),
  );
  return [
    ...questions.flatMap(({ id, conversation, askedAt, answers, category }) => [
      ...answers
        .filter((answer) => saidIn.get(answer) !== conversation)
        .map((answer) => `${id} is not answered by ${answer} of its conversation.`),
      ...(Date.parse(askedAt) > (ends.get(conversation) ?? Number.NaN)
        ? []
        : [`${id} is asked before its conversation ends.`]),
      ...((category === 'not mentioned') === (answers.length === 0) ? [] : [`${id} has ${answers.length} answers.`]),
      ...(category === 'several facts' && answers.length < 2 ? [`${id} has fewer than two answers.`] : []),
    ]),
    ...cases.flatMap(({ id, world, bot, kind, expected }) => [
      ...expected
        .filter((each) => owners.get(each) !== `${world} ${bot}`)
        .map((each) => `${id} expects ${each}, which its bot does not know.`),
      ...(kind === 'never mentioned' && expected.length > 0 ? [`${id} expects something.`] : []),
    ]),
    ...unbalanced(
      half,
      categories,
      questions.map(({ category }) => category),
      30,
    ),
    ...unbalanced(
      half,
      kinds,
      cases.map(({ kind }) => kind),
      9,
    ),
  ];
}

function unbalanced(half: Half, names: readonly string[], all: readonly string[], least: number): string[] {
  const count = (name: string): number => all.filter((each) => each === name).length;
  return names
    .filter((name) => count(name) < least)
    .map((name) => `The ${half} half has only ${count(name)} × ${name}.`);
}

function tooFew(what: string, all: readonly unknown[], least: number): string[] {
  return all.length < least ? [`There are only ${all.length} ${what}.`] : [];
}

function twice(what: string, all: readonly string[]): string[] {
  const seen = new Set<string>();
  return all.filter((each) => seen.has(each) || !seen.add(each)).map((each) => `The ${what} "${each}" is there twice.`);
}
