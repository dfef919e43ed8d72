import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** `tuning` may be looked at and tuned on; what `reporting` says is what counts. */
export const halves = ['tuning', 'reporting'] as const;
export type Half = (typeof halves)[number];

export const categories = ['single fact', 'several facts', 'time', 'changed facts', 'not mentioned'] as const;
export const kinds = [
  'changed facts',
  'other people',
  'other bots',
  'never mentioned',
  'exact names and numbers',
] as const;

export interface Turn {
  readonly id: string;
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly speaker: 'user' | 'assistant';
  readonly text: string;
}

export interface Conversation {
  readonly id: string;
  readonly half: Half;
  readonly language: string;
  readonly title: string;
  readonly turns: readonly Turn[];
}

/** What somebody asks later about a conversation. Without answers nothing is right. */
export interface Question {
  readonly id: string;
  readonly conversation: string;
  readonly category: (typeof categories)[number];
  readonly askedAt: string;
  readonly question: string;
  readonly answers: readonly string[];
}

/** A memory as its file holds it, and whose it is. */
export interface WorldMemory {
  readonly id: string;
  readonly bot: string;
  readonly text: string;
  readonly category: string;
  readonly importance: number;
  readonly created_at: string;
  readonly supersedes?: readonly string[];
}

/** What the bots of a house know, and ten turns about something else. */
export interface World {
  readonly id: string;
  readonly half: Half;
  readonly title: string;
  readonly bots: readonly string[];
  readonly drift: readonly Pick<Turn, 'speaker' | 'text'>[];
  readonly memories: readonly WorldMemory[];
}

/** A question to one bot; right is an answer with exactly these memories. */
export interface Case {
  readonly id: string;
  readonly world: string;
  readonly bot: string;
  readonly kind: (typeof kinds)[number];
  readonly askedAt: string;
  readonly question: string;
  readonly expected: readonly string[];
}

const folder = import.meta.dirname;

/** The conversations of one half, and what is asked about them. */
export async function readConversations(
  half: Half,
): Promise<{ conversations: Conversation[]; questions: readonly Question[] }> {
  const files = await readFolder<Omit<Conversation, 'turns'>, Turn>('conversations');
  return {
    conversations: files.map(([head, turns]) => Object.assign(head, { turns })).filter((each) => each.half === half),
    questions: await readLines<Question>(`questions-${half}.jsonl`),
  };
}

/** The worlds of one half, and what is asked in them. */
export async function readWorlds(half: Half): Promise<{ worlds: World[]; cases: readonly Case[] }> {
  const files = await readFolder<Omit<World, 'memories'>, WorldMemory>('worlds');
  return {
    worlds: files.map(([head, memories]) => Object.assign(head, { memories })).filter((each) => each.half === half),
    cases: await readLines<Case>(`cases-${half}.jsonl`),
  };
}

/** Files of which the first line is about the file and the others are what it holds. */
async function readFolder<Head, Item>(name: string): Promise<(readonly [Head, Item[]])[]> {
  const files = (await readdir(path.join(folder, name))).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const [head, ...items] = await readLines<Head | Item>(path.join(name, file));
      return [head as Head, items as Item[]] as const;
    }),
  );
}

async function readLines<Line>(file: string): Promise<Line[]> {
  const text = await readFile(path.join(folder, file), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}
