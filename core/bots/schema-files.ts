import { z } from 'zod';
import type { FileKind } from './file-kind.ts';

/** A JSON Schema as text editors find it. */
export interface SchemaFile {
  /** Key of the file kind. */
  readonly kind: string;
  /** Path of the files it is for, from the bot folder. */
  readonly pattern: string;
  /** Where it belongs, from the home. */
  readonly file: string;
  readonly text: string;
}

const FOLDER = '.boternity/schemas';

/** The schemas of all kinds of bot files. Those of Markdown describe the front matter; plain text has none. */
export function schemaFiles(kinds: Iterable<[string, FileKind]>): SchemaFile[] {
  const written = [...kinds].filter(([, { format }]) => format !== 'text');
  return written.map(([kind, { pattern, schema }]) => ({
    kind,
    pattern,
    file: `${FOLDER}/${kind}.json`,
    text: `${JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), null, 2)}\n`,
  }));
}
