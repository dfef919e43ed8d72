import {
  BnElement,
  clientContext,
  createHurry,
  errorNotice,
  fleetContext,
  followNews,
  html,
  msg,
  navigate,
  nothing,
  pageStyles,
  pathTo,
  routeContext,
  showTitle,
  str,
} from 'boternity/ui';
import type { PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { DeedEvent, PickEvent } from './bot-card.ts';
import './bot-card.ts';
import type { BnBotDeeds } from './bot-deeds.ts';
import './bot-deeds.ts';
import type { Deed } from './bot-menu.ts';
import './create-bot.ts';
import type { CreateBotWish } from './create-bot.ts';
import './fleet-empty.ts';
import type { BeginEvent } from './fleet-empty.ts';
import './fleet-problems.ts';
import './fleet-stats.ts';
import { listStyles } from './list-styles.ts';
import {
  allBots,
  chosen,
  queryOf,
  readActivities,
  viewIn,
  type Activities,
  type Listed,
  type View,
} from './fleet-view.ts';

/** Cards that are drawn at once; more come while somebody scrolls. */
const PAGE = 60;

/** All bots as cards: what goes on with them, searched, filtered and sorted; and what can be done with one, with many, or to get a new one. */
export class BnBotList extends BnElement {
  static override properties = {
    wish: { state: true },
    archived: { state: true },
    activities: { state: true },
    isRead: { state: true },
    picked: { state: true },
    drawn: { state: true },
    isOver: { state: true },
  };
  static override styles = [super.styles, pageStyles, listStyles];
  /** What the dialog for a new bot begins with; undefined while it is closed. */
  declare wish: CreateBotWish | undefined;
  declare archived: readonly Listed[];
  declare activities: Activities;
  /** It is known what the bots do: before, they would be drawn in another order and move. */
  declare isRead: boolean;
  /** Slugs of the bots that something shall be done with. */
  declare picked: ReadonlySet<string>;
  declare drawn: number;
  declare isOver: boolean;
  readonly #client = this.watch(clientContext);
  readonly #fleet = this.watch(fleetContext);
  readonly #route = this.watch(routeContext);
  readonly #again = createHurry(() => void this.#read());
  #readFor: unknown;
  #isListComing = false;
  #typing: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.archived = [];
    this.activities = new Map();
    this.isRead = false;
    this.picked = new Set();
    this.drawn = PAGE;
    this.isOver = false;
    this.whileConnected(() => this.#follow());
  }

  override willUpdate(_changed: PropertyValues<this>): void {
    const { bots, state } = this.#fleet.value ?? {};
    if (bots === this.#readFor || !this.#client.value) return;
    // Once beside the list of bots, not behind it; then whenever that changes.
    if (this.#readFor === undefined) void this.#read();
    else if (!this.#isListComing) this.#again();
    this.#isListComing = state === 'loading';
    this.#readFor = bots;
  }

  override render(): unknown {
    const fleet = this.#fleet.value;
    const all = allBots(fleet, this.archived);
    const isEmpty = all.length === 0 && fleet?.state === 'ready';
    return html`
      <bn-header>
        <h1>${msg('Bots')}</h1>
        <button slot="end" class="primary" @click=${() => (this.wish = { way: 'template' })}>
          <bn-icon name="plus"></bn-icon>${msg('New bot')}
        </button>
      </bn-header>
      <div
        class="scroll"
        ?data-over=${this.isOver}
        @dragover=${(event: DragEvent) => this.#drag(event)}
        @dragleave=${() => (this.isOver = false)}
        @drop=${(event: DragEvent) => this.#drop(event)}
      >
        <div class="wide">
          ${errorNotice(fleet?.error)}
          ${
            isEmpty
              ? html`<bn-fleet-empty
                  @bn-begin=${({ template }: BeginEvent) => (this.wish = { way: 'template', template })}
                ></bn-fleet-empty>`
              : this.isRead
                ? this.#whole(all)
                : nothing
          }
        </div>
      </div>
      <bn-create-bot .wish=${this.wish} @bn-close=${() => (this.wish = undefined)}></bn-create-bot>
      <bn-bot-deeds></bn-bot-deeds>
    `;
  }

  #whole(all: readonly Listed[]): unknown {
    const view = viewIn(this.#route.value?.query);
    const bots = chosen(all, view, this.activities);
    const standard = this.#fleet.value?.server?.model.id ?? '';
    return html`<bn-fleet-stats .bots=${all} .activities=${this.activities} .view=${view}></bn-fleet-stats>
      ${this.#tools(view, bots)}
      ${view.show === 'problems' ? html`<bn-fleet-problems .version=${this.#readFor}></bn-fleet-problems>` : nothing}
      <p class="visually-hidden" role="status">
        ${bots.length === 1 ? msg('1 bot is shown.') : msg(str`${bots.length} bots are shown.`)}
      </p>
      ${bots.length === 0 && all.length > 0 ? html`<p class="none soft">${msg('No bot fits.')}</p>` : nothing}
      <ul
        aria-label=${msg('Bots')}
        @bn-deed=${({ deed, bot }: DeedEvent) => void this.#deeds()?.run(deed, [bot])}
        @bn-pick=${({ slug }: PickEvent) => this.#pick(slug)}
      >
        ${repeat(
          bots.slice(0, this.drawn),
          ({ id }) => id,
          (bot) =>
            html`<li>
              <bn-bot-card
                .bot=${bot}
                .activity=${this.activities.get(bot.slug)}
                .model=${standard}
                .isPicked=${this.picked.has(bot.slug)}
              ></bn-bot-card>
            </li>`,
        )}
      </ul>
      ${
        bots.length > this.drawn
          ? html`<button class="more" @click=${() => (this.drawn += PAGE)}>
              ${msg(str`${bots.length - this.drawn} more`)}
            </button>`
          : nothing
      }`;
  }

  #tools(view: View, bots: readonly Listed[]): unknown {
    const sorts: Record<View['sort'], string> = {
      activity: msg('Last activity'),
      name: msg('Name'),
      status: msg('Status'),
      spend: msg('Spend today'),
    };
    return html`<div class="tools" role="search" aria-label=${msg('Search bots')}>
        <input
          type="search"
          aria-label=${msg('Search bots')}
          placeholder=${msg('Search bots')}
          .value=${view.text}
          @input=${(event: InputEvent) => this.#search((event.target as HTMLInputElement).value)}
        />
        <label
          ><span class="soft">${msg('Sort by')}</span>
          <select
            @change=${(event: Event) => this.#go({ sort: (event.target as HTMLSelectElement).value as View['sort'] })}
          >
            ${Object.entries(sorts).map(
              ([sort, word]) => html`<option value=${sort} ?selected=${sort === view.sort}>${word}</option>`,
            )}
          </select></label
        >
      </div>
      ${this.#bulk(bots)}`;
  }

  #bulk(bots: readonly Listed[]): unknown {
    const picked = bots.filter(({ slug }) => this.picked.has(slug));
    if (picked.length === 0) return nothing;
    const act = (deed: Deed, word: string, icon: string, look = ''): unknown =>
      html`<button class=${look} @click=${() => void this.#many(deed, picked)}>
        <bn-icon name=${icon}></bn-icon>${word}
      </button>`;
    return html`<div class="bulk" role="toolbar" aria-label=${msg('For the chosen bots')}>
      <strong role="status">${picked.length === 1 ? msg('1 chosen') : msg(str`${picked.length} chosen`)}</strong>
      <button class="quiet" @click=${() => (this.picked = new Set(bots.map(({ slug }) => slug)))}>
        ${msg('Choose all')}
      </button>
      <button class="quiet" @click=${() => (this.picked = new Set())}>${msg('None')}</button>
      <span class="space"></span>
      ${act('start', msg('Wake up'), 'play')} ${act('stop', msg('Put to sleep'), 'pause')}
      ${act('archive', msg('Archive'), 'archive')} ${act('export', msg('Export'), 'download')}
      ${act('delete', msg('Delete …'), 'trash', 'danger')}
    </div>`;
  }

  override updated(): void {
    showTitle(msg('Bots'));
    this.#beginNew();
    const more = this.renderRoot.querySelector('.more');
    this.#watcher.disconnect();
    if (more) this.#watcher.observe(more);
  }

  /** `/agents?new` leads into the dialog; the address is that of the list again, so that reloading it makes no second one. */
  #beginNew(): void {
    const { panel, query } = this.#route.value ?? {};
    if (panel !== 'agents' || !query?.has('new')) return;
    this.wish ??= { way: 'template' };
    this.#go({});
  }

  readonly #watcher = new IntersectionObserver(
    (entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) this.drawn += PAGE;
    },
    { rootMargin: '600px' },
  );

  async #many(deed: Deed, picked: readonly Listed[]): Promise<void> {
    await this.#deeds()?.run(deed, picked);
    if (deed !== 'delete') this.picked = new Set();
  }

  #pick(slug: string): void {
    const picked = new Set(this.picked);
    if (!picked.delete(slug)) picked.add(slug);
    this.picked = picked;
  }

  #search(text: string): void {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#go({ text }), 150);
  }

  #go(change: Partial<View>): void {
    this.drawn = PAGE;
    navigate(pathTo('agents') + queryOf({ ...viewIn(this.#route.value?.query), ...change }), { replace: true });
  }

  #drag(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.isOver = true;
  }

  #drop(event: DragEvent): void {
    const [file] = event.dataTransfer?.files ?? [];
    this.isOver = false;
    if (!file) return;
    event.preventDefault();
    this.wish = { way: 'import', file };
  }

  #deeds(): BnBotDeeds | null {
    return this.renderRoot.querySelector<BnBotDeeds>('bn-bot-deeds');
  }

  async #read(): Promise<void> {
    const client = this.#client.value;
    if (!client) return;
    const [activities, archived] = await Promise.all([
      readActivities(client),
      client.call('bots.list', { status: 'archived' }).catch(() => undefined),
    ]);
    this.isRead = true;
    this.activities = activities;
    this.archived = archived?.bots ?? this.archived;
  }

  /** What goes on is followed while it does. */
  #follow(): () => void {
    const leaving = new AbortController();
    void this.updateComplete.then(() => {
      if (this.#client.value && !leaving.signal.aborted)
        void followNews(this.#client.value, leaving.signal, { news: this.#again });
    });
    return () => {
      leaving.abort();
      this.#watcher.disconnect();
    };
  }
}

customElements.define('bn-bot-list', BnBotList);
