import { createHash } from 'node:crypto';
import type { Memory } from '../memory/index.ts';

/**
 * SHA-256 of what a shared memory says and of who shared it with whom, in hexadecimal digits: of the JSON list of id, text, category,
 * importance, id of the author, trust and created_at. What is counted or noted beside that may change.
 */
export function writeHash(
  memory: Pick<Memory, 'id' | 'text' | 'category' | 'importance' | 'created_at'>,
  author: string,
  trust: string,
): string {
  const { id, text, category, importance, created_at } = memory;
  const said = JSON.stringify([id, text, category, importance, author, trust, created_at]);
  return createHash('sha256').update(said).digest('hex');
}
