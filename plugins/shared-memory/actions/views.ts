import { z } from 'boternity';
import type { SharedOne } from '../shared-one.ts';

export const bot = z.string().min(1).describe('Slug or id of a bot');
export const memoryId = z.string().min(1).max(200).describe('Id of a memory');
export const trust = z
  .enum(['public', 'trusted'])
  .default('trusted')
  .describe('public: every bot may see it. trusted: those that name this one in memory.trusted_bots of their bot.yaml');

/** A shared memory as doors show it. */
export const sharedView = z.object({
  id: z.string(),
  bot: z.string().describe('Slug of its author'),
  written_by: z.string().describe('Name of its author'),
  trust: z.enum(['public', 'trusted']),
  state: z.enum(['shared', 'quarantined']).describe('quarantined: no bot is given it before a person approves it'),
  verified: z
    .boolean()
    .describe('Whether a person shared or approved it; what nobody vouches for fades within two days'),
  reasons: z.array(z.string()).describe('Why it is in quarantine'),
  text: z.string(),
  category: z.string(),
  importance: z.number(),
  created_at: z.string(),
  shared_at: z.string(),
  hash: z.string().describe('SHA-256 of what was shared'),
  path: z.string().describe('File of the memory, from the bot folder of its author'),
});

export function viewOf({ memory, path, shared, author, standing }: SharedOne): z.output<typeof sharedView> {
  const { id, text, category, importance, created_at } = memory;
  const { trust, shared_at, hash } = shared;
  return {
    id,
    bot: author.slug,
    written_by: author.name,
    trust,
    state: standing.state,
    verified: standing.isVerified,
    reasons: [...standing.reasons],
    text,
    category,
    importance,
    created_at,
    shared_at,
    hash,
    path: `memory/${path}`,
  };
}
