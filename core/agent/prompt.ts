import { createHash } from 'node:crypto';
import type { Section } from '../bots/brought.ts';
import type { ToolSpec } from './model.ts';

/** What one section of a call weighs. Never the text. */
export interface SectionAccount {
  readonly id: string;
  /** prefix: before the history, the same bytes until a file of the bot changes. tail: behind it, another in every turn. */
  readonly stability: 'prefix' | 'tail';
  readonly bytes: number;
  /** Estimate: four characters a token. */
  readonly tokens: number;
  readonly sha256: string;
  /** How many tools the block of tools holds; absent elsewhere. */
  readonly tools?: number;
}

/** Sections as they stand in a prompt, wrapped so that the model sees what is what. Empty ones are left out; none ends another. */
export function renderSections(sections: readonly Section[]): string {
  return sections
    .filter(isFilled)
    .map(({ id, text }) => `<${id}>\n${inside(id, text.trim())}\n</${id}>`)
    .join('\n\n');
}

/** Accounts of the sections, the tools and the tail, in the order in which they stand in the call. */
export function accountFor(sections: readonly Section[], tools: readonly ToolSpec[], tail: string): SectionAccount[] {
  const filled = sections.filter(isFilled);
  const of = (wanted: SectionAccount['stability']): SectionAccount[] =>
    filled.filter(({ stability = 'prefix' }) => stability === wanted).map(({ id, text }) => account(id, wanted, text));
  return [
    ...of('prefix'),
    ...(tools.length > 0 ? [{ ...account('tools', 'prefix', JSON.stringify(tools)), tools: tools.length }] : []),
    ...of('tail'),
    ...(tail === '' ? [] : [account('tail', 'tail', tail)]),
  ];
}

/** Tools in an order that depends on nothing but their names, so that the block is the same bytes every time. */
export function sortTools(tools: readonly ToolSpec[]): ToolSpec[] {
  return tools.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function isFilled({ text }: Section): boolean {
  return text.trim() !== '';
}

/** What a file or a skill says cannot end its own section and go on as another. */
function inside(id: string, text: string): string {
  return text.replaceAll(new RegExp(`<(?=/${RegExp.escape(id)}\\s*>)`, 'gi'), '&lt;');
}

function account(id: string, stability: SectionAccount['stability'], text: string): SectionAccount {
  return {
    id,
    stability,
    bytes: Buffer.byteLength(text),
    tokens: Math.ceil(text.length / 4),
    sha256: createHash('sha256').update(text).digest('hex'),
  };
}
