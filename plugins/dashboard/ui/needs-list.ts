import { BnElement, css, html, msg, nothing, sectionStyles, str } from 'boternity/ui';
import type { Need } from './needs.ts';

/** Lines that are shown before somebody wants all. */
const FIRST = 5;

/** What waits for a person, each with the way to where it is done. */
export class BnNeedsList extends BnElement {
  static override properties = { needs: { attribute: false }, isWhole: { state: true } };
  static override styles = [
    super.styles,
    sectionStyles,
    css`
      .lines {
        border-color: var(--bn-line);
      }
      .line {
        display: flex;
        align-items: center;
        gap: var(--bn-space-3);
        min-height: calc(var(--bn-target) + var(--bn-space-3));
        padding: var(--bn-space-2) var(--bn-space-4);
        color: inherit;
        text-decoration: none;
      }
      a.line:hover {
        background: var(--bn-ground-hover);
      }
      a.line:focus-visible {
        outline-offset: calc(-1 * var(--bn-ring));
      }
      .sign {
        flex: none;
        display: grid;
        place-items: center;
        width: var(--bn-space-6);
        height: var(--bn-space-6);
        border-radius: var(--bn-radius-s);
        background: var(--bn-warning-soft);
        color: var(--bn-warning);
      }
      .words {
        display: grid;
        min-width: 0;
        flex: 1;
      }
      .words > * {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .go {
        flex: none;
        color: var(--bn-ink-soft);
      }
      .calm {
        display: flex;
        align-items: center;
        gap: var(--bn-space-3);
        padding: var(--bn-space-4);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        color: var(--bn-ink-soft);
      }
      .calm bn-icon {
        color: var(--bn-accent);
      }
      .more {
        margin-block-start: var(--bn-space-2);
      }
    `,
  ];
  declare needs: readonly Need[];
  declare isWhole: boolean;

  constructor() {
    super();
    this.needs = [];
    this.isWhole = false;
  }

  override render(): unknown {
    const { needs } = this;
    const shown = this.isWhole ? needs : needs.slice(0, FIRST);
    return html`<div class="head">
        <h2>${msg('Needs you')}</h2>
        ${needs.length > 0 ? html`<span class="soft small">${needs.length}</span>` : nothing}
      </div>
      ${
        needs.length === 0
          ? html`<p class="calm"><bn-icon name="check"></bn-icon>${msg('Nothing waits for you.')}</p>`
          : html`<ul class="lines">
              ${shown.map((need) => html`<li>${this.#line(need)}</li>`)}
            </ul>`
      }
      ${
        needs.length > FIRST
          ? html`<button
              class="quiet more"
              aria-expanded=${this.isWhole}
              @click=${() => (this.isWhole = !this.isWhole)}
            >
              ${this.isWhole ? msg('Show fewer') : msg(str`Show all ${needs.length}`)}
            </button>`
          : nothing
      }`;
  }

  #line({ icon, emoji, what, detail, href }: Need): unknown {
    const words = html`<span class="sign" aria-hidden="true">
        ${emoji === undefined ? html`<bn-icon name=${icon}></bn-icon>` : emoji}
      </span>
      <span class="words"><span dir="auto">${what}</span><span class="soft small" dir="auto">${detail}</span></span>`;
    if (href === undefined) return html`<div class="line">${words}</div>`;
    return html`<a class="line" href=${href}>${words}<bn-icon class="go" name="chevron"></bn-icon></a>`;
  }
}

customElements.define('bn-needs-list', BnNeedsList);
