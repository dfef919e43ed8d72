import {
  BnElement,
  CallError,
  clientContext,
  CloseEvent,
  css,
  errorNotice,
  fleetContext,
  formStyles,
  html,
  msg,
  nothing,
  str,
  type Answer,
} from 'boternity/ui';

type Kept = Answer<'secrets.set'>;

/** Keeps a value under a name: a new one, or that of `name`. What came of trying it is said. @event bn-close - It is done, or not wanted. */
export class BnSecretForm extends BnElement {
  static override properties = {
    name: { type: String },
    bot: { type: String },
    kept: { state: true },
    error: { state: true },
    isBusy: { state: true },
  };
  static override styles = [
    super.styles,
    formStyles,
    css`
      .wrong {
        color: var(--bn-danger);
        font-weight: var(--bn-weight);
      }
      :host {
        flex: 1 0 100%;
      }
      .made {
        display: grid;
        gap: var(--bn-space-3);
      }
    `,
  ];
  /** Of the secret that gets another value; a new one without. */
  declare name: string;
  /** Slug of the one bot it counts for. */
  declare bot: string;
  declare kept: Kept | undefined;
  declare error: CallError | undefined;
  declare isBusy: boolean;
  readonly #client = this.watch(clientContext);
  readonly #fleet = this.watch(fleetContext);

  constructor() {
    super();
    this.name = '';
    this.bot = '';
    this.isBusy = false;
  }

  override firstUpdated(): void {
    this.renderRoot.querySelector('input')?.focus();
  }

  override render(): unknown {
    if (this.kept) return this.#said(this.kept);
    const wrong = (path: string): unknown => {
      const found = this.error?.details.find((detail) => detail.path === path);
      return found ? html`<span class="wrong" id="${path}-error">${found.message}</span>` : nothing;
    };
    const isWrong = (path: string): unknown =>
      this.error?.details.some((one) => one.path === path) ? 'true' : nothing;
    return html`<form @submit=${(event: SubmitEvent) => void this.#submit(event)}>
      ${
        this.name === ''
          ? html`<div class="field">
                <label for="name">${msg('Name')}</label>
                <input
                  id="name"
                  name="name"
                  required
                  maxlength="100"
                  autocomplete="off"
                  autocapitalize="characters"
                  spellcheck="false"
                  placeholder="OPENAI_API_KEY"
                  aria-invalid=${isWrong('name')}
                  aria-describedby="name-error"
                />
                ${wrong('name')}
              </div>
              <label>
                ${msg('Counts for')}
                <select name="bot">
                  <option value="">${msg('all bots')}</option>
                  ${(this.#fleet.value?.bots ?? []).map(
                    ({ slug, name }) => html`<option value=${slug}>${msg(str`only ${name}`)}</option>`,
                  )}
                </select>
              </label>`
          : nothing
      }
      <div class="field">
        <label for="value">${this.name === '' ? msg('Value') : msg(str`New value of ${this.name}`)}</label>
        <input
          id="value"
          name="value"
          type="password"
          required
          autocomplete="new-password"
          spellcheck="false"
          aria-invalid=${isWrong('value')}
          aria-describedby="value-error"
        />
        ${wrong('value')}
      </div>
      <label class="check">
        <input type="checkbox" name="check" checked />${msg('Try it with the provider that uses it')}
      </label>
      ${this.error && this.error.details.length === 0 ? errorNotice(this.error) : nothing}
      <div class="row">
        <button type="button" @click=${() => this.#close()}>${msg('Cancel')}</button>
        <button class="primary" ?disabled=${this.isBusy}>${msg('Save')}</button>
      </div>
    </form>`;
  }

  #said({ name, notes, checks }: Kept): unknown {
    const isGood = checks.every(({ ok }) => ok);
    return html`<div class="made">
      <bn-notice tone=${isGood ? 'info' : 'warning'} role="status">
        <strong>${msg(str`${name} is kept.`)}</strong>
        ${[...checks.map(({ message }) => message), ...notes].map((words) => html`<p>${words}</p>`)}
        <button slot="actions" @click=${() => this.#close()}>${msg('Done')}</button>
      </bn-notice>
    </div>`;
  }

  #close(): void {
    this.dispatchEvent(new CloseEvent());
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const data = new FormData(form);
    const field = (name: string): string => {
      const value = data.get(name);
      return typeof value === 'string' ? value : '';
    };
    if (this.isBusy) return;
    this.isBusy = true;
    const bot = this.name === '' ? field('bot') : this.bot;
    try {
      this.kept = await this.#client.value?.call('secrets.set', {
        name: this.name || field('name').trim(),
        value: field('value'),
        check: field('check') === 'on',
        ...(bot !== '' && { bot }),
      });
      this.error = undefined;
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
    this.isBusy = false;
  }
}

customElements.define('bn-secret-form', BnSecretForm);
