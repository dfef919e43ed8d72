import { pathTo } from '../router.ts';

/** How often it is looked whether there is a new version, in milliseconds. */
const LOOK_MS = 60 * 60_000;

export interface Updates {
  /** Looks now whether there is a new version. */
  readonly look: () => void;
  readonly close: () => void;
}

/**
 * Has the service worker installed, which keeps the shell for when the server cannot be reached, and tells once a new version is there:
 * with what takes it over and loads the page anew. Where a page may have no service worker nothing happens.
 */
export function followUpdates(tell: (take: () => void) => void): Updates {
  const closing = new AbortController();
  const { signal } = closing;
  let registration: ServiceWorkerRegistration | undefined;
  const look = (): void => void registration?.update().catch(() => undefined);
  const offer = (): void => {
    const waiting = registration?.waiting;
    // The first one that comes is no news.
    if (!waiting || !navigator.serviceWorker.controller || signal.aborted) return;
    tell(() => {
      navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
      waiting.postMessage({ takeOver: true }, []);
    });
  };
  const begin = async (): Promise<void> => {
    registration = await navigator.serviceWorker.register(pathTo('sw.js'), { updateViaCache: 'none' });
    if (signal.aborted) return;
    registration.addEventListener(
      'updatefound',
      () => registration?.installing?.addEventListener('statechange', offer),
      {
        signal,
      },
    );
    offer();
    const { active } = await navigator.serviceWorker.ready;
    active?.postMessage({ keep: performance.getEntriesByType('resource').map(({ name }) => name) }, []);
  };
  if ('serviceWorker' in navigator) void begin().catch(() => undefined);
  const timer = setInterval(look, LOOK_MS);
  return {
    look,
    close: () => {
      closing.abort();
      clearInterval(timer);
    },
  };
}
