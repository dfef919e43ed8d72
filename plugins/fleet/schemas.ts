import { defineAction, schemaFiles, z, type Bots, type Files } from 'boternity';

declare module 'boternity' {
  interface ActionTypes {
    'schemas.write': ReturnType<typeof writeSchemas>;
  }
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
