import { CallError } from './call-error.ts';
import { readEvents } from './event-source.ts';
import { hasGap, openView, reconcile, type LiveEvent, type PageLike, type View } from './reconcile.ts';
import { dataOf, request, SILENCE_MS, type Connection } from './requests.ts';

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
}

/** How long a gap may stay before the page is read again. */
const GAP_MS = 2_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;
/** A connection that held so long starts the waits anew. */
const GOOD_MS = 5_000;

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
  #cursor = '';
  #state: ConnectionState = 'opening';
  #error: CallError | undefined;
  #failures = 0;
  #readAt = 0;
  #wake = (): void => undefined;
  #gapTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LiveOptions, id: string) {
    this.id = id;
    this.#options = options;
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

  /** Sends a message; settles when the server has stored it. The answer arrives in the page. */
  async send(text: string): Promise<SentMessage> {
    const sent = (await this.#options.call('messages.send', { conversation: this.id, text })) as SentMessage;
    this.reconnect();
    return sent;
  }

  /** Stops the answer that is being given. False when none was. */
  async stop(): Promise<boolean> {
    const { stopped } = (await this.#options.call('conversations.stop', { conversation: this.id })) as {
      stopped: unknown;
    };
    return Boolean(stopped);
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

  async #run(): Promise<void> {
    for (;;) {
      const began = Date.now();
      await this.#connect();
      if (this.#closing.signal.aborted || this.#state === 'failed') return;
      if (Date.now() - began > GOOD_MS) this.#failures = 0;
      // A page is read anew at once, but not twice in a row, or a confused server would be asked without end.
      const mayHurry = this.#view?.isStale && Date.now() - this.#readAt > GOOD_MS;
      this.#failures += 1;
      if (!mayHurry) await this.#wait();
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
    const path = `/conversations/${encodeURIComponent(this.id)}`;
    const page = (await dataOf(await request(this.#options.connection, path, { signal }))) as Page;
    this.#view = openView(page);
    this.#readAt = Date.now();
    this.#cursor = page.cursor;
    this.#tell();
  }

  /** Applies events until the page is stale; throws when the connection ends before. */
  async #follow(connecting: AbortController): Promise<void> {
    const path = `/conversations/${encodeURIComponent(this.id)}/events?cursor=${encodeURIComponent(this.#cursor)}`;
    const init = { signal: connecting.signal, headers: { accept: 'text/event-stream' } };
    const response = await request(this.#options.connection, path, init);
    if (!response.ok || !response.body) throw await refusalOf(response);
    this.#become('live');
    for await (const event of readEvents(response.body, SILENCE_MS)) {
      if (event.id !== '') this.#cursor = event.id;
      this.#apply(JSON.parse(event.data) as LiveEvent, connecting);
      if (this.#view?.isStale) return;
      this.#failures = 0;
    }
    throw lostConnection();
  }

  #apply(event: LiveEvent, connecting: AbortController): void {
    const before = this.#view;
    if (!before) return;
    const view = reconcile(before, event);
    this.#view = view;
    if (!hasGap(view)) {
      clearTimeout(this.#gapTimer);
      this.#gapTimer = undefined;
    } else {
      this.#gapTimer ??= setTimeout(() => this.#giveUpGap(connecting), GAP_MS);
    }
    if (view.page !== before.page) this.#tell();
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

  /** Waits longer after each failure, never in step with other clients. */
  #wait(): Promise<void> {
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#failures - 1));
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(done, longest * (0.5 + Math.random() / 2));
      this.#wake = done;
    });
  }
}

async function refusalOf(response: Response): Promise<unknown> {
  try {
    await dataOf(response);
    return lostConnection();
  } catch (error) {
    return error;
  }
}

function lostConnection(): CallError {
  const hint = 'It is tried again by itself.';
  return new CallError({ code: 'SERVER_UNREACHABLE', message: 'The connection to the server is lost.', hint });
}

function closed(): CallError {
  return new CallError({ code: 'INTERRUPTED', message: 'The conversation was closed.' });
}
