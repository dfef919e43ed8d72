import {
  addWords,
  BnPage,
  css,
  html,
  msg,
  nothing,
  pathTo,
  pictureOf,
  str,
  FleetChangedEvent,
  type Answer,
  type Client,
} from 'boternity/ui';

type Bots = Answer<'bots.list'>['bots'];
type Bot = Bots[number];

/** All bots of the server in one list: search, state, where each lies, on and off. */
export class BnBotSettingsPanel extends BnPage<Bots> {
  static override properties = { search: { state: true }, status: { state: true } };
  static override styles = [
    super.styles,
    css`
      .filter {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: var(--bn-space-2);
      }
      li > div:first-child {
        display: flex;
        align-items: center;
        gap: var(--bn-space-3);
      }
      .off {
        color: var(--bn-ink-soft);
      }
    `,
  ];
  declare search: string;
  declare status: '' | Bot['status'];

  constructor() {
    super();
    this.search = '';
    this.status = '';
  }

  protected heading(): string {
    return msg('Bots');
  }

  /** Archived ones are listed only when they are asked for. */
  protected async read(client: Client): Promise<Bots> {
    const [here, away] = await Promise.all([
      client.call('bots.list', {}),
      client.call('bots.list', { status: 'archived' }),
    ]);
    return [...here.bots, ...away.bots];
  }

  protected content(bots: Bots): unknown {
    const words = this.search.trim().toLowerCase();
    const found = bots.filter(
      ({ name, slug, description, category, status }) =>
        (this.status === '' || status === this.status) &&
        [name, slug, description, category].some((text) => text.toLowerCase().includes(words)),
    );
    return html`<div class="filter">
        <input
          type="search"
          aria-label=${msg('Search bots')}
          placeholder=${msg('Search bots')}
          @input=${(event: Event) => (this.search = (event.target as HTMLInputElement).value)}
        />
        <select
          aria-label=${msg('State')}
          @change=${(event: Event) => (this.status = (event.target as HTMLSelectElement).value as typeof this.status)}
        >
          <option value="">${msg('All states')}</option>
          <option value="active">${msg('active')}</option>
          <option value="disabled">${msg('stopped')}</option>
          <option value="archived">${msg('archived')}</option>
        </select>
      </div>
      <p class="soft small" role="status">${msg(str`${found.length} of ${bots.length} bots`)}</p>
      ${
        found.length === 0
          ? nothing
          : html`<ul class="lines rows" aria-label=${msg('Bots')}>
              ${found.map((bot) => this.#line(bot))}
            </ul>`
      }`;
  }

  #line(bot: Bot): unknown {
    const { slug, name, emoji, accentColor, status, folder, problems } = bot;
    const words = { active: msg('active'), disabled: msg('stopped'), archived: msg('archived') };
    return html`<li>
      <div>
        <bn-avatar .emoji=${emoji} .name=${name} .color=${accentColor} .picture=${pictureOf(bot)}></bn-avatar>
        <span>
          <a href=${pathTo('agents', slug)}><strong>${name}</strong></a>
          <span class="small ${status === 'active' ? '' : 'off'}">${words[status]}</span>
          ${problems > 0 ? html`<span class="small wrong">${problems === 1 ? msg('1 problem') : msg(str`${problems} problems`)}</span>` : nothing}<br />
          <span class="soft small">${folder}</span>
        </span>
      </div>
      <button
        aria-label=${status === 'active' ? msg(str`Stop ${name}`) : msg(str`Start ${name}`)}
        ?disabled=${this.isBusy}
        @click=${() => void this.#turn(slug, status !== 'active')}
      >
        ${status === 'active' ? msg('Stop') : msg('Start')}
      </button>
    </li>`;
  }

  async #turn(bot: string, isOn: boolean): Promise<void> {
    if (await this.act((client) => client.call(isOn ? 'bots.start' : 'bots.stop', { bot })))
      this.dispatchEvent(new FleetChangedEvent());
  }
}

addWords({ de: () => import('./words-de.ts') });
customElements.define('bn-bot-settings-panel', BnBotSettingsPanel);
