import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import type { Problem } from '../../bots/file-kind.ts';
import type { FoundHome } from '../find-home.ts';
import { packageRoot, version } from '../package-root.ts';
import { EVERYTHING, readManifest, type Manifest } from './manifest.ts';

/** A plugin of somebody else, as it lies on disk. Nothing of it was run. */
export interface FoundPlugin {
  /** Its name in settings. */
  readonly name: string;
  /** home: in the home's plugins/. package: installed with npm. */
  readonly origin: 'home' | 'package';
  /** Its folder, or its one file. */
  readonly place: string;
  /** The module that is imported; undefined where there is none. */
  readonly entry: string | undefined;
  readonly package: { readonly name: string; readonly version: string } | undefined;
  /** Folder whose node_modules holds the package. */
  readonly project: string | undefined;
  readonly manifest: Manifest | undefined;
  /** What it asks for, in order; `everything` without a manifest. */
  readonly capabilities: readonly string[];
  /** What keeps it from being loaded. */
  readonly problems: readonly Problem[];
}

const isName = (name: string): boolean => /^[\w-]+$/.test(name);
/** The bit of a mode by which everybody may write. */
const EVERYBODY = 0o002;
const packageNames = /^(?:@[^/]+\/)?boternity-plugin-./;

/** Every plugin of somebody else: those of the home, then those of packages upward from the home and from its config, nearest first. The first of a name counts. */
export async function findPlugins(home: FoundHome): Promise<FoundPlugin[]> {
  const found = new Map<string, FoundPlugin>();
  const take = (plugin: FoundPlugin): void => void (found.has(plugin.name) || found.set(plugin.name, plugin));
  for (const plugin of await inHome(path.join(home.path, 'plugins'))) take(plugin);
  for (const project of await projectsOf(home)) {
    for (const name of await packagesIn(project)) {
      const plugin = await packageAt(project, name);
      if (plugin) take(plugin);
    }
  }
  return [...found.values()];
}

/** The name in settings of a package: without scope and `boternity-plugin-`. */
export function nameOfPackage(name: string): string {
  return name
    .replace(/^@[^/]+\//, '')
    .replace(/^boternity-plugin-/, '')
    .replaceAll(/[^\w-]/g, '-');
}

async function inHome(folder: string): Promise<FoundPlugin[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory() && isName(entry.name));
  const files = entries.flatMap((entry) => {
    const [, name = ''] = /^([\w-]+)\.ts$/.exec(entry.name) ?? [];
    return entry.isFile() && name !== '' ? [name] : [];
  });
  const inFolders = await Promise.all(folders.map(({ name }) => folderAt(folder, name)));
  return [...inFolders, ...files.map((name) => fileAt(folder, name))];
}

/** One file has no manifest. */
function fileAt(folder: string, name: string): FoundPlugin {
  const place = path.join(folder, `${name}.ts`);
  const nothing = { package: undefined, project: undefined, manifest: undefined };
  return { name, origin: 'home', place, entry: place, ...nothing, capabilities: [EVERYTHING], problems: [] };
}

async function folderAt(folder: string, name: string): Promise<FoundPlugin> {
  const place = path.join(folder, name);
  const entry = await firstFile(place, ['index.ts', 'index.js']);
  const text = await textOf(path.join(place, 'package.json'));
  const file = `plugins/${name}/package.json`;
  const { manifest, problems } = await readManifest(text ?? '{}', file, version);
  const missing = problemIn(
    `plugins/${name}/index.ts`,
    'is not there; a plugin is a folder with an index.ts, or one file',
  );
  return {
    name,
    origin: 'home',
    place,
    entry,
    package: undefined,
    project: undefined,
    manifest,
    capabilities: capabilitiesOf(manifest),
    problems: entry === undefined ? [...problems, missing] : problems,
  };
}

/**
 * Folders upward from the home and from its config, each once, where Node would look for packages; without those that everybody on
 * this machine may write into.
 */
async function projectsOf(home: FoundHome): Promise<string[]> {
  const folders = new Set<string>();
  for (const start of [home.path, path.dirname(home.config)]) {
    for (let folder = path.resolve(start); ; folder = path.dirname(folder)) {
      if (path.basename(folder) !== 'node_modules') folders.add(folder);
      if (folder === path.dirname(folder)) break;
    }
  }
  const modes = await Promise.all([...folders].map((folder) => stat(folder).catch(() => undefined)));
  return [...folders].filter((_, at) => ((modes[at]?.mode ?? EVERYBODY) & EVERYBODY) === 0);
}

