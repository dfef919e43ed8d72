import { BnElement, css, html, nothing } from 'boternity/ui';
import type { NodeView } from '../views.ts';
import { DeedEvent } from './events.ts';
import './menu.ts';
import type { MenuItem } from './menu.ts';

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
    copyWord: { state: true },
  };
  static override styles = [
    super.styles,
    rowButton,
    css`
      :host {
        --size: 1.75rem;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0 var(--bn-space-1);
        min-height: var(--size);
        margin-left: calc(-1 * var(--bn-space-1));
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-xs);
      }
      @media (pointer: coarse) {
        :host {
          --size: 2.25rem;
        }
      }
      ::slotted(span) {
        padding-left: var(--bn-space-1);
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
  declare copyWord: string;

  constructor() {
    super();
    this.isFixed = false;
    this.copyWord = 'Copy';
  }

  override render(): unknown {
    const { node } = this;
    if (!node) return nothing;
    const isCopied = this.copyWord === 'Copied';
    return html`
      ${
        node.text === ''
          ? nothing
          : html`<button
                class="quiet row-button"
                aria-label="Copy"
                title=${this.copyWord}
                @click=${() => void this.#copy(node.text)}
              >
                <bn-icon name=${isCopied ? 'check' : 'copy'}></bn-icon>
              </button>
              <span class="visually-hidden" role="status">${this.copyWord === 'Copy' ? '' : this.copyWord}</span>`
      }
      <slot name="own"></slot>
      ${this.#versions()}
      ${this.isFixed ? nothing : html`<bn-menu label="More about this message" .items=${this.#items(node)}></bn-menu>`}
      <slot></slot>
    `;
  }

  #versions(): unknown {
    const { version } = this;
    if (!version || version.of < 2) return nothing;
    const step = (name: 'previous' | 'next', icon: string, isEnd: boolean): unknown =>
      html`<button
        class="quiet row-button"
        aria-label="${name === 'next' ? 'Next' : 'Previous'} version"
        title="${name === 'next' ? 'Next' : 'Previous'} version"
        aria-disabled=${isEnd || this.isFixed}
        @click=${() => isEnd || this.isFixed || this.#ask({ action: 'messages.select', message: version.node, version: name })}
      >
        <bn-icon name=${icon}></bn-icon>
      </button>`;
    return html`<span class="versions" role="group" aria-label="Versions">
      ${step('previous', 'back', version.number <= 1)}
      <span aria-hidden="true">${version.number}/${version.of}</span>
      <span class="visually-hidden">Version ${version.number} of ${version.of}</span>
      ${step('next', 'chevron', version.number >= version.of)}
    </span>`;
  }

  #items({ id, text, excluded }: NodeView): MenuItem[] {
    return [
      { label: 'Branch from here', icon: 'branch', run: () => this.#ask({ action: 'branches.create', from: id }) },
      ...(text.trim() === '' ? [] : [{ label: 'Translate …', icon: 'chat', run: () => this.#translate() }]),
      excluded
        ? {
            label: 'Put back into prompts',
            icon: 'plus',
            run: () => this.#ask({ action: 'messages.include', message: id }),
          }
        : {
            label: 'Leave out of prompts',
            icon: 'close',
            run: () => this.#ask({ action: 'messages.exclude', message: id }),
          },
      {
        label: 'Delete',
        icon: 'trash',
        isDangerous: true,
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
    this.copyWord = await navigator.clipboard.writeText(text).then(
      () => 'Copied',
      () => 'The browser does not allow it',
    );
    setTimeout(() => (this.copyWord = 'Copy'), COPIED_MS);
  }
}

customElements.define('bn-message-actions', BnMessageActions);
