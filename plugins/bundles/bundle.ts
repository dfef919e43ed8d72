import { createHash } from 'node:crypto';
import { findSecrets, nameOf, packArchive, redactor, settingsOf, type Bots, type Files, type Packed } from 'boternity';
import type { Readable } from 'node:stream';
import type { Origins } from '../fleet/origins.ts';
import { MANIFEST, manifestOf, type Manifest } from './manifest.ts';
import { programOf } from './program.ts';

export interface BundleParts {
  readonly bots: Bots;
  readonly files: Files;
  readonly origins: Origins;
}

/** A place in a file that looks like a key. */
export interface Suspect {
  readonly file: string;
  readonly line: number;
  readonly what: string;
}

/** Everything that an export of a bot holds. */
export interface Bundle {
  readonly manifest: Manifest;
  readonly suspects: readonly Suspect[];
  /** Skills that bot.yaml names and that are nowhere. */
  readonly missing: readonly string[];
  pack(): Readable;
}

interface Part {
  /** Path in the archive. */
  readonly path: string;
  readonly isExecutable: boolean;
  read(): Promise<Buffer>;
}

/** Larger files are not looked through for keys. */
const MAX_SEARCHED = 2 * 1024 * 1024;

/** What an export of the bot would hold now: its committed files and the shared skills it uses. Nothing that it learned, said or keeps. */
export async function bundleOf(reference: string, { bots, files, origins }: BundleParts): Promise<Bundle> {
  const program = await programOf(reference, bots);
  const bot = await bots.get(reference);
  const { skills } = settingsOf(bot);
  const shared = await Promise.all(skills.map((name) => skillParts(name, files)));
  const parts: Part[] = [
    ...program.files.map(({ path, isExecutable }) => ({
      path: `bot/${path}`,
      isExecutable,
      read: () => program.read(path),
    })),
    ...shared.flat(),
  ].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const listed: Manifest['files'] = [];
  const suspects: Suspect[] = [];
  for (const part of parts) {
    const content = await part.read();
    listed.push({
      path: part.path,
      bytes: content.length,
      sha256: digest(content),
      ...(part.isExecutable && { executable: true }),
    });
    suspects.push(...(await suspectsIn(part.path, content)));
  }
  const manifest = manifestOf({
    slug: bot.slug,
    name: nameOf(bot),
    soul: listed.find(({ path }) => path === 'bot/SOUL.md')?.sha256 ?? digest(''),
    commit: program.commit,
    at: program.at.toISOString(),
    origin: (await origins.of(bot.id)) ?? null,
    files: listed,
  });
  return {
    manifest,
    suspects,
    missing: skills.filter((_, at) => shared[at]?.length === 0),
    pack: () => packArchive(packed(manifest, parts, program.at.getTime())),
  };
}

async function* packed(manifest: Manifest, parts: readonly Part[], modifiedMs: number): AsyncGenerator<Packed> {
  const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  yield { path: MANIFEST, bytes: text.length, modifiedMs, content: text };
  for (const part of parts) {
    const { path, isExecutable } = part;
    const content = await part.read();
    yield { path, bytes: content.length, mode: isExecutable ? 0o755 : 0o644, modifiedMs, content };
  }
}

/** The files of a skill in the home's `skills` folder; none when there is no such skill. */
async function skillParts(name: string, files: Files): Promise<Part[]> {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) return [];
  const parts: Part[] = [];
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await files.list(folder)) {
      const path = `${folder}/${entry.name}`;
      if (entry.kind === 'folder') await walk(path);
      else parts.push({ path, isExecutable: false, read: async () => (await files.read(path)) ?? Buffer.alloc(0) });
    }
  };
  await walk(`skills/${name}`);
  return parts;
}

async function suspectsIn(path: string, content: Buffer): Promise<Suspect[]> {
  if (content.length > MAX_SEARCHED || content.includes(0)) return [];
  const text = content.toString();
  const { found } = await findSecrets(text, { path });
  const looks = found.map(({ description, line }) => ({ file: path, line, what: description }));
  return [...looks, ...knownIn(text, path)];
}

/** Lines that hold what this server keeps as a secret. */
function knownIn(text: string, path: string): Suspect[] {
  if (redactor.text(text) === text) return [];
  return text.split('\n').flatMap((line, at) => {
    const clean = redactor.text(line);
    const name = clean === line ? undefined : /\[secret:([^\]]*)\]/.exec(clean)?.[1];
    return name === undefined ? [] : [{ file: path, line: at + 1, what: `The secret ${name} of this server` }];
  });
}

function digest(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
