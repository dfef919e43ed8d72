/**
 * The service worker of the application, `/sw.js`. It keeps what the shell is made of, so that the application opens without
 * its server, and nothing that the server tells: what the page knows of that it keeps itself, and says how old it is.
 * The server puts `SHELL` in front of it.
 */
interface Shell {
  /** Changes whenever something of the shell does. */
  readonly version: string;
  /** What stands before every path as the browser sees it; empty at the root. */
  readonly basePath: string;
  /** Addresses of what the application needs to open; the first is the page. */
  readonly files: readonly string[];
}

interface LastingEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface AskedEvent extends LastingEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface PushEvent extends LastingEvent {
  readonly data: { json(): unknown } | null;
}

interface ClickEvent extends LastingEvent {
  readonly notification: { readonly data: unknown; close(): void };
}

interface OpenPage {
  readonly url: string;
  focus(): Promise<OpenPage>;
  navigate(url: string): Promise<OpenPage | null>;
}

interface Worker extends EventTarget {
  readonly registration: {
    readonly active: unknown;
    readonly scope: string;
    showNotification(title: string, options: NotificationOptions): Promise<void>;
  };
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { readonly type: 'window' }): Promise<readonly OpenPage[]>;
    openWindow(url: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
}

declare const SHELL: Shell;

const worker = globalThis as unknown as Worker;
const { basePath } = SHELL;
const PREFIX = `shell${basePath}-`;
const name = `${PREFIX}${SHELL.version}`;
const [page = '/'] = SHELL.files;
/** Never answered from here, not even asked from here. */
const NEVER = /^\/(?:api|v1|git|mcp|healthz|readyz|sw\.js)(?:\/|$)/;
/** Their names change with their content. */
const LASTING = /^\/ui\/build\/.+-[\w-]{8}\.(?:js|css)$/;

worker.addEventListener('install', (event) => {
  const work = async (): Promise<void> => {
    const cache = await caches.open(name);
    await cache.addAll(
      SHELL.files.map((file) => new Request(file, { cache: LASTING.test(withoutBase(file)) ? 'default' : 'no-cache' })),
    );
  };
  (event as LastingEvent).waitUntil(work());
});

worker.addEventListener('activate', (event) => {
  const work = async (): Promise<void> => {
    for (const other of await caches.keys()) if (other.startsWith(PREFIX) && other !== name) await caches.delete(other);
    await worker.clients.claim();
  };
  (event as LastingEvent).waitUntil(work());
});

worker.addEventListener('message', (event) => {
  const { data } = event as MessageEvent<{ readonly takeOver?: true; readonly keep?: readonly string[] }>;
  if (data.takeOver) void worker.skipWaiting();
  if (data.keep) (event as unknown as LastingEvent).waitUntil(keep(data.keep));
});

/** What the server tells of a conversation that no page shows. */
worker.addEventListener('push', (event) => {
  const { title = 'Boternity', body = '', path = '', tag = '' } = toldIn(event as PushEvent);
  const icon = new URL('icon-192.png', worker.registration.scope).href;
  const shown = worker.registration.showNotification(title, { body, tag, icon, badge: icon, data: { path } });
  (event as PushEvent).waitUntil(shown);
});

worker.addEventListener('notificationclick', (event) => {
  const { notification } = event as ClickEvent;
  notification.close();
  const { path = '' } = (notification.data ?? {}) as Told;
  (event as ClickEvent).waitUntil(openPage(new URL(path, worker.registration.scope)));
});

worker.addEventListener('fetch', (event) => {
  const asked = event as AskedEvent;
  const { request } = asked;
  const { origin, pathname } = new URL(request.url);
  const path = withoutBase(pathname);
  if (request.method !== 'GET' || origin !== location.origin || NEVER.test(path)) return;
  if (request.mode === 'navigate') asked.respondWith(networkElse(request, page));
  else if (LASTING.test(path)) asked.respondWith(keptElse(request));
  else if (isOfShell(pathname)) asked.respondWith(networkFirst(request));
});

interface Told {
  readonly title?: string;
  readonly body?: string;
  /** Where a click leads, from where the application lies. */
  readonly path?: string;
  /** One with the same tag takes the place of the one before. */
  readonly tag?: string;
}

function toldIn({ data }: PushEvent): Told {
  try {
    return data?.json() ?? {};
  } catch {
    return {};
  }
}

/** Shows a page of the application, in a window that is there already where that can be. */
async function openPage({ href, origin }: URL): Promise<void> {
  if (origin !== location.origin) return;
  const pages = await worker.clients.matchAll({ type: 'window' });
  const shown = pages.find(({ url }) => url === href) ?? pages[0];
  try {
    const page = shown?.url === href ? shown : await shown?.navigate(href);
    if (!page) throw new Error('There is no window.');
    await page.focus();
  } catch {
    await worker.clients.openWindow(href);
  }
}

function isOfShell(pathname: string): boolean {
  return withoutBase(pathname).startsWith('/ui/') || SHELL.files.includes(pathname);
}

function withoutBase(path: string): string {
  return path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path;
}

async function networkElse(request: Request, other: string): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(other);
    if (kept) return kept;
    throw error;
  }
}

async function keptElse(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? remember(request, await fetch(request));
}

async function networkFirst(request: Request): Promise<Response> {
  try {
    return await remember(request, await fetch(request));
  } catch (error) {
    const kept = await caches.match(request);
    if (kept) return kept;
    throw error;
  }
}

async function remember(request: Request, answer: Response): Promise<Response> {
  if (answer.ok && answer.type === 'basic') await (await caches.open(name)).put(request, answer.clone());
  return answer;
}

/** What a page had loaded before this worker was there. */
async function keep(addresses: readonly string[]): Promise<void> {
  const cache = await caches.open(name);
  for (const address of addresses) {
    const { origin, pathname } = new URL(address, location.origin);
    if (origin !== location.origin || !isOfShell(pathname) || (await cache.match(address))) continue;
    await cache.add(address).catch(() => undefined);
  }
}
