import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { BnElement } from '../elements/element.ts';
import '../elements/avatar.ts';
import '../elements/icon.ts';
import type { MenuItem } from '../elements/menu.ts';
import { fleetContext, meContext, routeContext } from '../contexts.ts';
import { FoldEvent, KeysEvent, PaletteEvent, SignOutEvent } from '../events.ts';
import { chooseLanguage, languageNow, languages, msg, str, type Language } from '../language.ts';
import './conversation-list.ts';
import type { BotLine } from '../live/fleet.ts';
import { pictureOf } from '../picture.ts';
import { navigationLines } from './navigation-lines.ts';
import { navigationStyles } from './navigation-styles.ts';
import { mark } from '../elements/mark.ts';
import { titleOf, type PanelLine } from './panels.ts';
import { pathTo, placeOf } from '../router.ts';
import { themeIcons, themeWords } from './house-commands.ts';
import { chooseTheme, themeNow, themes } from './theme.ts';

const SHOWN_BOTS = 8;
const SHOWN_BOTS_FOLDED = 5;
/** The panel whose pages the bots in the list are. */
const BOTS = 'agents';
/** The panel that the list of conversations belongs to. */
const CONVERSATIONS = 'conversations';

/** The way around: pages, bots, conversations, and who is here. Folded it is icons only. */
export class BnNavigation extends BnElement {
  static override properties = {
    panels: { attribute: false },
    isFolded: { type: Boolean, attribute: 'folded', reflect: true },
    canFold: { type: Boolean, attribute: 'can-fold' },
  };
  static override styles = [super.styles, navigationLines, navigationStyles];
  declare panels: readonly PanelLine[];
  declare isFolded: boolean;
  declare canFold: boolean;
  readonly #fleet = this.watch(fleetContext);
  readonly #route = this.watch(routeContext);
  readonly #me = this.watch(meContext);

  constructor() {
    super();
    this.panels = [];
    this.isFolded = false;
    this.canFold = false;
  }

  override firstUpdated(): void {
    // Nobody opens a menu before the page stands.
    void import('../elements/menu.ts');
  }

  override render(): unknown {
    return html`
      ${this.#top()}
      <div class="scroll">
        <ul>
          ${this.panels
            .filter(({ path }) => placeOf(path) === '' && (path !== BOTS || this.isFolded))
            .map((panel) => this.#page(panel))}
        </ul>
        ${this.#living()}
      </div>
      ${this.#who()} ${this.#foot()}
    `;
  }

