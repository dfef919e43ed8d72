import { css, html } from 'lit';
import { BnElement } from './element.ts';
import { MenuEvent } from './events.ts';
import './icon.ts';

/**
 * The line at the top of every panel. On narrow screens it holds the button that opens the navigation.
 * @slot start - Before the heading. @slot - The heading. @slot end - Actions.
 * @event bn-menu - The navigation is wanted.
 */
export class BnHeader extends BnElement {
  static override styles = [
    super.styles,
    css`
      :host {
        flex: none;
        border-bottom: var(--bn-border) solid var(--bn-line);
      }
      header {
        display: flex;
        align-items: center;
        gap: var(--bn-space-3);
        min-height: var(--bn-header-height);
        padding: 0 var(--bn-space-5);
        padding-top: env(safe-area-inset-top);
      }
      .heading {
        min-width: 0;
        flex: 1;
      }
      .end {
        display: flex;
        align-items: center;
        gap: var(--bn-space-2);
      }
      .menu {
        display: none;
        margin-left: calc(-1 * var(--bn-space-2));
        font-size: var(--bn-text-l);
      }
      @media (width < 52rem) {
        header {
          gap: var(--bn-space-2);
          padding-inline: var(--bn-space-3);
        }
        .menu {
          display: inline-flex;
        }
      }
    `,
  ];

  override render(): unknown {
    return html`<header>
      <button
        class="menu quiet square"
        aria-label="Open navigation"
        @click=${() => this.dispatchEvent(new MenuEvent())}
      >
        <bn-icon name="menu"></bn-icon>
      </button>
      <slot name="start"></slot>
      <div class="heading"><slot></slot></div>
      <div class="end"><slot name="end"></slot></div>
    </header>`;
  }
}

customElements.define('bn-header', BnHeader);
