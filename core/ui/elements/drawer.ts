import { css } from 'lit';
import { BnDialog } from './dialog.ts';

/**
 * A dialog that comes in from the side. Everything else is as with bn-dialog.
 * @slot - The content. @event bn-close - It was closed, by whatever means.
 */
export class BnDrawer extends BnDialog {
  static override properties = { ...BnDialog.properties, side: { type: String, reflect: true } };
  static override styles = [
    super.styles,
    css`
      dialog {
        width: min(var(--bn-drawer-width), 100vw);
        max-width: none;
        height: 100dvh;
        max-height: none;
        margin: 0;
        margin-inline-start: auto;
        border: 0;
        border-radius: 0;
      }
      :host([side='start']) dialog {
        margin-inline: 0 auto;
      }
      dialog[open] {
        animation-name: enter-end;
      }
      dialog[open]:dir(rtl),
      :host([side='start']) dialog[open] {
        animation-name: enter-start;
      }
      @keyframes enter-end {
        from {
          translate: 100%;
        }
      }
      @keyframes enter-start {
        from {
          translate: -100%;
        }
      }
    `,
  ];
  declare side: 'start' | 'end';

  constructor() {
    super();
    this.side = 'end';
  }
}

customElements.define('bn-drawer', BnDrawer);
