import { defineAction, z } from 'boternity';
import type { Memories } from '../../memory/index.ts';
import type { Sharing } from '../sharing.ts';
import { bot, memoryId, sharedView, viewOf } from './views.ts';

declare module 'boternity' {
  interface ActionTypes {
    'sharedMemories.approve': ReturnType<typeof approveShared>;
    'sharedMemories.reject': ReturnType<typeof rejectShared>;
  }
}

const why = z.string().trim().min(1).max(500).default('A person looked at it').describe('For the record');

export function approveShared(memories: Memories, sharing: Sharing) {
  return defineAction({
    name: 'sharedMemories.approve',
    summary: 'Vouches for a shared memory as it is now: it leaves quarantine and does not fade.',
    permission: 'memories:admin',
    http: 'POST /bots/{bot}/shared-memories/{memory}/approve',
    cli: 'shared-memory approve <bot> <memory>',
    examples: ['bnity shared-memory approve researcher 019… --why "Checked with Anna"'],
    input: z.strictObject({ bot, memory: memoryId, why }),
    output: sharedView,
    async run({ bot, memory: id, why }, { caller }) {
      return viewOf(await sharing.approve(await memories.of(bot), id, caller, why));
    },
  });
}

export function rejectShared(memories: Memories, sharing: Sharing) {
  return defineAction({
    name: 'sharedMemories.reject',
    summary:
      'Decides that no bot is given a memory: it is private again, and goes into quarantine when it is shared again as it is.',
    permission: 'memories:admin',
    http: 'POST /bots/{bot}/shared-memories/{memory}/reject',
    cli: 'shared-memory reject <bot> <memory>',
    examples: ['bnity shared-memory reject researcher 019… --why "Not true"'],
    input: z.strictObject({ bot, memory: memoryId, why }),
    output: z.object({ id: z.string(), text: z.string() }),
    async run({ bot, memory: id, why }, { caller }) {
      const { memory } = await sharing.reject(await memories.of(bot), id, caller, why);
      return { id: memory.id, text: memory.text };
    },
  });
}
