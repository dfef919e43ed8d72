import { css, html, nothing } from 'lit';
import { msg } from '../language.ts';
import { toast } from '../toast.ts';
import { CallError } from '../live/call-error.ts';
import { BnElement } from './element.ts';
import './icon.ts';

/** One line of a menu. */
export interface MenuItem {
  readonly label: string;
  readonly icon?: string | undefined;
  /** Small words at the end: a key, a number. */
  readonly details?: string | undefined;
  readonly tone?: 'plain' | 'danger' | undefined;
  readonly isDisabled?: boolean | undefined;
  /** Draws a place for a tick; true ticks it. */
  readonly isChecked?: boolean | undefined;
  /** A page of the application. */
  readonly href?: string | undefined;
  readonly run?: (() => void) | undefined;
}

let list: Promise<unknown> | undefined;

/** Loads what draws the list of a menu; again where it did not come. */
function loadList(): Promise<unknown> {
  return (list ??= import('./menu-list.ts').catch((thrown: unknown) => {
    list = undefined;
    throw thrown;
  }));
}

/**
 * A button that opens a menu: arrows, Home, End and letters go through it, Enter chooses, Escape closes and gives the focus back.
 * Between groups of items stands `'line'`. The button is named by `label`; without content it shows three dots. Pages have
 * hundreds: until it is opened for the first time it is a button and nothing more, and without items it is not there.
 * @slot - What stands on the button in place of the three dots.
 */
export class BnMenu extends BnElement {
  static override properties = {
    label: { type: String },
    items: { attribute: false },
    isWide: { type: Boolean, attribute: 'wide' },
    look: { type: String },
    placement: { type: String },
    isUsed: { state: true },
    isOpen: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      :host {
        display: inline-flex;
      }
      .wide {
        max-width: 100%;
      }
      .square {
        width: var(--bn-menu-size, var(--bn-target));
        min-height: var(--bn-menu-size, var(--bn-target));
      }
      wa-dropdown-item {
        min-height: var(--bn-target);
        padding-block: var(--bn-space-1);
        padding-inline: var(--bn-space-3);
        font-size: var(--bn-text-s);
      }
      wa-dropdown-item[checkbox-adjacent] {
        padding-inline-start: var(--bn-space-6);
      }
      wa-dropdown-item bn-icon {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-m);
      }
      wa-dropdown-item[variant='danger'] bn-icon {
        color: inherit;
      }
      wa-dropdown::part(menu) {
        min-width: 11rem;
      }
    `,
  ];
  declare label: string;
  declare items: readonly (MenuItem | 'line')[];
  /** Whether the button takes more room than a square of the size of a finger. */
  declare isWide: boolean;
  declare look: 'quiet' | 'plain';
  /** It was opened before. */
  declare isUsed: boolean;
  /** Its lines are drawn while it is open. */
  declare isOpen: boolean;
  declare placement: 'bottom-start' | 'bottom-end' | 'top-start' | 'top-end';

  constructor() {
    super();
    this.label = '';
    this.items = [];
    this.isUsed = false;
    this.isOpen = false;
    this.isWide = false;
    this.look = 'quiet';
    this.placement = 'bottom-end';
  }

  override render(): unknown {
    if (this.items.length === 0) return nothing;
    if (!this.isUsed) return this.#button();
    return html`<wa-dropdown
      placement=${this.placement}
      distance="4"
      @wa-show=${() => (this.isOpen = true)}
      @wa-after-hide=${(event: Event) => (this.isOpen = (event.target as HTMLElement & { open: boolean }).open)}
      @wa-select=${(event: CustomEvent<{ item: HTMLElement & { value: string } }>) => this.#choose(event)}
    >
      ${this.#button()}
      ${
        this.isOpen
          ? this.items.map((item, index) => (item === 'line' ? html`<wa-divider></wa-divider>` : line(item, index)))
          : nothing
      }
    </wa-dropdown>`;
  }

  #button(): unknown {
    return html`<button
      slot="trigger"
      class="${this.look} ${this.isWide ? 'wide' : 'square'}"
      aria-label=${this.label || msg('More')}
      aria-haspopup="menu"
      aria-expanded=${this.isOpen}
      title=${this.isWide ? nothing : this.label}
      type="button"
      @pointerenter=${() => void loadList().catch(() => undefined)}
      @click=${() => this.#firstUse()}
      @keydown=${({ key }: KeyboardEvent) => ['ArrowDown', 'ArrowUp'].includes(key) && this.#firstUse()}
    >
      <slot><bn-icon name="more"></bn-icon></slot>
    </button>`;
  }

  /** From then on the list takes the clicks and keys. */
  #firstUse(): void {
    if (this.isUsed) return;
    this.show().catch((thrown: unknown) => toast(this, CallError.from(thrown).message, { tone: 'danger' }));
  }

  /** Opens it. */
  async show(): Promise<void> {
    await loadList();
    this.isUsed = true;
    await this.updateComplete;
    const dropdown = this.renderRoot.querySelector('wa-dropdown');
    await dropdown?.updateComplete;
    if (dropdown) dropdown.open = true;
  }

  override focus(options?: FocusOptions): void {
    this.renderRoot.querySelector('button')?.focus(options);
  }

  #choose(event: CustomEvent<{ item: HTMLElement & { value: string } }>): void {
    event.stopPropagation();
    const item = this.items[Number(event.detail.item.value)];
    if (item === undefined || item === 'line') return;
    // The menu gives the focus back to its button first; what is done may move it on.
    setTimeout(() => item.run?.());
  }
}

function line(item: MenuItem, index: number): unknown {
  return html`<wa-dropdown-item
    value=${index}
    type=${item.isChecked === undefined ? 'normal' : 'checkbox'}
    variant=${item.tone === 'danger' ? 'danger' : 'default'}
    href=${item.href ?? nothing}
    ?disabled=${item.isDisabled === true}
    .checked=${item.isChecked === true}
  >
    ${item.icon ? html`<bn-icon slot="icon" name=${item.icon}></bn-icon>` : nothing}${item.label}${
      item.details ? html`<span slot="details">${item.details}</span>` : nothing
    }
  </wa-dropdown-item>`;
}

customElements.define('bn-menu', BnMenu);