/** Where packages are installed: the nearest folder with a package.json that is not the product's own, below the user's folder; else the home. */
export async function projectFor(home: FoundHome): Promise<string> {
  for (const folder of await projectsOf(home)) {
    if (folder === homedir() || folder === path.parse(folder).root) continue;
    const text = await textOf(path.join(folder, 'package.json'));
    if (text !== undefined && packageFile(text)?.name !== 'boternity') return folder;
  }
  return home.path;
}

/** Names of packages that say by their own name that they are plugins, and of those that the project asks for and that may say so in their package.json. */
async function packagesIn(project: string): Promise<string[]> {
  const modules = path.join(project, 'node_modules');
  const names = await readdir(modules).catch(() => []);
  if (names.length === 0) return [];
  const scopes = names.filter((name) => name.startsWith('@'));
  const scoped = await Promise.all(
    scopes.map(async (scope) =>
      (await readdir(path.join(modules, scope)).catch(() => [])).map((name) => `${scope}/${name}`),
    ),
  );
  const asked = path.resolve(project) === path.resolve(fileURLToPath(packageRoot)) ? [] : await dependenciesOf(project);
  return [...new Set([...[...names, ...scoped.flat()].filter((name) => packageNames.test(name)), ...asked])].toSorted();
}

interface PackageFile {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly main?: unknown;
  readonly exports?: unknown;
  readonly boternity?: unknown;
  readonly dependencies?: Readonly<Record<string, unknown>>;
}

async function dependenciesOf(project: string): Promise<string[]> {
  const file = packageFile(await textOf(path.join(project, 'package.json')));
  return Object.keys(file?.dependencies ?? {});
}

/** Undefined for a package that is no plugin. */
async function packageAt(project: string, name: string): Promise<FoundPlugin | undefined> {
  const place = path.join(project, 'node_modules', name);
  const text = await textOf(path.join(place, 'package.json'));
  const file = packageFile(text);
  if (text === undefined || (file?.boternity === undefined && !packageNames.test(name))) return undefined;
  const { manifest, problems } = await readManifest(text, path.join(place, 'package.json'), version);
  const main = entryOf(file);
  const entry = await firstFile(place, main === undefined ? ['index.js', 'index.mjs', 'index.ts'] : [main]);
  return {
    name: manifest?.name ?? nameOfPackage(name),
    origin: 'package',
    place,
    entry,
    package: { name, version: typeof file?.version === 'string' ? file.version : 'unknown' },
    project,
    manifest,
    capabilities: capabilitiesOf(manifest),
    problems: [...problems, ...wrongEntry(place, name, entry, main)],
  };
}

function wrongEntry(place: string, name: string, entry: string | undefined, main: string | undefined): Problem[] {
  if (entry === undefined)
    return [problemIn(path.join(place, main ?? 'index.js'), 'is not there; the package has no module to load')];
  if (!/\.[cm]?ts$/.test(entry)) return [];
  const how = `Node strips no types under node_modules. Its author publishes JavaScript; or put the folder into plugins/ of your home`;
  return [problemIn(entry, `${name} holds only TypeScript: ${how}`)];
}

/** What `import` of the package would take, by its `exports` or `main`. */
function entryOf(file: PackageFile | undefined): string | undefined {
  const { exports, main } = file ?? {};
  if (exports !== undefined) return targetOf(isPlain(exports) && '.' in exports ? exports['.'] : exports);
  return typeof main === 'string' ? main : undefined;
}

function targetOf(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (Array.isArray(target)) return target.map(targetOf).find((found) => found !== undefined);
  if (!isPlain(target)) return undefined;
  const conditions = Object.entries(target).filter(([name]) =>
    ['node', 'import', 'module-sync', 'default'].includes(name),
  );
  return conditions.map(([, inside]) => targetOf(inside)).find((found) => found !== undefined);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function packageFile(text: string | undefined): PackageFile | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isPlain(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function capabilitiesOf(manifest: Manifest | undefined): string[] {
  return manifest ? [...new Set(manifest.capabilities)].toSorted() : [EVERYTHING];
}

async function firstFile(folder: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    const place = path.resolve(folder, name);
    const isInside = place.startsWith(folder + path.sep);
    if (isInside && (await stat(place).catch(() => undefined))?.isFile()) return place;
  }
  return undefined;
}

function textOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

function problemIn(file: string, message: string): Problem {
  return { file, line: 1, column: 1, level: 'error', message };
}
