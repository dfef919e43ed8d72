import {
  BnElement,
  CallError,
  clientContext,
  css,
  formatFullTime,
  formatTime,
  html,
  nothing,
  SignOutEvent,
  type Answer,
} from 'boternity/ui';
import { errorNotice, sectionStyles } from './section-styles.ts';

type Session = Answer<'sessions.list'>['sessions'][number];

/** Where the owner is signed in, and the way to end each. */
export class BnSessionList extends BnElement {
  static override properties = { sessions: { state: true }, error: { state: true } };
  static override styles = [
    super.styles,
    sectionStyles,
    css`
      .current {
        color: var(--bn-accent);
        font-size: var(--bn-text-s);
      }
    `,
  ];
  declare sessions: readonly Session[];
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.sessions = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#do(async () => undefined);
  }

  override render(): unknown {
    const others = this.sessions.filter(({ current }) => !current);
    return html`<section aria-labelledby="heading">
      <div class="head">
        <h2 id="heading">Signed in</h2>
        ${
          others.length > 0
            ? html`<button @click=${() => void this.#endOthers()}>Sign out everywhere else</button>`
            : nothing
        }
      </div>
      ${errorNotice(this.error)}
      ${
        this.sessions.length === 0
          ? html`<p class="soft">Nobody is signed in on a page.</p>`
          : html`<ul class="lines">
              ${this.sessions.map((session) => this.#line(session))}
            </ul>`
      }
    </section>`;
  }

  #line({ id, device, address, lastSeenAt, createdAt, current }: Session): unknown {
    return html`<li>
      <div>
        <strong>${device}</strong> ${current ? html`<span class="current">this one</span>` : nothing}<br />
        <span class="soft" title="Since ${formatFullTime(createdAt)}"
          >${address}, last seen
          <time datetime=${lastSeenAt} title=${formatFullTime(lastSeenAt)}>${formatTime(lastSeenAt)}</time></span
        >
      </div>
      <button
        aria-label=${current ? 'Sign out here' : `Sign out ${device} at ${address}`}
        @click=${() => (current ? this.dispatchEvent(new SignOutEvent()) : void this.#end(id))}
      >
        Sign out
      </button>
    </li>`;
  }

  #end(session: string): Promise<void> {
    return this.#do(() => this.#client.value?.call('sessions.revoke', { session }));
  }

  #endOthers(): Promise<void> {
    return this.#do(() => this.#client.value?.call('sessions.revoke_all', { others: true }));
  }

  /** Does something, then reads the list as it is now. */
  async #do(work: () => Promise<unknown> | undefined): Promise<void> {
    try {
      await this.updateComplete;
      await work();
      this.sessions = (await this.#client.value?.call('sessions.list', {}))?.sessions ?? [];
      this.error = undefined;
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }
}

customElements.define('bn-session-list', BnSessionList);
