import { BnElement, css, html, nothing } from 'boternity/ui';
import type { PropertyValues } from 'lit';
import { keepDraft, readDraft } from './drafts.ts';
import { SendEvent, StopEvent } from './events.ts';

const touch = globalThis.matchMedia('(pointer: coarse)');

/**
 * Where messages are written. Enter sends, Shift+Enter makes a new line; on a touch screen only the button sends.
 * @event bn-send - A message that is not blank. @event bn-stop - The running answer shall stop.
 */
export class BnComposer extends BnElement {
  static override properties = {
    draftKey: { type: String, attribute: 'draft-key' },
    placeholder: { type: String },
    isRunning: { type: Boolean },
    isOff: { type: Boolean },
    text: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      .box {
        display: flex;
        align-items: end;
        gap: var(--bn-space-2);
        padding: var(--bn-space-2);
        border: var(--bn-border) solid var(--bn-line-strong);
        border-radius: var(--bn-radius-l);
        background: var(--bn-ground-raised);
        box-shadow: var(--bn-shadow-1);
        transition: border-color var(--bn-fast) var(--bn-ease);
        cursor: text;
      }
      .box:focus-within {
        border-color: var(--bn-focus);
        box-shadow: 0 0 0 var(--bn-border) var(--bn-focus);
      }
      textarea {
        flex: 1;
        min-width: 0;
        max-height: 12.5rem;
        padding: var(--bn-space-2);
        border: 0;
        background: none;
        font-size: max(1rem, var(--bn-text-m));
        line-height: var(--bn-line-height);
        resize: none;
        field-sizing: content;
        scrollbar-width: thin;
      }
      textarea:focus-visible {
        outline: 0;
      }
      textarea::placeholder {
        color: var(--bn-ink-soft);
        opacity: 1;
      }
      @supports not (field-sizing: content) {
        textarea {
          height: 4.5rem;
        }
      }
      button {
        flex: none;
        width: var(--bn-target);
        height: var(--bn-target);
        padding: 0;
        border-radius: var(--bn-radius-full);
        font-size: var(--bn-text-l);
      }
      .keys {
        margin-top: var(--bn-space-1);
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-xs);
        text-align: center;
      }
    `,
  ];
  /** The conversation whose draft is kept. */
  declare draftKey: string;
  declare placeholder: string;
  declare isRunning: boolean;
  /** Nothing can be sent now; writing goes on. */
  declare isOff: boolean;
  declare text: string;

  constructor() {
    super();
    this.draftKey = '';
    this.placeholder = 'Write a message';
    this.isRunning = false;
    this.isOff = false;
    this.text = '';
  }

  /** Puts a text in, in front of what is there, and the cursor behind it. */
  write(text: string): void {
    this.#keep([text, this.text].filter((part) => part.trim() !== '').join('\n'));
    this.focus();
  }

  override focus(): void {
    void this.updateComplete.then(() => {
      const field = this.renderRoot.querySelector('textarea');
      field?.focus({ preventScroll: true });
      field?.setSelectionRange(field.value.length, field.value.length);
    });
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('draftKey')) this.text = readDraft(this.draftKey);
  }

  override render(): unknown {
    const isBlank = this.text.trim() === '';
    return html`
      <div class="box" @click=${(event: Event) => event.target === event.currentTarget && this.focus()}>
        <textarea
          rows="1"
          dir=${this.text === '' ? nothing : 'auto'}
          aria-label=${this.placeholder}
          placeholder=${this.placeholder}
          enterkeyhint=${touch.matches ? 'enter' : 'send'}
          .value=${this.text}
          @input=${(event: InputEvent) => this.#keep((event.target as HTMLTextAreaElement).value)}
          @keydown=${(event: KeyboardEvent) => this.#key(event)}
        ></textarea>
        ${
          this.isRunning
            ? html`<button aria-label="Stop the answer" title="Stop" @click=${() => this.#stop()}>
                <bn-icon name="stop"></bn-icon>
              </button>`
            : nothing
        }
        ${
          this.isRunning && isBlank
            ? nothing
            : html`<button
                class="primary"
                aria-label="Send"
                title="Send"
                aria-disabled=${isBlank || this.isOff}
                @click=${() => this.#send()}
              >
                <bn-icon name="send"></bn-icon>
              </button>`
        }
      </div>
      ${touch.matches ? nothing : html`<p class="keys">Enter sends, Shift + Enter makes a new line</p>`}
    `;
  }

  #key(event: KeyboardEvent): void {
    const { key, shiftKey, altKey, ctrlKey, metaKey, isComposing } = event;
    // Some browsers report the Enter that ends a composition with the code 229 only.
    if (key !== 'Enter' || isComposing || event.keyCode === 229) return;
    if (shiftKey || altKey || ctrlKey || metaKey || touch.matches) return;
    event.preventDefault();
    this.#send();
  }

  #send(): void {
    const text = this.text.trim();
    if (text === '' || this.isOff) return;
    this.#keep('');
    this.dispatchEvent(new SendEvent(text));
    this.focus();
  }

  #stop(): void {
    this.dispatchEvent(new StopEvent());
    this.focus();
  }

  #keep(text: string): void {
    this.text = text;
    keepDraft(this.draftKey, text);
  }
}

customElements.define('bn-composer', BnComposer);
