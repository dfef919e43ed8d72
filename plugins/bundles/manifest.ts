import { Fault, z } from 'boternity';

/** First file of an export. */
export const MANIFEST = 'manifest.json';
const FORMAT = 'boternity-bot';
const VERSION = 1;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What an export says of itself. Every file in it is named here, with its hash. */
export const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  slug: z.string().min(1).max(100),
  name: z.string().min(1).max(200),
  soul: sha256.describe('SHA-256 of SOUL.md'),
  commit: z.string().nullable().describe('The commit it was made of'),
  at: z.string().describe('Time of that commit'),
  origin: z
    .strictObject({ kind: z.string().max(40), from: z.string().max(500), at: z.string().max(60) })
    .nullable()
    .describe('Where the bot had come from'),
  files: z.array(
    z.strictObject({
      path: z.string().describe('bot/… is its folder, skills/… the skills it shares with others'),
      bytes: z.number().int().nonnegative(),
      sha256,
      executable: z.literal(true).optional(),
    }),
  ),
});
export type Manifest = z.infer<typeof manifestSchema>;

export function manifestOf(said: Omit<Manifest, 'format' | 'version'>): Manifest {
  return { format: FORMAT, version: VERSION, ...said };
}

/** Whether a text claims to be a manifest; whether it is sound is another matter. */
export function claimsManifest(text: string | undefined): boolean {
  return text !== undefined && /"format"\s*:\s*"boternity-bot"/.test(text.slice(0, 1_000));
}

/** Throws ARCHIVE_INVALID that says what is wrong. */
export function readManifest(text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Fault('ARCHIVE_INVALID', `${MANIFEST} of the archive is not JSON.`);
  }
  const version = typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined;
  if (typeof version === 'number' && version > VERSION)
    throw new Fault('ARCHIVE_INVALID', `The archive is of version ${version}; this server reads up to ${VERSION}.`, {
      hint: 'Update this server, or export with an older one.',
    });
  const checked = manifestSchema.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw new Fault(
    'ARCHIVE_INVALID',
    `${MANIFEST} is wrong at ${issue?.path.join('.') || 'its root'}: ${issue?.message}.`,
  );
}
