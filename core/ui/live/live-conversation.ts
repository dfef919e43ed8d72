import { CallError } from './call-error.ts';
import type { Follow } from './follow.ts';
import type { Outbox } from './outbox.ts';
import { hasGap, openView, reconcile, resumeAt, type LiveEvent, type PageLike, type View } from './reconcile.ts';
import { dataOf, request, type Connection } from './requests.ts';
import { say } from './say.ts';

/** `lost` tries again by itself; `failed` does not, because trying again would not help (the conversation is gone). */
export type ConnectionState = 'opening' | 'live' | 'lost' | 'failed';

export interface SentMessage {
  readonly turn: string;
  /** Id of the node with the message. */
  readonly message: string;
  /** Id of the node that answers it. */
  readonly reply: string;
}

export interface LiveOptions {
  readonly connection: Connection;
  readonly call: (name: string, input: object) => Promise<unknown>;
  readonly follow: Follow;
  readonly outbox?: Outbox | undefined;
  /** The branch that is shown; the main line when absent. */
  readonly lane?: string | undefined;
}

/** What has come since the conversation was opened, for those who look for a fault. */
export interface Traffic {
  /** Where it would go on after a break. */
  readonly cursor: string;
  /** How many events of each kind. */
  readonly counts: ReadonlyMap<string, number>;
  readonly last: string;
  /** The last events as they came, at most 500. */
  readonly recent: readonly LiveEvent[];
  /** When something was heard last, an event or the whole page; milliseconds since 1970. */
  readonly heardAt: number;
  /** How often the page was read. */
  readonly readings: number;
}

/** How long a gap may stay before the page is read again. */
const GAP_MS = 2_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;
/** A connection that held so long starts the waits anew. */
const GOOD_MS = 5_000;
/** Least time between two readings that the server asks for. */
const PAUSE_MS = 100;
/** Messages that the server gives at once unless told otherwise. */
const PAGE = 200;
const LARGEST_PAGE = 1_000;
/** Events that are kept for those who look for a fault. */
const MOST_RECENT = 500;

/**
 * A conversation that is kept up to date: its page, read once, and the events since. It reconnects by itself where it
 * stopped, and reads the page again when events cannot repair it. Every change replaces `page`; nodes that did not change
 * stay the same objects. Close or dispose it in the end.
 */
