import type { PropertyValues } from 'lit';
import {
  BnElement,
  CallError,
  CloseEvent,
  FleetChangedEvent,
  clientContext,
  css,
  html,
  navigate,
  nothing,
  pathTo,
} from 'boternity/ui';

/** Asks for a name and makes a bot of it. @event bn-close - It was closed. */
export class BnCreateBot extends BnElement {
  static override properties = {
    isOpen: { type: Boolean },
    isBusy: { state: true },
    error: { state: true },
    templates: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      form {
        display: grid;
        gap: var(--bn-space-4);
      }
      label {
        display: grid;
        gap: var(--bn-space-1);
        font-size: var(--bn-text-s);
        font-weight: var(--bn-weight-strong);
      }
      input,
      select {
        font-size: max(1rem, var(--bn-text-m));
        font-weight: var(--bn-weight);
      }
      .soft {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
        font-weight: var(--bn-weight);
      }
      .row {
        display: flex;
        justify-content: end;
        gap: var(--bn-space-2);
      }
    `,
  ];
  declare isOpen: boolean;
  declare isBusy: boolean;
  declare error: CallError | undefined;
  declare templates: readonly { name: string; description: string }[];
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.isOpen = false;
    this.isBusy = false;
    this.templates = [];
  }

  override willUpdate(changed: PropertyValues): void {
    if (changed.has('isOpen') && this.isOpen && this.templates.length === 0) void this.#readTemplates();
  }

  override render(): unknown {
    return html`<bn-dialog heading="New bot" .isOpen=${this.isOpen} @bn-close=${() => this.#close()}>
      <form @submit=${(event: SubmitEvent) => void this.#submit(event)}>
        <label>
          Name
          <input name="name" required maxlength="100" autocomplete="off" autofocus placeholder="Ada" />
        </label>
        <label>
          Template
          <select name="template" required>
            ${this.templates.map(({ name, description }) => html`<option value=${name}>${description ? `${name}: ${description}` : name}</option>`)}
          </select>
          <span class="soft">What its folder begins with. You change the files as you like.</span>
        </label>
        ${
          this.error
            ? html`<bn-notice tone="danger" role="alert"
                ><strong>${this.error.message}</strong> ${this.error.hint}</bn-notice
              >`
            : nothing
        }
        <div class="row">
          <button type="button" @click=${() => this.#close()}>Cancel</button>
          <button class="primary" ?disabled=${this.isBusy}>Create</button>
        </div>
      </form>
    </bn-dialog>`;
  }

  async #readTemplates(): Promise<void> {
    try {
      this.templates = (await this.#client.value?.call('templates.list', {}))?.templates ?? [];
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }

  #close(): void {
    this.isOpen = false;
    this.error = undefined;
    this.dispatchEvent(new CloseEvent());
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const [name = '', template = ''] = Array.from(
      form.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input, select'),
      (field) => field.value.trim(),
    );
    if (name === '' || this.isBusy) return;
    this.isBusy = true;
    this.error = undefined;
    try {
      const { slug } = (await this.#client.value?.call('bots.create', { name, template })) ?? {};
      form.reset();
      this.#close();
      this.dispatchEvent(new FleetChangedEvent());
      if (slug !== undefined) navigate(pathTo('bots', slug));
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
    this.isBusy = false;
  }
}

customElements.define('bn-create-bot', BnCreateBot);
