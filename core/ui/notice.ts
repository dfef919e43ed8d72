import { css, html } from 'lit';
import { BnElement } from './element.ts';
import './icon.ts';

const icons = { info: 'info', warning: 'alert', danger: 'alert' } as const;

/**
 * A quiet box that says what happened and what to do about it.
 * @slot - The words. @slot actions - Buttons below them.
 */
export class BnNotice extends BnElement {
  static override properties = { tone: { type: String, reflect: true } };
  static override styles = [
    super.styles,
    css`
      :host {
        --ink: var(--bn-accent);
        padding: var(--bn-space-3) var(--bn-space-4);
        border-radius: var(--bn-radius-m);
        background: var(--bn-accent-soft);
        font-size: var(--bn-text-s);
        overflow-wrap: anywhere;
      }
      :host([tone='warning']) {
        --ink: var(--bn-warning);
        background: var(--bn-warning-soft);
      }
      :host([tone='danger']) {
        --ink: var(--bn-danger);
        background: var(--bn-danger-soft);
      }
      div {
        display: flex;
        align-items: start;
        gap: var(--bn-space-3);
      }
      bn-icon {
        margin-top: 0.1em;
        color: var(--ink);
      }
      .words {
        min-width: 0;
        flex: 1;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 0 var(--bn-space-2);
      }
      ::slotted([slot='actions']) {
        margin-top: var(--bn-space-2);
      }
    `,
  ];
  declare tone: 'info' | 'warning' | 'danger';

  constructor() {
    super();
    this.tone = 'info';
  }

  override render(): unknown {
    return html`<div>
      <bn-icon name=${icons[this.tone]}></bn-icon>
      <span class="words"
        ><slot></slot><span class="actions"><slot name="actions"></slot></span
      ></span>
    </div>`;
  }
}

customElements.define('bn-notice', BnNotice);
