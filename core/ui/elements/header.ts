import { css, html, nothing } from 'lit';
import { routeContext } from '../contexts.ts';
import { BnElement } from './element.ts';
import { MenuEvent } from '../events.ts';
import { msg } from '../language.ts';
import { pathTo, placeOf } from '../router.ts';
import './icon.ts';

/** A page above the one that is shown. */
export interface Crumb {
  readonly label: string;
  readonly href: string;
}

/**
 * The line at the top of every panel: the way here as links (`.crumbs`, outermost first; settings find theirs by themselves), and the heading.
 * On narrow screens it holds the button that opens the navigation.
 * @slot start - Before the heading. @slot - The heading. @slot end - Actions.
 * @event bn-menu - The navigation is wanted.
 */
export class BnHeader extends BnElement {
  static override properties = { crumbs: { attribute: false } };
  static override styles = [
    super.styles,
    css`
      :host {
        flex: none;
        border-block-end: var(--bn-border) solid var(--bn-line);
      }
      header {
        display: flex;
        align-items: center;
        gap: var(--bn-space-3);
        min-height: var(--bn-header-height);
        padding-inline: var(--bn-header-inset, var(--bn-space-5));
        padding-block-start: env(safe-area-inset-top);
      }
      .heading {
        min-width: 0;
        flex: 1;
      }
      ol {
        display: flex;
        flex: none;
        align-items: center;
        gap: var(--bn-space-1);
        margin: 0;
        padding: 0;
        color: var(--bn-ink-soft);
        list-style: none;
      }
      nav {
        margin-inline-end: calc(-1 * var(--bn-space-2));
      }
      ol li {
        display: flex;
        align-items: center;
        gap: var(--bn-space-1);
      }
      ol a {
        border-radius: var(--bn-radius-s);
        color: inherit;
        text-decoration: none;
      }
      ol a:hover {
        color: var(--bn-ink);
        text-decoration: underline;
      }
      ol bn-icon {
        font-size: var(--bn-text-xs);
      }
      .end {
        display: flex;
        align-items: center;
        gap: var(--bn-space-2);
      }
      .menu {
        display: none;
        margin-inline-start: calc(-1 * var(--bn-space-2));
        font-size: var(--bn-text-l);
      }
      @media (width < 52rem) {
        header {
          gap: var(--bn-space-2);
          padding-inline: var(--bn-header-inset, var(--bn-space-3));
        }
        .menu {
          /* One that stands below another sets it to none, and begins where the page does (--bn-header-inset). */
          display: var(--bn-header-menu, inline-flex);
        }
        nav {
          margin-inline-end: calc(-1 * var(--bn-space-1));
        }
        ol li:not(:last-child) {
          display: none;
        }
      }
    `,
  ];

  declare crumbs: readonly Crumb[];
  readonly #route = this.watch(routeContext);

  constructor() {
    super();
    this.crumbs = [];
  }

  override render(): unknown {
    return html`<header>
      <button
        class="menu quiet square"
        aria-label=${msg('Open navigation')}
        @click=${() => this.dispatchEvent(new MenuEvent())}
      >
        <bn-icon name="menu"></bn-icon>
      </button>
      ${this.#way()}
      <slot name="start"></slot>
      <div class="heading"><slot></slot></div>
      <div class="end"><slot name="end"></slot></div>
    </header>`;
  }

  #way(): unknown {
    const crumbs = this.crumbs.length > 0 ? this.crumbs : this.#place();
    if (crumbs.length === 0) return nothing;
    return html`<nav aria-label=${msg('The way here')}>
      <ol>
        ${crumbs.map(
          ({ label, href }) => html`<li><a href=${href}>${label}</a><bn-icon name="chevron"></bn-icon></li>`,
        )}
      </ol>
    </nav>`;
  }

  #place(): readonly Crumb[] {
    const { panel = '' } = this.#route.value ?? {};
    const place = placeOf(panel);
    return place === '' || place === panel ? [] : [{ label: msg('Settings'), href: pathTo(...place.split('/')) }];
  }
}

customElements.define('bn-header', BnHeader);
