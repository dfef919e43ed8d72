import type { Memory } from '../memory-file.ts';

/** The first of them that have room together. */
export function within(memories: readonly Memory[], characters: number): Memory[] {
  let room = characters;
  return memories.filter((each) => (room -= lineOf(each).length) >= 0);
}

/** A memory as prompts have it. */
export function lineOf({ text, category, created_at, origin }: Memory): string {
  const mark = origin === 'untrusted' ? ', from an unverified source' : '';
  return `- [${category}] ${text.replaceAll(/\s*\n\s*/g, ' ')} (${created_at.slice(0, 10)}${mark})`;
}
