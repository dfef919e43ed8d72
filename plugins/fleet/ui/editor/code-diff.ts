import { BnElement, css, html, msg } from 'boternity/ui';
import type { PropertyValues } from 'lit';
import { TextEvent } from './code-editor.ts';

const wide = globalThis.matchMedia('(width >= 60rem)');

/**
 * Two texts with what differs between them, side by side where there is room.
 * @event bn-text - The second one was changed, where it may be.
 */
export class BnCodeDiff extends BnElement {
  static override properties = {
    file: { type: String },
    oldText: { attribute: false },
    newText: { attribute: false },
    oldLabel: { type: String },
    newLabel: { type: String },
    isEditable: { type: Boolean },
    isPlain: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      :host {
        display: grid;
        gap: var(--bn-space-2);
        min-width: 0;
      }
      .heads,
      .plain {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: var(--bn-space-3);
      }
      .heads {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
        font-weight: var(--bn-weight-strong);
      }
      .code {
        max-height: var(--diff-height, 28rem);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        background: var(--bn-ground-raised);
        overflow: auto;
      }
      .plain :is(pre, textarea) {
        max-height: var(--diff-height, 28rem);
        margin: 0;
        padding: var(--bn-space-3);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        background: var(--bn-ground-raised);
        font-family: var(--bn-font-mono);
        font-size: var(--bn-text-s);
        white-space: pre-wrap;
        overflow: auto;
        overflow-wrap: anywhere;
      }
      .plain textarea {
        height: var(--diff-height, 28rem);
      }
      .plain > pre:empty:not(:only-child) {
        display: none;
      }
      .plain:has(> pre:empty) {
        grid-template-columns: minmax(0, 1fr);
      }
      /* One below the other: what was, an arrow, what is. */
      .heads.one {
        display: flex;
      }
      .heads.one span + span::before {
        content: '→ ' / '';
      }
      @media (width < 60rem) {
        .plain {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];
  declare file: string;
  declare oldText: string;
  declare newText: string;
  declare oldLabel: string;
  declare newLabel: string;
  declare isEditable: boolean;
  declare isPlain: boolean;
  #view: { readonly close: () => void } | undefined;

  constructor() {
    super();
    this.file = '';
    this.oldText = '';
    this.newText = '';
    this.oldLabel = '';
    this.newLabel = '';
    this.isEditable = false;
    this.isPlain = false;
    this.whileConnected(() => {
      const anew = (): void => {
        this.requestUpdate();
        void this.#open();
      };
      wide.addEventListener('change', anew);
      void this.updateComplete.then(anew);
      return () => {
        wide.removeEventListener('change', anew);
        this.#view?.close();
      };
    });
  }

  override updated(changed: PropertyValues<this>): void {
    // What is typed on the second side comes back as `newText`; the view has it already.
    const isOwn = changed.has('newText') && this.newText === this.#typed;
    if (this.#view && (changed.has('oldText') || changed.has('file') || (changed.has('newText') && !isOwn)))
      void this.#open();
  }

  override render(): unknown {
    const heads = html`<div class="heads ${this.#isBeside ? '' : 'one'}" aria-hidden="true">
      <span>${this.oldLabel}</span><span>${this.newLabel}</span>
    </div>`;
    if (!this.isPlain)
      return html`${heads}
        <div class="code"></div>`;
    return html`${heads}
      <div class="plain">
        <pre tabindex="0" role="group" aria-label=${this.oldLabel}>${this.oldText}</pre>
        ${
          this.isEditable
            ? html`<textarea
                aria-label=${this.newLabel}
                .value=${this.newText}
                @input=${(event: InputEvent) => this.#tell((event.target as HTMLTextAreaElement).value)}
              ></textarea>`
            : html`<pre tabindex="0" role="group" aria-label=${this.newLabel}>${this.newText}</pre>`
        }
      </div>
      ${this.oldText === this.newText ? html`<p>${msg('Nothing differs.')}</p>` : ''}`;
  }

  /** Beside an empty text the other one has no need to be narrow. */
  get #isBeside(): boolean {
    return wide.matches && (this.isEditable || (this.oldText !== '' && this.newText !== ''));
  }

  #typed: string | undefined;

  async #open(): Promise<void> {
    const { openDifference } = await import('./code-merge.ts').catch(() => ({ openDifference: undefined }));
    this.isPlain = !openDifference;
    await this.updateComplete;
    const parent = this.renderRoot.querySelector<HTMLElement>('.code');
    this.#view?.close();
    this.#view = undefined;
    if (!openDifference || !parent || !this.isConnected || !(this.renderRoot instanceof ShadowRoot)) return;
    this.#view = openDifference({
      parent,
      root: this.renderRoot,
      file: this.file,
      before: this.oldText,
      after: this.newText,
      labels: [this.oldLabel, this.newLabel],
      isWide: this.#isBeside,
      onChange: this.isEditable ? (text) => this.#tell(text) : undefined,
    });
  }

  #tell(text: string): void {
    this.#typed = text;
    this.dispatchEvent(new TextEvent(text));
  }
}

customElements.define('bn-code-diff', BnCodeDiff);
