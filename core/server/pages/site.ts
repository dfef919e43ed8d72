import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { elementsByName } from './elements.ts';
import { findPackage, fitsSources, readBuild, stampOfBuild, type Build } from './build.ts';
import { createFolder, type Folder, type ServedFile } from './folder.ts';

/** One way to serve the application: from a build, or from the sources. */
export interface Site {
  /** The page. */
  readonly document: string;
  /** `sha256-…` of each script that stands in the page itself, for the Content-Security-Policy. */
  readonly scriptHashes: readonly string[];
  read(path: string): Promise<ServedFile | undefined>;
  /** Addresses of the files without which the application does not open. */
  readonly offline: readonly string[];
  /** The service worker, as a browser runs it. */
  worker(): Promise<ServedFile | undefined>;
  /** Address of a panel's module when it is part of the build. */
  builtModule(module: URL): string | undefined;
  /** What a module of a panel imports when it loads, as far as that is known. */
  besideOf(module: string): readonly string[];
  /** False once a build has come, gone or changed, or has fallen behind the sources. */
  isCurrent(): Promise<boolean>;
}

interface Parts {
  readonly imports: Readonly<Record<string, string>>;
  readonly styles: string;
  readonly shell: string;
  /** Modules the shell needs, so that they load side by side. */
  readonly preload: readonly string[];
  /** What is kept in the browser, so that the application opens without its server. */
  readonly offline: readonly string[];
}

/** npm packages that modules in the browser may import, with what their bare names mean. */
const packages: Readonly<Record<string, string>> = {
  lit: 'index.js',
  'lit-html': 'lit-html.js',
  'lit-element': 'index.js',
  '@lit/reactive-element': 'reactive-element.js',
  '@lit/context': 'index.js',
  '@lit/localize': 'lit-localize.js',
  '@lit/task': 'index.js',
  '@lit-labs/virtualizer': 'index.js',
  '@awesome.me/webawesome': 'dist/webawesome.js',
  '@shoelace-style/localize': 'dist/index.js',
  '@floating-ui/dom': 'dist/floating-ui.dom.browser.mjs',
  '@floating-ui/core': 'dist/floating-ui.core.browser.mjs',
  '@floating-ui/utils': 'dist/floating-ui.utils.mjs',
  'composed-offset-position': 'dist/composed-offset-position.browser.min.mjs',
  '@ctrl/tinycolor': 'dist/module/index.js',
  nanoid: 'index.browser.js',
  remend: 'dist/index.js',
  marked: 'lib/marked.esm.js',
  dompurify: 'dist/purify.es.mjs',
};

/** Names inside of a package that are not the file they name. */
const inside: Readonly<Record<string, string>> = {
  '@floating-ui/utils/dom': '/ui/npm/@floating-ui/utils/dist/floating-ui.utils.dom.mjs',
};

export async function loadSite(packageRoot: URL): Promise<Site> {
  const template = await readFile(new URL('public/index.html', packageRoot), 'utf8');
  const stamp = await stampOfBuild(packageRoot);
  const build = await readBuild(packageRoot);
  const isUsable = build !== undefined && (await fitsSources(build, packageRoot));
  const site = isUsable ? builtSite(build) : sourceSite(packageRoot);
  const sources = createFolder(new URL('core/ui/', packageRoot));
  const importMap = JSON.stringify({ imports: site.parts.imports });
  const document = fill(template, site.parts, importMap);
  return {
    document,
    scriptHashes: inlineScripts(document).map(hashOf),
    read: site.read,
    offline: site.parts.offline,
    worker: async () => (await sources.read('worker/service-worker.ts')) ?? sources.read('worker/service-worker.js'),
    builtModule: (module) => (isUsable ? moduleIn(build, packageRoot, module) : undefined),
    besideOf: (module) => (isUsable ? (build.manifest.beside[module] ?? []) : []),
    isCurrent: async () => {
      if ((await stampOfBuild(packageRoot)) !== stamp) return false;
      return build === undefined || (await fitsSources(build, packageRoot)) === isUsable;
    },
  };
}

function fill(template: string, { styles, shell, preload }: Parts, importMap: string): string {
  const head = [
    `<link rel="stylesheet" href="${styles}">`,
    `<script type="importmap">${importMap}</script>`,
    ...preload.map((module) => `<link rel="modulepreload" href="${module}">`),
    `<script type="module" src="${shell}"></script>`,
  ];
  return template.replace('<!-- head -->', () => head.join('\n    '));
}

/** The texts of the scripts that stand in the page; ours, so that a pattern finds them all. */
function inlineScripts(document: string): string[] {
  return Array.from(document.matchAll(/<script(?![^>]*\bsrc=)[^>]*>([^]*?)<\/script>/g), ([, text = '']) => text);
}

function hashOf(script: string): string {
  return `sha256-${createHash('sha256').update(script).digest('base64')}`;
}

function builtSite(build: Build): { parts: Parts; read: Site['read'] } {
  return { parts: build.manifest, read: async (path) => build.files.get(path) };
}

function moduleIn({ manifest }: Build, packageRoot: URL, module: URL): string | undefined {
  if (!module.href.startsWith(packageRoot.href)) return undefined;
  return manifest.panels[module.href.slice(packageRoot.href.length).replace(/\.[jt]s$/, '')];
}

function sourceSite(packageRoot: URL): { parts: Parts; read: Site['read'] } {
  // A published package holds JavaScript where a clone holds TypeScript.
  const ending = existsSync(new URL('core/ui/shell/shell.ts', packageRoot)) ? 'ts' : 'js';
  const folders = new Map<string, Folder>([['/ui/core/', createFolder(new URL('core/ui/', packageRoot))]]);
  const styles = '/ui/core/tokens.css';
  const shell = `/ui/core/shell/shell.${ending}`;
  const imports: Record<string, string> = { ...inside, 'boternity/ui': `/ui/core/index.${ending}` };
  for (const name of elementsByName) imports[`boternity/ui/${name}`] = `/ui/core/elements/${name}.${ending}`;
  for (const [name, main] of Object.entries(packages)) {
    const manifest = findPackage(name, packageRoot);
    if (manifest === undefined) continue;
    const at = `/ui/npm/${name}/`;
    folders.set(at, createFolder(pathToFileURL(`${path.dirname(manifest)}/`), /\.m?js$/));
    imports[name] = at + main;
    imports[`${name}/`] = at;
  }
  return {
    parts: { imports, styles, shell, preload: [], offline: [styles, shell] },
    async read(path) {
      for (const [prefix, folder] of folders) {
        if (path.startsWith(prefix)) return folder.read(path.slice(prefix.length));
      }
      return undefined;
    },
  };
}
