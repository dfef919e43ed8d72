import {
  BnElement,
  CallError,
  clientContext,
  css,
  errorNotice,
  html,
  msg,
  nothing,
  str,
  toast,
  type Answer,
  type Client,
} from 'boternity/ui';
import type { PropertyValues } from 'lit';

type Shared = Answer<'sharedMemories.list'>['memories'][number];

/** Whether other bots are given a memory, and what a person decides about it. Nothing where no plugin shares memories. */
export class BnShareMemory extends BnElement {
  static override properties = {
    bot: { type: String },
    memory: { type: String },
    shared: { state: true },
    isKnown: { state: true },
    isBusy: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      h2 {
        margin-block-end: var(--bn-space-2);
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--bn-space-2);
        margin-block-start: var(--bn-space-2);
      }
      ul {
        padding-inline-start: var(--bn-space-4);
        list-style: disc;
      }
    `,
  ];
  /** Slug of the bot. */
  declare bot: string;
  /** Id of the memory. */
  declare memory: string;
  /** Undefined while it is private. */
  declare shared: Shared | undefined;
  /** Whether it was asked, and somebody answers such questions. */
  declare isKnown: boolean;
  declare isBusy: boolean;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.bot = '';
    this.memory = '';
    this.isKnown = false;
    this.isBusy = false;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('bot') || changed.has('memory')) void this.#read();
  }

  override render(): unknown {
    if (!this.isKnown) return nothing;
    return html`<section aria-labelledby="sharing">
      <h2 id="sharing">${msg('Who else knows it')}</h2>
      ${errorNotice(this.error)} ${this.shared ? this.#how(this.shared) : this.#private()}
    </section>`;
  }

  #private(): unknown {
    return html`<p>${msg('Nobody: it is private to this bot.')}</p>
      <div class="row">
        ${this.#button(msg('Share with bots that trust this one'), 'memories.share', { trust: 'trusted' })}
        ${this.#button(msg('Share with all bots'), 'memories.share', { trust: 'public' })}
      </div>`;
  }

  #how(shared: Shared): unknown {
    const { state, trust, verified, reasons } = shared;
    if (state === 'quarantined')
      return html`<bn-notice tone="warning" role="status">
        <strong>${msg('It is in quarantine: no bot is given it before you have looked at it.')}</strong>
        <ul>
          ${reasons.map((reason) => html`<li>${reason}</li>`)}
        </ul>
        ${this.#decide()}
      </bn-notice>`;
    const words =
      trust === 'public' ? msg('Every bot of this house.') : msg('Bots that name this one in memory.trusted_bots.');
    return html`<p>${words} ${verified ? nothing : msg('Nobody vouches for it yet, so it fades within two days.')}</p>
      <div class="row">
        ${verified ? nothing : this.#button(msg('Approve'), 'sharedMemories.approve', {})}
        ${this.#button(msg('Make it private again'), 'memories.revoke', {})}
      </div>`;
  }

  #decide(): unknown {
    return html`<button
        slot="actions"
        ?disabled=${this.isBusy}
        @click=${() => void this.#run((client, place) => client.call('sharedMemories.approve', place))}
      >
        ${msg('Approve')}
      </button>
      <button
        slot="actions"
        ?disabled=${this.isBusy}
        @click=${() => void this.#run((client, place) => client.call('sharedMemories.reject', place))}
      >
        ${msg('Reject')}
      </button>`;
  }

  #button(
    word: string,
    action: 'memories.share' | 'memories.revoke' | 'sharedMemories.approve',
    more: { trust?: 'public' | 'trusted' },
  ): unknown {
    return html`<button
      ?disabled=${this.isBusy}
      @click=${() => void this.#run((client, place) => client.call(action, { ...place, ...more }))}
    >
      ${word}
    </button>`;
  }

  async #run(work: (client: Client, place: { bot: string; memory: string }) => Promise<unknown>): Promise<void> {
    const client = this.#client.value;
    if (!client || this.isBusy) return;
    this.isBusy = true;
    try {
      const answer = await work(client, { bot: this.bot, memory: this.memory });
      this.error = undefined;
      const [warning] = (answer as { warnings?: readonly string[] }).warnings ?? [];
      if (warning) toast(this, msg(str`It is shared. ${warning}`));
      await this.#read();
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
    this.isBusy = false;
  }

  async #read(): Promise<void> {
    const { bot, memory } = this;
    const found = await this.#client.value?.call('sharedMemories.list', { author: bot }).catch(() => undefined);
    if (memory !== this.memory) return;
    this.isKnown = found !== undefined;
    this.shared = found?.memories.find(({ id }) => id === memory);
  }
}

customElements.define('bn-share-memory', BnShareMemory);
