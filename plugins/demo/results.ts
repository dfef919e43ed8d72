import { shorten } from './words.ts';

const TEXT_LENGTH = 600;
const LIST_LENGTH = 10;
/** Fields that already are words for people, and fields that name a thing. */
const SPOKEN_FIELDS = new Set(['text', 'message', 'summary', 'answer', 'content', 'local']);
const NAME_FIELDS = ['name', 'title', 'slug', 'text', 'content', 'id'];

/** A tool's result in plain words. */
export function describeResult(tool: string, text: string, isError: boolean): string {
  if (isError) return `${tool} did not work: ${shorten(text, TEXT_LENGTH)}`;
  return `${tool} says: ${describe(parse(text))}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return describeList('entries', value);
  if (typeof value !== 'object' || value === null) return shorten(String(value), TEXT_LENGTH);
  const fields = Object.entries(value);
  const spoken = fields.find(([key, field]) => SPOKEN_FIELDS.has(key) && typeof field === 'string');
  if (spoken) return shorten(String(spoken[1]), TEXT_LENGTH);
  const lists = fields.flatMap(([key, field]) => (Array.isArray(field) ? [describeList(key, field)] : []));
  const plain = fields.flatMap(([key, field]) => (isPlain(field) ? [`${key} ${shorten(String(field), 80)}`] : []));
  return [...plain.slice(0, LIST_LENGTH), ...lists].join('; ') || 'it is done.';
}

function describeList(noun: string, items: readonly unknown[]): string {
  if (items.length === 0) return `no ${noun}.`;
  const names = items.slice(0, LIST_LENGTH).map(nameOf).join(', ');
  const rest = items.length > LIST_LENGTH ? `, and ${items.length - LIST_LENGTH} more` : '';
  return `${items.length} ${items.length === 1 ? noun.replace(/s$/, '') : noun}: ${names}${rest}.`;
}

function nameOf(item: unknown): string {
  if (typeof item !== 'object' || item === null) return String(item);
  const fields = new Map<string, unknown>(Object.entries(item));
  const key = NAME_FIELDS.find((field) => isPlain(fields.get(field)));
  const emoji = fields.get('emoji');
  const name = key === undefined ? JSON.stringify(item) : String(fields.get(key));
  return shorten(typeof emoji === 'string' ? `${emoji} ${name}` : name, 80);
}

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
