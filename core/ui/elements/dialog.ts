import { css, html, type PropertyValues } from 'lit';
import { BnElement } from './element.ts';
import { CloseEvent } from '../events.ts';
import { msg } from '../language.ts';
import './icon.ts';

/**
 * A modal dialog: keeps the focus inside, closes on Escape and on a click beside it, gives the focus back.
 * @slot - The content. @event bn-close - It was closed, by whatever means.
 */
export class BnDialog extends BnElement {
  static override properties = { heading: { type: String }, isOpen: { type: Boolean, attribute: 'open' } };
  static override styles = [
    super.styles,
    css`
      dialog {
        width: min(28rem, calc(100vw - var(--bn-space-6)));
        max-height: calc(100dvh - var(--bn-space-6));
        padding: var(--bn-space-5);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-l);
        background: var(--bn-ground-raised);
        color: var(--bn-ink);
        box-shadow: var(--bn-shadow-2);
        overflow: auto;
      }
      dialog::backdrop {
        background: var(--bn-shade);
      }
      dialog[open] {
        animation: rise var(--bn-slow) var(--bn-ease);
      }
      @keyframes rise {
        from {
          opacity: 0;
          translate: 0 var(--bn-space-2);
        }
      }
      .top {
        display: flex;
        align-items: center;
        justify-content: space-between;
        margin-bottom: var(--bn-space-4);
      }
      h2 {
        font-size: var(--bn-text-l);
      }
      .top button {
        margin: calc(-1 * var(--bn-space-2));
      }
    `,
  ];
  declare heading: string;
  declare isOpen: boolean;

  constructor() {
    super();
    this.heading = '';
    this.isOpen = false;
  }

  override updated(changed: PropertyValues<this>): void {
    if (!changed.has('isOpen')) return;
    const dialog = this.#dialog();
    if (this.isOpen && !dialog?.open) dialog?.showModal();
    if (!this.isOpen) dialog?.close();
  }

  override render(): unknown {
    return html`<dialog
      aria-labelledby="heading"
      @close=${() => this.#closed()}
      @click=${(event: MouseEvent) => this.#clickBeside(event)}
    >
      <div class="top">
        <h2 id="heading">${this.heading}</h2>
        <button class="quiet square" aria-label=${msg('Close')} @click=${() => this.#dialog()?.close()}>
          <bn-icon name="close"></bn-icon>
        </button>
      </div>
      <slot></slot>
    </dialog>`;
  }

  #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog');
  }

  #closed(): void {
    // It is told late: by then somebody may have opened it again.
    if (this.#dialog()?.open) return;
    this.isOpen = false;
    this.dispatchEvent(new CloseEvent());
  }

  #clickBeside(event: MouseEvent): void {
    const dialog = this.#dialog();
    if (event.target !== dialog || !dialog) return;
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    const isInside = event.clientX >= left && event.clientX <= right && event.clientY >= top && event.clientY <= bottom;
    if (!isInside) dialog.close();
  }
}

customElements.define('bn-dialog', BnDialog);
