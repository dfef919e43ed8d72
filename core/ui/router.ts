/** Where the page is: real paths, so that links can be opened, copied and shared. */
export interface Route {
  readonly path: string;
  /** The part of the path that names the panel: `conversations`, `settings/tokens`; empty on the first page. */
  readonly panel: string;
  /** The parts after it, decoded. */
  readonly rest: readonly string[];
  readonly query: URLSearchParams;
}

const CHANGED = 'bn-route-changed';

/** What stands before every path of this server, as the server wrote it into the page: `/bots`; empty at the root. */
export const basePath = globalThis.document?.documentElement.dataset['base'] ?? '';

/** Places that hold panels of their own; all other panels stand at the top. */
const PLACES = ['settings', 'system/settings'] as const;

export function routeOf(url: URL): Route {
  const parts = withoutBase(url.pathname).split('/').filter(Boolean).map(decode);
  const depth = placeOf(parts.join('/')).split('/').filter(Boolean).length + 1;
  return {
    path: url.pathname,
    panel: parts.slice(0, depth).join('/'),
    rest: parts.slice(depth),
    query: url.searchParams,
  };
}

/** The place that a panel's path is in: `settings`, `system/settings`, or nothing at the top. */
export function placeOf(path: string): (typeof PLACES)[number] | '' {
  return PLACES.find((place) => path === place || path.startsWith(`${place}/`)) ?? '';
}

/** Path of a page from its parts: `pathTo('agents', slug)`; of the first page without any. */
export function pathTo(...parts: readonly string[]): string {
  return `${basePath}/${parts.map(encodeURIComponent).join('/')}`;
}

/** A path of this server as it is at the root. */
export function withoutBase(path: string): string {
  return path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path;
}

/** Goes to a page of the application. `replace` leaves no trace in the history. */
export function navigate(path: string, options: { readonly replace?: boolean } = {}): void {
  if (options.replace) history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  globalThis.dispatchEvent(new Event(CHANGED));
}

/**
 * Tells the listener of every change of page, until the function it gives is called. Clicks on links to pages of the
 * application (`isOurs`) change the page without loading it anew; all others stay the browser's.
 */
export function followRoute(listener: (route: Route) => void, isOurs: (route: Route) => boolean): () => void {
  const tell = (): void => listener(routeOf(new URL(location.href)));
  const click = (event: MouseEvent): void => {
    const url = plainLink(event);
    if (!url || !isOurs(routeOf(url))) return;
    event.preventDefault();
    navigate(url.pathname + url.search, { replace: url.href === location.href });
  };
  globalThis.addEventListener('popstate', tell);
  globalThis.addEventListener(CHANGED, tell);
  document.addEventListener('click', click);
  return () => {
    globalThis.removeEventListener('popstate', tell);
    globalThis.removeEventListener(CHANGED, tell);
    document.removeEventListener('click', click);
  };
}

/** The address of a link of this server that was clicked without any wish for another tab or a download. */
function plainLink(event: MouseEvent): URL | undefined {
  if (event.defaultPrevented || event.button !== 0) return undefined;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return undefined;
  const link = event.composedPath().find((target) => target instanceof HTMLAnchorElement);
  if (!link || link.target !== '' || link.hasAttribute('download') || link.href === '') return undefined;
  const url = new URL(link.href);
  const isHere = url.origin === location.origin && url.pathname.startsWith(`${basePath}/`);
  return isHere && url.hash === '' ? url : undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
