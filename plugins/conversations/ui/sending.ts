import { CallError, type LiveConversation, type Outbox, type SentMessage } from 'boternity/ui';
import type { ConversationPage } from '../views.ts';
import { createKey, isSame, type Outgoing } from './outgoing.ts';
import type { Uploaded } from './upload.ts';

/** Messages on their way to the server, as the page shows them until they are in the conversation. */
export class Sending {
  readonly #changed: () => void;
  #outgoing: readonly Outgoing[] = [];
  #leave: (() => void) | undefined;
  /** It was sent, and nobody knows whether it came. */
  #unsure: Outgoing | undefined;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get outgoing(): readonly Outgoing[] {
    return this.#outgoing;
  }

  /** Begins anew with another conversation: with what waits in it since before the page was loaded. */
  async begin(outbox: Outbox | undefined, conversation: string): Promise<void> {
    this.end();
    this.#set([]);
    if (!outbox) return;
    this.#leave = outbox.subscribe(({ message: { key }, sent, error }) => {
      const { message: node } = (sent ?? {}) as Partial<SentMessage>;
      const rest = this.#outgoing.filter((one) => !error || one.key !== key);
      this.#set(rest.map((one) => (one.key === key && node !== undefined ? Object.assign({}, one, { node }) : one)));
    });
    const leave = this.#leave;
    const waiting = await outbox.waiting(conversation);
    if (leave !== this.#leave) return;
    const known = new Set(this.#outgoing.map(({ key }) => key));
    const more = waiting.filter(({ key }) => !known.has(key)).map(({ key, text }) => ({ key, text, files: [] }));
    this.#set([...more, ...this.#outgoing]);
  }

  /** Hears no more of what waits. */
  end(): void {
    this.#leave?.();
    this.#leave = undefined;
  }

  /** Sends a message; gives the error where it could not be sent. The same one, sent again, never becomes two. */
  async send(
    live: LiveConversation<ConversationPage> | undefined,
    text: string,
    files: readonly Uploaded[],
  ): Promise<CallError | undefined> {
    const known = this.#unsure && isSame(this.#unsure, { text, files }) ? this.#unsure : undefined;
    const own: Outgoing = known ?? { text, files, key: createKey() };
    this.#unsure = undefined;
    this.#set([...this.#outgoing, own]);
    const ids = files.map(({ id }) => id);
    try {
      const { message } = (await live?.send(text, own.key, ids)) ?? {};
      this.#set(this.#outgoing.map((one) => (one === own && message ? { ...own, node: message } : one)));
      return undefined;
    } catch (thrown) {
      this.#set(this.#outgoing.filter((one) => one !== own));
      const error = CallError.from(thrown);
      if (error.code === 'SERVER_UNREACHABLE') this.#unsure = own;
      return error;
    }
  }

  #set(outgoing: readonly Outgoing[]): void {
    this.#outgoing = outgoing;
    this.#changed();
  }
}