export class LiveConversation<Page extends PageLike> implements Disposable {
  readonly id: string;
  readonly #options: LiveOptions;
  readonly #closing = new AbortController();
  readonly #listeners = new Set<() => void>();
  #view: View<Page> | undefined;
  #state: ConnectionState = 'opening';
  #error: CallError | undefined;
  #failures = 0;
  #readAt = 0;
  #heardAt = 0;
  #readings = 0;
  #last = '';
  readonly #recent: LiveEvent[] = [];
  readonly #counts = new Map<string, number>();
  /** The server said that the page is another one now. */
  #isReshaped = false;
  #wake = (): void => undefined;
  #gapTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LiveOptions, id: string) {
    this.id = id;
    this.#options = options;
    void this.#recall();
    void this.#run();
  }

  /** Undefined until it has been read for the first time. */
  get page(): Page | undefined {
    return this.#view?.page;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Why it is lost or failed. */
  get error(): CallError | undefined {
    return this.#error;
  }

  get traffic(): Traffic {
    return {
      cursor: this.#cursor,
      counts: this.#counts,
      last: this.#last,
      recent: this.#recent,
      heardAt: this.#heardAt,
      readings: this.#readings,
    };
  }

  /** Calls the listener after every change of page or state, until the function it gives is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Waits for a page that fulfils the condition. Throws the error when the conversation fails or is closed before. */
  until(condition: (page: Page) => boolean): Promise<Page> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (this.page && condition(this.page)) {
          stop();
          resolve(this.page);
        } else if (this.#state === 'failed' || this.#closing.signal.aborted) {
          stop();
          reject(this.#error ?? closed());
        }
      };
      const stop = this.subscribe(look);
      look();
    });
  }

  /**
   * Sends a message; settles when the server has stored it. The answer arrives in the page. With the same `key` it is sent once, however
   * often it is tried; where the client keeps something, one with a key waits for a server that cannot be reached, also beyond this page.
   */
  async send(text: string, key?: string, attachments: readonly string[] = []): Promise<SentMessage> {
    const more = { ...(attachments.length > 0 && { attachments }), ...this.#inLane() };
    const input = { ...more, conversation: this.id, text, ...(key !== undefined && { key }) };
    const sent = (await this.#options.call('messages.send', input).catch((thrown: unknown) => {
      const { outbox } = this.#options;
      if (!outbox || key === undefined || CallError.from(thrown).code !== 'SERVER_UNREACHABLE') throw thrown;
      return outbox.later({ key, conversation: this.id, text, more });
    })) as SentMessage;
    this.reconnect();
    return sent;
  }

  /** Stops the answer that is being given, in this branch alone where one was named. False when none was. */
  async stop(): Promise<boolean> {
    const input = { conversation: this.id, ...this.#inLane() };
    const { stopped } = (await this.#options.call('conversations.stop', input)) as { stopped: unknown };
    return Boolean(stopped);
  }

  /** Adds older messages in front of the page, where there are any. They stay when the page is read again. */
  async loadOlder(): Promise<void> {
    const first = this.#view?.page.nodes[0];
    if (!first || !this.#view?.page.hasMore) return;
    const older = await this.#readPiece({ before: first.id }, this.#closing.signal);
    const view = this.#view;
    // Read again meanwhile, it may begin elsewhere.
    if (view?.page.nodes[0]?.id !== first.id) return;
    this.#view = { ...view, page: joined(older, view.page) };
    this.#tell();
  }

  /** When the connection is lost: tries at once instead of waiting. */
  reconnect(): void {
    this.#wake();
  }

  /** Closes the connection and forgets the listeners. */
  close(): void {
    this.#closing.abort();
    this.#wake();
    this.#tell();
    this.#listeners.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Until the server has told it, what it told last on this browser is the page. */
  async #recall(): Promise<void> {
    const known = await this.#options.connection.kept?.get<Page>(this.#path({}));
    if (!known || this.#view || this.#closing.signal.aborted || this.#state === 'failed') return;
    this.#view = { ...openView(known.value), isStale: true };
    this.#tell();
  }

  #keep(): void {
    const { page, isStale } = this.#view ?? {};
    if (!page || isStale) return;
    void this.#options.connection.kept?.put(this.#path({}), {
      ...page,
      nodes: page.nodes.slice(-PAGE),
      hasMore: page.hasMore || page.nodes.length > PAGE,
    });
  }

  async #run(): Promise<void> {
    for (;;) {
      const began = Date.now();
      await this.#connect();
      if (this.#closing.signal.aborted || this.#state === 'failed') return;
      if (Date.now() - began > GOOD_MS) this.#failures = 0;
      if (this.#isReshaped) {
        this.#failures = 0;
        await this.#wait(Math.max(0, this.#readAt + PAUSE_MS - Date.now()));
        continue;
      }
      // A page is read anew at once, but not twice in a row, or a confused server would be asked without end.
      const mayHurry = this.#view?.isStale && Date.now() - this.#readAt > GOOD_MS;
      this.#failures += 1;
      if (!mayHurry) await this.#wait(this.#pause());
    }
  }

  /** One connection, from reading the page where that is needed to its end, whatever ends it. */
  async #connect(): Promise<void> {
    const connecting = new AbortController();
    const abort = (): void => connecting.abort();
    this.#closing.signal.addEventListener('abort', abort);
    try {
      if (!this.#view || this.#view.isStale) await this.#read(connecting.signal);
      await this.#follow(connecting);
    } catch (error) {
      if (!connecting.signal.aborted) this.#lose(error);
    } finally {
      this.#closing.signal.removeEventListener('abort', abort);
      connecting.abort();
      clearTimeout(this.#gapTimer);
      this.#gapTimer = undefined;
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    const held = this.#view?.page.nodes.length ?? 0;
    this.#isReshaped = false;
    let page = await this.#readPiece(held > PAGE ? { limit: Math.min(held, LARGEST_PAGE) } : {}, signal);
    while (page.hasMore && page.nodes.length < held)
      page = joined(await this.#readPiece(nextBefore(page), signal), page);
    this.#view = openView(page);
    this.#readAt = Date.now();
    this.#heardAt = this.#readAt;
    this.#readings += 1;
    this.#keep();
    this.#tell();
  }

  async #readPiece(query: { readonly before?: string; readonly limit?: number }, signal: AbortSignal): Promise<Page> {
    return (await dataOf(await request(this.#options.connection, this.#path(query), { signal }))) as Page;
  }

  #path(query: { readonly before?: string; readonly limit?: number }): string {
    const search = new URLSearchParams(
      Object.entries({ ...this.#inLane(), ...query }).map(([name, value]): [string, string] => [name, String(value)]),
    );
    return `/conversations/${encodeURIComponent(this.id)}${search.size > 0 ? `?${search.toString()}` : ''}`;
  }

  #inLane(): { readonly lane?: string } {
    const { lane } = this.#options;
    return lane === undefined ? {} : { lane };
  }

  /** Applies events until the page is stale; throws when the connection ends before. */
  async #follow(connecting: AbortController): Promise<void> {
    const path = `/conversations/${encodeURIComponent(this.id)}/events`;
    const { signal } = connecting;
    const onLive = (): void => {
      this.#become('live');
      if (this.#view) this.#watchGap(this.#view, connecting);
    };
    for await (const { events } of this.#options.follow(path, { cursor: this.#cursor, signal, onLive })) {
      this.#apply(events as readonly LiveEvent[], connecting);
      if (this.#view?.isStale) return;
      this.#failures = 0;
    }
  }

  /** Where it would go on: before what is missing, or behind everything. */
  get #cursor(): string {
    return this.#view ? resumeAt(this.#view) : '';
  }

  #count(event: LiveEvent): void {
    const { type } = event;
    this.#heardAt = Date.now();
    this.#last = type;
    this.#recent.push(event);
    if (this.#recent.length > MOST_RECENT) this.#recent.splice(0, this.#recent.length - MOST_RECENT / 2);
    this.#counts.set(type, (this.#counts.get(type) ?? 0) + 1);
    this.#isReshaped = type === 'page';
  }

  #apply(events: readonly LiveEvent[], connecting: AbortController): void {
    const before = this.#view;
    if (!before) return;
    let view = before;
    for (const event of events) {
      this.#count(event);
      view = reconcile(view, event);
      if (view.isStale) break;
    }
    this.#view = view;
    this.#watchGap(view, connecting);
    if (view.page === before.page) return;
    // While an answer is being written there is nothing to keep yet.
    if (view.page.active === null) this.#keep();
    this.#tell();
  }

  /** What is missing may still come, but not for long. */
  #watchGap(view: View, connecting: AbortController): void {
    if (hasGap(view)) {
      this.#gapTimer ??= setTimeout(() => this.#giveUpGap(connecting), GAP_MS);
      return;
    }
    clearTimeout(this.#gapTimer);
    this.#gapTimer = undefined;
  }

  #giveUpGap(connecting: AbortController): void {
    this.#gapTimer = undefined;
    if (this.#view) this.#view = { ...this.#view, isStale: true };
    connecting.abort();
  }

  #lose(thrown: unknown): void {
    const error = CallError.from(thrown);
    if (error.code === 'CURSOR_INVALID' && this.#view) {
      this.#view = { ...this.#view, isStale: true };
      return;
    }
    if (error.status === 404) void this.#options.connection.kept?.remove(this.#path({}));
    const isFinal = error.status >= 400 && error.status < 500 && error.status !== 408 && error.status !== 429;
    this.#become(isFinal ? 'failed' : 'lost', error);
  }

  #become(state: ConnectionState, error?: CallError): void {
    this.#state = state;
    this.#error = error;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch (error) {
        console.error('A listener of a conversation failed.', error);
      }
    }
  }

  /** Longer after each failure, never in step with other clients. */
  #pause(): number {
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#failures - 1));
    return longest * (0.5 + Math.random() / 2);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#wake = done;
    });
  }
}

function nextBefore({ nodes }: PageLike): { readonly before?: string; readonly limit: number } {
  const [first] = nodes;
  return { limit: LARGEST_PAGE, ...(first && { before: first.id }) };
}

/** A page with an older piece in front of it. */
function joined<Page extends PageLike>(older: Page, page: Page): Page {
  return { ...page, nodes: [...older.nodes, ...page.nodes], hasMore: older.hasMore };
}

function closed(): CallError {
  return new CallError({ code: 'INTERRUPTED', message: say`The conversation was closed.` });
}
