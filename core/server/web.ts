import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { Caller } from '../actions/caller.ts';
import type { LiveStream } from './live/live.ts';

export interface RouteCall {
  /** Of the request, as its answer names it. */
  readonly id: string;
  readonly request: IncomingMessage;
  /** The handler answers through this, whole or as a stream. */
  readonly response: ServerResponse;
  readonly params: Readonly<Record<string, string>>;
  readonly url: URL;
  /** Who asks. On a route for `anyone` this is the anonymous caller without grants. */
  readonly caller: Caller;
  /** Aborted when the other end leaves, the caller's credential is revoked, or the server stops. */
  readonly signal: AbortSignal;
  /**
   * On a route for `anyone` that wants credentials all the same: who asks, as for every other route. Throws CALLER_UNKNOWN; what
   * streams to the caller ends when their credential is revoked. `headers` stand for those of the request, where a protocol
   * says who asks in its own way.
   */
  identify(headers?: IncomingHttpHeaders): Promise<Caller>;
  /** Reads the body as a JSON object, up to a limit in bytes; BODY_UNREADABLE when it is none or says that it is something else. */
  json(limit?: number): Promise<Record<string, unknown>>;
  /** Answers in the form of the actions, the data in the envelope, instead of writing to the response. */
  answer(data: unknown, options?: { readonly status?: number; readonly headers?: Record<string, string> }): void;
  /** Reads the body as text, up to a limit in bytes (1 MB by default; BODY_TOO_LARGE above it). */
  text(limit?: number): Promise<string>;
}

/** One way in which a route answers. */
export interface RouteAnswer {
  readonly description: string;
  /** Type of the body, or its types; JSON by default. */
  readonly type?: string | readonly string[];
  /** Form of the body; any text when absent. */
  readonly schema?: z.ZodType;
  /** Form of what stands in the envelope, for an answer by `answer`. */
  readonly data?: z.ZodType;
}

/** What the OpenAPI document says of a route. Refusals of the house are added. */
export interface RouteDescription {
  /** Name of the operation, `nouns.verb`, unique. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** What the names in the path mean. */
  readonly params?: Readonly<Record<string, { readonly description: string; readonly example: string }>>;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: { readonly type: string; readonly schema?: z.ZodType };
  /** By status. */
  readonly answers: Readonly<Record<number, RouteAnswer>>;
  /** How it refuses, where it speaks a protocol of its own; the house's refusals stand beside it. */
  readonly refusal?: RouteAnswer;
}

/** A route outside the actions: a stream, an upload, a protocol of its own. A fault that is thrown before the answer begins becomes one. */
export interface Route {
  /** GET takes HEAD along. */
  readonly method: 'GET' | 'OPTIONS' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the root: `/api/v1/conversations/{conversation}/events`; `{rest+}` at its end takes all that is left. */
  readonly path: string;
  /** Grant the caller needs; `caller` for whoever is known, `anyone` for routes that check their own credentials or need none. */
  readonly permission: string;
  /** Slug or id of the bot that a request concerns, so that a grant for this bot is enough; undefined when there is none. */
  readonly bot?: (params: RouteCall['params']) => Promise<string | undefined>;
  readonly describe?: RouteDescription;
  handle(call: RouteCall): void | Promise<void>;
}

/** A route as the document tells of it; `caller` stands for whoever is signed in. */
export type DescribedRoute = Omit<Route, 'handle'>;

/** A part of the web application, imported by the shell on first visit. */
export interface Panel {
  /**
   * Its address in the page: `memory` → `/memory`. `settings/…` stands among a person's own settings, `system/settings/…` among
   * those of the server; neither is in the navigation.
   */
  readonly path: string;
  readonly title: string;
  readonly icon: string;
  /** Tag of the element that fills the page. */
  readonly element: string;
  /**
   * The TypeScript module that defines the element, in a folder named `ui`; or its text, for a plugin that is one file. A text is
   * read as it stands: it imports from 'boternity/ui' and 'lit' alone.
   */
  readonly module: URL | { readonly text: string };
  /** Place in the navigation; lower comes first. */
  readonly order?: number;
  /** Grant without which nobody is shown it; everybody is where it is absent. */
  readonly permission?: string;
}

/** What the page shows instead of itself to whom nobody knows: the way to sign in. */
export type Gate = Pick<Panel, 'element'> & { readonly module: URL };

/** The service `web`, one view per consumer. */
export interface Web {
  route(route: Route): void;
  /** Live events that callers may follow; by server-sent events and over the WebSocket. */
  stream(stream: LiveStream): void;
  panel(panel: Panel): void;
  /** There is one gate; its module ends in `-panel.ts` and stands in the folder of a panel of the same plugin. */
  gate(gate: Gate): void;
  /** Every method and path that is answered now, those of actions included, as `GET /api/v1/bots/:bot`. */
  readonly served: readonly string[];
  /** Where the server listens; undefined while it does not. */
  readonly url: string | undefined;
  /** What stands before every path in addresses that people and programs are given: `/bots`; empty at the root. */
  readonly basePath: string;
}

declare module '../kernel/names.ts' {
  interface Services {
    web: Web;
  }
  interface Operations {
    /**
     * The server is about to stop: nothing new begins, and what is under way has until the signal is aborted. Layers wait for what is
     * theirs beside `next`.
     */
    'server.drain': (signal: AbortSignal) => Promise<void>;
  }
}
