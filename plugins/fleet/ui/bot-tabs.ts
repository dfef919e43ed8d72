import {
  BnElement,
  clientContext,
  css,
  fleetContext,
  html,
  msg,
  nothing,
  panelsOf,
  pathTo,
  pictureOf,
} from 'boternity/ui';

/** The pages of a bot. Those of other plugins are there while the plugin runs. */
const pages = ['overview', 'files', 'history', 'memory', 'storage', 'settings'] as const;
export type BotPage = (typeof pages)[number];

/** Who the bot is, and links to its pages: at the top of each of them, those of other plugins too. */
export class BnBotTabs extends BnElement {
  static override properties = { slug: { type: String }, current: { type: String }, others: { state: true } };
  static override styles = [
    super.styles,
    css`
      :host {
        flex: none;
        border-block-end: var(--bn-border) solid var(--bn-line);
      }
      nav {
        display: flex;
        gap: var(--bn-space-1);
        padding-inline: var(--bn-space-4);
        overflow-x: auto;
        scrollbar-width: none;
      }
      a {
        display: inline-flex;
        align-items: center;
        min-height: var(--bn-target);
        padding-inline: var(--bn-space-3);
        border-block-end: var(--bn-ring) solid transparent;
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
        font-weight: var(--bn-weight-strong);
        text-decoration: none;
        white-space: nowrap;
      }
      a:hover {
        color: var(--bn-ink);
      }
      a[aria-current] {
        border-color: var(--bn-accent);
        color: var(--bn-ink);
      }
      a:focus-visible {
        outline-offset: calc(-1 * var(--bn-ring));
      }
      .who {
        display: flex;
        min-width: 0;
        align-items: center;
        gap: var(--bn-space-3);
      }
      .who a {
        min-width: 0;
        padding: 0;
        color: var(--bn-ink);
        font-size: var(--bn-text-l);
        overflow: hidden;
        text-overflow: ellipsis;
      }
      bn-header {
        border: 0;
      }
      .back {
        margin-inline-start: calc(-1 * var(--bn-space-3));
      }
    `,
  ];
  declare slug: string;
  declare current: BotPage;
  /** Paths of the panels there are. */
  declare others: ReadonlySet<string>;
  readonly #client = this.watch(clientContext);
  readonly #fleet = this.watch(fleetContext);

  constructor() {
    super();
    this.slug = '';
    this.current = 'overview';
    this.others = new Set();
    this.whileConnected(() => {
      void this.updateComplete.then(async () => {
        const panels = this.#client.value ? await panelsOf(this.#client.value).catch(() => []) : [];
        this.others = new Set(panels.map(({ path }) => path));
      });
      return () => undefined;
    });
  }

  override updated(): void {
    this.renderRoot.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  override render(): unknown {
    const bot = this.#fleet.value?.bots.find(({ slug }) => slug === this.slug);
    const name = bot?.name ?? this.slug;
    const words: Record<BotPage, string> = {
      overview: msg('Overview'),
      files: msg('Soul and files'),
      history: msg('History'),
      memory: msg('Memory'),
      storage: msg('Storage'),
      settings: msg('Settings'),
    };
    return html`<bn-header>
        <a slot="start" class="button quiet square back" href=${pathTo('agents')} aria-label=${msg('All bots')}
          ><bn-icon name="back"></bn-icon
        ></a>
        <div class="who">
          <bn-avatar
            size="s"
            .emoji=${bot?.emoji ?? ''}
            .name=${name}
            .color=${bot?.accentColor ?? ''}
            .picture=${pictureOf(bot)}
          ></bn-avatar>
          <a href=${pathTo('agents', this.slug)}>${name}</a>
        </div>
        <slot slot="end" name="end"></slot>
      </bn-header>
      <nav aria-label=${msg('Pages of the bot')}>
        ${pages.map((page) =>
          isElsewhere(page) && !this.others.has(page)
            ? nothing
            : html`<a href=${addressOf(page, this.slug)} aria-current=${page === this.current ? 'page' : nothing}
                >${words[page]}</a
              >`,
        )}
      </nav>`;
  }
}

const isElsewhere = (page: BotPage): boolean => page === 'memory' || page === 'storage';

function addressOf(page: BotPage, slug: string): string {
  if (isElsewhere(page)) return pathTo(page, slug);
  return page === 'overview' ? pathTo('agents', slug) : pathTo('agents', slug, page);
}

customElements.define('bn-bot-tabs', BnBotTabs);
