import { css, html } from 'lit';
import { BnElement } from './element.ts';
import './icon.ts';

const icons = { info: 'info', warning: 'alert', danger: 'alert' } as const;

/**
 * A quiet box that says what happened and what to do about it.
 * @slot - The words. @slot actions - Buttons below them. @slot end - A button beside them.
 */
export class BnNotice extends BnElement {
  static override properties = { tone: { type: String, reflect: true } };
  static override styles = [
    super.styles,
    css`
      :host {
        --ink: var(--bn-accent);
        padding: var(--bn-space-3) var(--bn-space-4);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        background: var(--bn-ground-raised);
        font-size: var(--bn-text-s);
        overflow-wrap: anywhere;
      }
      :host([tone='warning']) {
        --ink: var(--bn-warning);
        border-color: transparent;
        background: var(--bn-warning-soft);
      }
      :host([tone='danger']) {
        --ink: var(--bn-danger);
        border-color: transparent;
        background: var(--bn-danger-soft);
      }
      .box {
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
      ::slotted([slot='end']) {
        margin-block-start: calc(-1 * var(--bn-space-2));
        margin-inline-end: calc(-1 * var(--bn-space-3));
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
    return html`<div class="box">
      <bn-icon name=${icons[this.tone]}></bn-icon>
      <div class="words">
        <slot></slot>
        <div class="actions"><slot name="actions"></slot></div>
      </div>
      <slot name="end"></slot>
    </div>`;
  }
}

customElements.define('bn-notice', BnNotice);
