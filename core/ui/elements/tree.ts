import '@awesome.me/webawesome/dist/components/tree/tree.js';
import '@awesome.me/webawesome/dist/components/tree-item/tree-item.js';
import { css, html, nothing } from 'lit';
import { BnElement } from './element.ts';
import './icon.ts';
import './web-awesome.ts';

export interface TreeNode {
  /** Names it in the event. */
  readonly id: string;
  readonly label: string;
  readonly icon?: string | undefined;
  /** Small words behind the label. */
  readonly details?: string | undefined;
  readonly isOpen?: boolean | undefined;
  readonly children?: readonly TreeNode[] | undefined;
}

/** A node of a tree was chosen: `id` says which. */
export class ChooseEvent extends Event {
  static readonly type = 'bn-choose';
  readonly id: string;

  constructor(id: string) {
    super(ChooseEvent.type);
    this.id = id;
  }
}

/**
 * A tree of things with names, by pointer and by keyboard (arrows open, close and go; Enter chooses).
 * @event bn-choose - A leaf was chosen.
 */
export class BnTree extends BnElement {
  static override properties = { label: { type: String }, nodes: { attribute: false }, current: { type: String } };
  static override styles = [
    super.styles,
    css`
      wa-tree {
        --indent-size: var(--bn-space-4);
        font-size: var(--bn-text-s);
      }
      wa-tree-item::part(item) {
        min-height: var(--bn-target);
        border-radius: var(--bn-radius-m);
      }
      wa-tree-item::part(label) {
        gap: var(--bn-space-2);
        overflow-wrap: anywhere;
      }
      bn-icon,
      .details {
        color: var(--bn-ink-soft);
      }
    `,
  ];
  declare label: string;
  declare nodes: readonly TreeNode[];
  declare current: string;

  constructor() {
    super();
    this.label = '';
    this.nodes = [];
    this.current = '';
  }

  override render(): unknown {
    return html`<wa-tree
      selection="leaf"
      aria-label=${this.label || nothing}
      @wa-selection-change=${(event: CustomEvent<{ selection: readonly HTMLElement[] }>) => this.#chosen(event)}
    >
      ${this.nodes.map((node) => this.#node(node))}
    </wa-tree>`;
  }

  #node({ id, label, icon, details, isOpen, children }: TreeNode): unknown {
    return html`<wa-tree-item data-id=${id} ?expanded=${isOpen === true} ?selected=${id === this.current}>
      ${icon ? html`<bn-icon name=${icon}></bn-icon>` : nothing}<span>${label}</span>${
        details ? html`<span class="details">${details}</span>` : nothing
      }
      ${children?.map((child) => this.#node(child)) ?? nothing}
    </wa-tree-item>`;
  }

  #chosen(event: CustomEvent<{ selection: readonly HTMLElement[] }>): void {
    event.stopPropagation();
    const id = event.detail.selection[0]?.dataset['id'];
    if (id === undefined || id === this.current) return;
    this.current = id;
    this.dispatchEvent(new ChooseEvent(id));
  }
}

customElements.define('bn-tree', BnTree);

declare global {
  interface HTMLElementEventMap {
    'bn-choose': ChooseEvent;
  }
}
