import { categories, type Memory } from '../memory-file.ts';

/** What a model found worth remembering. */
export interface Notes {
  readonly facts: readonly NotedFact[];
  /** Key points of the conversation. */
  readonly points: readonly string[];
}

export interface NotedFact {
  readonly text: string;
  readonly category: Memory['category'];
  /** 1 to 4: what is always at hand is for people to choose. */
  readonly importance: number;
  /** Number of the turn, from 1; undefined where the model did not say. */
  readonly turn: number | undefined;
  /** Numbers of what was known, from 1. */
  readonly replaces: readonly number[];
}

const MOST_FACTS = 20;
const MOST_POINTS = 5;
const LONGEST = 1_000;

/**
 * What a model wrote, whatever form it took: the JSON it was asked for, lists under other names, or lines with a dash. Undefined
 * when it is none of these.
 */
export function readNotes(written: string): Notes | undefined {
  const plain = written.replace(/^\s*<think>[^]*?<\/think>/, '').trim();
  const json = valueIn(plain);
  if (json === undefined) {
    const facts = [...plain.matchAll(/^\s*[-*•]\s+(?:\[(\w+)\]\s*)?(.+)$/gm)];
    if (facts.length === 0) return undefined;
    return {
      facts: facts.slice(0, MOST_FACTS).flatMap(([, category, text]) => factIn({ text, category })),
      points: [],
    };
  }
  const isList = Array.isArray(json);
  if (typeof json !== 'object' || json === null) return undefined;
  const fields = json as Record<string, unknown>;
  const facts = isList ? json : (listIn(fields, ['facts', 'memories', 'items', 'notes', 'entries']) ?? []);
  const points = isList ? [] : (listIn(fields, ['points', 'key_points', 'keyPoints']) ?? []);
  return {
    facts: facts.slice(0, MOST_FACTS).flatMap(factIn),
    points: points.flatMap((point) => textIn(point) ?? []).slice(0, MOST_POINTS),
  };
}

function valueIn(text: string): unknown {
  for (const candidate of [text, /```(?:json)?\s*([^]*?)```/.exec(text)?.[1], /[{[][^]*[}\]]/.exec(text)?.[0]]) {
    if (candidate === undefined) continue;
    try {
      return JSON.parse(candidate) as unknown;
    } catch {
      continue;
    }
  }
  return undefined;
}

function listIn(fields: Readonly<Record<string, unknown>>, names: readonly string[]): unknown[] | undefined {
  for (const name of names) {
    const list = fields[name];
    if (Array.isArray(list)) return list;
  }
  return undefined;
}

function factIn(value: unknown): NotedFact[] {
  const text = textIn(value);
  if (text === undefined) return [];
  const { category, importance, turn, replaces } = Object(value) as Record<string, unknown>;
  return [
    {
      text,
      category: categories.find((each) => each === category) ?? 'fact',
      importance: typeof importance === 'number' ? Math.round(Math.min(4, Math.max(1, importance))) : 3,
      turn: typeof turn === 'number' && Number.isInteger(turn) ? turn : undefined,
      replaces: Array.isArray(replaces)
        ? replaces.flatMap((each) => Number(/^K?(\d+)$/.exec(String(each))?.[1] ?? Number.NaN) || [])
        : [],
    },
  ];
}

function textIn(value: unknown): string | undefined {
  const fields = Object(value) as Record<string, unknown>;
  const found = typeof value === 'string' ? value : (fields.text ?? fields.fact ?? fields.content ?? fields.memory);
  if (typeof found !== 'string') return undefined;
  const text = found.replaceAll(/\s+/g, ' ').trim();
  return text === '' ? undefined : text.slice(0, LONGEST);
}
