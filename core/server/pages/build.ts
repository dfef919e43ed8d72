import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import path from 'node:path';
import { etagOf, type ServedFile } from './folder.ts';

/** What `tools/build-ui.ts` writes to public/build/manifest.json. Addresses begin with /ui/build/. */
export interface BuildManifest {
  readonly v: 2;
  /** The import map: bare names → addresses. */
  readonly imports: Readonly<Record<string, string>>;
  readonly styles: string;
  readonly shell: string;
  readonly preload: readonly string[];
  /** What the shell and all panels of the product are made of when they load; what they load later is not among it. */
  readonly offline: readonly string[];
  /** Panels of the product: path of the source without its ending → address. */
  readonly panels: Readonly<Record<string, string>>;
  /** Address of a panel → what it imports when it loads, beyond what the shell does. */
  readonly beside: Readonly<Record<string, readonly string[]>>;
  /** SHA-256 of every source file, by path from the package root. */
  readonly sources: Readonly<Record<string, string>>;
  /** Versions of the npm packages inside. */
  readonly packages: Readonly<Record<string, string>>;
}

export interface Build {
  readonly manifest: BuildManifest;
  readonly files: ReadonlyMap<string, ServedFile>;
}

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};
const folderOf = (packageRoot: URL): URL => new URL('public/build/', packageRoot);

/** Changes whenever a build is made or removed. */
export async function stampOfBuild(packageRoot: URL): Promise<string> {
  const found = await stat(new URL('manifest.json', folderOf(packageRoot))).catch(() => undefined);
  return found ? `${found.mtimeMs} ${found.ino}` : '';
}

/** The build in public/build with its files in memory; undefined when there is none of this form. */
export async function readBuild(packageRoot: URL): Promise<Build | undefined> {
  const folder = folderOf(packageRoot);
  try {
    const manifest = JSON.parse(await readFile(new URL('manifest.json', folder), 'utf8')) as BuildManifest;
    if (manifest.v !== 2) return undefined;
    const files = new Map<string, ServedFile>();
    for (const name of await readdir(folder)) {
      const type = types[path.extname(name)];
      if (type) files.set(`/ui/build/${name}`, await readBuilt(folder, name, type));
    }
    return { manifest, files };
  } catch {
    return undefined;
  }
}

/** Whether the build was made from the sources as they are. Without sources (a published package) it is by definition. */
export async function fitsSources({ manifest }: Build, packageRoot: URL): Promise<boolean> {
  for (const [file, digest] of Object.entries(manifest.sources)) {
    const source = await readFile(new URL(file, packageRoot)).catch(() => undefined);
    if (source && digestOf(source) !== digest) return false;
  }
  for (const [name, version] of Object.entries(manifest.packages)) {
    const file = findPackage(name, packageRoot);
    if (file !== undefined && (await versionIn(file)) !== version) return false;
  }
  return true;
}

/** The package.json of an npm package; undefined where it is not installed: a published package needs only what its server loads. */
export function findPackage(name: string, packageRoot: URL): string | undefined {
  try {
    return findPackageJSON(name, new URL('package.json', packageRoot));
  } catch {
    return undefined;
  }
}

export function digestOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('base64url');
}

export async function versionIn(packageFile: string): Promise<string> {
  return (JSON.parse(await readFile(packageFile, 'utf8')) as { version: string }).version;
}

async function readBuilt(folder: URL, name: string, type: string): Promise<ServedFile> {
  const body = await readFile(new URL(name, folder));
  const br = await readFile(new URL(`${name}.br`, folder)).catch(() => undefined);
  const gzip = await readFile(new URL(`${name}.gz`, folder)).catch(() => undefined);
  return { type, body, etag: etagOf(body), isImmutable: true, encoded: { ...(br && { br }), ...(gzip && { gzip }) } };
}
