import { css, html } from 'lit';
import { BnElement } from './element.ts';
import '@awesome.me/webawesome/dist/components/skeleton/skeleton.js';
import './web-awesome.ts';

/** The place of lines that are still being read: `lines` of them. What is being read is said by whoever shows it. */
export class BnSkeleton extends BnElement {
  static override properties = { lines: { type: Number } };
  static override styles = [
    super.styles,
    css`
      :host {
        display: grid;
        gap: var(--bn-space-3);
      }
      wa-skeleton {
        --color: var(--bn-ground-hover);
        min-height: var(--bn-text-m);
      }
      wa-skeleton:nth-child(3n) {
        width: 70%;
      }
      @media (prefers-reduced-motion: reduce) {
        wa-skeleton::part(indicator) {
          animation: none;
        }
      }
    `,
  ];
  declare lines: number;

  constructor() {
    super();
    this.lines = 3;
  }

  override render(): unknown {
    return Array.from(
      { length: this.lines },
      () => html`<wa-skeleton effect="pulse" aria-hidden="true"></wa-skeleton>`,
    );
  }
}

customElements.define('bn-skeleton', BnSkeleton);
