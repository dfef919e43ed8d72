import { chmod, mkdir, readdir, rm, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault } from '../../base/fault.ts';
import { createId } from '../../base/ids.ts';
import { makeFolder } from '../disk.ts';
import { writeAtomically } from '../replace-file.ts';
import { isMissingFile } from '../system-calls.ts';
import { BotRepository, type Shared } from './bot-repository.ts';
import { Borrowed } from './borrowed.ts';
import { checkObjects, lookInto } from './inspect.ts';
import type { OpenQuarantine } from './quarantine.ts';
import { readHead, readPlainId, readRef } from './refs.ts';
import type { Quarantine, Refuse, TreeFile } from './repository.ts';

/** How much a bot from elsewhere may bring, in bytes, and how long it may take. */
const BYTES_MAX = 512 << 20;
const FILES_MAX = 20_000;
const TIME_MS = 600_000;
const WATCHED_MS = 250;
/** How many files are written at once. */
const AT_ONCE = 8;

/** What reaches a server of git where a machine is behind a proxy or has certificates of its own. */
const passedOn =
  /^(https?_proxy|no_proxy|all_proxy|HTTPS?_PROXY|NO_PROXY|ALL_PROXY|SSL_CERT_FILE|SSL_CERT_DIR|GIT_SSL_CAINFO)$/;

/** Where a repository is fetched from, as a person wrote it. */
type Source =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'url'; readonly url: string; readonly protocols: string };

/**
 * Makes `folder`, which must not exist or be empty, a repository whose branch main is the HEAD of another, with its files
 * written. Nothing of the other's configuration is read, no hook or filter runs, no credential of the machine is used but keys
 * of ssh. Answers the commit. Throws CLONE_REFUSED on what must not be fetched, CLONE_FAILED with git's words.
 */
export async function cloneRepository(
  shared: Shared,
  given: string,
  folder: string,
  signal: AbortSignal,
  refuse: Refuse,
): Promise<string> {
  const source = sourceOf(given);
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissingFile(error)) return undefined;
    throw Fault.from(error);
  });
  if (names?.length) throw new Fault('NAME_TAKEN', `${folder} is not empty.`);
  await makeFolder(folder);
  const id = `clone-${createId()}`;
  const repository = new BotRepository({ folder, id, branch: 'main' }, shared);
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(TIME_MS)]);
  try {
    await repository.init();
    await using quarantine = await repository.quarantine();
    const head = await (source.kind === 'folder'
      ? copyFrom(shared, source.folder, quarantine, id, bounded)
      : fetchFrom(shared, source, quarantine, id, bounded));
    const files = await quarantine.files(head);
    await check(quarantine, head, files, refuse);
    await quarantine.accept();
    await repository.move('refs/heads/main', undefined, head, 'clone');
    await writeFiles(repository, head, files);
    await repository.settleIndex(head);
    return head;
  } catch (error) {
    for (const name of await readdir(folder)) await rm(path.join(folder, name), { recursive: true, force: true });
    if (names === undefined) await rm(folder, { recursive: true, force: true });
    signal.throwIfAborted();
    if (bounded.aborted)
      throw new Fault('CLONE_FAILED', `The repository did not come within ${TIME_MS / 60_000} minutes.`);
    throw error;
  } finally {
    await rm(path.join(shared.cacheFolder, id), { recursive: true, force: true });
  }
}

function sourceOf(given: string): Source {
  const [, scheme] = /^([a-z][a-z\d+.-]*):\/\//i.exec(given) ?? [];
  const refuse = (why: string): never => {
    throw new Fault('CLONE_REFUSED', `${JSON.stringify(withoutSecret(given).slice(0, 200))} cannot be cloned: ${why}.`);
  };
  // eslint-disable-next-line no-control-regex
  if (/[\0-\x1f\x7f]/.test(given) || given.startsWith('-') || given === '') return refuse('that is no address');
  const protocols = { https: 'https', http: 'http:https', git: 'git', ssh: 'ssh' }[scheme?.toLowerCase() ?? ''];
  if (protocols) return { kind: 'url', url: given, protocols };
  if (scheme?.toLowerCase() === 'file') return { kind: 'folder', folder: fileURLToPath(given) };
  if (scheme !== undefined || given.includes('::')) return refuse('only https, http, git, ssh and folders can be');
  if (path.isAbsolute(given)) return { kind: 'folder', folder: given };
  if (/^[\w.-]+@[\w.-]+:[^:]/.test(given)) return { kind: 'url', url: given, protocols: 'ssh' };
  return refuse('that is neither an address nor the whole path of a folder');
}

