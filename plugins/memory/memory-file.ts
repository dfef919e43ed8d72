import { manyFiles, z } from 'boternity';

export const kinds = ['note', 'fact'] as const;
export const categories = ['preference', 'fact', 'decision', 'context', 'correction'] as const;
export const origins = ['owner', 'agent', 'untrusted', 'system'] as const;
/** public: every bot may see it. trusted: those that name the author in memory.trusted_bots. */
export const trusts = ['public', 'trusted'] as const;

const sharedSchema = z.strictObject({
  trust: z.enum(trusts),
  author_id: z.string().min(1),
  author_name: z.string(),
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('SHA-256 of what was shared; what has another is not given to others'),
  shared_at: z.iso.datetime(),
});

/** One memory, as its file holds it. People may edit it in a text editor; times are ISO 8601 in UTC. */
export const memorySchema = z.strictObject({
  id: z.string().min(1).describe('Name of the file without .json'),
  kind: z.enum(kinds).default('fact').describe('note: key points of a conversation'),
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
  superseded_by: z.string().optional().describe('Id of the memory that replaces it; it is kept, and not recalled'),
  expires_at: z.iso.datetime().optional(),
  embedding_model: z.string().optional().describe('Model of the vector in the index'),
  shared: sharedSchema
    .optional()
    .describe('Other bots may see it; absent when it is private. Set by: bnity memory share'),
});

export type Memory = z.output<typeof memorySchema>;

/** What whoever makes a memory says of it. */
export type GivenMemory = Omit<Memory, 'id' | 'created_at' | 'uses' | 'source' | 'shared'> &
  Partial<Pick<Memory, 'source'>>;

/** The family of memory files. They are not held with the bot: there may be a hundred thousand. */
export const memoryFiles = manyFiles('memory/*/*.json', 'json', memorySchema, { held: false });

/** A memory as its file is written. */
export function written(memory: Memory): string {
  return `${JSON.stringify(memory, null, 2)}\n`;
}

/** What a file holds, or one sentence on why it is no memory. */
export function readMemory(text: string, id: string): { readonly memory: Memory } | { readonly why: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { why: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  const { success, data, error } = memorySchema.safeParse(value);
  if (!success) {
    const [issue] = error.issues;
    return { why: `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'is not valid'}` };
  }
  return data.id === id ? { memory: data } : { why: `id: says "${data.id}", and the file is called ${id}.json` };
}
