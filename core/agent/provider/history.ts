import { createHash } from 'node:crypto';
import { plainText, type Content, type Message } from '../message.ts';
import type { ModelRequest, ToolSpec } from '../model.ts';
import { fieldsOf, numberOf, type Fields } from './unknown.ts';
import { paragraphs } from './words.ts';

const TIDY = /^[a-zA-Z0-9_-]{1,64}$/;

/** The id of a call as strict services take it: itself, or another that is the same each time. */
export function tidyId(id: string): string {
  return TIDY.test(id) ? id : `call_${createHash('sha256').update(id).digest('hex').slice(0, 32)}`;
}

/** The arguments of a call as an object; an empty one where they are broken. That they were is told by the tool's result. */
export function inputOf(json: string): Fields {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? {} : fieldsOf(value);
  } catch {
    return {};
  }
}

/** Content as text alone, for places that take no images: that there were some is said. */
export function toldOf(content: readonly Content[]): string {
  const images = content.filter((part) => part.type === 'image').length;
  const left = images === 1 ? '(An image cannot be shown here.)' : `(${images} images cannot be shown here.)`;
  return paragraphs(plainText(content), images > 0 && left);
}

/** A message as services with roles in turn take it. */
export interface Turn<Block> {
  readonly role: 'user' | 'assistant';
  readonly content: Block[];
}

/** A history for services that want the roles in turn, the user first and nothing empty. Results of tools are the user's. */
export function inTurns<Block>(
  messages: readonly Message[],
  blocksOf: (message: Message) => readonly Block[],
  opening: Block,
): Turn<Block>[] {
  const turns: Turn<Block>[] = [];
  for (const message of messages) {
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const content = blocksOf(message);
    const last = turns.at(-1);
    if (content.length === 0) continue;
    if (last?.role === role) last.content.push(...content);
    else turns.push({ role, content: [...content] });
  }
  if (turns[0]?.role === 'assistant') turns.unshift({ role: 'user', content: [opening] });
  return turns;
}

/** Adds a block of the user's at the end of a history. */
export function addOfUser<Block>(turns: Turn<Block>[], block: Block): void {
  const last = turns.at(-1);
  if (last?.role === 'user') last.content.push(block);
  else turns.push({ role: 'user', content: [block] });
}

/** The tools of a request; where it offers none, those that its history calls, without which strict services refuse the calls. */
export function toolsOf({ tools, messages }: Pick<ModelRequest, 'tools' | 'messages'>): readonly ToolSpec[] {
  if (tools.length > 0) return tools;
  const names = messages.flatMap((message) => (message.role === 'assistant' ? (message.calls ?? []) : []));
  return [...new Set(names.map(({ name }) => name))].map((name) => ({
    name,
    description: 'No longer there.',
    parameters: { type: 'object', properties: {} },
  }));
}

/** A block of an answer as it is kept: thoughts whole; of text and calls only where they stood, for they stand in the message. */
export type Piece =
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'redacted_thinking'; readonly data: string }
  | { readonly type: 'text'; readonly length: number }
  | { readonly type: 'tool_use' };

/** What is kept with an answer: its pieces, where it had thoughts. */
export function keptOf(pieces: readonly Piece[]): { readonly content: readonly Piece[] } | undefined {
  const hasThoughts = pieces.some(({ type }) => type === 'thinking' || type === 'redacted_thinking');
  return hasThoughts ? { content: pieces } : undefined;
}

/** How a protocol writes the blocks of an answer. Whatever is no thought of its own gives none. */
export interface Blocks<Block> {
  readonly thought: (piece: Fields) => readonly Block[];
  readonly said: (text: string) => readonly Block[];
}

/**
 * The blocks of an answer as they came, from the pieces that were kept with it; undefined where none of them is a thought. Where
 * its text or its calls have changed since, the thoughts stand first.
 */
export function asItCame<Block>(
  kept: readonly unknown[],
  { text, calls }: { readonly text: string; readonly calls: readonly Block[] },
  { thought, said }: Blocks<Block>,
): Block[] | undefined {
  const pieces = kept.map(fieldsOf);
  const thoughts = pieces.flatMap(thought);
  if (thoughts.length === 0) return undefined;
  const length = pieces.reduce((sum, piece) => sum + (numberOf(piece.length) ?? 0), 0);
  const count = pieces.filter(({ type }) => type === 'tool_use').length;
  if (length !== text.length || count !== calls.length) return [...thoughts, ...said(text), ...calls];
  let at = 0;
  const waiting = [...calls];
  return pieces.flatMap((piece) => {
    if (piece.type === 'tool_use') return waiting.splice(0, 1);
    if (piece.type !== 'text') return thought(piece);
    const begin = at;
    at += numberOf(piece.length) ?? 0;
    return said(text.slice(begin, at));
  });
}
