import { faultOf } from './failure.ts';
import { serviceOf, type ProviderAccess, type Service } from './service.ts';

/**
 * Asks a service for what is no answer: lists of models, vectors. It may take no longer than until a first word. Rejects with a fault,
 * or with the signal's reason.
 */
export async function asking<T>(
  access: ProviderAccess,
  signal: AbortSignal,
  ask: (service: Service, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const key = (await access.key(undefined))?.trim() || undefined;
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(access.limits.firstMs)]);
    return await ask(serviceOf(access, '', key), within);
  } catch (error) {
    signal.throwIfAborted();
    throw faultOf(access, key, error);
  }
}

/** A service that never says it is done is not believed for ever. */
const MOST_PAGES = 20;

/** The items of all pages. A page says by which mark the next is asked for; the first has none, and the last tells none. */
export async function allPages<Item>(
  read: (mark: string) => Promise<{ readonly items: readonly Item[]; readonly next: string }>,
): Promise<Item[]> {
  const all: Item[] = [];
  let mark = '';
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { items, next } = await read(mark);
    all.push(...items);
    if (next === '') break;
    mark = next;
  }
  return all;
}
