import type { Kept } from './kept.ts';

/** Conversations that are kept, those that were read last. */
const CONVERSATIONS = 20;
const CONVERSATION = /^\/conversations\/[\w-]+(?:\?|$)/;

/** What is kept of the answers: the lists that the frame and the first page are made of, and conversations that were open. */
const kept = [
  /^\/(?:actions\/routes|panels|me|bots|server|dashboard)$/,
  /^\/conversations(?:\?[^?]*)?$/,
  /^\/conversations\/activity$/,
  CONVERSATION,
];

/** Keeps what the server told at a path below /api/v1, where that is worth keeping. */
export function keep(store: Kept, path: string, value: unknown): void {
  if (!kept.some((pattern) => pattern.test(path))) return;
  void store.put(path, value).then(() => (CONVERSATION.test(path) ? forgetOldest(store) : undefined));
}

/** After something was changed at a path: what its nouns tell may be different, and the first page that gathers from all. */
export function changedAt(store: Kept, path: string): void {
  const [, noun = ''] = path.split(/[/?]/);
  for (const prefix of [`/${noun}`, '/dashboard']) void store.markStale(prefix);
}

async function forgetOldest(store: Kept): Promise<void> {
  const paths = (await store.keys('/conversations/')).filter((path) => CONVERSATION.test(path));
  if (paths.length <= CONVERSATIONS) return;
  const dated = await Promise.all(paths.map(async (path) => ({ path, at: (await store.get(path))?.at ?? 0 })));
  const oldest = dated.toSorted((a, b) => b.at - a.at).slice(CONVERSATIONS);
  for (const { path } of oldest) await store.remove(path);
}
