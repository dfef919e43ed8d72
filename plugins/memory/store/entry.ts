import type { IndexEntry } from 'boternity';
import type { Memory } from '../memory-file.ts';
import type { Kept } from './memory-folder.ts';

/** Tag of what was replaced and is kept for history alone. */
export const SUPERSEDED = 'superseded';
/** Tag of what other bots may see. */
export const SHARED = 'shared';

/** What the index is told of a memory. */
export function entryOf({ memory, path, stamp }: Kept): IndexEntry {
  const { id, text, triggers, source, created_at, importance, uses, last_used_at, expires_at, superseded_by } = memory;
  const tags: string[] = [memory.kind, memory.category, memory.origin];
  if (memory.shared) tags.push(SHARED);
  return {
    id,
    text,
    source: path,
    stamp,
    at: Date.parse(created_at),
    importance,
    uses,
    tags: superseded_by === undefined ? tags : [...tags, SUPERSEDED],
    ...(triggers && { more: triggers.join(' ') }),
    ...(source.conversation !== undefined && { group: source.conversation }),
    ...(last_used_at !== undefined && { usedAt: Date.parse(last_used_at) }),
    ...(expires_at !== undefined && { expiresAt: Date.parse(expires_at) }),
  };
}

/** Files look alike, whatever order the values came in. */
export function inOrder(memory: Memory): Memory {
  const { id, kind, text, category, importance, origin, source, triggers, created_at, ...rest } = memory;
  return { id, kind, text, category, importance, origin, source, ...(triggers && { triggers }), created_at, ...rest };
}
