import { css, html, nothing } from 'lit';
import { BnElement } from './element.ts';

/** A bot's face: its picture, or its emoji on a ground of its own colour. Decoration; the name stands beside it. */
export class BnAvatar extends BnElement {
  static override properties = {
    emoji: { type: String },
    name: { type: String },
    color: { type: String },
    picture: { type: String },
    size: { type: String, reflect: true },
    loaded: { state: true },
    failed: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      :host {
        --size: 2.25rem;
        position: relative;
        display: inline-grid;
        flex: none;
        place-items: center;
        width: var(--size);
        height: var(--size);
        border-radius: 32%;
        background: color-mix(in oklab, var(--bot-color, var(--bn-accent)) 16%, var(--bn-ground-raised));
        font-size: calc(var(--size) * 0.54);
        line-height: 1;
        overflow: hidden;
        user-select: none;
      }
      :host([size='s']) {
        --size: 1.625rem;
      }
      :host([size='l']) {
        --size: 4rem;
      }
      img {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        object-fit: cover;
      }
    `,
  ];
  declare emoji: string;
  declare name: string;
  /** Any CSS colour; what is none is ignored. */
  declare color: string;
  /** Address of a picture, by `pictureOf`; empty for none. Until it is there, and where it does not come, the emoji stands for it. */
  declare picture: string;
  declare size: 's' | 'm' | 'l';
  /** The picture that has come, and the one that did not. */
  declare loaded: string;
  declare failed: string;

  constructor() {
    super();
    this.emoji = '';
    this.name = '';
    this.color = '';
    this.picture = '';
    this.size = 'm';
    this.loaded = '';
    this.failed = '';
  }

  override willUpdate(): void {
    this.style.setProperty('--bot-color', CSS.supports('color', this.color) ? this.color : null);
  }

  override render(): unknown {
    const { picture } = this;
    const isWanted = Boolean(picture) && picture !== this.failed;
    return html`${
      isWanted && picture === this.loaded
        ? nothing
        : html`<span aria-hidden="true">${this.emoji || (this.name ?? '').slice(0, 1).toUpperCase()}</span>`
    }${
      isWanted
        ? html`<img
            src=${picture}
            alt=""
            decoding="async"
            draggable="false"
            @load=${() => (this.loaded = picture)}
            @error=${() => (this.failed = picture)}
          />`
        : nothing
    }`;
  }
}

customElements.define('bn-avatar', BnAvatar);
