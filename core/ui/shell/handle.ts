import { css, html } from 'lit';
import { BnElement } from '../elements/element.ts';

/** A pane has another width, in pixels. */
export class ResizeEvent extends Event {
  static readonly type = 'bn-resize';
  readonly width: number;

  constructor(width: number) {
    super(ResizeEvent.type);
    this.width = width;
  }
}

const STEP_PX = 16;

/** The edge of a pane of the frame, moved by pointer and by arrows; Home, End and a double click go to the ends and back. @event bn-resize */
export class BnHandle extends BnElement {
  static override properties = {
    label: { type: String },
    width: { type: Number },
    least: { type: Number },
    most: { type: Number },
    standard: { type: Number },
    pane: { type: String },
  };
  static override styles = [
    super.styles,
    css`
      :host {
        position: relative;
        z-index: 1;
        flex: none;
        width: var(--bn-border);
        background: var(--bn-line);
      }
      div {
        position: absolute;
        inset-block: 0;
        inset-inline: calc(-1 * var(--bn-space-1));
        cursor: col-resize;
        touch-action: none;
      }
      div::after {
        content: '';
        position: absolute;
        inset-block: 0;
        inset-inline-start: calc(50% - var(--bn-ring) / 2);
        width: var(--bn-ring);
        background: var(--bn-accent);
        opacity: 0;
        transition: opacity var(--bn-fast) var(--bn-ease);
      }
      div:is(:hover, :active, :focus-visible)::after {
        opacity: 1;
      }
      div:focus-visible {
        outline: none;
      }
      @media (forced-colors: active) {
        :host {
          background: CanvasText;
        }
      }
    `,
  ];
  declare label: string;
  declare width: number;
  declare least: number;
  declare most: number;
  declare standard: number;
  /** The side of the frame on which the pane is. */
  declare pane: 'start' | 'end';

  constructor() {
    super();
    this.label = '';
    this.width = 0;
    this.least = 0;
    this.most = 0;
    this.standard = 0;
    this.pane = 'start';
  }

  override render(): unknown {
    return html`<div
      role="separator"
      tabindex="0"
      aria-orientation="vertical"
      aria-label=${this.label}
      aria-valuenow=${Math.round(this.width)}
      aria-valuemin=${this.least}
      aria-valuemax=${this.most}
      @pointerdown=${(event: PointerEvent) => this.#grab(event)}
      @dblclick=${() => this.#set(this.standard)}
      @keydown=${(event: KeyboardEvent) => this.#press(event)}
    ></div>`;
  }

  /** 1 where moving to the right makes the pane wider. */
  get #sign(): number {
    const isRightToLeft = getComputedStyle(this).direction === 'rtl';
    return (this.pane === 'start') === isRightToLeft ? -1 : 1;
  }

  #grab(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault();
    const bar = event.currentTarget as HTMLElement;
    const [from, width] = [event.clientX, this.width];
    bar.setPointerCapture(event.pointerId);
    bar.focus();
    const move = ({ clientX }: PointerEvent): void => this.#set(width + (clientX - from) * this.#sign);
    bar.addEventListener('pointermove', move);
    bar.addEventListener('lostpointercapture', () => bar.removeEventListener('pointermove', move), { once: true });
  }

  #press(event: KeyboardEvent): void {
    const wider = this.#sign * STEP_PX;
    const widths: Record<string, number> = {
      ArrowRight: this.width + wider,
      ArrowLeft: this.width - wider,
      Home: this.least,
      End: this.most,
    };
    const width = widths[event.key];
    if (width === undefined) return;
    event.preventDefault();
    this.#set(width);
  }

  #set(width: number): void {
    const within = Math.min(this.most, Math.max(this.least, width));
    if (within !== this.width) this.dispatchEvent(new ResizeEvent(within));
  }
}

customElements.define('bn-handle', BnHandle);
