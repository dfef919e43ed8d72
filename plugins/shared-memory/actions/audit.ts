import { defineAction, z, type Bots } from 'boternity';
import type { Memories } from '../../memory/index.ts';
import { auditOf } from '../audit.ts';
import type { Ledger } from '../ledger.ts';
import { bot } from './views.ts';

declare module 'boternity' {
  interface ActionTypes {
    'memories.audit': ReturnType<typeof auditMemories>;
  }
}

export function auditMemories(bots: Bots, memories: Memories, ledger: Ledger) {
  return defineAction({
    name: 'memories.audit',
    summary: 'Tells what was done with the memories of a bot, by whom and why, newest first.',
    permission: 'memories:read',
    http: 'GET /audit/memories',
    cli: 'memory audit <bot>',
    columns: ['at', 'actor', 'action', 'memory', 'why'],
    examples: ['bnity memory audit assistant', 'bnity memory audit assistant --memory 019…'],
    input: z.strictObject({
      bot,
      memory: z.string().min(1).max(200).optional().describe('Only what concerns this one'),
      limit: z.number().int().min(1).max(1_000).default(100),
    }),
    output: z.object({
      events: z.array(
        z.object({
          at: z.string(),
          actor: z.string().describe('system, user, or the slug of a bot'),
          name: z.string().describe('Who it was'),
          action: z.enum([
            'add',
            'edit',
            'delete',
            'merge',
            'share',
            'revoke',
            'quarantine',
            'approve',
            'reject',
            'refuse',
          ]),
          memory: z.string(),
          why: z.string(),
          commit: z.string().nullable().describe('Where it stands in the history of the memory'),
        }),
      ),
    }),
    async run({ bot, memory: id, limit }) {
      const memory = await memories.of(bot);
      await memory.commit();
      const events = await auditOf({ bots, ledger }, memory.bot, (each) => id === undefined || each === id, limit);
      return { events };
    },
  });
}
