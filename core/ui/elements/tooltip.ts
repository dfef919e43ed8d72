import '@awesome.me/webawesome/dist/components/tooltip/tooltip.js';
import { css, html } from 'lit';
import { BnElement } from './element.ts';
import './web-awesome.ts';

/**
 * A few words about a control, for pointer and focus. They repeat or explain what can be done without them: the control has its own name.
 * @slot - The control.
 */
export class BnTooltip extends BnElement {
  static override properties = { text: { type: String }, placement: { type: String } };
  static override styles = [
    super.styles,
    css`
      :host,
      #anchor {
        display: inline-flex;
      }
    `,
  ];
  declare text: string;
  declare placement: 'top' | 'bottom' | 'left' | 'right';

  constructor() {
    super();
    this.text = '';
    this.placement = 'top';
  }

  override updated(): void {
    // The name belongs to the control, not to what is around it.
    const tooltip = this.renderRoot.querySelector('wa-tooltip');
    void tooltip?.updateComplete.then(() =>
      this.renderRoot.querySelector('#anchor')?.removeAttribute('aria-labelledby'),
    );
  }

  override render(): unknown {
    return html`<span id="anchor"><slot></slot></span>
      <wa-tooltip for="anchor" placement=${this.placement} aria-hidden="true">${this.text}</wa-tooltip>`;
  }
}

customElements.define('bn-tooltip', BnTooltip);
