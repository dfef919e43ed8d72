import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { fitsSources, readBuild, stampOfBuild, type Build } from './build.ts';
import { createFolder, type Folder, type ServedFile } from './folder.ts';

/** One way to serve the application: from a build, or from the sources. */
export interface Site {
  /** The page. */
  readonly document: string;
  /** `sha256-…` of the import map in the page, for the Content-Security-Policy. */
  readonly importMapHash: string;
  read(path: string): Promise<ServedFile | undefined>;
  /** Address of a panel's module when it is part of the build. */
  builtModule(module: URL): string | undefined;
  /** False once a build has come, gone or changed, or has fallen behind the sources. */
  isCurrent(): Promise<boolean>;
}

interface Parts {
  readonly imports: Readonly<Record<string, string>>;
  readonly styles: string;
  readonly shell: string;
  /** Modules the shell needs, so that they load side by side. */
  readonly preload: readonly string[];
}

/** npm packages that modules in the browser may import, with what their bare names mean. */
const packages: Readonly<Record<string, string>> = {
  lit: 'index.js',
  'lit-html': 'lit-html.js',
  'lit-element': 'index.js',
  '@lit/reactive-element': 'reactive-element.js',
  '@lit/context': 'index.js',
  marked: 'lib/marked.esm.js',
  dompurify: 'dist/purify.es.mjs',
};

export async function loadSite(packageRoot: URL): Promise<Site> {
  const template = await readFile(new URL('public/index.html', packageRoot), 'utf8');
  const stamp = await stampOfBuild(packageRoot);
  const build = await readBuild(packageRoot);
  const isUsable = build !== undefined && (await fitsSources(build, packageRoot));
  const site = isUsable ? builtSite(build) : sourceSite(packageRoot);
  const importMap = JSON.stringify({ imports: site.parts.imports });
  return {
    document: fill(template, site.parts, importMap),
    importMapHash: `sha256-${createHash('sha256').update(importMap).digest('base64')}`,
    read: site.read,
    builtModule: (module) => (isUsable ? moduleIn(build, packageRoot, module) : undefined),
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

function builtSite(build: Build): { parts: Parts; read: Site['read'] } {
  return { parts: build.manifest, read: async (path) => build.files.get(path) };
}

function moduleIn({ manifest }: Build, packageRoot: URL, module: URL): string | undefined {
  if (!module.href.startsWith(packageRoot.href)) return undefined;
  return manifest.panels[module.href.slice(packageRoot.href.length).replace(/\.[jt]s$/, '')];
}

function sourceSite(packageRoot: URL): { parts: Parts; read: Site['read'] } {
  // A published package holds JavaScript where a clone holds TypeScript.
  const ending = existsSync(new URL('core/ui/shell.ts', packageRoot)) ? 'ts' : 'js';
  const folders = new Map<string, Folder>([['/ui/core/', createFolder(new URL('core/ui/', packageRoot))]]);
  const imports: Record<string, string> = { 'boternity/ui': `/ui/core/index.${ending}` };
  for (const [name, main] of Object.entries(packages)) {
    const manifest = findPackageJSON(name, new URL('package.json', packageRoot));
    if (manifest === undefined) continue;
    const at = `/ui/npm/${name}/`;
    folders.set(at, createFolder(pathToFileURL(`${path.dirname(manifest)}/`), /\.m?js$/));
    imports[name] = at + main;
    imports[`${name}/`] = at;
  }
  return {
    parts: { imports, styles: '/ui/core/tokens.css', shell: `/ui/core/shell.${ending}`, preload: [] },
    async read(path) {
      for (const [prefix, folder] of folders) {
        if (path.startsWith(prefix)) return folder.read(path.slice(prefix.length));
      }
      return undefined;
    },
  };
}
