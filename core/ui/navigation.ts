import { css, html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { BnElement } from './element.ts';
import './avatar.ts';
import './icon.ts';
import { fleetContext, meContext, routeContext } from './contexts.ts';
import { SignOutEvent } from './events.ts';
import './conversation-list.ts';
import type { BotLine } from './fleet.ts';
import { lineStyles } from './line-styles.ts';
import { mark } from './mark.ts';
import type { PanelLine } from './panels.ts';
import { pathTo } from './router.ts';

const SHOWN_BOTS = 8;
/** The panel whose pages the bots in the list are. */
const BOTS = 'bots';
/** The panel that the list of conversations belongs to. */
const CONVERSATIONS = 'conversations';

/** The way around: pages, bots, and conversations. */
export class BnNavigation extends BnElement {
  static override properties = { panels: { attribute: false } };
  static override styles = [
    super.styles,
    lineStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100%;
        padding: env(safe-area-inset-top) 0 env(safe-area-inset-bottom);
        background: var(--bn-ground-nav);
        font-size: var(--bn-text-s);
      }
      .top {
        display: flex;
        align-items: center;
        justify-content: space-between;
        min-height: var(--bn-header-height);
        padding: 0 var(--bn-space-3) 0 var(--bn-space-4);
      }
      .home {
        display: flex;
        align-items: center;
        gap: var(--bn-space-2);
        border-radius: var(--bn-radius-s);
        color: var(--bn-ink);
        font-size: var(--bn-text-l);
        font-weight: var(--bn-weight-strong);
        letter-spacing: -0.01em;
        text-decoration: none;
      }
      .mark {
        width: 1.75rem;
        height: 1.75rem;
      }
      .scroll {
        flex: 1;
        min-height: 0;
        padding: var(--bn-space-1) var(--bn-space-2) var(--bn-space-4);
        overflow-y: auto;
        overscroll-behavior: contain;
        scrollbar-width: thin;
        scrollbar-color: var(--bn-line) transparent;
      }
      h2 a {
        display: flex;
        align-items: center;
        justify-content: space-between;
        margin: calc(-1 * var(--bn-space-1)) calc(-1 * var(--bn-space-2));
        padding: var(--bn-space-1) var(--bn-space-2);
        border-radius: var(--bn-radius-s);
        color: inherit;
        text-decoration: none;
      }
      h2 a:hover,
      h2 a[aria-current] {
        background: var(--bn-ground-hover);
        color: var(--bn-ink);
      }
      .line.sleeping > :not(.end) {
        opacity: 0.7;
      }
      .line bn-icon {
        width: 1.25rem;
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-l);
      }
      .line bn-icon.problem {
        color: var(--bn-danger);
      }
      .foot {
        display: flex;
        align-items: center;
        gap: var(--bn-space-2);
        padding: var(--bn-space-3) var(--bn-space-4);
        border-top: var(--bn-border) solid var(--bn-line);
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-xs);
      }
      .foot > span {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .foot .end {
        margin: calc(-1 * var(--bn-space-2)) calc(-1 * var(--bn-space-2)) calc(-1 * var(--bn-space-2)) auto;
      }
      .foot .lost {
        color: var(--bn-danger);
      }
    `,
  ];
  declare panels: readonly PanelLine[];
  readonly #fleet = this.watch(fleetContext);
  readonly #route = this.watch(routeContext);
  readonly #me = this.watch(meContext);

  constructor() {
    super();
    this.panels = [];
  }

  override render(): unknown {
    const fleet = this.#fleet.value;
    const [home, ...others] = this.panels;
    return html`
      <div class="top">
        <a class="home" href="/">${mark}Boternity</a>
        ${
          home
            ? html`<a class="button quiet square" href="/" aria-label="New conversation" title="New conversation">
                <bn-icon name="plus"></bn-icon>
              </a>`
            : nothing
        }
      </div>
      <div class="scroll">
        <ul>
          ${others.filter((panel) => panel.path !== BOTS).map((panel) => this.#page(panel))}
        </ul>
        ${this.#bots(fleet?.bots ?? [])}
        ${this.panels.some(({ path }) => path === CONVERSATIONS) ? html`<bn-conversation-list></bn-conversation-list>` : nothing}
      </div>
      ${this.#who()} ${this.#foot()}
    `;
  }

  #page(panel: PanelLine): unknown {
    const path = pathTo(panel.path);
    return html`<li>
      <a class="line" href=${path} aria-current=${this.#current(path)}>
        <bn-icon name=${panel.icon}></bn-icon><span>${panel.title}</span>
      </a>
    </li>`;
  }

  #bots(bots: readonly BotLine[]): unknown {
    if (bots.length === 0 && !this.panels.some((panel) => panel.path === BOTS)) return nothing;
    return html`<section aria-labelledby="bots">
      <h2 id="bots">
        ${
          this.panels.some((panel) => panel.path === BOTS)
            ? html`<a href=${pathTo(BOTS)} aria-label="All bots" aria-current=${this.#current(pathTo(BOTS))}
                >Bots<span>All</span></a
              >`
            : 'Bots'
        }
      </h2>
      <ul>
        ${repeat(
          bots.slice(0, SHOWN_BOTS),
          (bot) => bot.id,
          (bot) => this.#bot(bot),
        )}
      </ul>
    </section>`;
  }

  #bot(bot: BotLine): unknown {
    const path = pathTo(BOTS, bot.slug);
    const wrong = bot.problems === 1 ? '1 problem' : `${bot.problems} problems`;
    return html`<li>
      <a class="line ${bot.status === 'active' ? '' : 'sleeping'}" href=${path} aria-current=${this.#current(path)}>
        <bn-avatar size="s" .emoji=${bot.emoji} .name=${bot.name} .color=${bot.accentColor}></bn-avatar>
        <span>${bot.name}</span>
        ${
          bot.problems > 0
            ? html`<span class="end" title=${wrong}>
                <bn-icon class="problem" name="alert"></bn-icon><span class="visually-hidden">${wrong}</span>
              </span>`
            : nothing
        }
      </a>
    </li>`;
  }

  #who(): unknown {
    const me = this.#me.value;
    if (me?.by !== 'session') return nothing;
    return html`<div class="foot">
      <span title=${me.email ?? ''}>${me.name}</span>
      <button
        class="end quiet square"
        aria-label="Sign out"
        title="Sign out"
        @click=${() => this.dispatchEvent(new SignOutEvent())}
      >
        <bn-icon name="leave"></bn-icon>
      </button>
    </div>`;
  }

  #foot(): unknown {
    const fleet = this.#fleet.value;
    if (fleet?.state === 'unreachable') {
      return html`<div class="foot">
        <bn-icon class="lost" name="offline"></bn-icon><span>Server not reachable</span>
      </div>`;
    }
    const model = fleet?.server?.model;
    if (!fleet?.server) return nothing;
    return html`<div class="foot" title=${model?.why ?? ''}>
      <span>${model?.id ?? 'no model'}</span><span aria-hidden="true">·</span><span>v${fleet.server.version}</span>
    </div>`;
  }

  #current(path: string): 'page' | typeof nothing {
    return this.#route.value?.path === path ? 'page' : nothing;
  }
}

customElements.define('bn-navigation', BnNavigation);
