import { CallError } from './call-error.ts';
import type { Client } from '../client.ts';
import { createHurry, followNews } from './news.ts';

/** What the shell reads of a bot. */
export interface BotLine {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly emoji: string;
  readonly description: string;
  readonly accentColor: string;
  /** What it names as its picture, unchecked; `pictureOf` makes an address of it. */
  readonly avatar: string | null;
  /** The model that its settings name; null for that of the server. */
  readonly model: string | null;
  readonly category: string;
  readonly tags: readonly string[];
  readonly status: 'active' | 'disabled' | 'archived';
  /** Where it lives on disk. */
  readonly folder: string;
  readonly problems: number;
  /** Changes and code that wait for a person. */
  readonly waiting: number;
}

/** What the shell reads of a conversation. */
export interface ConversationLine {
  readonly id: string;
  readonly bot: { readonly id: string; readonly slug: string; readonly name: string; readonly emoji: string };
  readonly title: string;
  readonly state: 'idle' | 'running';
  /** Something came that this person has not seen. */
  readonly unread: boolean;
  readonly updatedAt: string;
}

export interface ServerLine {
  readonly version: string;
  readonly home: string;
  /** The model of bots that name none, and how to change it. */
  readonly model: { readonly id: string | null; readonly provider: string | null; readonly why: string };
}

/** The bots and the last conversations, as of the last reading. */
export interface Fleet {
  readonly state: 'loading' | 'ready' | 'unreachable';
  readonly bots: readonly BotLine[];
  /** Newest first. */
  readonly conversations: readonly ConversationLine[];
  readonly server: ServerLine | undefined;
  /** When the server told all this, milliseconds since 1970; undefined before it did. */
  readonly toldAt: number | undefined;
  readonly error: CallError | undefined;
}

const SHOWN_CONVERSATIONS = 60;
/** Slow fallback while the server does not tell of changes by itself … */
const POLL_MS = 20_000;
/** … and while it does, for what it does not tell. */
const LIVE_POLL_MS = 120_000;
const HASTE_MS = 3_000;

export const emptyFleet: Fleet = {
  state: 'loading',
  bots: [],
  conversations: [],
  server: undefined,
  toldAt: undefined,
  error: undefined,
};

/**
 * Tells what was known last at once, if anything is; then reads the fleet now, when the server tells of a change, on every `refresh`, and slowly in between. Messages
 * that wait are sent whenever the server answers. Close ends it.
 */
export function followFleet(
  client: Client,
  tell: (fleet: Fleet) => void,
): { readonly refresh: () => Promise<void>; readonly close: () => void } {
  const closing = new AbortController();
  let fleet = emptyFleet;
  let shown = '';
  let isLive = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const again = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(poll, ms);
  };
  const show = (next: Fleet): void => {
    fleet = next;
    if (closing.signal.aborted) return;
    const now = JSON.stringify({ ...fleet, toldAt: 0 });
    if (now !== shown) tell(fleet);
    shown = now;
  };
  const recalling = recallFleet(client).then((known) => known && fleet.state === 'loading' && show(known));
  const read = async (): Promise<void> => {
    clearTimeout(timer);
    const next = await readFleet(client, fleet);
    if (next.state === 'unreachable') await recalling;
    show(next.state === 'unreachable' ? { ...fleet, state: next.state, error: next.error } : next);
    if (closing.signal.aborted) return;
    if (fleet.state === 'ready') void client.outbox?.flush();
    again(fleet.state === 'unreachable' ? HASTE_MS : isLive ? LIVE_POLL_MS : POLL_MS);
  };
  const poll = (): void => {
    if (document.visibilityState === 'visible') void read();
  };
  const onNews = createHurry(poll);
  document.addEventListener('visibilitychange', poll);
  globalThis.addEventListener('online', poll);
  globalThis.addEventListener('offline', poll);
  void read();
  void followNews(client, closing.signal, {
    live: (live) => {
      // Whether it came or went: it may be the server itself.
      if (live !== isLive) onNews();
      isLive = live;
    },
    news: onNews,
  });
  return {
    refresh: read,
    close: () => {
      closing.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', poll);
      globalThis.removeEventListener('online', poll);
      globalThis.removeEventListener('offline', poll);
    },
  };
}

/** What the server told last on this browser, as long as nothing was changed since. */
async function recallFleet(client: Client): Promise<Fleet | undefined> {
  const [bots, conversations, server] = await Promise.all([
    client.last('bots.list', {}),
    client.last('conversations.list', { limit: SHOWN_CONVERSATIONS }),
    client.last('server.status', {}),
  ]);
  const known = [bots, conversations, server].filter((each) => each !== undefined);
  if (known.length === 0) return undefined;
  return {
    ...emptyFleet,
    bots: (bots?.value as { bots: BotLine[] } | undefined)?.bots ?? [],
    conversations: (conversations?.value as { conversations: ConversationLine[] } | undefined)?.conversations ?? [],
    server: server?.value as ServerLine | undefined,
    toldAt: Math.min(...known.map(({ at }) => at)),
  };
}

/** Each list stands alone: a plugin that does not run leaves its own empty. */
async function readFleet(client: Client, last: Fleet): Promise<Fleet> {
  try {
    const [bots, conversations, server] = await Promise.all([
      optional(client.call('bots.list', {})),
      optional(client.call('conversations.list', { limit: SHOWN_CONVERSATIONS })),
      optional(client.call('server.status', {})),
    ]);
    return {
      state: 'ready',
      toldAt: Date.now(),
      bots: (bots as { bots: BotLine[] } | undefined)?.bots ?? [],
      conversations: (conversations as { conversations: ConversationLine[] } | undefined)?.conversations ?? [],
      server: server as ServerLine | undefined,
      error: undefined,
    };
  } catch (thrown) {
    return { ...last, state: 'unreachable', error: CallError.from(thrown) };
  }
}

async function optional(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    if (CallError.from(error).code === 'SERVER_UNREACHABLE') throw error;
    return undefined;
  }
}
