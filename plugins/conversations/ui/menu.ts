import { BnElement, css, html, nothing } from 'boternity/ui';

export interface MenuItem {
  readonly label: string;
  readonly icon: string;
  readonly isDangerous?: boolean;
  readonly run: () => void;
}

const GAP_PX = 4;

/** A button with three dots that opens a short list of things to do. Arrow keys move in it, Escape and a click beside it close it. */
export class BnMenu extends BnElement {
  static override properties = { items: { attribute: false }, label: { type: String }, isOpen: { state: true } };
  static override styles = [
    super.styles,
    css`
      :host {
        display: inline-block;
      }
      .opener {
        width: var(--size, var(--bn-target));
        min-height: var(--size, var(--bn-target));
        padding: 0;
      }
      [popover] {
        position: fixed;
        inset: auto;
        top: var(--top, 0);
        left: var(--left, 0);
        min-width: 12rem;
        max-width: calc(100vw - var(--bn-space-4));
        margin: 0;
        padding: var(--bn-space-1);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        background: var(--bn-ground-raised);
        color: var(--bn-ink);
        box-shadow: var(--bn-shadow-2);
      }
      [popover]:popover-open {
        display: grid;
      }
      [role='menuitem'] {
        justify-content: start;
        border-radius: var(--bn-radius-s);
        font-size: var(--bn-text-s);
        font-weight: var(--bn-weight);
      }
      [role='menuitem']:is(*, :hover) {
        color: var(--bn-ink);
      }
      [role='menuitem'].wrong:is(*, :hover) {
        color: var(--bn-danger);
      }
    `,
  ];
  declare items: readonly MenuItem[];
  declare label: string;
  declare isOpen: boolean;

  constructor() {
    super();
    this.items = [];
    this.label = 'More';
    this.isOpen = false;
  }

  override render(): unknown {
    if (this.items.length === 0) return nothing;
    return html`<button
        class="opener quiet"
        aria-label=${this.label}
        title=${this.label}
        aria-haspopup="menu"
        aria-expanded=${this.isOpen}
        popovertarget="list"
      >
        <bn-icon name="more"></bn-icon>
      </button>
      <div
        id="list"
        popover
        role="menu"
        aria-label=${this.label}
        @toggle=${(event: ToggleEvent) => this.#toggled(event)}
        @keydown=${(event: KeyboardEvent) => this.#key(event)}
      >
        ${this.items.map(
          (item) =>
            html`<button
              class="quiet ${item.isDangerous ? 'wrong' : ''}"
              role="menuitem"
              tabindex="-1"
              @click=${() => this.#pick(item)}
            >
              <bn-icon name=${item.icon}></bn-icon>${item.label}
            </button>`,
        )}
      </div>`;
  }

  #toggled(event: ToggleEvent): void {
    this.isOpen = event.newState === 'open';
    if (!this.isOpen) return;
    this.#place();
    this.#buttons()[0]?.focus({ preventScroll: true });
  }

  /** Below the button, or above it where there is no room, and never beside the window. */
  #place(): void {
    const opener = this.renderRoot.querySelector('.opener')?.getBoundingClientRect();
    const list = this.#list();
    if (!opener || !list) return;
    const { innerWidth, innerHeight } = globalThis;
    const { width, height } = list.getBoundingClientRect();
    const below = opener.bottom + GAP_PX;
    const top = below + height > innerHeight ? Math.max(GAP_PX, opener.top - height - GAP_PX) : below;
    const left = opener.left + width > innerWidth - GAP_PX ? opener.right - width : opener.left;
    list.style.setProperty('--top', `${top}px`);
    list.style.setProperty('--left', `${Math.max(GAP_PX, left)}px`);
  }

  #key(event: KeyboardEvent): void {
    const buttons = this.#buttons();
    const at = buttons.findIndex((button) => button === this.shadowRoot?.activeElement);
    const places: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
    const place = places[event.key];
    if (place === undefined) return;
    event.preventDefault();
    buttons.at(place % buttons.length)?.focus();
  }

  #pick(item: MenuItem): void {
    this.#list()?.hidePopover();
    item.run();
  }

  #list(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>('[popover]');
  }

  #buttons(): HTMLButtonElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLButtonElement>('[role="menuitem"]')];
  }
}

customElements.define('bn-menu', BnMenu);
