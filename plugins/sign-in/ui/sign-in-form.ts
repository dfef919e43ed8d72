import { BnElement, CallError, clientContext, html, msg, nothing, SignedInEvent, formStyles } from 'boternity/ui';
import { passwordField, valuesOf } from './password-field.ts';

/** Asks for e-mail and password. @event bn-signed-in - They were right. */
export class BnSignInForm extends BnElement {
  static override properties = { isBusy: { state: true }, error: { state: true } };
  static override styles = [super.styles, formStyles];
  declare isBusy: boolean;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.isBusy = false;
  }

  override render(): unknown {
    return html`<form @submit=${(event: SubmitEvent) => void this.#submit(event)}>
      <label>
        ${msg('E-mail')}
        <input name="email" type="email" required maxlength="254" autocomplete="username" autofocus />
      </label>
      ${passwordField({ name: 'password', label: msg('Password'), autocomplete: 'current-password' })}
      ${
        this.error
          ? html`<bn-notice tone="danger" role="alert"
              ><strong>${this.error.message}</strong> ${this.error.hint}</bn-notice
            >`
          : nothing
      }
      <button class="primary" ?disabled=${this.isBusy}>${this.isBusy ? msg('One moment …') : msg('Sign in')}</button>
    </form>`;
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.isBusy) return;
    const form = event.target as HTMLFormElement;
    this.isBusy = true;
    this.error = undefined;
    try {
      await this.#client.value?.send('/sign-in', valuesOf(form));
      this.dispatchEvent(new SignedInEvent());
    } catch (thrown) {
      this.error = CallError.from(thrown);
      this.isBusy = false;
      form.querySelector<HTMLInputElement>('[name=password]')?.select();
    }
  }
}

customElements.define('bn-sign-in-form', BnSignInForm);
