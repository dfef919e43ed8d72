import {
  BnElement,
  CallError,
  clientContext,
  css,
  formatDate,
  formatFullTime,
  formatTime,
  html,
  msg,
  str,
  type Answer,
  errorNotice,
  sectionStyles,
} from 'boternity/ui';
import './create-token.ts';

type Token = Answer<'tokens.list'>['tokens'][number];

/** The API tokens, the way to a new one and the end of each. */
export class BnTokenList extends BnElement {
  static override properties = {
    tokens: { state: true },
    asked: { state: true },
    isCreating: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    sectionStyles,
    css`
      code {
        margin-inline-end: var(--bn-space-1);
        padding: 0.1em 0.35em;
        border-radius: var(--bn-radius-s);
        background: var(--bn-ground-code);
      }
    `,
  ];
  declare tokens: readonly Token[];
  /** The token that somebody is about to revoke. */
  declare asked: string;
  declare isCreating: boolean;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.tokens = [];
    this.asked = '';
    this.isCreating = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#read();
  }

  override render(): unknown {
    return html`<section aria-labelledby="heading">
        <div class="head">
          <h2 id="heading">${msg('What programs may do here')}</h2>
          <button @click=${() => (this.isCreating = true)}><bn-icon name="plus"></bn-icon>${msg('New token')}</button>
        </div>
        ${errorNotice(this.error)}
        ${
          this.tokens.length === 0
            ? html`<p class="empty">
                ${msg('With a token a program does what you allow it: git, scripts, other machines. There is none yet.')}
              </p>`
            : html`<ul class="lines rows">
                ${this.tokens.map((token) => this.#line(token))}
              </ul>`
        }
      </section>
      <bn-create-token .isOpen=${this.isCreating} @bn-close=${() => this.#created()}></bn-create-token>`;
  }

  #line({ id, name, scopes, expiresAt, lastUsedAt }: Token): unknown {
    return html`<li>
      <div>
        <strong>${name}</strong><br />
        ${scopes.map((scope) => html`<code>${scope}</code> `)}<br />
        <span class="soft small"
          >${
            expiresAt === null
              ? msg('does not expire')
              : html`${msg('until')}
                  <time datetime=${expiresAt} title=${formatFullTime(expiresAt)}>${formatDate(expiresAt)}</time>`
          },
          ${
            lastUsedAt === null
              ? msg('never used')
              : html`${msg('last used')}
                  <time datetime=${lastUsedAt} title=${formatFullTime(lastUsedAt)}>${formatTime(lastUsedAt)}</time>`
          }</span
        >
      </div>
      ${
        this.asked === id
          ? html`<div class="row" role="group" aria-label=${msg(str`Revoke ${name}?`)}>
              <button class="danger" @click=${() => void this.#revoke(id)}>${msg('Revoke for good')}</button>
              <button @click=${() => (this.asked = '')}>${msg('Keep')}</button>
            </div>`
          : html`<button aria-label=${msg(str`Revoke ${name}`)} @click=${() => (this.asked = id)}>
              ${msg('Revoke')}
            </button>`
      }
    </li>`;
  }

  #created(): void {
    this.isCreating = false;
    void this.#read();
  }

  async #revoke(token: string): Promise<void> {
    this.asked = '';
    try {
      await this.#client.value?.call('tokens.revoke', { token });
    } catch (thrown) {
      this.error = CallError.from(thrown);
      return;
    }
    await this.#read();
  }

  async #read(): Promise<void> {
    try {
      await this.updateComplete;
      this.tokens = (await this.#client.value?.call('tokens.list', {}))?.tokens ?? [];
      this.error = undefined;
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }
}

customElements.define('bn-token-list', BnTokenList);
