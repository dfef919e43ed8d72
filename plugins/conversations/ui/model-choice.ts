import { BnElement, CallError, clientContext, css, html, msg, nothing } from 'boternity/ui';
import { DeedEvent } from './events.ts';

/** Another model for one more try. @event bn-deed - The try. */
export class BnModelChoice extends BnElement {
  static override properties = {
    message: { type: String },
    failed: { type: String },
    models: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      form {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: var(--bn-space-2);
        margin-block-start: var(--bn-space-2);
      }
      label {
        display: grid;
        gap: var(--bn-space-1);
        min-width: 0;
        font-size: var(--bn-text-s);
      }
    `,
  ];
  /** The answer that failed. */
  declare message: string;
  /** The model that failed. */
  declare failed: string;
  declare models: readonly string[] | undefined;
  declare error: string;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.message = '';
    this.failed = '';
    this.error = '';
  }

  override firstUpdated(): void {
    void this.#read();
  }

  override render(): unknown {
    if (this.error !== '') return html`<p role="alert">${this.error}</p>`;
    if (!this.models) return nothing;
    if (this.models.length === 0) return html`<p>${msg('No other model is offered.')}</p>`;
    return html`<form @submit=${(event: SubmitEvent) => this.#submit(event)}>
      <label>
        ${msg('Model')}
        <select>
          ${this.models.map((name) => html`<option>${name}</option>`)}
        </select>
      </label>
      <button class="primary">${msg('Try again with it')}</button>
    </form>`;
  }

  async #read(): Promise<void> {
    try {
      const answer = await this.#client.value?.call('models.list', {});
      const names = answer?.models.map(({ id, provider }) => `${provider}/${id}`) ?? [];
      this.models = names.filter((name) => name !== this.failed);
      await this.updateComplete;
      this.renderRoot.querySelector('select')?.focus();
    } catch (thrown) {
      this.error = CallError.from(thrown).message;
    }
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    const model = this.renderRoot.querySelector('select')?.value;
    if (model) this.dispatchEvent(new DeedEvent({ action: 'messages.retry', message: this.message, model }));
  }
}

customElements.define('bn-model-choice', BnModelChoice);
