import { css, html } from 'lit';
import { BnElement } from './element.ts';

/** A bot's face: its emoji on a ground of its own colour. Decoration; the name stands beside it. */
export class BnAvatar extends BnElement {
  static override properties = {
    emoji: { type: String },
    name: { type: String },
    color: { type: String },
    size: { type: String, reflect: true },
  };
  static override styles = [
    super.styles,
    css`
      :host {
        --size: 2.25rem;
        display: inline-grid;
        flex: none;
        place-items: center;
        width: var(--size);
        height: var(--size);
        border-radius: 32%;
        background: color-mix(in oklab, var(--bot-color, var(--bn-accent)) 16%, var(--bn-ground-raised));
        font-size: calc(var(--size) * 0.54);
        line-height: 1;
        user-select: none;
      }
      :host([size='s']) {
        --size: 1.625rem;
      }
      :host([size='l']) {
        --size: 4rem;
      }
    `,
  ];
  declare emoji: string;
  declare name: string;
  /** Any CSS colour; what is none is ignored. */
  declare color: string;
  declare size: 's' | 'm' | 'l';

  constructor() {
    super();
    this.emoji = '';
    this.name = '';
    this.color = '';
    this.size = 'm';
  }

  override willUpdate(): void {
    this.style.setProperty('--bot-color', CSS.supports('color', this.color) ? this.color : null);
  }

  override render(): unknown {
    return html`<span aria-hidden="true">${this.emoji || this.name.slice(0, 1).toUpperCase()}</span>`;
  }
}

customElements.define('bn-avatar', BnAvatar);
