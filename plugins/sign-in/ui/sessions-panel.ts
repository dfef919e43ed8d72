import {
  addWords,
  BnPage,
  css,
  formatFullTime,
  formatTime,
  html,
  msg,
  nothing,
  SignOutEvent,
  str,
  type Answer,
  type Client,
} from 'boternity/ui';

type Sessions = Answer<'sessions.list'>['sessions'];
type Session = Sessions[number];

/** Where the owner is signed in, and the way to end each, or all. */
export class BnSessionsPanel extends BnPage<Sessions> {
  static override properties = { isAsked: { state: true } };
  static override styles = [
    super.styles,
    css`
      .current {
        color: var(--bn-accent);
        font-size: var(--bn-text-s);
      }
    `,
  ];
  /** Whether somebody is about to end all sessions, this one too. */
  declare isAsked: boolean;

  protected heading(): string {
    return msg('Sessions');
  }

  protected async read(client: Client): Promise<Sessions> {
    return (await client.call('sessions.list', {})).sessions;
  }

  protected content(sessions: Sessions): unknown {
    return html`<section aria-labelledby="where">
      <div class="head">
        <h2 id="where">${msg('Where you are signed in')}</h2>
        <div class="row">${this.#forAll(sessions)}</div>
      </div>
      ${
        sessions.length === 0
          ? html`<p class="soft">${msg('Nobody is signed in on a page.')}</p>`
          : html`<ul class="lines rows">
              ${sessions.map((session) => this.#line(session))}
            </ul>`
      }
    </section>`;
  }

  #forAll(sessions: Sessions): unknown {
    if (sessions.length === 0) return nothing;
    if (this.isAsked)
      return html`<button class="danger" @click=${() => void this.#endAll()}>${msg('Sign out here too')}</button>
        <button @click=${() => (this.isAsked = false)}>${msg('Stay')}</button>`;
    return html`${
        sessions.some(({ current }) => !current)
          ? html`<button @click=${() => void this.#endOthers()}>${msg('Sign out everywhere else')}</button>`
          : nothing
      }<button class="quiet" @click=${() => (this.isAsked = true)}>${msg('Sign out everywhere')}</button>`;
  }

  #line({ id, device, address, lastSeenAt, createdAt, current }: Session): unknown {
    return html`<li>
      <div>
        <strong>${device}</strong> ${current ? html`<span class="current">${msg('this one')}</span>` : nothing}<br />
        <span class="soft small" title=${msg(str`Since ${formatFullTime(createdAt)}`)}
          >${address}, ${msg('last seen')}
          <time datetime=${lastSeenAt} title=${formatFullTime(lastSeenAt)}>${formatTime(lastSeenAt)}</time></span
        >
      </div>
      <button
        aria-label=${current ? msg('Sign out here') : msg(str`Sign out ${device} at ${address}`)}
        @click=${() => (current ? this.dispatchEvent(new SignOutEvent()) : void this.#end(id))}
      >
        ${msg('Sign out')}
      </button>
    </li>`;
  }

  #end(session: string): Promise<boolean> {
    return this.act((client) => client.call('sessions.revoke', { session }), msg('Signed out there.'));
  }

  #endOthers(): Promise<boolean> {
    return this.act(
      (client) => client.call('sessions.revoke_all', { others: true }),
      msg('Only this session is left.'),
    );
  }

  async #endAll(): Promise<void> {
    this.isAsked = false;
    await this.act((client) => client.call('sessions.revoke_all', { others: true }));
    this.dispatchEvent(new SignOutEvent());
  }
}

addWords({ de: () => import('./words-de.ts') });
customElements.define('bn-sessions-panel', BnSessionsPanel);
