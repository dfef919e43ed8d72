import { defineAction, schemaFiles, z, type Bots, type Files } from 'boternity';

declare module 'boternity' {
  interface ActionTypes {
    'schemas.list': ReturnType<typeof listSchemas>;
    'schemas.write': ReturnType<typeof writeSchemas>;
  }
}

/** Shows the JSON Schemas of the file kinds, for editors that complete and check while somebody types. */
export function listSchemas(bots: Bots) {
  return defineAction({
    name: 'schemas.list',
    summary: 'Shows the JSON Schemas of all kinds of bot files.',
    permission: 'bots:read',
    http: 'GET /schemas',
    cli: 'schema list',
    columns: ['kind', 'pattern', 'format'],
    examples: ['bnity schema list --json'],
    input: z.strictObject({}),
    output: z.object({
      schemas: z.array(
        z.object({
          kind: z.string(),
          pattern: z.string().describe('Path of the files it is for, from the bot folder; * stands for a name'),
          format: z.enum(['markdown', 'yaml', 'json', 'text']).describe('Of Markdown it describes the front matter'),
          schema: z.record(z.string(), z.unknown()),
        }),
      ),
    }),
    async run() {
      const formats = new Map(Array.from(bots.kinds, ([kind, { format }]) => [kind, format]));
      const schemas = schemaFiles(bots.kinds).map(({ kind, pattern, text }) => ({
        kind,
        pattern,
        format: formats.get(kind) ?? ('text' as const),
        schema: JSON.parse(text) as Record<string, unknown>,
      }));
      return { schemas };
    },
  });
}

/** Writes a JSON Schema per file kind, for completion and errors in text editors. */
export function writeSchemas(bots: Bots, files: Files) {
  return defineAction({
    name: 'schemas.write',
    summary: 'Writes the JSON Schemas of all bot files, for text editors.',
    permission: 'server:admin',
    http: 'POST /schemas',
    cli: 'schemas',
    examples: ['bnity schemas'],
    input: z.strictObject({}),
    output: z.object({ schemas: z.array(z.object({ kind: z.string(), pattern: z.string(), file: z.string() })) }),
    run: async () => ({ schemas: await writeAll(bots, files) }),
  });
}

/** Writes those that are not there as they should be; answers all. */
export async function writeAll(bots: Bots, files: Files): Promise<{ kind: string; pattern: string; file: string }[]> {
  return Promise.all(
    schemaFiles(bots.kinds).map(async ({ kind, pattern, file, text }) => {
      if ((await files.read(file))?.toString() !== text) await files.write(file, text);
      return { kind, pattern, file };
    }),
  );
}
