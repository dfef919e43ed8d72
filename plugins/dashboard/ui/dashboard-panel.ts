import {
  addWords,
  BnElement,
  CallError,
  clientContext,
  createHurry,
  errorNotice,
  fleetContext,
  followNews,
  html,
  msg,
  nothing,
  pageStyles,
  pathTo,
  showTitle,
  staleFirst,
} from 'boternity/ui';
import { dashboardStyles } from './dashboard-styles.ts';
import { providerList, recentList, runList } from './dashboard-lists.ts';
import { needsOf, type Dashboard, type ModelList } from './needs.ts';
import './needs-list.ts';
import './spend-bars.ts';

/** What the server does not tell of, as calls of models beside conversations, is read again after so long, in milliseconds. */
const POLL_MS = 60_000;
/** Pages on which a key can be added, the better one first. */
const KEY_PAGES = ['system/settings/providers', 'system/settings/secrets'];

/** The first page: what waits for a person, the latest conversations and runs, providers, spending, and the ways to what is new. */
export class BnDashboardPanel extends BnElement {
  static override properties = { shown: { state: true }, lists: { state: true }, error: { state: true } };
  static override styles = [super.styles, pageStyles, dashboardStyles];
  declare shown: Dashboard | undefined;
  declare lists: readonly ModelList[];
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);
  readonly #fleet = this.watch(fleetContext);

  constructor() {
    super();
    this.lists = [];
    this.whileConnected(() => {
      const closing = new AbortController();
      const read = (): void => void (document.visibilityState === 'visible' && this.#read());
      const hurry = createHurry(read);
      const timer = setInterval(read, POLL_MS);
      document.addEventListener('visibilitychange', read);
      void this.updateComplete.then(() => {
        const client = this.#client.value;
        if (client && !closing.signal.aborted) void followNews(client, closing.signal, { news: hurry });
      });
      return () => {
        closing.abort();
        clearInterval(timer);
        document.removeEventListener('visibilitychange', read);
      };
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.updateComplete.then(() => this.#read()).then(() => this.#readLists());
  }

  override updated(): void {
    showTitle(msg('Dashboard'));
  }

  override render(): unknown {
    return html`<bn-header>
        <h1>${msg('Dashboard')}</h1>
        ${this.#quick('wide')}
      </bn-header>
      <div class="scroll" tabindex="0" role="group" aria-label=${msg('Dashboard')}>
        <div class="column">
          ${errorNotice(this.#toTell(), () => void this.#read())} ${this.shown ? this.#page(this.shown) : nothing}
        </div>
      </div>`;
  }

  #page(shown: Dashboard): unknown {
    return html`<div class="quick">${this.#quick('')}</div>
      <bn-needs-list .needs=${needsOf(shown, this.lists)}></bn-needs-list>
      <div class="two">
        ${recentList(shown, this.#fleet.value?.bots ?? [])}
        <div class="side">
          ${
            shown.spend
              ? html`<section>
                  <bn-spend-bars .spend=${shown.spend} ?isLinked=${shown.pages.includes('usage')}></bn-spend-bars>
                </section>`
              : nothing
          }
          ${providerList(shown, this.lists)} ${runList(shown)}
        </div>
      </div>
      ${shown.failures.map((failure) => html`<bn-notice tone="warning">${failure}</bn-notice>`)}`;
  }

  /** The ways to something new, where there is a page for it. */
  #quick(where: string): unknown {
    const pages = this.shown?.pages ?? [];
    const key = KEY_PAGES.find((page) => pages.includes(page));
    return html`
      ${key === undefined ? nothing : html`<a slot="end" class="button ${where}" href=${pathTo(...key.split('/'))}><bn-icon name="key"></bn-icon>${msg('Add key')}</a>`}
      ${pages.includes('agents') ? html`<a slot="end" class="button ${where}" href="${pathTo('agents')}?new"><bn-icon name="bots"></bn-icon>${msg('New bot')}</a>` : nothing}
      ${pages.includes('conversations') ? html`<a slot="end" class="button primary ${where}" href=${pathTo('conversations')}><bn-icon name="plus"></bn-icon>${msg('New chat')}</a>` : nothing}
    `;
  }

  /** That the server cannot be reached is said above the page, as long as there is something to show. */
  #toTell(): CallError | undefined {
    return this.shown && this.error?.code === 'SERVER_UNREACHABLE' ? undefined : this.error;
  }

  async #read(): Promise<void> {
    const client = this.#client.value;
    if (!client) return;
    try {
      await staleFirst(client, 'dashboard.show', {}, (shown) => (this.shown = shown));
      this.error = undefined;
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }

  /** Providers are asked for their lists once a visit. */
  async #readLists(): Promise<void> {
    if (!this.shown?.mayCompare || !this.shown.providers?.length) return;
    this.lists = await Promise.resolve(this.#client.value?.call('dashboard.models', {})).then(
      (answer) => answer?.lists ?? [],
      () => [],
    );
  }
}

addWords({ de: () => import('./words-de.ts') });
customElements.define('bn-dashboard-panel', BnDashboardPanel);
