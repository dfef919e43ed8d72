import type { JsonSchema } from 'boternity';
import { wordsOf } from './words.ts';

/** What a message gives for the parameters of a tool. */
export interface FilledArguments {
  readonly values: Readonly<Record<string, unknown>>;
  /** Required parameters for which it gives nothing. */
  readonly missing: readonly string[];
}

/** What is written in a message for a tool: pairs, quotes, and the words after "that", "about" and their kind. */
interface Given {
  readonly pairs: ReadonlyMap<string, string>;
  readonly quotes: string[];
  readonly words: readonly string[];
  remark: string | undefined;
}

const PAIR = /([\w.-]+)=(?:"([^"]*)"|'([^']*)'|(\S+))/g;
const QUOTE = /"([^"]+)"|“([^”]+)”|(?<!\w)'([^']+)'(?!\w)/g;
const REMARK = /(?:\b(?:that|about|for|named|called)\s|:\s)(.+)$/is;

/** Fills parameters by name (`name="Ada"`), then the required ones that are left from quotes and free words, in order. */
export function fillArguments(schema: JsonSchema, said: string): FilledArguments {
  const given = readGiven(said);
  const properties = schemasIn(schema.properties);
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const values: Record<string, unknown> = {};
  for (const [name, property] of properties) {
    const written = given.pairs.get(name.toLowerCase());
    const value = written === undefined ? undefined : convert(written, property);
    if (value !== undefined) values[name] = value;
  }
  for (const name of required) values[name] ??= guess(properties.get(name) ?? {}, given);
  return { values, missing: required.filter((name) => values[name] === undefined) };
}

function readGiven(said: string): Given {
  const pairs = new Map<string, string>();
  for (const [, name = '', double, single, bare] of said.matchAll(PAIR)) {
    pairs.set(name.toLowerCase(), double ?? single ?? bare ?? '');
  }
  const rest = said.replaceAll(PAIR, '');
  const quotes = [...rest.matchAll(QUOTE)].map((found) => found[1] ?? found[2] ?? found[3] ?? '');
  const remark = REMARK.exec(rest)?.[1]?.replace(/[.?!\s]+$/, '');
  return { pairs, quotes, words: wordsOf(rest), remark };
}

function schemasIn(properties: unknown): Map<string, JsonSchema> {
  if (typeof properties !== 'object' || properties === null) return new Map();
  return new Map(Object.entries(properties as Record<string, JsonSchema>));
}

function convert(text: string, schema: JsonSchema): unknown {
  if (schema.type === 'string' || schema.type === undefined) return text;
  if (schema.type === 'array' && !text.startsWith('[')) return text.split(',');
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function guess(schema: JsonSchema, given: Given): unknown {
  if (Array.isArray(schema.enum)) return schema.enum.find((value) => given.words.includes(String(value).toLowerCase()));
  if (schema.type === 'string') return given.quotes.shift() ?? takeRemark(given);
  if (schema.type === 'array') return given.quotes.length > 0 ? given.quotes.splice(0) : undefined;
  if (schema.type !== 'number' && schema.type !== 'integer') return undefined;
  const number = given.words.find((word) => /^\d+$/.test(word));
  return number === undefined ? undefined : Number(number);
}

function takeRemark(given: Given): string | undefined {
  const { remark } = given;
  given.remark = undefined;
  return remark;
}
