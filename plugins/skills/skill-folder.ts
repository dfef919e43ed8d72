import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { createDiskFiles, Fault, isMissingFile, type Files, type Home } from 'boternity';

/** Most bytes of a body or a file that is given out. */
export const PART_LIMIT = 200_000;
/** Largest file that is opened at all, in bytes. */
const MOST_BYTES = 5_000_000;
/** Most files that the index of a skill names. */
const MOST_FILES = 200;
/** Folders of a skill whose files can be read. */
const readable = ['scripts', 'references', 'assets'];

export interface IndexedFile {
  /** From the skill's folder. */
  readonly path: string;
  readonly bytes: number;
}

export interface ReadPart {
  readonly encoding: 'utf-8' | 'base64';
  /** Bytes of the whole file. */
  readonly bytes: number;
  readonly truncated: boolean;
  readonly content: string;
}

/**
 * The folder of a skill as a store of its own, so that no link in it leads out. `place` is its path from the home; the folder
 * itself must be no link. Undefined when it is not there.
 */
export async function openSkill(home: Home, place: string): Promise<Files | undefined> {
  const wanted = path.join(await realpath(home.path), ...place.split('/'));
  const real = await realpath(wanted).catch((error: unknown) => {
    if (isMissingFile(error)) return undefined;
    throw Fault.from(error);
  });
  if (real === undefined) return undefined;
  if (real !== wanted) throw new Fault('PATH_REFUSED', `${place} is a link; a skill lies in its own folder.`);
  return createDiskFiles(real);
}

/** What can be read of a skill beside its SKILL.md; of more than 200 files the first by name. */
export async function indexOf(skill: Files): Promise<IndexedFile[]> {
  const found: IndexedFile[] = [];
  for (const folder of readable.toSorted()) {
    const entries = await skill.list(folder).catch(() => []);
    for (const { name, kind } of entries) {
      if (kind !== 'file' || name.startsWith('.') || found.length >= MOST_FILES) continue;
      const stat = await skill.stat(`${folder}/${name}`).catch(() => undefined);
      if (stat?.kind === 'file') found.push({ path: `${folder}/${name}`, bytes: stat.size });
    }
  }
  return found;
}

/** Reads a file of a skill, at most 200 kB of it: text, or base64 of what is no UTF-8 or holds NUL. */
export async function readPart(skill: Files, file: string): Promise<ReadPart> {
  const [folder = '', name, ...deeper] = file.split('/');
  if (!readable.includes(folder) || name === undefined || deeper.length > 0)
    throw new Fault(
      'PATH_REFUSED',
      `"${file.slice(0, 200)}" cannot be read: only files right in ${readable.join('/, ')}/.`,
    );
  const stat = await skill.stat(file);
  if (stat && stat.size > MOST_BYTES)
    throw new Fault('FILE_INVALID', `${file} has ${stat.size} bytes; at most ${MOST_BYTES} can be read here.`);
  const content = stat?.kind === 'file' ? await skill.read(file) : undefined;
  if (!content) throw new Fault('FILE_MISSING', `The skill has no file ${file}.`);
  const truncated = content.length > PART_LIMIT;
  const text = asText(content);
  const encoding = text === undefined ? 'base64' : 'utf-8';
  return {
    encoding,
    bytes: content.length,
    truncated,
    content: text ?? content.subarray(0, PART_LIMIT).toString('base64'),
  };
}

/** The beginning of a text that takes no more than 200 kB. */
export function cutBody(body: string): { text: string; truncated: boolean } {
  const bytes = Buffer.from(body);
  if (bytes.length <= PART_LIMIT) return { text: body, truncated: false };
  return { text: decodeStart(bytes) ?? '', truncated: true };
}

function asText(content: Buffer): string | undefined {
  if (content.includes(0)) return undefined;
  return decodeStart(content);
}

/** At most 200 kB, without half a character at the end; undefined when it is no UTF-8. */
function decodeStart(content: Buffer): string | undefined {
  const isWhole = content.length <= PART_LIMIT;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content.subarray(0, PART_LIMIT), {
      stream: !isWhole,
    });
  } catch {
    return undefined;
  }
}
