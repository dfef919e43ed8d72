import { defineAction, z } from 'boternity';
import { categories } from '../memory-file.ts';
import type { Memories } from '../service.ts';
import { derivedFrom } from '../store/derived.ts';
import { bot, firstWords, memoryId, memoryView, originOf, text, viewOf } from './views.ts';

declare module 'boternity' {
  interface ActionTypes {
    'memories.create': ReturnType<typeof createMemory>;
    'memories.edit': ReturnType<typeof editMemory>;
    'memories.delete': ReturnType<typeof deleteMemory>;
    'memories.unlearn': ReturnType<typeof unlearn>;
  }
}

const triggers = z.array(z.string().trim().min(1).max(200)).max(20);
const expires = z.iso.datetime().describe('When it counts no more, ISO 8601 in UTC');

export function createMemory(memories: Memories) {
  return defineAction({
    name: 'memories.create',
    summary: 'Makes a bot remember something.',
    permission: 'memories:write',
    http: 'POST /bots/{bot}/memories',
    cli: 'memory add <bot> <text>',
    examples: ['bnity memory add assistant "Answers shall be in German" --category preference --importance 5'],
    status: 201,
    input: z.strictObject({
      bot,
      text: text.describe('One fact, in a sentence that stands alone'),
      category: z.enum(categories).default('fact'),
      importance: z.number().int().min(1).max(5).default(3).describe('5 is always at hand'),
      triggers: triggers.optional().describe('Words that bring it to mind without standing in it'),
      expires_at: expires.optional(),
      supersedes: z
        .array(memoryId)
        .max(20)
        .optional()
        .describe('Ids of memories that it replaces; they are kept for history'),
    }),
    output: memoryView,
    async run({ bot, supersedes = [], expires_at, triggers, ...said }, { caller }) {
      const memory = await memories.of(bot);
      await Promise.all(supersedes.map((id) => memory.get(id)));
      const given = {
        ...said,
        kind: 'fact' as const,
        origin: originOf(caller),
        source: { bot: memory.bot },
        ...(triggers && { triggers }),
        ...(expires_at !== undefined && { expires_at }),
      };
      const kept = await memory.replace(supersedes, given, { by: caller, why: `Remember: ${firstWords(said.text)}` });
      return viewOf(memory, kept);
    },
  });
}

export function editMemory(memories: Memories) {
  return defineAction({
    name: 'memories.edit',
    summary: 'Changes a memory of a bot; the version before stays in its history.',
    permission: 'memories:write',
    http: 'PATCH /bots/{bot}/memories/{memory}',
    cli: 'memory edit <bot> <memory>',
    examples: ['bnity memory edit assistant 019… --text "Lives in Basel" --importance 4'],
    input: z.strictObject({
      bot,
      memory: memoryId,
      text: text.optional(),
      category: z.enum(categories).optional(),
      importance: z.number().int().min(1).max(5).optional(),
      triggers: triggers.optional(),
      expires_at: expires.nullable().optional(),
    }),
    output: memoryView,
    async run({ bot, memory: id, expires_at, ...edit }, { caller }) {
      const memory = await memories.of(bot);
      const given = Object.fromEntries(Object.entries(edit).filter(([, value]) => value !== undefined));
      const kept = await memory.change(
        id,
        ({ expires_at: before, ...rest }) => {
          const expires = expires_at === undefined ? before : (expires_at ?? undefined);
          // Whoever changes it vouches for it.
          const origin = originOf(caller);
          return { ...rest, ...given, origin, ...(expires !== undefined && { expires_at: expires }) };
        },
        { by: caller, why: `Edit a memory: ${firstWords(edit.text ?? id)}` },
      );
      return viewOf(memory, kept);
    },
  });
}

export function deleteMemory(memories: Memories) {
  return defineAction({
    name: 'memories.delete',
    summary:
      'Makes a bot forget a memory, and what was derived from it: earlier versions of it and what was merged into it.',
    permission: 'memories:write',
    http: 'DELETE /bots/{bot}/memories/{memory}',
    cli: 'memory delete <bot> <memory>',
    confirm: 'The memory and what was derived from it are removed; git history keeps them.',
    examples: ['bnity memory delete assistant 019… --force'],
    input: z.strictObject({ bot, memory: memoryId }),
    output: z.object({ removed: z.array(memoryView) }),
    async run({ bot, memory: id }, { caller }) {
      const memory = await memories.of(bot);
      const kept = await memory.get(id);
      const ids = [id, ...(await derivedFrom(memory, kept.memory))];
      const gone = await memory.forget(ids, { by: caller, why: `Forget: ${firstWords(kept.memory.text)}` });
      return { removed: gone.map((each) => viewOf(memory, each)) };
    },
  });
}

/** Memories that are looked at together. */
const AT_ONCE = 500;

export function unlearn(memories: Memories) {
  return defineAction({
    name: 'memories.unlearn',
    summary: 'Makes a bot forget everything that it learned in one conversation, also when that was deleted.',
    permission: 'memories:write',
    http: 'DELETE /bots/{bot}/learned/{conversation}',
    cli: 'memory unlearn <bot> <conversation>',
    confirm: 'Everything that was learned in the conversation is removed; git history keeps it.',
    examples: ['bnity memory unlearn assistant 019… --force'],
    input: z.strictObject({ bot, conversation: z.string().min(1).max(200).describe('Id of the conversation') }),
    output: z.object({ removed: z.array(memoryView) }),
    async run({ bot, conversation }, { caller }) {
      const memory = await memories.of(bot);
      await memory.synced();
      const ids = new Set<string>();
      for await (const entries of memory.index.entries())
        for (const { id, group } of entries) if (group === conversation) ids.add(id);
      const kept = await memory.several([...ids]);
      for (const each of kept) for (const id of await derivedFrom(memory, each.memory)) ids.add(id);
      const all = [...ids];
      const removed: z.output<typeof memoryView>[] = [];
      for (let at = 0; at < all.length; at += AT_ONCE) {
        const part = await memory.forget(all.slice(at, at + AT_ONCE), {
          by: caller,
          why: 'Forget what a conversation taught',
        });
        removed.push(...part.map((each) => viewOf(memory, each)));
      }
      return { removed };
    },
  });
}
