import { CallError } from './call-error.ts';
import type { Kept } from './kept.ts';

/** A message that waits until the server can be reached. */
export interface QueuedMessage {
  /** With the same key it is one message, however often it is sent. */
  readonly key: string;
  readonly conversation: string;
  readonly text: string;
  /** Who wrote it. */
  readonly person: string;
  /** The rest of the input of `messages.send`. */
  readonly more: Readonly<Record<string, unknown>>;
  readonly at: number;
}

/** A message was added, or what became of one: `sent` is the answer of `messages.send`, `error` why it never will be. */
export interface OutboxNews {
  readonly message: QueuedMessage;
  readonly sent?: unknown;
  readonly error?: CallError;
}

const PREFIX = 'outbox/';

/** Messages that were written while the server could not be reached: they outlive the page, and are sent in their order once it is back. */
export class Outbox {
  readonly #kept: Kept;
  readonly #call: (name: string, input: object) => Promise<unknown>;
  readonly #listeners = new Set<(news: OutboxNews) => void>();
  #sending: Promise<void> | undefined;
  #person: string | undefined;

  constructor(kept: Kept, call: (name: string, input: object) => Promise<unknown>) {
    this.#kept = kept;
    this.#call = call;
  }

  /** Says who uses the page: nothing is sent before, and what others wrote is thrown away. */
  async admit(person: string): Promise<void> {
    this.#person = person;
    for (const { key, person: author } of await this.waiting()) if (author !== person) await this.remove(key);
  }

  /** Keeps a message until it can be sent; settles with the answer of `messages.send`, and throws when it never will be. */
  async later(message: Omit<QueuedMessage, 'at' | 'person'>): Promise<unknown> {
    const ended = new Promise<unknown>((resolve, reject) => {
      const stop = this.subscribe(({ message: { key }, sent, error }) => {
        if (key !== message.key || (!sent && !error)) return;
        stop();
        if (error) reject(error);
        else resolve(sent);
      });
    });
    const queued = { ...message, person: this.#person ?? '', at: Date.now() };
    await this.#kept.put(PREFIX + queued.key, queued);
    this.#tell({ message: queued });
    return ended;
  }

  /** Oldest first; of one conversation where it is named. */
  async waiting(conversation?: string): Promise<QueuedMessage[]> {
    const keys = await this.#kept.keys(PREFIX);
    const all = await Promise.all(keys.map((key) => this.#kept.get<QueuedMessage>(key)));
    return all
      .flatMap((each) => each?.value ?? [])
      .filter((each) => conversation === undefined || each.conversation === conversation)
      .toSorted((a, b) => a.at - b.at);
  }

  async remove(key: string): Promise<void> {
    await this.#kept.remove(PREFIX + key);
  }

  /** Calls the listener with each message that was added, sent or refused, until the function it gives is called. */
  subscribe(listener: (news: OutboxNews) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Sends what waits, until the server cannot be reached again. Two at once are one. */
  flush(): Promise<void> {
    return (this.#sending ??= this.#kept.inTurn(() => this.#send()).finally(() => (this.#sending = undefined)));
  }

  async #send(): Promise<void> {
    if (this.#person === undefined) return;
    for (const message of await this.waiting()) {
      if (message.person !== this.#person) continue;
      const { key, conversation, text, more } = message;
      try {
        const sent = await this.#call('messages.send', { ...more, conversation, text, key });
        await this.remove(key);
        this.#tell({ message, sent });
      } catch (thrown) {
        const error = CallError.from(thrown);
        if (mayWait(error)) return;
        await this.remove(key);
        this.#tell({ message, error });
      }
    }
  }

  #tell(news: OutboxNews): void {
    for (const listener of this.#listeners) listener(news);
  }
}

/** Whether trying again later may help. Who is not signed in may be in a moment. */
function mayWait({ code, status }: CallError): boolean {
  return code === 'SERVER_UNREACHABLE' || code === 'INTERNAL' || [401, 408, 429].includes(status) || status >= 500;
}
