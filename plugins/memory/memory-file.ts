import { manyFiles, z } from 'boternity';

export const kinds = ['note', 'fact', 'shared'] as const;
export const categories = ['preference', 'fact', 'decision', 'context', 'correction'] as const;
export const origins = ['owner', 'agent', 'untrusted', 'system'] as const;

/** One memory, as its file holds it. People may edit it in a text editor; times are ISO 8601 in UTC. */
export const memorySchema = z.strictObject({
  id: z.string().min(1).describe('Name of the file without .json'),
  kind: z.enum(kinds).default('fact').describe('note: key points of a conversation. shared: other bots may read it'),
  text: z.string().trim().min(1).max(10_000),
  category: z.enum(categories).default('fact'),
  importance: z.number().int().min(1).max(5).default(3).describe('5 is always at hand'),
  origin: z.enum(origins).describe('Who vouches for it. Set by the server; no model can choose it'),
  source: z
    .strictObject({ conversation: z.string().optional(), message: z.string().optional(), bot: z.string().optional() })
    .prefault({})
    .describe('Where it was learned'),
  triggers: z.array(z.string()).optional().describe('Words that bring it to mind'),
  created_at: z.iso.datetime(),
  last_used_at: z.iso.datetime().optional(),
  uses: z.number().int().min(0).default(0),
  supersedes: z.array(z.string()).optional().describe('Ids of memories it replaces'),
  expires_at: z.iso.datetime().optional(),
  embedding_model: z.string().optional().describe('Model of the vector in the index'),
});

export type Memory = z.output<typeof memorySchema>;

/** The family of memory files. They are not held with the bot: there may be a hundred thousand. */
export const memoryFiles = manyFiles('memory/*/*.json', 'json', memorySchema, { held: false });
