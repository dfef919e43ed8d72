import { createHash } from 'node:crypto';
import type { ToolSpec } from './model.ts';

/** A part of what stands before the history. The order of the array is the order in the prompt: stable first. */
export interface Section {
  readonly id: string;
  readonly text: string;
}

/** What one section of a call weighs. Never the text. */
export interface SectionAccount {
  readonly id: string;
  readonly bytes: number;
  /** Estimate: four characters a token. */
  readonly tokens: number;
  readonly sha256: string;
}

/** Everything before the history, wrapped so that the model sees what is what. Empty sections are left out. */
export function renderSections(sections: readonly Section[]): string {
  return sections
    .filter((section) => section.text.trim() !== '')
    .map((section) => `<${section.id}>\n${section.text.trim()}\n</${section.id}>`)
    .join('\n\n');
}

/** Accounts of the sections, the tools and the tail, in the order in which they stand in the call. */
export function accountFor(sections: readonly Section[], tools: readonly ToolSpec[], tail: string): SectionAccount[] {
  return [
    ...sections.filter((section) => section.text.trim() !== '').map((section) => account(section.id, section.text)),
    ...(tools.length > 0 ? [account('tools', JSON.stringify(tools))] : []),
    ...(tail === '' ? [] : [account('tail', tail)]),
  ];
}

/** Tools in an order that depends on nothing but their names, so that the block is the same bytes every time. */
export function sortTools(tools: readonly ToolSpec[]): ToolSpec[] {
  return tools.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function account(id: string, text: string): SectionAccount {
  return {
    id,
    bytes: Buffer.byteLength(text),
    tokens: Math.ceil(text.length / 4),
    sha256: createHash('sha256').update(text).digest('hex'),
  };
}
