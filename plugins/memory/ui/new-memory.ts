import { BnElement, CallError, CloseEvent, clientContext, html, msg } from 'boternity/ui';
import type { PropertyValues } from 'lit';
import './memory-form.ts';
import { BnMemoryForm, type SaveEvent } from './memory-form.ts';

/** A dialog that tells a bot something. @event bn-close - It was closed. @event bn-remembered - The bot has it. */
export class BnNewMemory extends BnElement {
  static override properties = {
    bot: { type: String },
    isOpen: { type: Boolean },
    isBusy: { state: true },
    error: { state: true },
  };
  /** Slug of the bot. */
  declare bot: string;
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

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('isOpen') && this.isOpen) this.#form()?.focus();
  }

  override render(): unknown {
    return html`<bn-dialog heading=${msg('New memory')} .isOpen=${this.isOpen} @bn-close=${() => this.#close()}>
      <bn-memory-form
        label=${msg('Remember')}
        .isBusy=${this.isBusy}
        .error=${this.error}
        @bn-save=${(event: SaveEvent) => void this.#save(event)}
        @bn-cancel=${() => this.#close()}
      ></bn-memory-form>
    </bn-dialog>`;
  }

  #form(): BnMemoryForm | undefined {
    const form = this.renderRoot.querySelector('bn-memory-form');
    return form instanceof BnMemoryForm ? form : undefined;
  }

  #close(): void {
    this.isOpen = false;
    this.error = undefined;
    this.dispatchEvent(new CloseEvent());
  }

  async #save({ said }: SaveEvent): Promise<void> {
    this.isBusy = true;
    this.error = undefined;
    try {
      await this.#client.value?.call('memories.create', { bot: this.bot, ...said });
      this.#form()?.reset();
      this.dispatchEvent(new Event('bn-remembered'));
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
    this.isBusy = false;
  }
}

customElements.define('bn-new-memory', BnNewMemory);
