import { css, html, nothing } from 'lit';
import { routeContext } from '../contexts.ts';
import { BnElement } from '../elements/element.ts';
import '../elements/header.ts';
import '../elements/icon.ts';
import { msg } from '../language.ts';
import { pathTo, placeOf } from '../router.ts';
import { navigationLines } from './navigation-lines.ts';
import { titleOf, type PanelLine } from './panels.ts';

/**
 * The settings: the list of sections beside the section. Where there is little room the list is a page of its own.
 * @slot - The section.
 */
export class BnSettingsFrame extends BnElement {
  static override properties = { panels: { attribute: false }, isNarrow: { type: Boolean } };
  static override styles = [
    super.styles,
    navigationLines,
    css`
      :host {
        display: flex;
        height: 100%;
      }
      nav {
        flex: none;
        width: 15rem;
        padding: var(--bn-space-3) var(--bn-space-2);
        border-inline-end: var(--bn-border) solid var(--bn-line);
        overflow-y: auto;
        font-size: var(--bn-text-s);
      }
      nav h2:first-child {
        padding-block-start: var(--bn-space-2);
      }
      .page {
        display: flex;
        flex: 1;
        flex-direction: column;
        min-width: 0;
      }
      .page nav {
        width: auto;
        flex: 1;
        border: 0;
      }
      .page .line {
        min-height: 3rem;
        font-size: var(--bn-text-m);
      }
      .line bn-icon {
        width: 1.25rem;
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-l);
      }
      .section {
        flex: 1;
        min-width: 0;
        min-height: 0;
      }
      ::slotted(*) {
        height: 100%;
      }
    `,
  ];
  declare panels: readonly PanelLine[];
  declare isNarrow: boolean;
  readonly #route = this.watch(routeContext);

  constructor() {
    super();
    this.panels = [];
    this.isNarrow = false;
  }

  override render(): unknown {
    const { panel = '' } = this.#route.value ?? {};
    const isList = panel === placeOf(panel);
    if (!this.isNarrow)
      return html`${this.#list()}
        <div class="section"><slot></slot></div>`;
    if (!isList) return html`<div class="section"><slot></slot></div>`;
    return html`<div class="page">
      <bn-header><h1>${msg('Settings')}</h1></bn-header>
      ${this.#list()}
    </div>`;
  }

  #list(): unknown {
    return html`<nav aria-label=${msg('Settings')}>
      ${this.#part(msg('Your settings'), 'settings')} ${this.#part(msg('The server'), 'system/settings')}
    </nav>`;
  }

  #part(title: string, place: 'settings' | 'system/settings'): unknown {
    const own = this.panels.filter(({ path }) => placeOf(path) === place);
    if (own.length === 0) return nothing;
    return html`<h2 id=${place.replace('/', '-')}>${title}</h2>
      <ul aria-labelledby=${place.replace('/', '-')}>
        ${own.map(
          (panel) =>
            html`<li>
              <a
                class="line"
                href=${pathTo(...panel.path.split('/'))}
                aria-current=${this.#route.value?.panel === panel.path ? 'page' : nothing}
              >
                <bn-icon name=${panel.icon}></bn-icon><span>${titleOf(panel)}</span>
                ${this.isNarrow ? html`<bn-icon class="end" name="chevron"></bn-icon>` : nothing}
              </a>
            </li>`,
        )}
      </ul>`;
  }
}

customElements.define('bn-settings-frame', BnSettingsFrame);
