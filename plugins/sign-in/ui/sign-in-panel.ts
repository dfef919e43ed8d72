import { BnElement, CallError, clientContext, css, html, mark, nothing, showTitle } from 'boternity/ui';
import './setup-form.ts';
import './sign-in-form.ts';

type Account = 'none' | 'ready' | 'broken';

/** The gate: what somebody sees whom the server does not know. The way in, or words about how to come to one. */
export class BnSignInPanel extends BnElement {
  static override properties = {
    account: { state: true },
    isLinkGood: { state: true },
    isKnown: { state: true },
    wasKnown: { type: Boolean, attribute: 'was-known' },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      :host {
        display: grid;
        min-height: 100%;
        padding: var(--bn-space-5) var(--bn-space-4);
        place-items: center;
      }
      .card {
        display: grid;
        gap: var(--bn-space-5);
        width: min(24rem, 100%);
        padding: var(--bn-space-6);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-l);
        background: var(--bn-ground-raised);
        box-shadow: var(--bn-shadow-1);
      }
      header {
        display: grid;
        justify-items: center;
        gap: var(--bn-space-3);
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
      .soft {
        color: var(--bn-ink-soft);
      }
      .steps {
        display: grid;
        gap: var(--bn-space-3);
      }
      code {
        padding: 0.1em 0.35em;
        border-radius: var(--bn-radius-s);
        background: var(--bn-ground-code);
        overflow-wrap: anywhere;
      }
      @media (width < 30rem) {
        .card {
          padding: var(--bn-space-5) var(--bn-space-4);
        }
      }
    `,
  ];
  declare account: Account | undefined;
  declare isLinkGood: boolean;
  /** Whether the visitor is signed in, and only came by a link that is not good. */
  declare isKnown: boolean;
  /** Whether a session ended while the page was in use. */
  declare wasKnown: boolean;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);
  readonly #link = takeLink();

  constructor() {
    super();
    this.isLinkGood = this.#link !== '';
    this.isKnown = false;
    this.wasKnown = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    showTitle('Sign in');
    void this.#read();
  }

  override render(): unknown {
    if (this.isLinkGood) {
      return this.#card(html`<bn-setup-form .token=${this.#link} @bn-link-refused=${this.#refused}></bn-setup-form>`);
    }
    const refusal = this.error
      ? html`<bn-notice tone="warning" role="alert"
          ><strong>${this.error.message}</strong> ${this.error.hint}</bn-notice
        >`
      : nothing;
    const { account } = this;
    if (this.isKnown) return this.#card(html`${title('Boternity')} ${refusal} ${onward}`);
    if (account === 'ready') {
      return this.#card(
        html`${title('Sign in')} ${refusal} ${this.wasKnown ? ended : nothing}<bn-sign-in-form></bn-sign-in-form>`,
      );
    }
    if (account === 'none') return this.#card(html`${title('Welcome to Boternity')} ${refusal} ${firstSteps}`);
    if (account === 'broken') return this.#card(html`${title('Nobody can sign in')} ${refusal} ${brokenWords}`);
    return this.error ? this.#card(html`${title('Boternity')} ${refusal}`) : nothing;
  }

  #card(content: unknown): unknown {
    return html`<div class="card">${content}</div>`;
  }

  readonly #refused = (event: CustomEvent<CallError>): void => {
    this.isLinkGood = false;
    this.error = event.detail;
    void this.#readMe();
  };

  async #readMe(): Promise<void> {
    await this.#client.value?.read('/me').then(
      () => (this.isKnown = true),
      () => undefined,
    );
  }

  async #read(): Promise<void> {
    try {
      const told = (await this.#client.value?.read('/sign-in')) as { account: Account } | undefined;
      this.account = told?.account;
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }
}

const title = (words: string): unknown =>
  html`<header>
    ${mark}
    <h1>${words}</h1>
  </header>`;

const ended = html`<bn-notice role="status">
  <strong>Your session has ended.</strong> Sign in, and you go on where you were.
</bn-notice>`;

const onward = html`<p>You are signed in.</p>
  <a class="button primary" href="/">Go to the first page</a>`;

const firstSteps = html`<div class="steps">
  <p>This server has no owner yet. The link that makes you the owner stands in the terminal where it was started.</p>
  <p class="soft">It is not there any more? On the machine of the server, this makes a new one:</p>
  <p><code>bnity setup-link</code></p>
</div>`;

const brokenWords = html`<div class="steps">
  <p>
    The file with the owner account, <code>.boternity/accounts.json</code>, cannot be read. Commands on the machine of
    the server work as ever.
  </p>
  <p class="soft">Put the file back from a backup and start the server again, or make a new owner account:</p>
  <p><code>bnity setup-link</code></p>
</div>`;

/** The secret of the setup link the page was opened with. It leaves the address at once, so that no history or copied link keeps it. */
function takeLink(): string {
  const { hash } = location;
  if (!hash.startsWith('#/setup')) return '';
  history.replaceState(null, '', location.pathname + location.search);
  return new URLSearchParams(hash.slice(hash.indexOf('?') + 1)).get('token') ?? 'none';
}

customElements.define('bn-sign-in-panel', BnSignInPanel);
