import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { elementsByName } from '../core/server/pages/elements.ts';
import { digestOf, versionIn, type BuildManifest } from '../core/server/pages/build.ts';

/**
 * Builds the web application into public/build: the shell, the panels of the product, and, as modules of their own that an
 * import map names, what third-party panels share with them (`lit`, its directives, `boternity/ui`).
 */

const root = new URL('../', import.meta.url);
const SHARED_PACKAGES = ['lit', '@lit/context', '@lit/localize', '@awesome.me/webawesome', 'marked', 'dompurify'];

if (import.meta.main) await report(await buildUi());

/** Builds into a folder, whose old content goes, and gives the manifest. */
export async function buildUi(target = new URL('public/build/', root)): Promise<BuildManifest> {
  const panels = await findFiles('plugins', /\/ui\/[\w-]+-panel\.ts$/);
  const shared = await sharedModules();
  const entries = new Map([
    ['shell', 'core/ui/shell/shell.ts'],
    ...[...shared].map(([name, file]): [string, string] => [nameOf(name), file]),
    ...panels.map((file): [string, string] => [path.basename(file, '.ts'), file]),
  ]);
  const chunks = await bundle(entries, target);
  const styles = await readFile(new URL('core/ui/tokens.css', root));
  const stylesName = `tokens-${digestOf(styles).slice(0, 8)}.css`;
  await writeFile(new URL(stylesName, target), styles);
  const addressOf = (entry: string): string => `/ui/build/${entryNamed(chunks, entry).fileName}`;
  const manifest: BuildManifest = {
    v: 2,
    imports: Object.fromEntries([...shared.keys()].map((name) => [name, addressOf(nameOf(name))])),
    styles: `/ui/build/${stylesName}`,
    shell: addressOf('shell'),
    preload: importsOf(chunks, entryNamed(chunks, 'shell')).map((name) => `/ui/build/${name}`),
    offline: offlineFiles(chunks, ['shell', ...panels.map((file) => path.basename(file, '.ts'))], stylesName),
    panels: Object.fromEntries(panels.map((file) => [file.slice(0, -3), addressOf(path.basename(file, '.ts'))])),
    beside: Object.fromEntries(
      panels.map((file) => {
        const panel = entryNamed(chunks, path.basename(file, '.ts'));
        const shell = new Set(importsOf(chunks, entryNamed(chunks, 'shell')));
        const own = importsOf(chunks, panel).filter((name) => !shell.has(name));
        return [`/ui/build/${panel.fileName}`, own.map((name) => `/ui/build/${name}`)];
      }),
    ),
    sources: await digests(),
    packages: await versions(),
  };
  await compressAll(target);
  await writeFile(new URL('manifest.json', target), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

async function bundle(entries: ReadonlyMap<string, string>, target: URL): Promise<readonly Rolldown.OutputChunk[]> {
  await rm(target, { recursive: true, force: true });
  const result = await build({
    configFile: false,
    root: fileURLToPath(root),
    publicDir: false,
    logLevel: 'warn',
    resolve: {
      alias: [
        { find: /^boternity\/ui$/, replacement: fileURLToPath(new URL('core/ui/index.ts', root)) },
        { find: /^boternity\/ui\/([\w-]+)$/, replacement: fileURLToPath(new URL('core/ui/elements/$1.ts', root)) },
      ],
    },
    build: {
      outDir: fileURLToPath(target),
      assetsDir: '',
      target: 'es2023',
      modulePreload: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input: Object.fromEntries([...entries].map(([name, file]) => [name, path.resolve(fileURLToPath(root), file)])),
        // What others import by name must keep its names.
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: '[name]-[hash].js', chunkFileNames: 'chunk-[hash].js' },
      },
    },
  });
  const outputs = Array.isArray(result) ? result : 'output' in result ? [result] : [];
  return outputs.flatMap(({ output }) => output.filter((file) => file.type === 'chunk'));
}

/** Bare names that any panel may import, with their files. */
async function sharedModules(): Promise<Map<string, string>> {
  const manifest = packageFile('lit');
  const { exports } = JSON.parse(await readFile(manifest, 'utf8')) as { exports: Record<string, { default: string }> };
  const wanted = Object.entries(exports).filter(([name]) =>
    /^\.$|^\.\/(?:async-directive|directive|static-html|directives\/(?!unsafe)[\w-]+)\.js$/.test(name),
  );
  const lit = wanted.map(([name, file]): [string, string] => [
    path.posix.join('lit', name),
    path.join(path.dirname(manifest), file.default),
  ]);
  const context = path.join(path.dirname(packageFile('@lit/context')), 'index.js');
  const elements = elementsByName.map((name): [string, string] => [
    `boternity/ui/${name}`,
    `core/ui/elements/${name}.ts`,
  ]);
  return new Map([...lit, ['@lit/context', context], ['boternity/ui', 'core/ui/index.ts'], ...elements]);
}

