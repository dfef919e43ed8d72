import type { IndexedEntry, IndexEntry } from 'boternity';
import type { Kept } from '../memory/index.ts';

/** The key of the index of what bots share. */
export const SHARED_INDEX = 'shared/memories';
/** Tag of an entry that says of a bot: its memory was looked through. */
export const mark = 'surveyed';

/** What the index is told of a shared memory. Its id is the one of the author and its own. */
export function entryOf(bot: string, { memory, path, stamp }: Kept): IndexEntry {
  const { id, text, created_at, importance, uses, last_used_at, expires_at, shared } = memory;
  return {
    id: `${bot}/${id}`,
    text,
    source: path,
    stamp,
    at: Date.parse(created_at),
    importance,
    uses,
    tags: [memory.kind, memory.category, memory.origin, shared?.trust ?? 'trusted'],
    ...(last_used_at !== undefined && { usedAt: Date.parse(last_used_at) }),
    ...(expires_at !== undefined && { expiresAt: Date.parse(expires_at) }),
  };
}

export function marked(bot: string): IndexEntry {
  return { id: bot, text: '', source: '', stamp: '', at: 0, importance: 1, uses: 0, tags: [mark] };
}

export function isOf({ tags }: IndexedEntry, tag: string): boolean {
  return tags?.includes(tag) === true;
}

/** Whose memory an id of the index means; `memory` is empty for a mark. */
export function placeOf(id: string): { readonly bot: string; readonly memory: string } {
  const at = id.indexOf('/');
  return at < 0 ? { bot: id, memory: '' } : { bot: id.slice(0, at), memory: id.slice(at + 1) };
}
