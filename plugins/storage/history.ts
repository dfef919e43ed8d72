import { z, type Author } from 'boternity';

const author = z.object({ kind: z.enum(['person', 'token', 'bot', 'program']), id: z.string(), name: z.string() });

/** One version of a file, as `versions.json` keeps it. People may read it; times are ISO 8601 in UTC. */
export const versionSchema = z.object({
  version: z.number().int().min(1),
  bytes: z.number().int().min(0),
  sha256: z.string(),
  at: z.string(),
  by: author,
  /** found: it lay in the folder, and nobody told the server who put it there. */
  how: z.enum(['written', 'restored', 'found']),
  /** Of the file, in milliseconds since 1970: tells that nobody has changed it since. */
  modifiedMs: z.number(),
});

export const historySchema = z.object({
  versions: z.array(versionSchema),
  deleted: z.object({ at: z.string(), by: author }).optional(),
});

export type Version = z.output<typeof versionSchema>;

/** The versions of a file, oldest first; the last one is the file as it is, or as it was before it went away. */
export interface History {
  readonly versions: readonly Version[];
  readonly deleted?: { readonly at: string; readonly by: Author } | undefined;
  /** Whether the file is there now. */
  readonly isThere: boolean;
}
