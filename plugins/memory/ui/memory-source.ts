import {
  BnElement,
  CallError,
  clientContext,
  css,
  fleetContext,
  formatTime,
  html,
  nothing,
  pathTo,
  msg,
  str,
  weave,
  slot,
} from 'boternity/ui';
import type { PropertyValues } from 'lit';
import type { MemoryView } from './words.ts';

function learned(): Readonly<Record<MemoryView['origin'], string>> {
  return {
    owner: msg('A person said so'),
    agent: msg('The bot noted it itself'),
    untrusted: msg('Nobody vouches for it; it came up'),
    system: msg('A program wrote it'),
  };
}

/** Characters of a message that are quoted. */
const QUOTED = 300;

/** Where a memory comes from: the way to its conversation, and the words it was learned from. */
export class BnMemorySource extends BnElement {
  static override properties = {
    memory: { attribute: false },
    quote: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      :host {
        display: grid;
        gap: var(--bn-space-3);
      }
      .soft {
        color: var(--bn-ink-soft);
      }
      blockquote {
        margin: 0;
        padding-inline-start: var(--bn-space-3);
        border-inline-start: var(--bn-ring) solid var(--bn-line-strong);
        overflow-wrap: anywhere;
      }
      blockquote p {
        white-space: pre-line;
      }
      cite {
        display: block;
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-xs);
        font-style: normal;
      }
      p {
        overflow-wrap: anywhere;
      }
    `,
  ];
  declare memory: MemoryView | undefined;
  /** The message it was learned from. */
  declare quote: { readonly text: string; readonly isPerson: boolean } | undefined;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);
  readonly #fleet = this.watch(fleetContext);
  #readFor = '';

  override willUpdate(_changed: PropertyValues<this>): void {
    const { conversation = '', message = '' } = this.memory?.source ?? {};
    const wanted = `${conversation} ${message}`;
    if (wanted === this.#readFor || !this.#client.value) return;
    this.#readFor = wanted;
    this.quote = undefined;
    this.error = undefined;
    if (conversation !== '' && message !== '') void this.#read(conversation, message);
  }

  override render(): unknown {
    if (!this.memory) return nothing;
    const { origin, created_at, source } = this.memory;
    const when = html`<time datetime=${created_at}>${formatTime(created_at)}</time>`;
    const how = learned()[origin];
    if (source.conversation === undefined)
      return html`<p>${weave(msg(str`${how} outside of any conversation, ${slot(0)}.`), when)}</p>`;
    const where = this.#link(source.conversation, source.message);
    return html`<p>${weave(msg(str`${how} in ${slot(0)}, ${slot(1)}.`), where, when)}</p>
      ${this.#quote()}`;
  }

  #link(conversation: string, message: string | undefined): unknown {
    if (this.error?.code === 'CONVERSATION_MISSING') return msg('a conversation that is deleted by now');
    const known = this.#fleet.value?.conversations.find(({ id }) => id === conversation);
    const query = message === undefined ? '' : `?message=${encodeURIComponent(message)}`;
    return html`<a href=${pathTo('conversations', conversation) + query}
      >${known?.title ? msg(str`“${known.title}”`) : msg('a conversation')}</a
    >`;
  }

  #quote(): unknown {
    const { quote, error } = this;
    if (error?.code === 'NODE_MISSING') return html`<p class="soft">${msg('The message itself is gone by now.')}</p>`;
    if (!quote) return nothing;
    return html`<blockquote>
      <cite>${quote.isPerson ? msg('What was said') : msg('What the bot answered')}</cite>
      <p>${shortened(quote.text)}</p>
    </blockquote>`;
  }

  async #read(conversation: string, message: string): Promise<void> {
    const wanted = this.#readFor;
    try {
      const node = await this.#client.value?.call('messages.show', { conversation, message });
      if (wanted === this.#readFor && node?.text) this.quote = { text: node.text, isPerson: node.kind === 'user' };
    } catch (thrown) {
      // Whoever may read memories alone is shown where they come from, without the words.
      if (wanted === this.#readFor) this.error = CallError.from(thrown);
    }
  }
}

function shortened(text: string): string {
  return text.length <= QUOTED ? text : `${text.slice(0, QUOTED - 1)}…`;
}

customElements.define('bn-memory-source', BnMemorySource);
