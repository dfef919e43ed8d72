import { BnElement, css, html, msg, nothing, str } from 'boternity/ui';
import type { NodeView } from '../views.ts';
import { DeedEvent } from './events.ts';
import { moreItems } from './message-items.ts';
import 'boternity/ui/menu';
import type { MenuItem } from 'boternity/ui/menu';
import { stepTo } from './swipe.ts';

const COPIED_MS = 2_000;

/** A button in the row, for those who bring one of their own. */
export const rowButton = css`
  button.row-button {
    width: var(--size);
    min-height: var(--size);
    padding: 0;
    border-radius: var(--bn-radius-s);
    font-size: var(--bn-text-m);
  }
`;

/**
 * The row of buttons below a message or an answer: copy, word anew or ask for another one, choose a version, and a menu.
 * @slot - What stands behind them. @slot own - A button of one kind of message, behind "Copy".
 * @event bn-deed - What shall be done. @event bn-translate - A translation is wanted; into which language is not known yet.
 */
export class BnMessageActions extends BnElement {
  static override properties = {
    node: { attribute: false },
    version: { attribute: false },
    isFixed: { type: Boolean },
    copied: { state: true },
  };
  static override styles = [
    super.styles,
    rowButton,
    css`
      :host {
        --size: 1.75rem;
        --bn-menu-size: var(--size);
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0 var(--bn-space-1);
        min-height: var(--size);
        margin-inline-start: calc(-1 * var(--bn-space-1));
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-xs);
      }
      @media (pointer: coarse) {
        :host {
          --size: 2.25rem;
        }
      }
      ::slotted(span) {
        padding-inline-start: var(--bn-space-1);
      }
      .versions {
        display: inline-flex;
        align-items: center;
        font-variant-numeric: tabular-nums;
      }
      .versions button.row-button {
        width: calc(var(--size) - var(--bn-space-1));
      }
      .versions button[aria-disabled='true']:is(*, :hover) {
        background: none;
        opacity: 0.4;
      }
    `,
  ];
  declare node: NodeView | undefined;
  /** Of the whole answer, where that begins before this node. */
  declare version: { readonly node: string; readonly number: number; readonly of: number } | undefined;
  /** Nothing can be changed, only read. */
  declare isFixed: boolean;
  /** How copying went, for a moment. */
  declare copied: 'done' | 'refused' | undefined;

  constructor() {
    super();
    this.isFixed = false;
  }

  override render(): unknown {
    const { node } = this;
    if (!node) return nothing;
    const word =
      this.copied === 'done' ? msg('Copied') : this.copied === 'refused' ? msg('The browser does not allow it') : '';
    return html`
      ${
        node.text === ''
          ? nothing
          : html`<button
                class="quiet row-button"
                aria-label=${msg('Copy')}
                title=${word || msg('Copy')}
                @click=${() => void this.#copy(node.text)}
              >
                <bn-icon name=${this.copied === 'done' ? 'check' : 'copy'}></bn-icon>
              </button>
              <span class="visually-hidden" role="status">${word}</span>`
      }
      <slot name="own"></slot>
      ${this.#versions()}
      ${this.isFixed ? nothing : html`<bn-menu label=${msg('More about this message')} .items=${this.#items(node)}></bn-menu>`}
      <slot></slot>
    `;
  }

  #versions(): unknown {
    const { version } = this;
    if (!version || version.of < 2) return nothing;
    const step = (isForward: boolean): unknown => {
      const name = isForward ? msg('Next version') : msg('Previous version');
      const isEnd = this.isFixed || !stepTo(version, isForward);
      return html`<button
        class="quiet row-button"
        aria-label=${name}
        title=${name}
        aria-disabled=${isEnd}
        @click=${() => this.#step(isForward)}
      >
        <bn-icon name=${isForward ? 'chevron' : 'back'}></bn-icon>
      </button>`;
    };
    return html`<span
      class="versions"
      role="group"
      aria-label=${msg('Versions')}
      @keydown=${(event: KeyboardEvent) => this.#key(event)}
    >
      ${step(false)}
      <span aria-hidden="true">${version.number}/${version.of}</span>
      <span class="visually-hidden">${msg(str`Version ${version.number} of ${version.of}`)}</span>
      ${step(true)}
    </span>`;
  }

  #key(event: KeyboardEvent): void {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    this.#step((event.key === 'ArrowRight') !== (getComputedStyle(this).direction === 'rtl'));
  }

  #step(isForward: boolean): void {
    const deed = this.version && !this.isFixed ? stepTo(this.version, isForward) : undefined;
    if (deed) this.#ask(deed);
  }

  #items(node: NodeView): MenuItem[] {
    const { id, text, excluded } = node;
    return [
      { label: msg('Branch from here'), icon: 'branch', run: () => this.#ask({ action: 'branches.create', from: id }) },
      ...moreItems(this, node),
      ...(text.trim() === '' ? [] : [{ label: msg('Translate …'), icon: 'chat', run: () => this.#translate() }]),
      excluded
        ? {
            label: msg('Put back into prompts'),
            icon: 'plus',
            run: () => this.#ask({ action: 'messages.include', message: id }),
          }
        : {
            label: msg('Leave out of prompts'),
            icon: 'close',
            run: () => this.#ask({ action: 'messages.exclude', message: id }),
          },
      {
        label: msg('Delete'),
        icon: 'trash',
        tone: 'danger',
        run: () => this.#ask({ action: 'messages.delete', message: id }),
      },
    ];
  }

  #translate(): void {
    this.dispatchEvent(new Event('bn-translate'));
  }

  #ask(deed: ConstructorParameters<typeof DeedEvent>[0]): void {
    this.dispatchEvent(new DeedEvent(deed));
  }

  async #copy(text: string): Promise<void> {
    this.copied = await navigator.clipboard.writeText(text).then(
      () => 'done' as const,
      () => 'refused' as const,
    );
    setTimeout(() => (this.copied = undefined), COPIED_MS);
  }
}

customElements.define('bn-message-actions', BnMessageActions);
