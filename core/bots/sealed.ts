import { foldPath } from '../files/fold-name.ts';
import type { Home } from '../files/home.ts';
import { parseYaml, YamlError } from '../files/yaml.ts';
import { digestOf } from './read-entry.ts';

/** Keys of bot.yaml that only people change. */
export const sealedKeys = ['capabilities', 'tools', 'budgets', 'runner', 'mcp', 'hooks', 'personas', 'memory'] as const;

/** The file that holds them beside keys that a bot may change. */
export const SETTINGS = 'bot.yaml';

const sealedFiles = ['SOUL.md', 'IDENTITY.md', 'USER.md'];
/** Folders of which every file is sealed. */
const sealedFolders = new Set(['personas', 'prompts', 'hooks', 'tools']);
/** Folders whose files are code, or tell how code is run. */
const codeFolders = new Set(['hooks', 'tools']);
/** The key of bot.yaml that names commands, as it stands among granted code. */
export const MCP = 'bot.yaml#mcp';

/** How deep a sealed folder is walked. */
const DEPTH = 4;

/** Whether a path from the bot folder belongs to who the bot is, in any spelling. */
export function isSealed(path: string): boolean {
  const folded = foldPath(path);
  const [top = ''] = folded.split('/');
  return sealedFiles.some((file) => file.toLowerCase() === folded) || sealedFolders.has(top);
}

/** Whether a path holds code, or tells how code is run. */
export function isCode(path: string): boolean {
  return codeFolders.has(foldPath(path).split('/')[0] ?? '');
}

/** What one sealed file was when it was last looked at. */
export interface Seen {
  readonly digest: string;
  /** Inode, size and times; while these stay the content was not touched. */
  readonly signature: string;
}

/** What the sealed files are now, and what bot.yaml says in its sealed keys. */
export interface Look {
  readonly seen: ReadonlyMap<string, Seen>;
  /** Digest of the sealed keys of bot.yaml; undefined while the file cannot be read as YAML. */
  readonly keys: string | undefined;
  /** Digest of what bot.yaml says of MCP servers; undefined when it names none. */
  readonly mcp: string | undefined;
}

export const nothingSeen: Look = { seen: new Map(), keys: undefined, mcp: undefined };

/** Looks at what is sealed. Reads only what has another signature than in the look before. */
export async function lookAt(home: Home, slug: string, before: Look): Promise<Look> {
  const seen = await filesOnDisk(home, slug, before.seen);
  const digest = seen.get(SETTINGS)?.digest;
  if (digest !== undefined && digest === before.seen.get(SETTINGS)?.digest) return { ...before, seen };
  const text = (await home.files.read(`bots/${slug}/${SETTINGS}`).catch(() => undefined))?.toString() ?? '';
  const values = sealedValues(text);
  const mcp = values?.mcp === undefined ? undefined : digestOfValue(values.mcp);
  return { seen, keys: values && digestOfValue(values), mcp };
}

async function filesOnDisk(
  home: Home,
  slug: string,
  known: ReadonlyMap<string, Seen>,
): Promise<ReadonlyMap<string, Seen>> {
  const seen = new Map<string, Seen>();
  const look = async (path: string): Promise<void> => {
    const place = `bots/${slug}/${path}`;
    const found = await home.files.stat(place).catch(() => undefined);
    if (found?.kind !== 'file') return;
    const signature = `${found.inode} ${found.size} ${found.modifiedMs} ${found.changedMs}`;
    const before = known.get(path);
    if (before?.signature === signature) return void seen.set(path, before);
    const content = await home.files.read(place).catch(() => undefined);
    if (content) seen.set(path, { digest: digestOf(content), signature });
  };
  const walk = async (folder: string, depth: number): Promise<void> => {
    if (depth > DEPTH) return;
    const entries = await home.files.list(`bots/${slug}/${folder}`).catch(() => []);
    await Promise.all(
      entries.map(({ name, kind }) =>
        kind === 'folder' ? walk(`${folder}/${name}`, depth + 1) : look(`${folder}/${name}`),
      ),
    );
  };
  await Promise.all([
    ...[...sealedFiles, SETTINGS].map((path) => look(path)),
    ...Array.from(sealedFolders, (folder) => walk(folder, 1)),
  ]);
  return seen;
}

/** The sealed keys of a bot.yaml by their names; undefined when the text cannot be read. Anchors and merges are resolved by the parser. */
export function sealedValues(text: string): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (error) {
    if (error instanceof YamlError) return undefined;
    throw error;
  }
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    sealedKeys.filter((key) => Object.hasOwn(value, key)).map((key) => [key, Reflect.get(value, key) as unknown]),
  );
}

/** Digest of a value that does not depend on the order of its keys. */
export function digestOfValue(value: unknown): string {
  return digestOf(JSON.stringify(value, sortKeys) ?? '');
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
