import { Fault, z } from 'boternity';

/** First entry of a backup: what it is. */
export const HEAD = 'boternity-backup.json';
/** Last entry: the SHA-256 of every file before it, as `sha256sum` writes and checks it. */
export const SUMS = 'SHA256SUMS';

const FORMAT = 'boternity-home';
const VERSION = 1;

const headSchema = z.looseObject({
  format: z.literal(FORMAT),
  version: z.number().int(),
  at: z.string(),
  withKeys: z.boolean(),
});
export type Head = z.infer<typeof headSchema>;

export function headOf(at: Date, withKeys: boolean): Head {
  return { format: FORMAT, version: VERSION, at: at.toISOString(), withKeys };
}

/** Throws ARCHIVE_INVALID when it is no backup, or one of a newer form. */
export function readHead(text: string): Head {
  let head: Head;
  try {
    head = headSchema.parse(JSON.parse(text));
  } catch {
    throw new Fault('ARCHIVE_INVALID', 'The archive is no backup of a home.');
  }
  if (head.version <= VERSION) return head;
  throw new Fault('ARCHIVE_INVALID', `The backup is of version ${head.version}; this program reads up to ${VERSION}.`, {
    hint: 'Update this program first.',
  });
}

/** A line of SHA256SUMS. Names with a line break or a backslash are written as `sha256sum` does. */
export function sumLine(sha256: string, path: string): string {
  const escaped = path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `${escaped === path ? '' : '\\'}${sha256}  ${escaped}\n`;
}