function packageFile(name: string): string {
  const file = findPackageJSON(name, import.meta.url);
  if (file === undefined) throw new Error(`The package ${name} is not installed. Run: npm ci`);
  return file;
}

/** `lit/directives/repeat.js` → `lit-directives-repeat`. */
function nameOf(specifier: string): string {
  return specifier.replace(/\.js$/, '').replace('@', '').replaceAll('/', '-');
}

function entryNamed(chunks: readonly Rolldown.OutputChunk[], name: string): Rolldown.OutputChunk {
  const found = chunks.find((chunk) => chunk.isEntry && chunk.name === name);
  if (!found) throw new Error(`The build has no entry "${name}".`);
  return found;
}

/** Addresses of entries, with what they import when they load. */
function offlineFiles(chunks: readonly Rolldown.OutputChunk[], names: readonly string[], styles: string): string[] {
  const entries = names.map((name) => entryNamed(chunks, name));
  const imported = entries.flatMap((chunk) => importsOf(chunks, chunk));
  const files = new Set([styles, ...entries.map(({ fileName }) => fileName), ...imported]);
  return [...files].map((name) => `/ui/build/${name}`).toSorted();
}

/** File names of everything a chunk imports when it loads. */
function importsOf(chunks: readonly Rolldown.OutputChunk[], chunk: Rolldown.OutputChunk): string[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    chunks.find((other) => other.fileName === name)?.imports.forEach(visit);
  };
  chunk.imports.forEach(visit);
  return [...found];
}

async function digests(): Promise<Record<string, string>> {
  const files = [...(await findFiles('core/ui', /\.(?:ts|css)$/)), ...(await findFiles('plugins', /\/ui\/.+\.ts$/))];
  const all = await Promise.all(files.map(async (file) => [file, digestOf(await readFile(new URL(file, root)))]));
  return Object.fromEntries(all) as Record<string, string>;
}

async function versions(): Promise<Record<string, string>> {
  const all = await Promise.all(SHARED_PACKAGES.map(async (name) => [name, await versionIn(packageFile(name))]));
  return Object.fromEntries(all) as Record<string, string>;
}

async function findFiles(folder: string, pattern: RegExp): Promise<string[]> {
  const entries = await readdir(new URL(`${folder}/`, root), { recursive: true });
  const files = entries.map((entry) => `${folder}/${entry.split(path.sep).join('/')}`);
  return files.filter((file) => pattern.test(file)).toSorted();
}

async function compressAll(target: URL): Promise<void> {
  for (const name of await readdir(target)) {
    const body = await readFile(new URL(name, target));
    const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
    await writeFile(new URL(`${name}.br`, target), brotliCompressSync(body, { params }));
    await writeFile(new URL(`${name}.gz`, target), gzipSync(body, { level: 9 }));
  }
}

/** The build that is there, whether it fits the sources or not; made where there is none. */
export async function builtUi(): Promise<BuildManifest> {
  const text = await readFile(new URL('public/build/manifest.json', root), 'utf8').catch(() => undefined);
  return text === undefined ? buildUi() : (JSON.parse(text) as BuildManifest);
}

/** Bytes of files of a build, compressed by gzip. */
export async function sizeOf(addresses: readonly string[], target = new URL('public/build/', root)): Promise<number> {
  const files = addresses.map((address) => readFile(new URL(`${path.basename(address)}.gz`, target)));
  return (await Promise.all(files)).reduce((total, file) => total + file.length, 0);
}

/** Prints what a first visit loads. */
async function report(manifest: BuildManifest): Promise<void> {
  const parts: [string, readonly string[]][] = [
    ['shell', [manifest.shell, ...manifest.preload]],
    ['styles', [manifest.styles]],
    ...Object.entries(manifest.panels).map(([name, address]): [string, string[]] => [name, [address]]),
  ];
  for (const [name, addresses] of parts)
    console.log(`${((await sizeOf(addresses)) / 1_000).toFixed(1)} kB gz  ${name}`);
}
