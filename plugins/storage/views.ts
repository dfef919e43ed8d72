import { Fault, z } from 'boternity';
import type { Part } from './extract/reading.ts';
import type { Version } from './history.ts';
import type { Known } from './shelf.ts';
import { typeOf } from './types.ts';
import type { FoundFile } from './versioned-folder.ts';

export const bot = z.string().min(1).max(100).describe('Slug or id of a bot');
export const name = z.string().min(1).max(200).describe('Name of a file, as storage.list has it');

/** Tells a model that what it reads was written by others, and from where it is. */
export const notice = z.string().describe('What to make of the text');

export const textView = z.object({
  state: z
    .enum(['none', 'waiting', 'ready', 'partial', 'failed'])
    .describe(
      'none: a kind of file that holds no text. waiting: it is being read. partial: only its beginning is searched',
    ),
  passages: z.number().int(),
  words: z.number().int(),
  problem: z.string().nullable().describe('Why there is no text, or not all of it'),
});

export const fileView = z.object({
  name: z.string(),
  bytes: z.number().int(),
  media_type: z.string(),
  version: z.number().int(),
  modified_at: z.string(),
  modified_by: z.string(),
  text: textView,
});

export const versionView = z.object({
  version: z.number().int(),
  bytes: z.number().int(),
  sha256: z.string(),
  at: z.string(),
  by: z.string().describe('Name of who made it'),
  by_kind: z.enum(['person', 'token', 'bot', 'program']),
  how: z.enum(['written', 'restored', 'found']).describe('found: it lay in the folder'),
  is_current: z.boolean(),
  is_kept: z.boolean().describe('Whether it can still be restored'),
});

export const citation = z.object({
  file: z.string(),
  version: z.number().int(),
  part: z.number().int().describe('Number of the passage in its file, from 1'),
  page: z.number().int().nullable(),
  lines: z.string().nullable().describe('First and last line: 12-31'),
  path: z.string().nullable().describe('Where in a JSON document: orders[2]'),
  heading: z.string().nullable(),
  cite: z.string().describe('How to name the place in an answer'),
});

export function viewOfFile(file: FoundFile, known: Known | undefined, version: Version): z.input<typeof fileView> {
  return {
    name: file.name,
    bytes: file.bytes,
    media_type: typeOf(file.name).media,
    version: version.version,
    modified_at: version.at,
    modified_by: version.by.name,
    text: viewOfText(file.name, known),
  };
}

function viewOfText(file: string, known: Known | undefined): z.input<typeof textView> {
  if (known) {
    const { state, parts: passages, words, problem = null } = known;
    return { state, passages, words, problem };
  }
  return { state: typeOf(file).text === undefined ? 'none' : 'waiting', passages: 0, words: 0, problem: null };
}

export function viewOfVersion(version: Version, isCurrent: boolean, isKept: boolean): z.input<typeof versionView> {
  const { version: number, bytes, sha256, at, by, how } = version;
  return {
    version: number,
    bytes,
    sha256,
    at,
    by: by.name,
    by_kind: by.kind,
    how,
    is_current: isCurrent,
    is_kept: isKept,
  };
}

export function viewOfPlace(
  { page, lines, path, heading }: Part,
  { file, version, part }: { readonly file: string; readonly version: number; readonly part: number },
): z.input<typeof citation> {
  const rows = lines && (lines[0] === lines[1] ? String(lines[0]) : lines.join('-'));
  const where = [
    ...(page === undefined ? [] : [`page ${page}`]),
    ...(rows === undefined ? [] : [`${rows.includes('-') ? 'lines' : 'line'} ${rows}`]),
    ...(path === undefined || path === '' ? [] : [path]),
  ];
  const cite = [file, ...(where.length > 0 ? where : [`passage ${part}`])].join(', ');
  return {
    file,
    version,
    part,
    page: page ?? null,
    lines: rows ?? null,
    path: path ?? null,
    heading: heading ?? null,
    cite,
  };
}

/** The last of some versions. */
export function lastOf(versions: readonly Version[]): Version {
  const last = versions.at(-1);
  if (!last) throw new Fault('VERSION_MISSING', 'There is no version.');
  return last;
}
