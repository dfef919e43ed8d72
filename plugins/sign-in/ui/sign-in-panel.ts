import {
  addWords,
  BnElement,
  CallError,
  chooseLanguage,
  clientContext,
  css,
  html,
  languageNow,
  languages,
  mark,
  msg,
  nothing,
  showTitle,
  type Language,
  pathTo,
} from 'boternity/ui';
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
        grid-template-columns: minmax(0, 1fr);
        gap: var(--bn-space-5);
        width: min(24rem, 100%);
        padding: var(--bn-space-6);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-l);
        background: var(--bn-ground-raised);
        box-shadow: var(--bn-shadow-1);
      }
      .landing {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(0, 25rem);
        align-items: center;
        gap: var(--bn-space-7);
        width: min(64rem, 100%);
      }
      .landing .card {
        width: 100%;
      }
      @media (width >= 52rem) {
        .landing .card .mark {
          display: none;
        }
        .landing .card header {
          justify-items: start;
          text-align: start;
        }
      }
      .about {
        display: grid;
        gap: var(--bn-space-4);
      }
      .about .claim {
        max-width: 16em;
        color: var(--bn-ink);
        font-weight: var(--bn-weight-strong);
        font-size: clamp(1.75rem, 1.2rem + 2vw, 2.5rem);
        line-height: 1.15;
        letter-spacing: -0.02em;
      }
      .about .mark {
        width: 3.5rem;
        height: 3.5rem;
      }
      .about p {
        max-width: 30rem;
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-l);
        text-wrap: pretty;
      }
      .about ul {
        display: grid;
        gap: var(--bn-space-3);
        margin-block-start: var(--bn-space-2);
      }
      .about li {
        text-wrap: pretty;
        display: flex;
        gap: var(--bn-space-3);
      }
      .about bn-icon {
        margin-block-start: 0.15em;
        color: var(--bn-accent);
        font-size: var(--bn-text-l);
      }
      @media (width < 52rem) {
        .landing {
          grid-template-columns: minmax(0, 26rem);
          justify-content: center;
          gap: var(--bn-space-5);
        }
        .about {
          gap: var(--bn-space-2);
        }
        .about .claim {
          font-size: var(--bn-text-xl);
        }
        .about p {
          font-size: var(--bn-text-m);
        }
        .about ul,
        .about .mark {
          display: none;
        }
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
      .languages {
        display: flex;
        justify-content: center;
        gap: var(--bn-space-2);
      }
      .languages [aria-pressed='true'] {
        color: var(--bn-ink);
        font-weight: var(--bn-weight-strong);
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
  #link = takeLink();

  constructor() {
    super();
    this.isLinkGood = this.#link !== '';
    this.isKnown = false;
    this.wasKnown = false;
    this.whileConnected(() => {
      const look = (): void => this.#lookForLink();
      globalThis.addEventListener('hashchange', look);
      return () => globalThis.removeEventListener('hashchange', look);
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#read();
  }

  override updated(): void {
    if (!this.isLinkGood) showTitle(msg('Sign in'));
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
    if (this.isKnown) return this.#card(html`${title('Boternity')} ${refusal} ${onward()}`);
    if (account === 'ready' && this.wasKnown)
      return this.#card(html`${title(msg('Sign in'))} ${refusal} ${ended()}<bn-sign-in-form></bn-sign-in-form>`);
    if (account === 'ready')
      return this.#landing(html`${title(msg('Sign in'))} ${refusal}<bn-sign-in-form></bn-sign-in-form>`);
    if (account === 'none')
      return this.#landing(html`${title(msg('Welcome to Boternity'))} ${refusal} ${firstSteps()}`);
    if (account === 'broken') return this.#card(html`${title(msg('Nobody can sign in'))} ${refusal} ${brokenWords()}`);
    return this.error ? this.#card(html`${title('Boternity')} ${refusal}`) : nothing;
  }

  /** What this is, beside the way in. */
  #landing(content: unknown): unknown {
    const points = [
      { icon: 'folder', words: msg('Every bot is a folder of plain files that you can read, edit and copy.') },
      { icon: 'clock', words: msg('Every change is kept: look back, compare, roll back.') },
      { icon: 'shield', words: msg('It runs on your machine, with the models you choose. Your keys stay here.') },
    ];
    return html`<div class="landing">
      <div class="about">
        ${mark}
        <p class="claim">${msg('A home for your bots')}</p>
        <p>
          ${msg('Boternity is a server of your own for a fleet of AI bots: each with a name, a character and a memory.')}
        </p>
        <ul>
          ${points.map(({ icon, words }) => html`<li><bn-icon name=${icon}></bn-icon><span>${words}</span></li>`)}
        </ul>
      </div>
      ${this.#card(content)}
    </div>`;
  }

  /** A visitor of whom nothing is known yet may read another language than the browser says. */
  #languages(): unknown {
    return html`<div class="languages" role="group" aria-label=${msg('Language')}>
      ${(Object.keys(languages) as Language[]).map(
        (each) =>
          html`<button
            class="quiet"
            lang=${each}
            aria-pressed=${each === languageNow()}
            @click=${() => void chooseLanguage(each)}
          >
            ${languages[each]}
          </button>`,
      )}
    </div>`;
  }

  #card(content: unknown): unknown {
    return html`<div class="card">${content}${this.#languages()}</div>`;
  }

  /** A link that is pasted where the page is open already loads nothing anew. */
  #lookForLink(): void {
    const link = takeLink();
    if (link === '') return;
    this.#link = link;
    this.isLinkGood = true;
    this.error = undefined;
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

const ended = (): unknown =>
  html`<bn-notice role="status">
    <strong>${msg('Your session has ended.')}</strong> ${msg('Sign in, and you go on where you were.')}
  </bn-notice>`;

const onward = (): unknown =>
  html`<p>${msg('You are signed in.')}</p>
    <a class="button primary" href=${pathTo()}>${msg('Go to the first page')}</a>`;

const firstSteps = (): unknown =>
  html`<div class="steps">
    <p>
      ${msg('This server has no owner yet. The link that makes you the owner stands in the terminal where it was started.')}
    </p>
    <p class="soft small">${msg('It is not there any more? On the machine of the server, this makes a new one:')}</p>
    <p><code>bnity setup-link</code></p>
  </div>`;

const brokenWords = (): unknown =>
  html`<div class="steps">
    <p>
      ${msg('The file with the owner account cannot be read. Commands on the machine of the server work as ever.')}
      <code>.boternity/accounts.json</code>
    </p>
    <p class="soft small">
      ${msg('Put the file back from a backup and start the server again, or make a new owner account:')}
    </p>
    <p><code>bnity setup-link</code></p>
  </div>`;

/** The secret of the setup link the page was opened with. It leaves the address at once, so that no history or copied link keeps it. */
function takeLink(): string {
  const { hash } = location;
  if (!hash.startsWith('#/setup')) return '';
  history.replaceState(null, '', location.pathname + location.search);
  return new URLSearchParams(hash.slice(hash.indexOf('?') + 1)).get('token') ?? 'none';
}

addWords({ de: () => import('./words-de.ts') });
customElements.define('bn-sign-in-panel', BnSignInPanel);
