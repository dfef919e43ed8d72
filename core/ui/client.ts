import type { InputOf, OutputOf } from '../actions/action.ts';
import type { ActionTypes } from '../kernel/names.ts';
import { CallError } from './live/call-error.ts';
import { createFollow, type Follow } from './live/follow.ts';
import { LiveConversation } from './live/live-conversation.ts';
import { changedAt, keep } from './live/keeping.ts';
import type { Kept, KeptAnswer } from './live/kept.ts';
import { Outbox } from './live/outbox.ts';
import type { PageLike } from './live/reconcile.ts';
import { dataOf, JSON_BODY, request, resultOf, shapeCall, type Connection } from './live/requests.ts';
import { say } from './live/say.ts';

export { CallError } from './live/call-error.ts';
export type { KeptAnswer } from './live/kept.ts';
export type { Outbox, OutboxNews, QueuedMessage } from './live/outbox.ts';
export type { ConnectionState, LiveConversation, SentMessage, Traffic } from './live/live-conversation.ts';
export { isTerminal } from './live/reconcile.ts';

export interface ClientOptions {
  /** Where the server is: `http://127.0.0.1:4242`. */
  readonly url: string;
  /** Defaults to the global one. */
  readonly fetch?: typeof globalThis.fetch;
  /** Sent with every request: an API token, for instance. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Opens a WebSocket at that address. With it all live events of this client share one connection, and come as server-sent
   * events only while it cannot be opened; browsers open no more than six connections for those.
   */
  readonly socket?: (url: URL) => WebSocket;
  /** Keeps what the server told last, for `last`, and messages that wait. */
  readonly kept?: Kept;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Hears what a long action tells while it runs. */
  readonly onProgress?: (fact: unknown) => void;
}

type Known = keyof ActionTypes;

/** What an action answers, where its plugin declares it. */
export type Answer<Name extends string> = Name extends Known ? OutputOf<ActionTypes[Name]> : unknown;

type Question<Name extends string> = Name extends Known ? InputOf<ActionTypes[Name]> : object;

/** A conversation's page as its action declares it; the least that a page has where nobody does. */
export type ConversationPage = Answer<'conversations.show'> extends infer Page extends PageLike ? Page : PageLike;

/** The server as the page, the command line and tests use it. */
export interface Client {
  readonly url: string;
  /** Runs an action. Throws CallError; ACTION_MISSING when this server has no such action. */
  call<Name extends string>(name: Name, input: Question<Name>, options?: CallOptions): Promise<Answer<Name>>;
  /** What an action, or a route below /api/v1, told last on this browser, however old it is; undefined where nothing is kept of it. */
  last<Name extends string>(name: Name, input?: Question<Name>): Promise<KeptAnswer<Answer<Name>> | undefined>;
  /** Messages that wait for the server; only where something is kept. */
  readonly outbox: Outbox | undefined;
  /** Reads a route below /api/v1 that is no action, out of its envelope. */
  read(path: string, options?: CallOptions): Promise<unknown>;
  /** Posts JSON to a route below /api/v1 that is no action, and gives the data of its answer. */
  send(path: string, body?: object, options?: CallOptions): Promise<unknown>;
  /** Requests a route below /api/v1 that is no action, an upload or a download. A refusal throws CallError. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Follows a stream of live events at a path below /api/v1, over one connection; whoever wants to go on after a break follows again with the cursor. */
  readonly follow: Follow;
  /** Opens a conversation, or one of its branches: its page, then its live events. Dispose it to close. */
  conversation(id: string, options?: { readonly lane?: string }): LiveConversation<ConversationPage>;
}

/** A client of the server at `url`. Nothing is sent before the first call. */
export function createClient(options: ClientOptions): Client {
  const base = new URL(options.url.endsWith('/') ? options.url : `${options.url}/`);
  const fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  const { kept } = options;
  const connection: Connection = { base, fetch, headers: options.headers ?? {}, socket: options.socket, kept };
  const routeOf = createRouteTable(connection);
  const follow = createFollow(connection);

  const call = async (name: string, input: object, { signal, onProgress }: CallOptions = {}): Promise<unknown> => {
    const { path, init } = shapeCall(await routeOf(name), { ...input });
    const isRead = init.method === 'GET';
    const headers = { ...init.headers, ...(onProgress && { accept: 'text/event-stream' }) };
    const response = await request(connection, path, { ...init, headers, ...(signal && { signal }) });
    const answer = await (onProgress ? resultOf(response, onProgress) : dataOf(response));
    if (kept && isRead) keep(kept, path, answer);
    else if (kept) changedAt(kept, path);
    return answer;
  };
  const outbox = kept && new Outbox(kept, call);
  const last = async (name: string, input: object = {}): Promise<KeptAnswer | undefined> => {
    if (!kept) return undefined;
    if (name.startsWith('/')) return kept.get(name);
    const http = await lastRouteOf(kept, name);
    return http === undefined ? undefined : kept.get(shapeCall(http, { ...input }).path);
  };
  return {
    url: options.url,
    call: call as Client['call'],
    last: last as Client['last'],
    outbox,
    read: async (path, { signal } = {}) => {
      const answer = await dataOf(await request(connection, path, signal && { signal }));
      if (kept) keep(kept, path, answer);
      return answer;
    },
    send: async (path, body = {}, { signal } = {}) => {
      const init = { method: 'POST', body: JSON.stringify(body), headers: JSON_BODY, ...(signal && { signal }) };
      return dataOf(await request(connection, path, init));
    },
    async fetch(path, init) {
      const response = await request(connection, path, init);
      if (!response.ok) await dataOf(response);
      return response;
    },
    follow,
    conversation: (id, { lane } = {}) => new LiveConversation({ connection, call, follow, outbox, lane }, id),
  };
}

/** Below /api/v1: where the actions are. */
const ROUTES = '/actions/routes';

/** Name of an action → its method and path below /api/v1: `POST /bots/{bot}/start`. */
type Routes = Readonly<Record<string, string>>;

/** Finds an action's route. The table is read on first use, and again when a name is not in it: plugins come and go. */
function createRouteTable(connection: Connection): (name: string) => Promise<string> {
  let table: Promise<Routes> | undefined;

  const load = (): Promise<Routes> => {
    const loading = readTable(connection);
    // A failure is not kept: the next call tries again.
    loading.catch(() => (table = undefined));
    return (table = loading);
  };
  return async (name) => {
    const isFresh = !table;
    const http = (await (table ?? load()))[name] ?? (isFresh ? undefined : (await load())[name]);
    if (http) return http;
    throw new CallError({
      code: 'ACTION_MISSING',
      message: say`The server has no action "${name}" that can be called over HTTP.`,
      hint: say`See that the plugin it belongs to is listed and runs: bnity plugin list`,
      status: 404,
    });
  };
}

async function readTable(connection: Connection): Promise<Routes> {
  const { routes } = (await dataOf(await request(connection, ROUTES))) as { routes: Routes };
  if (connection.kept) keep(connection.kept, ROUTES, routes);
  return routes;
}

async function lastRouteOf(kept: Kept, name: string): Promise<string | undefined> {
  return (await kept.get<Routes>(ROUTES))?.value[name];
}