  /** Bots and conversations come together: what came first would be pushed down by the rest. */
  #living(): unknown {
    const { state = 'loading', bots = [] } = this.#fleet.value ?? {};
    if (state === 'loading') return nothing;
    const list = html`<bn-conversation-list></bn-conversation-list>`;
    return html`${this.#bots(bots)} ${this.#has(CONVERSATIONS) && !this.isFolded ? list : nothing}`;
  }

  #top(): unknown {
    const search = msg('Go to, or do');
    const fresh = msg('New conversation');
    return html`<div class="top">
      <a class="home" href=${pathTo()} aria-label="Boternity"
        >${mark}${this.isFolded ? nothing : html`<span>Boternity</span>`}</a
      >
      ${
        this.panels.length > 0
          ? html`<button
              class="quiet square"
              aria-label=${search}
              title="${search} (${msg('Ctrl')} K)"
              aria-keyshortcuts="Control+K Meta+K"
              @click=${() => this.dispatchEvent(new PaletteEvent())}
            >
              <bn-icon name="search"></bn-icon>
            </button>`
          : nothing
      }
      ${
        this.#has(CONVERSATIONS)
          ? html`<a class="button quiet square" href=${pathTo(CONVERSATIONS)} aria-label=${fresh} title="${fresh} (n)">
              <bn-icon name="plus"></bn-icon>
            </a>`
          : nothing
      }
    </div>`;
  }

  #page(panel: PanelLine): unknown {
    const title = titleOf(panel);
    return html`<li>
      <a
        class="line"
        href=${pathTo(panel.path)}
        aria-label=${this.isFolded ? title : nothing}
        title=${this.isFolded ? title : nothing}
        aria-current=${this.#route.value?.panel === panel.path ? 'page' : nothing}
      >
        <bn-icon name=${panel.icon}></bn-icon>${this.isFolded ? nothing : html`<span>${title}</span>`}
      </a>
    </li>`;
  }

  #bots(bots: readonly BotLine[]): unknown {
    if (bots.length === 0 && !this.#has(BOTS)) return nothing;
    const shown = bots.slice(0, this.isFolded ? SHOWN_BOTS_FOLDED : SHOWN_BOTS);
    return html`<section aria-label=${msg('Bots')}>
      ${
        this.isFolded
          ? nothing
          : html`<h2 class="both">
              ${msg('Bots')}
              ${
                this.#has(BOTS)
                  ? html`<a
                      href=${pathTo(BOTS)}
                      aria-label=${msg('All bots')}
                      aria-current=${this.#current(pathTo(BOTS))}
                      >${msg('All')}</a
                    >`
                  : nothing
              }
            </h2>`
      }
      <ul>
        ${repeat(
          shown,
          (bot) => bot.id,
          (bot) => this.#bot(bot),
        )}
      </ul>
    </section>`;
  }

  #bot(bot: BotLine): unknown {
    const path = pathTo(BOTS, bot.slug);
    const wrong = bot.problems === 1 ? msg('1 problem') : msg(str`${bot.problems} problems`);
    return html`<li>
      <a
        class="line ${bot.status === 'active' ? '' : 'sleeping'}"
        href=${path}
        title=${this.isFolded ? bot.name : nothing}
        aria-current=${this.#current(path)}
      >
        <bn-avatar
          size="s"
          .emoji=${bot.emoji}
          .name=${bot.name}
          .color=${bot.accentColor}
          .picture=${pictureOf(bot)}
        ></bn-avatar>
        <span class=${this.isFolded ? 'visually-hidden' : ''}>${bot.name}</span>
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
    if (this.panels.length === 0) return nothing;
    const { name } = this.#me.value ?? {};
    const label = name ? msg(str`${name}: you and this page`) : msg('You and this page');
    const fold = this.isFolded ? msg('Unfold the navigation') : msg('Fold the navigation');
    return html`<div class="me">
      <bn-menu wide placement="top-start" label=${label} .items=${this.#items()}>
        <bn-icon name="user"></bn-icon>${this.isFolded ? nothing : html`<span>${name ?? msg('This page')}</span>`}
      </bn-menu>
      ${
        this.canFold
          ? html`<button
              class="quiet square"
              aria-label=${fold}
              title="${fold} ([)"
              aria-expanded=${!this.isFolded}
              @click=${() => this.dispatchEvent(new FoldEvent())}
            >
              <bn-icon name="side"></bn-icon>
            </button>`
          : nothing
      }
    </div>`;
  }

  #items(): (MenuItem | 'line')[] {
    const words = themeWords();
    const first = this.panels.find(({ path }) => placeOf(path) !== '');
    return [
      ...(first
        ? [{ label: msg('Settings'), icon: 'gear', href: pathTo(...placeOf(first.path).split('/')) }, 'line' as const]
        : []),
      ...themes.map((theme) => ({
        label: words[theme],
        icon: themeIcons[theme],
        isChecked: theme === themeNow(),
        run: () => {
          chooseTheme(theme);
          this.requestUpdate();
        },
      })),
      'line',
      ...(Object.keys(languages) as Language[]).map((language) => ({
        label: languages[language],
        icon: 'globe',
        isChecked: language === languageNow(),
        run: () => void chooseLanguage(language),
      })),
      'line',
      {
        label: msg('Keyboard shortcuts'),
        icon: 'keyboard',
        details: '?',
        run: () => this.dispatchEvent(new KeysEvent()),
      },
      ...(this.#me.value?.by === 'session'
        ? [{ label: msg('Sign out'), icon: 'leave', run: () => this.dispatchEvent(new SignOutEvent()) }]
        : []),
    ];
  }

  #foot(): unknown {
    const fleet = this.#fleet.value;
    if (fleet?.state === 'unreachable') {
      const lost = msg('Server not reachable');
      return html`<div class="foot last" title=${lost}>
        <bn-icon class="lost" name="offline"></bn-icon
        ><span class=${this.isFolded ? 'visually-hidden' : ''}>${lost}</span>
      </div>`;
    }
    const model = fleet?.server?.model;
    if (!fleet?.server || this.isFolded) return nothing;
    return html`<div class="foot last" title=${model?.why ?? ''}>
      <span>${model?.id ?? msg('no model')}</span><span aria-hidden="true">·</span><span>v${fleet.server.version}</span>
    </div>`;
  }

  #has(panel: string): boolean {
    return this.panels.some(({ path }) => path === panel);
  }

  #current(path: string): 'page' | typeof nothing {
    return this.#route.value?.path === path ? 'page' : nothing;
  }
}

customElements.define('bn-navigation', BnNavigation);
