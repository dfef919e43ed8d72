import type { Memory } from '../memory-file.ts';
import type { BotMemory } from '../store/bot-memory.ts';
import { SUPERSEDED } from '../store/entry.ts';
import { lineOf, within } from './lines.ts';
import type { Mind } from './mind.ts';

/** Conversations that a new one knows of, and memories of one that are looked at. */
const CONVERSATIONS = 3;
const LATEST = 100;
const ROOM = 2_000;
/** Of a conversation that nothing was noted of yet: messages, and characters of each. */
const MESSAGES = 3;
const LONGEST = 200;

/** The key points of a bot's last conversations but this one: what was noted, or, where that is still to come, what the person said. */
export async function keyPoints(
  mind: Mind,
  memory: BotMemory,
  conversation: string,
): Promise<{ readonly text: string; readonly memories: readonly Memory[] } | undefined> {
  const pending = mind.learner
    .pendingOf(memory.bot)
    .filter((id) => id !== conversation)
    .slice(0, CONVERSATIONS);
  const raw = await Promise.all(pending.map((id) => mind.saidIn(id)));
  const lines = raw.flatMap((told) => (told && told.said.length > 0 ? [rawLine(told)] : []));
  const entries = memory.isEmpty ? [] : await memory.index.during(-Infinity, Infinity, { limit: LATEST });
  const groups = new Map<string, string[]>();
  for (const { id, group, tags } of entries) {
    if (group === undefined || group === conversation || tags?.includes(SUPERSEDED)) continue;
    if (!groups.has(group) && groups.size >= CONVERSATIONS) continue;
    groups.set(group, [...(groups.get(group) ?? []), id]);
  }
  const kept = await memory.several([...groups.values()].flat());
  const memories = within(
    kept.map((each) => each.memory),
    ROOM,
  );
  lines.push(...memories.map(lineOf));
  return lines.length > 0 ? { text: lines.join('\n'), memories } : undefined;
}

function rawLine({ title, said }: { readonly title: string; readonly said: readonly string[] }): string {
  const last = said.slice(-MESSAGES).map((text) => `"${text.replaceAll(/\s+/g, ' ').slice(0, LONGEST)}"`);
  return `- just before, in "${title}", the person said: ${last.join(' … ')}`;
}
