import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { Change } from '../base/author.ts';
import { Fault } from '../base/fault.ts';
import { isMissingFile } from '../files/system-calls.ts';
import type { Home } from '../files/home.ts';
import { storePath, TEMPORARY_SUFFIX } from '../files/store-path.ts';
import type { Bot } from './bot.ts';
import { settingsOf } from './bot.ts';
import { matches, type FileKind } from './file-kind.ts';
import { readEntry } from './read-entry.ts';
import { foldPath } from '../files/fold-name.ts';
import { digestOfValue, isSealed, sealedKeys, sealedValues, SETTINGS } from './sealed.ts';

/** What shall become of files: new content, undefined to remove one, or a function of its text. */
export type Written = ReadonlyMap<
  string,
  string | Uint8Array | undefined | ((text: string) => string | Promise<string>)
>;

export interface Contents {
  readonly before: Buffer | undefined;
  readonly after: Buffer | undefined;
}

/** First names in a bot folder that are no part of its program. */
const notProgram = new Set(['.git', 'memory', 'conversations', 'files', 'node_modules']);

/** Largest file that is written through a door, in bytes. */
const MAX_BYTES = 5 * 1024 * 1024;

interface Checking {
  readonly home: Home;
  readonly slug: string;
  readonly kinds: Iterable<[string, FileKind]>;
  readonly written: Written;
}

/** The contents that were asked for, checked: paths of the program only, and no file broken by it. Nothing is written. */
export async function checkWritten({ home, slug, kinds, written }: Checking): Promise<Map<string, Contents>> {
  const contents = new Map<string, Contents>();
  for (const [given, wish] of written) {
    const file = programPath(given);
    await assertPlainPlace(home, slug, file);
    const before = await home.files.read(`bots/${slug}/${file}`);
    const kind = [...kinds].map(([, each]) => each).find((each) => matches(each, file));
    const after = await wished(kind, file, before, wish);
    if (after && after.length > MAX_BYTES)
      throw new Fault('INPUT_INVALID', `${file} would have ${after.length} bytes; at most ${MAX_BYTES} are taken.`);
    if (after === undefined && kind?.required)
      throw new Fault('INPUT_INVALID', `${file} cannot be removed: a bot needs it to talk.`);
    contents.set(file, { before, after });
  }
  return contents;
}

/** Throws when the change would touch who the bot is and is made by somebody who may not: SOUL_SEALED for bots, CALLER_DENIED for people. */
export function assertMayWrite(bot: Bot, contents: ReadonlyMap<string, Contents>, change: Change): void {
  if (change.mayReseal === true && change.by.kind !== 'bot') return;
  const mayChangeSoul = change.by.kind === 'bot' && settingsOf(bot).capabilities.self_modify.soul;
  for (const [file, content] of contents) {
    const sealed = foldPath(file) === SETTINGS ? changedKeys(file, content) : isSealed(file) ? file : undefined;
    if (sealed === undefined || (mayChangeSoul && file === 'SOUL.md' && content.after)) continue;
    if (change.by.kind === 'bot')
      throw new Fault('SOUL_SEALED', `${sealed} says who the bot is, and only people change that.`);
    throw new Fault(
      'CALLER_DENIED',
      `${change.by.name} may not change ${sealed} of ${bot.slug}; it needs the grant bots:admin.`,
    );
  }
}

/** The sealed keys of bot.yaml that the change would touch; undefined when it touches none. */
function changedKeys(file: string, { before, after }: Contents): string | undefined {
  const old = sealedValues(before?.toString() ?? '') ?? {};
  const fresh = sealedValues(after?.toString() ?? '');
  if (file !== SETTINGS || !fresh) return file;
  const keys = sealedKeys.filter((key) => digestOfValue(old[key]) !== digestOfValue(fresh[key]));
  return keys.length === 0 ? undefined : `${keys.join(', ')} in ${SETTINGS}`;
}

/** The path of a file of the bot's program. PATH_REFUSED for what is none. */
export function programPath(given: string): string {
  const file = storePath(given);
  const [top = ''] = foldPath(file).split('/');
  const refused = (why: string): Fault => new Fault('PATH_REFUSED', `"${given.slice(0, 200)}" ${why}.`);
  if (file === '') throw refused('names no file');
  if (file.split('/').some((name) => foldPath(name).startsWith('.git') && foldPath(name) !== '.gitignore'))
    throw refused('belongs to git, and only git changes what is its own');
  if (notProgram.has(top)) throw refused('is no part of the bot’s program');
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001F\u007F]/.test(file) || file.endsWith(TEMPORARY_SUFFIX) || Buffer.byteLength(file) > 400)
    throw refused('is no name for a file here');
  return file;
}

/** Neither the file nor a folder above it is a link, and none beside it has the same name in another spelling. */
async function assertPlainPlace(home: Home, slug: string, file: string): Promise<void> {
  const names = file.split('/');
  for (let depth = 0; depth < names.length; depth += 1) {
    const at = path.join(home.path, 'bots', slug, ...names.slice(0, depth + 1));
    const found = await lstat(at).catch((error: unknown) => {
      if (isMissingFile(error)) return undefined;
      throw Fault.from(error);
    });
    if (found?.isSymbolicLink())
      throw new Fault(
        'PATH_REFUSED',
        `"${names.slice(0, depth + 1).join('/')}" is a link; links are not written through.`,
      );
    if (found) continue;
    const twin = await otherSpelling(home, slug, names, depth);
    if (twin !== undefined)
      throw new Fault('PATH_REFUSED', `"${file}" differs from ${twin}, which is there, only in its spelling.`);
    return;
  }
}

async function otherSpelling(
  home: Home,
  slug: string,
  names: readonly string[],
  depth: number,
): Promise<string | undefined> {
  const folder = ['bots', slug, ...names.slice(0, depth)].join('/');
  const wanted = foldPath(names[depth] ?? '');
  return (await home.files.list(folder))
    .map(({ name }) => name)
    .find((name) => foldPath(name) === wanted && name !== names[depth]);
}

async function wished(
  kind: FileKind | undefined,
  file: string,
  before: Buffer | undefined,
  wish: string | Uint8Array | undefined | ((text: string) => string | Promise<string>),
): Promise<Buffer | undefined> {
  if (wish === undefined) return undefined;
  const old = kind && before ? (await readEntry(kind, file, before, undefined)).problems : [];
  const broken = old.find((problem) => problem.level === 'error');
  const refused =
    broken && typeof wish === 'function'
      ? new Fault('FILE_INVALID', `${file}:${broken.line} is broken and cannot be changed: ${broken.message}.`)
      : undefined;
  let after: Buffer;
  try {
    after = Buffer.from(typeof wish === 'function' ? await wish(before?.toString() ?? '') : wish);
  } catch (error) {
    throw refused ?? error;
  }
  if (!kind) return after;
  const known = new Set(old.map((problem) => problem.message));
  const now = (await readEntry(kind, file, after, undefined)).problems;
  // Of a broken file only the repair is taken: what else an edit does to it, nobody can tell.
  if (refused && now.some((problem) => problem.level === 'error')) throw refused;
  const fresh = now.filter(({ message }) => !known.has(message));
  if (fresh.length === 0) return after;
  const details = fresh.map(({ line, message }) => ({ path: `${file}:${line}`, message }));
  throw new Fault('INPUT_INVALID', `${file} cannot be changed so: ${details[0]?.message}. Nothing was changed.`, {
    details,
  });
}
