import {
  BnElement,
  CallError,
  clientContext,
  css,
  html,
  mark,
  msg,
  nothing,
  SignedInEvent,
  showTitle,
  formStyles,
} from 'boternity/ui';
import { passwordField, valuesOf } from './password-field.ts';

interface Link {
  /** Whether the account does not exist yet. */
  readonly isNew: boolean;
  readonly name: string;
  readonly email: string;
}

/** The link cannot be used; the detail says why. */
class LinkRefusedEvent extends CustomEvent<CallError> {
  constructor(error: CallError) {
    super('bn-link-refused', { detail: error });
  }
}

/**
 * Makes the owner's account, or makes it anew, by a setup link.
 * @event bn-signed-in - It is made. @event bn-link-refused - The link is not good.
 */
export class BnSetupForm extends BnElement {
  static override properties = {
    token: { type: String },
    link: { state: true },
    isBusy: { state: true },
    error: { state: true },
    isMade: { state: true },
  };
  static override styles = [
    super.styles,
    formStyles,
    css`
      header {
        display: grid;
        justify-items: center;
        gap: var(--bn-space-3);
        margin-bottom: var(--bn-space-5);
        text-align: center;
      }
      .mark {
        width: 3rem;
        height: 3rem;
      }
      h1 {
        font-size: var(--bn-text-xl);
        letter-spacing: -0.01em;
      }
    `,
  ];
  declare token: string;
  declare link: Link | undefined;
  declare isBusy: boolean;
  declare error: CallError | undefined;
  /** Whether the account stands, and the model is next. */
  declare isMade: boolean;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.token = '';
    this.isBusy = false;
    this.isMade = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.updateComplete.then(() => this.#look());
  }

  override updated(): void {
    showTitle(msg('Set up'));
  }

  override render(): unknown {
    const { link } = this;
    if (this.isMade) return html`<bn-setup-model></bn-setup-model>`;
    if (!link) return nothing;
    return html`
      <header>
        ${mark}
        <h1>${link.isNew ? msg('Make yourself at home') : msg('A new password')}</h1>
        <p class="soft small">
          ${
            link.isNew
              ? msg('You are the first here, so this server will be yours. Your name stands beside what you change.')
              : msg('With it you sign in from now on. Whoever is signed in now must sign in again.')
          }
        </p>
      </header>
      <form @submit=${(event: SubmitEvent) => void this.#submit(event)}>
        <label>
          ${msg('Name')}
          <input name="name" required maxlength="100" autocomplete="name" autofocus .value=${link.name} />
        </label>
        <label>
          ${msg('E-mail')}
          <input name="email" type="email" required maxlength="254" autocomplete="username" .value=${link.email} />
          <span class="hint">${msg('You sign in with it. Nothing is sent there.')}</span>
        </label>
        ${passwordField({
          name: 'password',
          label: msg('Password'),
          autocomplete: 'new-password',
          hint: msg('At least 12 characters. A few words that do not belong together are good.'),
          least: 12,
        })}
        ${
          this.error
            ? html`<bn-notice tone="danger" role="alert"
                ><strong>${this.error.message}</strong> ${this.error.hint}</bn-notice
              >`
            : nothing
        }
        <button class="primary" ?disabled=${this.isBusy}>
          ${this.isBusy ? msg('One moment …') : link.isNew ? msg('Make my account') : msg('Set it')}
        </button>
      </form>
    `;
  }

  async #look(): Promise<void> {
    try {
      this.link = (await this.#client.value?.send('/setup/look', { token: this.token })) as Link;
    } catch (thrown) {
      this.dispatchEvent(new LinkRefusedEvent(CallError.from(thrown)));
    }
  }

  /** The account stands and the session with it; which model answers is the other half of the setup. */
  async #goOn(): Promise<void> {
    await import('./setup-model.ts');
    this.isMade = true;
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.isBusy) return;
    this.isBusy = true;
    this.error = undefined;
    try {
      const values = valuesOf(event.target as HTMLFormElement);
      await this.#client.value?.send('/setup', { ...values, token: this.token });
      if (this.link?.isNew) await this.#goOn();
      else this.dispatchEvent(new SignedInEvent());
    } catch (thrown) {
      const error = CallError.from(thrown);
      this.isBusy = false;
      if (error.code === 'SETUP_LINK_INVALID') this.dispatchEvent(new LinkRefusedEvent(error));
      else this.error = error;
    }
  }
}

customElements.define('bn-setup-form', BnSetupForm);
