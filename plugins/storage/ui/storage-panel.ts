import {
  BnElement,
  borrow,
  clientContext,
  css,
  fleetContext,
  html,
  navigate,
  nothing,
  pageStyles,
  pathTo,
  routeContext,
  showTitle,
  addWords,
  msg,
} from 'boternity/ui';
import './storage-files.ts';
import './storage-search.ts';
import './storage-values.ts';

addWords({ de: () => import('./words-de.ts') });

/** Files: what a bot keeps, `/storage/{slug}`: its files, a search in them, and its values. */
export class BnStoragePanel extends BnElement {
  static override properties = { tabs: { state: true } };
  static override styles = [
    super.styles,
    pageStyles,
    css`
      bn-bot-tabs ~ * {
        --bn-header-menu: none;
        --bn-header-inset: var(--bn-space-4);
      }
      select {
        max-width: 12rem;
      }
      .column {
        gap: var(--bn-space-6);
      }
    `,
  ];
  /** Links to the other pages of the bot, where there are such pages. */
  declare tabs: HTMLElement | undefined;
  readonly #client = this.watch(clientContext);
  readonly #route = this.watch(routeContext);
  readonly #fleet = this.watch(fleetContext);

  constructor() {
    super();
    this.whileConnected(() => {
      void this.updateComplete.then(async () => {
        if (this.#client.value) this.tabs = await borrow(this.#client.value, 'agents', 'bn-bot-tabs');
      });
      return () => undefined;
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    showTitle(msg('Storage'));
  }

  override render(): unknown {
    const bots = this.#fleet.value?.bots ?? [];
    const bot = this.#route.value?.rest[0] ?? bots[0]?.slug;
    if (this.tabs) Object.assign(this.tabs, { slug: bot, current: 'storage' });
    return html`
      ${bot === undefined ? nothing : this.tabs}
      <bn-header>
        <h1>${msg('Storage')}</h1>
        <select
          slot="end"
          aria-label=${msg('Bot')}
          @change=${(event: Event) => navigate(pathTo('storage', (event.target as HTMLSelectElement).value))}
        >
          ${bots.map(({ slug, name }) => html`<option value=${slug} ?selected=${slug === bot}>${name}</option>`)}
        </select>
      </bn-header>
      <div class="scroll" tabindex="0" role="group" aria-label=${msg('Files')}>
        ${
          bot === undefined
            ? nothing
            : html`<div class="column">
                <bn-storage-files .bot=${bot}></bn-storage-files>
                <bn-storage-search .bot=${bot}></bn-storage-search>
                <bn-storage-values .bot=${bot}></bn-storage-values>
              </div>`
        }
      </div>
    `;
  }
}

customElements.define('bn-storage-panel', BnStoragePanel);
