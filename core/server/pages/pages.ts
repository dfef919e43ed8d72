import type { IncomingHttpHeaders } from 'node:http';
import type { Panel } from '../web.ts';
import { answerFile, type PageAnswer } from './answer.ts';
import { createFolder, etagOf, type Folder, type ServedFile } from './folder.ts';
import { documentHeaders } from './policy.ts';
import { loadSite, type Site } from './site.ts';
import { stripTypes } from './strip.ts';
import { answerWorker, WORKER_PATH } from './worker.ts';

/** A panel and the plugin that brought it. */
export type OwnedPanel = Panel & { readonly plugin: string };

/** What of a panel says where its module is. */
type AddressedPanel = Pick<OwnedPanel, 'plugin' | 'module' | 'element'>;

export interface PagesOptions {
  /** Folder of the running package, ending in a slash. */
  readonly packageRoot: URL;
  readonly panels: () => Iterable<OwnedPanel>;
}

export interface Pages {
  /** Answers a path (as requested, still encoded) of the web application; undefined when it is none of its own. */
  handle(path: string, headers: IncomingHttpHeaders): Promise<PageAnswer | undefined>;
  /**
   * Address of a panel's module on this server. Before the first page was asked for it is that of the source, which works
   * as well as the built one.
   */
  addressOf(panel: AddressedPanel): string;
}

/**
 * The web application as files and pages. With a build in public/build that fits the sources it serves that, else the
 * sources themselves with their types stripped; either way every module gets the same `lit` and `boternity/ui`.
 */
export function createPages({ packageRoot, panels }: PagesOptions): Pages {
  const statics = createFolder(new URL('public/', packageRoot), /^[\w.-]+\.(?:svg|png|ico|webmanifest|txt)$/);
  const ofPlugins = new Map<string, Folder>();
  let loading: Promise<Site> | undefined;
  let site: Site | undefined;

  /** The site as it is now: a build or an edit made while the server runs counts with the next page. */
  const currentSite = async (): Promise<Site> => {
    loading ??= loadSite(packageRoot);
    if (!(await (await loading).isCurrent())) loading = loadSite(packageRoot);
    return (site = await loading);
  };
  const folderOf = (url: URL): Folder => {
    const folder = ofPlugins.get(url.href) ?? createFolder(url);
    ofPlugins.set(url.href, folder);
    return folder;
  };
  const findFile = async (from: Site, path: string): ReturnType<Folder['read']> => {
    const inSite = await from.read(path);
    if (inSite) return inSite;
    const [, plugin, rest] = /^\/ui\/plugins\/([^/]+)\/(.+)$/.exec(path) ?? [];
    if (plugin === undefined || rest === undefined) return statics.read(path.slice(1));
    const own = [...panels()].filter((panel) => encodeURIComponent(panel.plugin) === plugin);
    const written = own.find((panel) => textName(panel) === rest)?.module;
    if (written && 'text' in written) return servedText(rest, written.text);
    const folders = new Set(own.flatMap((panel) => uiFolderOf(panel)?.href ?? []));
    for (const folder of folders) {
      const file = await folderOf(new URL(folder)).read(rest);
      if (file) return file;
    }
    return undefined;
  };

  const addressOf: Pages['addressOf'] = (panel) =>
    ('text' in panel.module ? undefined : site?.builtModule(panel.module)) ?? sourceModule(panel);

  return {
    async handle(path, headers) {
      const shown = panelOf(path, panels());
      const isPage = shown !== undefined || path === '/';
      const isFresh = isPage || path === WORKER_PATH;
      const current = await (isFresh ? currentSite() : (loading ?? currentSite()));
      const page = { headers: documentHeaders(current.scriptHashes), body: current.document };
      if (shown) return { status: 200, ...page, body: withPreload(current, addressOf(shown)) };
      if (isPage) return { status: 200, ...page };
      const worker = path === WORKER_PATH ? await current.worker() : undefined;
      if (worker) return answerWorker(worker, current.document, current.offline);
      const file = await findFile(current, path);
      if (file) return answerFile(file, headers);
      // A person who follows a dead link gets the application, which says so, instead of a line of JSON.
      return isForPerson(headers) ? { status: 404, ...page } : undefined;
    },
    addressOf,
  };
}

/** Whether somebody opens an address. What the service worker asks in their place says so by the kind of answer alone. */
function isForPerson(headers: IncomingHttpHeaders): boolean {
  return headers['sec-fetch-dest'] === 'document' || /^text\/html\b/.test(headers.accept ?? '');
}

/** The panel that a path belongs to: the one that is named, else the first in the place that is. */
function panelOf(path: string, panels: Iterable<OwnedPanel>): OwnedPanel | undefined {
  const all = [...panels].toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0));
  const plain = path.split('/').filter(Boolean).map(decoded).join('/');
  const named = all.find((panel) => plain === panel.path || plain.startsWith(`${panel.path}/`));
  if (named) return named;
  const place = plain === '' ? /^[^/]+$/ : ['settings', 'system/settings'].includes(plain) && new RegExp(`^${plain}/`);
  return place ? all.find((panel) => place.test(panel.path)) : undefined;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Lets the browser fetch the panel, and what that imports, beside the shell instead of after it. */
function withPreload(site: Site, module: string): string {
  const links = [module, ...site.besideOf(module)].map((each) => `  <link rel="modulepreload" href="${each}">\n  `);
  return site.document.replace('</head>', () => `${links.join('')}</head>`);
}

function sourceModule({ plugin, module, ...panel }: AddressedPanel): string {
  const place = `/ui/plugins/${encodeURIComponent(plugin)}/`;
  if ('text' in module) return place + textName({ ...panel, module });
  const folder = uiFolderOf({ module });
  return place + (folder ? module.href.slice(folder.href.length) : 'module-must-lie-in-a-folder-named-ui');
}

/** What a module that is given as a text is called. */
function textName({ element, module }: Pick<Panel, 'element' | 'module'>): string | undefined {
  return 'text' in module ? `${encodeURIComponent(element)}.text.js` : undefined;
}

function servedText(name: string, text: string): ServedFile {
  const body = Buffer.from(stripTypes(text, name));
  return { type: 'text/javascript; charset=utf-8', body, etag: etagOf(body) };
}

/** The folder named `ui` around a panel's module. Only what lies in there can be read from a browser. */
function uiFolderOf({ module }: Pick<Panel, 'module'>): URL | undefined {
  if ('text' in module) return undefined;
  const end = module.href.lastIndexOf('/ui/');
  return end < 0 ? undefined : new URL(module.href.slice(0, end + 4));
}
