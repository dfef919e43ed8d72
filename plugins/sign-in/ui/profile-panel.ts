import { addWords, BnPage, css, errorNotice, html, msg, nothing, type Answer, type Client } from 'boternity/ui';
import { passwordField, valuesOf } from './password-field.ts';

type Account = Answer<'accounts.show'>;

/** The owner's account: name, e-mail and password. What lets others in changes with the current password only. */
export class BnProfilePanel extends BnPage<Account> {
  static override properties = { failed: { state: true }, email: { state: true } };
  static override styles = [
    super.styles,
    css`
      form {
        padding: var(--bn-space-5);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        background: var(--bn-ground-raised);
      }
    `,
  ];
  /** Which form was refused. */
  declare failed: 'who' | 'password' | undefined;
  /** The address as it stands in the field. */
  declare email: string | undefined;

  protected heading(): string {
    return msg('Profile');
  }

  protected read(client: Client): Promise<Account> {
    return client.call('accounts.show', {});
  }

  /** What was refused is said in the form that it belongs to. */
  protected override notice(): unknown {
    return this.failed === undefined ? super.notice() : nothing;
  }

  protected content(account: Account): unknown {
    if (account.state !== 'ready')
      return html`<p class="soft">
        ${msg('There is no account yet. The terminal of the server makes it:')} <code>bnity setup-link</code>
      </p>`;
    return html`${this.#whoForm(account)}${this.#passwordForm()}`;
  }

  #whoForm({ name, email }: Account): unknown {
    const isMoved = this.email !== undefined && this.email !== (email ?? '');
    return html`<section aria-labelledby="who">
      <h2 id="who">${msg('You')}</h2>
      <form @submit=${(event: SubmitEvent) => void this.#saveWho(event)}>
        <label>
          ${msg('Name')}
          <input name="name" required maxlength="100" autocomplete="name" .value=${name ?? ''} />
        </label>
        <label>
          ${msg('E-mail')}
          <input
            name="email"
            type="email"
            required
            maxlength="254"
            autocomplete="email"
            .value=${email ?? ''}
            @input=${(event: Event) => (this.email = (event.target as HTMLInputElement).value)}
          />
          <span class="hint"
            >${msg('You sign in with it; it stands beside your name in the history of your bots.')}</span
          >
        </label>
        ${
          isMoved
            ? passwordField({
                name: 'who-current',
                label: msg('Current password'),
                autocomplete: 'current-password',
                hint: msg('Another address needs your password.'),
              })
            : nothing
        }
        ${this.failed === 'who' ? errorNotice(this.error) : nothing}
        <div class="row"><button class="primary" ?disabled=${this.isBusy}>${msg('Save')}</button></div>
      </form>
    </section>`;
  }

  #passwordForm(): unknown {
    return html`<section aria-labelledby="password-heading">
      <h2 id="password-heading">${msg('Password')}</h2>
      <form @submit=${(event: SubmitEvent) => void this.#savePassword(event)}>
        ${passwordField({ name: 'current', label: msg('Current password'), autocomplete: 'current-password' })}
        ${passwordField({
          name: 'password',
          label: msg('New password'),
          autocomplete: 'new-password',
          hint: msg('At least 12 characters. Your other sessions end.'),
          least: 12,
        })}
        ${this.failed === 'password' ? errorNotice(this.error) : nothing}
        <div class="row"><button class="primary" ?disabled=${this.isBusy}>${msg('Change password')}</button></div>
      </form>
    </section>`;
  }

  async #saveWho(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const { name = '', email = '', 'who-current': current } = valuesOf(event.target as HTMLFormElement);
    const change = { name, email, ...(current !== undefined && { current }) };
    this.failed = 'who';
    if (await this.act((client) => client.call('accounts.update', change), msg('Saved.'))) this.email = undefined;
  }

  async #savePassword(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const { current = '', password = '' } = valuesOf(form);
    this.failed = 'password';
    const isSet = await this.act(
      (client) => client.call('password.set', { current, password }),
      msg('The new password holds.'),
    );
    if (isSet) form.reset();
  }
}

addWords({ de: () => import('./words-de.ts') });
customElements.define('bn-profile-panel', BnProfilePanel);
