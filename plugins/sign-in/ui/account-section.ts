import { BnElement, CallError, clientContext, css, html, nothing, type Answer } from 'boternity/ui';
import { formStyles } from './form-styles.ts';
import { passwordField, valuesOf } from './password-field.ts';
import { errorNotice, sectionStyles } from './section-styles.ts';

type Account = Answer<'accounts.show'>;

/** The owner's account: name, e-mail, password. */
export class BnAccountSection extends BnElement {
  static override properties = {
    account: { state: true },
    open: { state: true },
    done: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    formStyles,
    sectionStyles,
    css`
      .lines form {
        flex: 1 0 100%;
      }
    `,
  ];
  declare account: Account | undefined;
  /** Which form is open. */
  declare open: 'who' | 'password' | undefined;
  declare done: string;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.done = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#do('', async () => this.#client.value?.call('accounts.show', {}));
  }

  override render(): unknown {
    const { account } = this;
    if (!account) return errorNotice(this.error);
    return html`<section aria-labelledby="heading">
      <div class="head">
        <h2 id="heading">Your account</h2>
        <span class="soft" role="status">${this.done}</span>
      </div>
      ${this.open ? nothing : errorNotice(this.error)}
      ${
        account.state === 'ready'
          ? html`<ul class="lines">
              <li>${this.open === 'who' ? this.#whoForm(account) : this.#who(account)}</li>
              <li>${this.open === 'password' ? this.#passwordForm() : this.#password()}</li>
            </ul>`
          : html`<p class="soft">
              There is none yet. The terminal of the server makes it: <code>bnity setup-link</code>
            </p>`
      }
    </section>`;
  }

  #who({ name, email }: Account): unknown {
    return html`<div><strong>${name}</strong><br /><span class="soft">${email}</span></div>
      <button aria-label="Change name and e-mail" @click=${() => this.#show('who')}>Change</button>`;
  }

  #password(): unknown {
    return html`<div>Password</div>
      <button aria-label="Change password" @click=${() => this.#show('password')}>Change</button>`;
  }

  #whoForm({ name, email }: Account): unknown {
    return html`<form @submit=${(event: SubmitEvent) => void this.#submit(event)}>
      <label>
        Name
        <input name="name" required maxlength="100" autocomplete="name" .value=${name ?? ''} />
      </label>
      <label>
        E-mail
        <input name="email" type="email" required maxlength="254" autocomplete="email" .value=${email ?? ''} />
      </label>
      ${this.#actions()}
    </form>`;
  }

  #passwordForm(): unknown {
    return html`<form @submit=${(event: SubmitEvent) => void this.#submit(event)}>
      ${passwordField({ name: 'current', label: 'Password until now', autocomplete: 'current-password' })}
      ${passwordField({
        name: 'password',
        label: 'New password',
        autocomplete: 'new-password',
        hint: 'At least 12 characters. Your other sessions end.',
        least: 12,
      })}
      ${this.#actions()}
    </form>`;
  }

  #actions(): unknown {
    return html`${errorNotice(this.error)}
      <div class="row">
        <button type="button" @click=${() => this.#show(undefined)}>Cancel</button>
        <button class="primary">Save</button>
      </div>`;
  }

  #show(open: 'who' | 'password' | undefined): void {
    this.open = open;
    this.done = '';
    this.error = undefined;
    void this.updateComplete.then(() => this.renderRoot.querySelector('input')?.focus());
  }

  #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const { name = '', email = '', current = '', password = '' } = valuesOf(event.target as HTMLFormElement);
    if (this.open === 'who') {
      return this.#do('Saved.', async () => this.#client.value?.call('accounts.update', { name, email }));
    }
    return this.#do('The new password holds.', async () => {
      await this.#client.value?.call('password.set', { current, password });
      return this.#client.value?.call('accounts.show', {});
    });
  }

  async #do(done: string, work: () => Promise<Account | undefined>): Promise<void> {
    try {
      await this.updateComplete;
      this.account = await work();
      this.error = undefined;
      this.open = undefined;
      this.done = done;
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }
}

customElements.define('bn-account-section', BnAccountSection);
