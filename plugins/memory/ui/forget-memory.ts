import { BnElement, CallError, CloseEvent, clientContext, css, html, nothing, errorNotice, msg } from 'boternity/ui';
import type { MemoryView } from './words.ts';

/** These are remembered no more. */
export class ForgottenEvent extends Event {
  readonly removed: readonly MemoryView[];

  constructor(removed: readonly MemoryView[]) {
    super('bn-forgotten');
    this.removed = removed;
  }
}

/** Asks whether a memory shall be forgotten. @event bn-close - It was closed. @event bn-forgotten - It is, and what went with it. */
export class BnForgetMemory extends BnElement {
  static override properties = {
    bot: { type: String },
    memory: { attribute: false },
    isOpen: { type: Boolean },
    isBusy: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      .ask {
        display: grid;
        gap: var(--bn-space-4);
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        justify-content: end;
        gap: var(--bn-space-2);
      }
      blockquote {
        max-height: 8rem;
        margin: 0;
        padding-inline-start: var(--bn-space-3);
        border-inline-start: var(--bn-ring) solid var(--bn-line-strong);
        overflow: auto;
        overflow-wrap: anywhere;
      }
    `,
  ];
  /** Slug of the bot. */
  declare bot: string;
  declare memory: MemoryView | undefined;
  declare isOpen: boolean;
  declare isBusy: boolean;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.bot = '';
    this.isOpen = false;
    this.isBusy = false;
  }

  override render(): unknown {
    const { memory } = this;
    if (!memory) return nothing;
    const what = memory.supersedes?.length
      ? msg('The memory is removed, and with it what it took the place of. The history of its folder keeps it.')
      : msg('The memory is removed, and with it what was derived from it. The history of its folder keeps it.');
    return html`<bn-dialog heading=${msg('Forget this?')} .isOpen=${this.isOpen} @bn-close=${() => this.#close()}>
      <div class="ask">
        <blockquote>${memory.text}</blockquote>
        <p>${what}</p>
        ${errorNotice(this.error)}
        <div class="row">
          <button @click=${() => this.#close()}>${msg('Keep it')}</button>
          <button class="danger" ?disabled=${this.isBusy} @click=${() => void this.#forget(memory)}>
            ${msg('Forget it')}
          </button>
        </div>
      </div>
    </bn-dialog>`;
  }

  #close(): void {
    this.isOpen = false;
    this.error = undefined;
    this.dispatchEvent(new CloseEvent());
  }

  async #forget({ id }: MemoryView): Promise<void> {
    this.isBusy = true;
    this.error = undefined;
    try {
      const answer = await this.#client.value?.call('memories.delete', { bot: this.bot, memory: id });
      this.dispatchEvent(new ForgottenEvent(answer?.removed ?? []));
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
    this.isBusy = false;
  }
}

customElements.define('bn-forget-memory', BnForgetMemory);
