import type { Memory } from '../memory-file.ts';
import type { BotMemory } from './bot-memory.ts';

/** Ids of what holds what a memory says in another form: those that it replaced, and in turn those that these replaced. */
export async function derivedFrom(memory: BotMemory, forgotten: Memory): Promise<string[]> {
  const found = new Set<string>();
  const waiting = [...(forgotten.supersedes ?? [])];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (found.has(id) || id === forgotten.id) continue;
    found.add(id);
    const [kept] = await memory.several([id]);
    waiting.push(...(kept?.memory.supersedes ?? []));
  }
  return [...found];
}
