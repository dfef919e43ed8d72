import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { init, parse } from 'es-module-lexer';

/**
 * `npm run package`: writes what is published to dist/package and packs it. The clone runs TypeScript as it is, but Node
 * does not under node_modules: each file becomes JavaScript with every line and column where it was, beside its types. Beside it
 * stands `create-boternity`, which `npm create boternity` runs.
 */
const root = path.resolve(import.meta.dirname, '..');
const target = path.join(root, 'dist/package');
/** What the built page holds and nothing else asks for: a quarter of what would be installed. */
const IN_PAGE_ONLY = ['@awesome.me/webawesome'];
const SOURCES = ['core/**/*.ts', 'plugins/**/*.ts'];
const creator = path.join(root, 'dist/create-boternity');
const TEXTS = ['docs', 'LICENSE', 'README.md', 'CHANGELOG.md', 'SECURITY.md', 'llms.txt'];
const DATA = ['bin', 'bots', 'skills', 'public', ...TEXTS];

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
if (existsSync(path.join(root, 'tools/build-ui.ts'))) run(process.execPath, ['tools/build-ui.ts']);
await copyData();
await writeJavaScript();
await writeTypes();
await writeManifest();
await writeCreator();
for (const folder of [target, creator])
  run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', path.join(root, 'dist'), folder]);

async function copyData(): Promise<void> {
  const beside = globSync('{core,plugins}/**/*', { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.ts'))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
  for (const name of [...DATA, ...beside]) {
    if (existsSync(path.join(root, name)))
      await cp(path.join(root, name), path.join(target, name), { recursive: true });
  }
}

async function writeJavaScript(): Promise<void> {
  await init();
  for (const file of globSync(SOURCES, { cwd: root })) {
    const javaScript = toJavaScript(await readFile(path.join(root, file), 'utf8'), file);
    const place = path.join(target, file.replace(/\.ts$/, '.js'));
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, javaScript);
  }
}

/** Blanks the types and lets what named a neighbour's `.ts` name its `.js`: no position moves. */
function toJavaScript(text: string, file: string): string {
  let code = stripTypeScriptTypes(text, { mode: 'strip' });
  for (const found of parse(code, file)[0]) {
    if (found.type === 'import-meta' || !found.specifier?.startsWith('.')) continue;
    const before = code.slice(found.start, found.end);
    code = code.slice(0, found.start) + before.replace(/\.ts(?=['"`]?$)/, '.js') + code.slice(found.end);
  }
  return code.replaceAll(/(new URL\((['"])[^'"]*\.)ts(\2, import\.meta\.url\))/g, '$1js$3');
}

/** The compiler writes the types; it keeps `.ts` in their specifiers, where only `.d.ts` will be. */
async function writeTypes(): Promise<void> {
  const project = path.join(root, 'dist/tsconfig.json');
  const options = { noEmit: false, declaration: true, emitDeclarationOnly: true, rootDir: root, outDir: target };
  await writeFile(
    project,
    JSON.stringify({
      extends: path.join(root, 'tsconfig.json'),
      compilerOptions: { ...options, typeRoots: [path.join(root, 'node_modules/@types')] },
      include: SOURCES.map((pattern) => path.join(root, pattern)),
    }),
  );
  run('tsc', ['-p', project]);
  await rm(project);
  for (const file of globSync('**/*.d.ts', { cwd: target })) {
    const text = await readFile(path.join(target, file), 'utf8');
    await writeFile(path.join(target, file), text.replaceAll(/((['"])\.\.?\/[^'"]*)\.ts\2/g, '$1.js$2'));
  }
}

async function writeManifest(): Promise<void> {
  const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, string>;
    scripts?: unknown;
    devDependencies?: unknown;
    dependencies: Record<string, string>;
  };
  for (const name of IN_PAGE_ONLY) delete manifest.dependencies[name];
  delete manifest.scripts;
  delete manifest.devDependencies;
  const exports = Object.entries(manifest.exports).map(([door, file]) => [door, publishedDoor(file)]);
  await writeFile(
    path.join(target, 'package.json'),
    `${JSON.stringify({ ...manifest, exports: Object.fromEntries(exports) }, null, 2)}\n`,
  );
}

/** `create-boternity` has the version of the product and needs exactly that one. */
async function writeCreator(): Promise<void> {
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string };
  await rm(creator, { recursive: true, force: true });
  await cp(path.join(root, 'packages/create-boternity'), creator, { recursive: true });
  await cp(path.join(root, 'LICENSE'), path.join(creator, 'LICENSE'));
  const file = path.join(creator, 'package.json');
  const { name, ...rest } = JSON.parse(await readFile(file, 'utf8')) as { name: string };
  const manifest = { name, version, ...rest, dependencies: { boternity: version } };
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
}

function publishedDoor(file: string): unknown {
  if (!file.endsWith('.ts')) return file;
  return { types: file.replace(/\.ts$/, '.d.ts'), default: file.replace(/\.ts$/, '.js') };
}

function run(program: string, words: readonly string[]): void {
  const bin = path.join(root, 'node_modules/.bin');
  const { status, error } = spawnSync(program, words, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}` },
  });
  if (status !== 0) throw new Error(`${program} ${words[0] ?? ''} failed${error ? `: ${error.message}` : ''}`);
}
