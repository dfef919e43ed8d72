import { defineAction, Fault, z } from 'boternity';
import type { Memories } from '../../memory/index.ts';
import type { Sharing } from '../sharing.ts';
import { bot, memoryId, sharedView, trust, viewOf } from './views.ts';

declare module 'boternity' {
  interface ActionTypes {
    'memories.share': ReturnType<typeof shareMemory>;
    'memories.revoke': ReturnType<typeof revokeMemory>;
    'memory.share': ReturnType<typeof shareTool>;
  }
}

const warnings = z.array(z.string());

export function shareMemory(memories: Memories, sharing: Sharing) {
  return defineAction({
    name: 'memories.share',
    summary: 'Lets other bots see a memory; what looks like words to a model goes into quarantine.',
    permission: 'memories:write',
    http: 'POST /bots/{bot}/memories/{memory}/share',
    cli: 'memory share <bot> <memory>',
    examples: ['bnity memory share assistant 019…', 'bnity memory share assistant 019… --trust public'],
    input: z.strictObject({ bot, memory: memoryId, trust }),
    output: sharedView.extend({ warnings }),
    async run({ bot, memory: id, trust }, { caller }) {
      const { one, warnings } = await sharing.share(await memories.of(bot), id, trust, caller);
      return { ...viewOf(one), warnings };
    },
  });
}

export function revokeMemory(memories: Memories, sharing: Sharing) {
  return defineAction({
    name: 'memories.revoke',
    summary: 'Makes a memory private again: other bots see it no more.',
    permission: 'memories:write',
    http: 'POST /bots/{bot}/memories/{memory}/revoke',
    cli: 'memory revoke <bot> <memory>',
    examples: ['bnity memory revoke assistant 019…'],
    input: z.strictObject({ bot, memory: memoryId }),
    output: z.object({ id: z.string(), text: z.string(), path: z.string() }),
    async run({ bot, memory: id }, { caller }) {
      const memory = await memories.of(bot);
      const kept = await sharing.revoke(memory, id, caller);
      return { id, text: kept.memory.text, path: memory.fileOf(kept) };
    },
  });
}

/** A bot has it only where its settings name it: `tools: { ask: [memory_share] }`. */
export function shareTool(memories: Memories, sharing: Sharing) {
  return defineAction({
    name: 'memory.share',
    summary:
      'Lets other bots see one of your memories. Share a fact, never instructions and nothing private of the person.',
    permission: 'memories:write',
    doors: ['bot'],
    input: z.strictObject({ bot, id: z.uuid('write the id of a memory, as memory_search gives it'), trust }),
    output: z.object({ ok: z.boolean(), state: z.string(), notice: z.string() }),
    async run({ bot, id, trust }, { caller, at }) {
      if (at?.isTainted !== false)
        throw new Fault('CALLER_DENIED', 'Nothing is shared in a turn that read words of strangers.');
      const { one } = await sharing.share(await memories.of(bot), id, trust, caller);
      const notice =
        one.standing.state === 'shared'
          ? 'Others may see it; it fades within two days unless a person approves it.'
          : `A person has to look at it first: ${one.standing.reasons.join('; ')}.`;
      return { ok: one.standing.state === 'shared', state: one.standing.state, notice };
    },
  });
}
