import {
  BnElement,
  CallError,
  clientContext,
  CloseEvent,
  css,
  fleetContext,
  html,
  msg,
  str,
  nothing,
  type Answer,
  formStyles,
} from 'boternity/ui';
import type { PropertyValues } from 'lit';
import { valuesOf } from './password-field.ts';
import { rightsOf, scopesFrom, type Noun } from './scopes.ts';

/** Makes a token and shows it once. @event bn-close - It was closed. */
export class BnCreateToken extends BnElement {
  static override properties = {
    isOpen: { type: Boolean },
    isBusy: { state: true },
    isAll: { state: true },
    nouns: { state: true },
    made: { state: true },
    isCopied: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    formStyles,
    css`
      fieldset {
        display: grid;
        gap: var(--bn-space-2);
        margin: 0;
        padding: 0;
        border: 0;
        font-size: var(--bn-text-s);
      }
      legend {
        margin-bottom: var(--bn-space-1);
        padding: 0;
        font-weight: var(--bn-weight-strong);
      }
      .choice,
      .rights label {
        display: inline-flex;
        align-items: center;
        gap: var(--bn-space-2);
        min-height: var(--bn-target);
        font-weight: var(--bn-weight);
      }
      :is(.choice, .rights) input {
        width: auto;
        min-height: 0;
        accent-color: var(--bn-accent);
      }
      .rights {
        display: grid;
        grid-template-columns: minmax(4rem, auto) 1fr;
        gap: 0 var(--bn-space-3);
        max-height: 16rem;
        margin: 0;
        padding: var(--bn-space-2) var(--bn-space-3);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        overflow-y: auto;
      }
      .rights dt {
        align-content: center;
      }
      .rights dd {
        display: flex;
        flex-wrap: wrap;
        gap: 0 var(--bn-space-3);
        margin: 0;
      }
      .made {
        display: grid;
        gap: var(--bn-space-4);
      }
      .made code {
        padding: var(--bn-space-3);
        border-radius: var(--bn-radius-m);
        background: var(--bn-ground-code);
        overflow-wrap: anywhere;
        user-select: all;
      }
    `,
  ];
  declare isOpen: boolean;
  declare isBusy: boolean;
  declare isAll: boolean;
  declare nouns: readonly Noun[];
  declare made: Answer<'tokens.create'> | undefined;
  declare isCopied: boolean;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);
  readonly #fleet = this.watch(fleetContext);

  constructor() {
    super();
    this.isOpen = false;
    this.isBusy = false;
    this.isAll = false;
    this.isCopied = false;
    this.nouns = [];
  }

  override willUpdate(changed: PropertyValues): void {
    if (changed.has('isOpen') && this.isOpen && this.nouns.length === 0) void this.#readRights();
  }

  override render(): unknown {
    const heading = this.made ? msg('Copy it now') : msg('New token');
    return html`<bn-dialog heading=${heading} .isOpen=${this.isOpen} @bn-close=${() => this.#close()}>
      ${this.made ? this.#shown(this.made) : this.#form()}
    </bn-dialog>`;
  }

  #form(): unknown {
    return html`<form @submit=${(event: SubmitEvent) => void this.#submit(event)}>
      <label>
        ${msg('What it is for')}
        <input
          name="name"
          required
          maxlength="60"
          autocomplete="off"
          autofocus
          placeholder=${msg('git on my laptop')}
        />
      </label>
      <fieldset @change=${(event: Event) => this.#chose(event)}>
        <legend>${msg('What it may do')}</legend>
        <label class="choice"
          ><input type="radio" name="extent" value="some" .checked=${!this.isAll} />${msg('Only this')}</label
        >
        ${this.isAll ? nothing : this.#rights()}
        <label class="choice"
          ><input
            type="radio"
            name="extent"
            value="all"
            .checked=${this.isAll}
          />${msg('Everything that you may')}</label
        >
      </fieldset>
      ${this.isAll ? nothing : this.#bots()}
      <label>
        ${msg('Expires')}
        <select name="days">
          <option value="7">${msg('in a week')}</option>
          <option value="30">${msg('in 30 days')}</option>
          <option value="90" selected>${msg('in 90 days')}</option>
          <option value="365">${msg('in a year')}</option>
          <option value="0">${msg('never')}</option>
        </select>
      </label>
      ${
        this.error
          ? html`<bn-notice tone="danger" role="alert"
              ><strong>${this.error.message}</strong> ${this.error.hint}</bn-notice
            >`
          : nothing
      }
      <div class="row">
        <button type="button" @click=${() => this.#close()}>${msg('Cancel')}</button>
        <button class="primary" ?disabled=${this.isBusy}>${msg('Make it')}</button>
      </div>
    </form>`;
  }

  #rights(): unknown {
    return html`<dl class="rights">
      ${this.nouns.map(
        ({ noun, rights }) =>
          html`<dt>${noun}</dt>
            <dd>
              ${rights.map(
                (right) =>
                  html`<label
                    ><input type="checkbox" value="${noun}:${right}" aria-label="${noun}: ${right}" />${right}</label
                  >`,
              )}
            </dd>`,
      )}
    </dl>`;
  }

  #bots(): unknown {
    const bots = this.#fleet.value?.bots ?? [];
    return html`<label>
      ${msg('For which bots')}
      <select name="bot">
        <option value="">${msg('all of them')}</option>
        ${bots.map(({ slug, name }) => html`<option value=${slug}>${msg(str`only ${name}`)}</option>`)}
      </select>
    </label>`;
  }

  #shown({ name, token }: Answer<'tokens.create'>): unknown {
    return html`<div class="made">
      <p>${msg(str`This is the token “${name}”. It is shown this once; afterwards nobody can read it any more.`)}</p>
      <code>${token}</code>
      <div class="row">
        <button @click=${() => void this.#copy(token)}>
          <bn-icon name=${this.isCopied ? 'check' : 'copy'}></bn-icon>
          <span role="status">${this.isCopied ? msg('Copied') : msg('Copy')}</span>
        </button>
        <button class="primary" @click=${() => this.#close()}>${msg('Done')}</button>
      </div>
    </div>`;
  }

  #chose(event: Event): void {
    const input = event.target as HTMLInputElement;
    if (input.name === 'extent') this.isAll = input.value === 'all';
  }

  async #copy(token: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(token);
      this.isCopied = true;
    } catch {
      // Browsers keep the clipboard from pages without TLS at other addresses than localhost: then the keys copy.
      const text = this.renderRoot.querySelector('.made code');
      if (text) getSelection()?.selectAllChildren(text);
    }
  }

  #close(): void {
    this.isOpen = false;
    this.made = undefined;
    this.isCopied = false;
    this.error = undefined;
    this.dispatchEvent(new CloseEvent());
  }

  async #readRights(): Promise<void> {
    try {
      const { actions } = (await this.#client.value?.call('actions.list', {})) ?? { actions: [] };
      this.nouns = rightsOf(actions);
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.isBusy) return;
    const form = event.target as HTMLFormElement;
    const { name = '', days = '', bot = '' } = valuesOf(form);
    const checked = form.querySelectorAll<HTMLInputElement>('[type=checkbox]:checked');
    const chosen = Array.from(checked, ({ value }) => value);
    const scopes = this.isAll ? ['*'] : scopesFrom(chosen, bot, this.nouns);
    this.isBusy = true;
    try {
      this.made = await this.#client.value?.call('tokens.create', { name, scopes, days: Number(days) });
      this.error = undefined;
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
    this.isBusy = false;
  }
}

customElements.define('bn-create-token', BnCreateToken);
