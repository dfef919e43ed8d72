import { BnElement, CallError, clientContext, css, html, mark, nothing, SignedInEvent, showTitle } from 'boternity/ui';
import { formStyles } from './form-styles.ts';
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
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.token = '';
    this.isBusy = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    showTitle('Set up');
    void this.updateComplete.then(() => this.#look());
  }

  override render(): unknown {
    const { link } = this;
    if (!link) return nothing;
    return html`
      <header>
        ${mark}
        <h1>${link.isNew ? 'Make yourself at home' : 'A new password'}</h1>
        <p class="soft">
          ${
            link.isNew
              ? 'You are the first here, so this server will be yours. Your name stands beside what you change.'
              : 'With it you sign in from now on. Whoever is signed in now must sign in again.'
          }
        </p>
      </header>
      <form @submit=${(event: SubmitEvent) => void this.#submit(event)}>
        <label>
          Name
          <input name="name" required maxlength="100" autocomplete="name" autofocus .value=${link.name} />
        </label>
        <label>
          E-mail
          <input name="email" type="email" required maxlength="254" autocomplete="username" .value=${link.email} />
          <span class="soft">You sign in with it. Nothing is sent there.</span>
        </label>
        ${passwordField({
          name: 'password',
          label: 'Password',
          autocomplete: 'new-password',
          hint: 'At least 12 characters. A few words that do not belong together are good.',
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
          ${this.isBusy ? 'One moment …' : link.isNew ? 'Make my account' : 'Set it'}
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

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.isBusy) return;
    this.isBusy = true;
    this.error = undefined;
    try {
      const values = valuesOf(event.target as HTMLFormElement);
      await this.#client.value?.send('/setup', { ...values, token: this.token });
      this.dispatchEvent(new SignedInEvent());
    } catch (thrown) {
      const error = CallError.from(thrown);
      this.isBusy = false;
      if (error.code === 'SETUP_LINK_INVALID') this.dispatchEvent(new LinkRefusedEvent(error));
      else this.error = error;
    }
  }
}

customElements.define('bn-setup-form', BnSetupForm);