/** Lets git fetch into the quarantine; the address is handed over where other users of the machine cannot see it. */
async function fetchFrom(
  shared: Shared,
  { url, protocols }: Extract<Source, { kind: 'url' }>,
  quarantine: OpenQuarantine,
  id: string,
  signal: AbortSignal,
): Promise<string> {
  const borrowed = path.join(shared.cacheFolder, id);
  const proxies = Object.fromEntries(
    Object.entries(process.env).filter(([name, value]) => value && passedOn.test(name)),
  );
  const env = {
    ...(proxies as Record<string, string>),
    GIT_DIR: borrowed,
    GIT_OBJECT_DIRECTORY: quarantine.folder,
    GIT_ALLOW_PROTOCOL: protocols,
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'remote.source.url',
    GIT_CONFIG_VALUE_0: url,
  };
  const config = ['fetch.fsckObjects=true', 'fetch.fsck.zeroPaddedFilemode=ignore', 'fetch.unpackLimit=1', ...slowness];
  const options = ['--quiet', '--no-tags', '--no-recurse-submodules', '--no-auto-gc', '--no-write-fetch-head'];
  const args = [...config.flatMap((one) => ['-c', one]), 'fetch', ...options, 'source', '+HEAD:refs/clone/head'];
  const over = new AbortController();
  const watched = watchSize(quarantine.folder, over);
  const output = await shared.program
    .run({ args, env, cwd: borrowed, signal: AbortSignal.any([signal, over.signal]), timeoutMs: TIME_MS })
    .catch((error: unknown) => {
      if (over.signal.reason instanceof Fault) throw over.signal.reason;
      throw error;
    })
    .finally(() => watched.stop());
  const words = withoutSecret(output.stderr.split('\n').find((line) => /^(fatal|error):/.test(line)) ?? output.stderr);
  if (output.code !== 0) throw new Fault('CLONE_FAILED', `git could not fetch the repository: ${words.slice(0, 300)}`);
  const head = await readRef(borrowed, 'refs/clone/head');
  if (!head) throw new Fault('CLONE_FAILED', 'The repository has no commit.');
  return head;
}

const slowness = [
  'http.lowSpeedLimit=1000',
  'http.lowSpeedTime=60',
  'http.followRedirects=initial',
  'transfer.bundleURI=false',
];

/** Packs what a folder on this machine has, borrowing its objects, so that nothing of its configuration is read. */
async function copyFrom(
  shared: Shared,
  folder: string,
  quarantine: OpenQuarantine,
  id: string,
  signal: AbortSignal,
): Promise<string> {
  const inner = path.join(folder, '.git');
  const innerLook = await lookInto(inner);
  const [gitDir, look] = innerLook ? [inner, innerLook] : [folder, await lookInto(folder)];
  if (!look) throw new Fault('CLONE_FAILED', `${folder} is no git repository.`);
  if (look.names.has('shallow'))
    throw new Fault('CLONE_REFUSED', `${folder} is a shallow clone; its history is not whole.`);
  await checkObjects(gitDir, look);
  const ref = await readHead(gitDir);
  const head = ref ? await readRef(gitDir, ref) : await readPlainId(path.join(gitDir, 'HEAD'));
  if (!head) throw new Fault('CLONE_FAILED', `${folder} has no commit.`);
  const source = new Borrowed(path.join(shared.cacheFolder, id), 'main');
  const env = source.environment(path.join(gitDir, 'objects'));
  const args = ['pack-objects', '--revs', '--stdout', '-q', '--delta-base-offset'];
  const child = await shared.program.start({ args, env, cwd: source.folder, signal });
  child.stderr?.resume();
  child.stdin?.end(`${head}\n`);
  if (!child.stdout) throw new Fault('CLONE_FAILED', 'git gives nothing.');
  await quarantine.take(child.stdout, BYTES_MAX, signal);
  return head;
}

/** Refuses what must not become files of a bot. */
async function check(from: Quarantine, head: string, files: readonly TreeFile[], refuse: Refuse): Promise<void> {
  if (files.length > FILES_MAX) throw new Fault('CLONE_REFUSED', `The repository has more than ${FILES_MAX} files.`);
  const details = (await refuse(from, head)).map(({ file, message }) => ({ path: file, message }));
  const [first] = details;
  if (!first) return;
  const more = details.length > 1 ? ` (and ${details.length - 1} more)` : '';
  throw new Fault('CLONE_REFUSED', `The repository cannot be a bot: ${first.path} ${first.message}${more}`, {
    details,
  });
}

/** Links come last, so that nothing is written through one. */
async function writeFiles(repository: BotRepository, head: string, files: readonly TreeFile[]): Promise<void> {
  const links = files.filter(({ mode }) => mode === '120000');
  const plain = files.filter(({ mode }) => mode !== '120000');
  for (let at = 0; at < plain.length; at += AT_ONCE) {
    await Promise.all(plain.slice(at, at + AT_ONCE).map((file) => writeOne(repository, head, file)));
  }
  for (const file of links) {
    const full = path.join(repository.folder, file.path);
    await mkdir(path.dirname(full), { recursive: true });
    await symlink((await repository.read(head, file.path))?.toString() ?? '', full);
  }
}

async function writeOne(repository: BotRepository, head: string, file: TreeFile): Promise<void> {
  const full = path.join(repository.folder, file.path);
  await writeAtomically(full, (await repository.read(head, file.path)) ?? '');
  if (file.mode === '100755') await chmod(full, 0o755);
}

/** Stops a fetch that brings more than a bot may have. */
function watchSize(folder: string, over: AbortController): { stop(): void } {
  const look = async (): Promise<void> => {
    const names = await readdir(path.join(folder, 'pack')).catch(() => []);
    const found = await Promise.all(names.map((name) => stat(path.join(folder, 'pack', name)).catch(() => undefined)));
    const bytes = found.reduce((sum, one) => sum + (one?.size ?? 0), 0);
    if (bytes > BYTES_MAX) over.abort(new Fault('CLONE_REFUSED', `The repository is larger than ${BYTES_MAX} bytes.`));
  };
  const timer = setInterval(() => void look(), WATCHED_MS);
  return { stop: () => clearInterval(timer) };
}

/** An address may hold a name and a password; neither belongs into a message. */
function withoutSecret(text: string): string {
  return text.replaceAll(/(\w:\/\/)[^/@\s]*@/g, '$1');
}
