import { BnElement, css, html, msg, nothing } from 'boternity/ui';
import type { PropertyValues } from 'lit';
import { showTranslations } from './translated.ts';
import type { NodeView } from '../views.ts';
import { DeedEvent } from './events.ts';
import { rowButton } from './message-actions.ts';
import { swipeVersions } from './swipe.ts';

/** A message of a person, which can be worded anew in its place. @event bn-deed - What shall be done with it. */
export class BnMessage extends BnElement {
  static override properties = {
    node: { attribute: false },
    isFixed: { type: Boolean },
    isTranslating: { state: true },
    draft: { state: true },
    isEdited: { type: Boolean, reflect: true, attribute: 'edited' },
  };
  static override styles = [
    super.styles,
    rowButton,
    css`
      :host {
        display: grid;
        justify-items: end;
        gap: var(--bn-space-1);
      }
      .message {
        max-width: min(85%, 36rem);
        padding: var(--bn-space-2) var(--bn-space-4);
        border-radius: var(--bn-radius-l);
        border-end-end-radius: var(--bn-radius-s);
        background: var(--bn-accent-soft);
        line-height: var(--bn-line-height-prose);
        overflow-wrap: anywhere;
      }
      .message span {
        display: block;
        unicode-bidi: plaintext;
        white-space: pre-wrap;
      }
      .out {
        border: var(--bn-border) dashed var(--bn-line-strong);
        background: none;
        color: var(--bn-ink-soft);
      }
      .word {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-xs);
      }
      bn-message-actions {
        justify-content: end;
        margin-block-end: calc(-1 * var(--bn-space-4));
        transition: opacity var(--bn-fast) var(--bn-ease);
      }
      @media (hover: hover) {
        bn-message-actions:not(.kept) {
          opacity: 0;
        }
        :host(:is(:hover, :focus-within)) bn-message-actions {
          opacity: 1;
        }
      }
      form {
        display: grid;
        gap: var(--bn-space-2);
        width: min(100%, 36rem);
      }
      textarea {
        max-height: 50vh;
        border-radius: var(--bn-radius-m);
        font-size: max(1rem, var(--bn-text-m));
        line-height: var(--bn-line-height);
        resize: vertical;
        field-sizing: content;
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        justify-content: end;
        gap: var(--bn-space-2);
      }
    `,
  ];
  declare node: NodeView | undefined;
  /** Nothing can be changed, only read. */
  declare isFixed: boolean;
  /** The form for a translation is shown. */
  declare isTranslating: boolean;
  /** The new wording, while it is written. */
  declare draft: string | undefined;
  /** It is being worded anew: what holds many messages keeps this one. */
  declare isEdited: boolean;

  constructor() {
    super();
    this.isFixed = false;
    this.isTranslating = false;
    this.isEdited = false;
    swipeVersions(this, () =>
      this.node && !this.isFixed && !this.isEdited ? { node: this.node.id, ...this.node.version } : undefined,
    );
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('draft')) this.isEdited = this.draft !== undefined;
  }

  override render(): unknown {
    const { node } = this;
    if (!node) return nothing;
    if (this.draft !== undefined) return this.#editor(this.draft);
    const { version } = node;
    if (node.attachments.length > 0) void import('./attachments.ts');
    return html`<bn-attachments .files=${node.attachments}></bn-attachments>
      <div class="message ${node.excluded ? 'out' : ''}" ?hidden=${node.text.trim() === ''}>
        <h2 class="visually-hidden">${msg('You')}</h2>
        <span>${node.text}</span>
      </div>
      ${node.excluded ? html`<p class="word">${msg('Left out of prompts')}</p>` : nothing} ${showTranslations(this)}
      <bn-message-actions
        @bn-translate=${() => (this.isTranslating = true)}
        class=${version.of > 1 ? 'kept' : ''}
        .node=${node}
        .version=${{ node: node.id, ...version }}
        .isFixed=${this.isFixed}
      >
        ${
          this.isFixed
            ? nothing
            : html`<button
                slot="own"
                class="quiet row-button"
                aria-label=${msg('Edit')}
                title=${msg('Edit')}
                @click=${() => this.#edit(node.text)}
              >
                <bn-icon name="pencil"></bn-icon>
              </button>`
        }
      </bn-message-actions>`;
  }

  #editor(draft: string): unknown {
    return html`<form @submit=${(event: SubmitEvent) => this.#submit(event)}>
      <textarea
        aria-label=${msg('Edit the message')}
        dir="auto"
        .value=${draft}
        @input=${(event: InputEvent) => (this.draft = (event.target as HTMLTextAreaElement).value)}
        @keydown=${(event: KeyboardEvent) => this.#key(event)}
      ></textarea>
      <div class="row">
        <button type="button" @click=${() => this.#leave()}>${msg('Cancel')}</button>
        <button class="primary" aria-disabled=${draft.trim() === ''}>${msg('Send anew')}</button>
      </div>
    </form>`;
  }

  #edit(text: string): void {
    this.draft = text;
    void this.updateComplete.then(() => {
      const field = this.renderRoot.querySelector('textarea');
      field?.focus();
      field?.setSelectionRange(field.value.length, field.value.length);
    });
  }

  #leave(): void {
    this.draft = undefined;
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('[slot="own"]')?.focus());
  }

  #key(event: KeyboardEvent): void {
    if (event.key === 'Escape') this.#leave();
    if (event.key !== 'Enter' || event.isComposing || event.keyCode === 229) return;
    if (event.shiftKey || event.altKey || globalThis.matchMedia('(pointer: coarse)').matches) return;
    this.#submit(event);
  }

  /** The editor stays until the new wording has taken the place of this message, so that nothing written is lost. */
  #submit(event: Event): void {
    event.preventDefault();
    const text = this.draft?.trim() ?? '';
    if (text === '' || !this.node) return;
    if (text === this.node.text) return this.#leave();
    this.dispatchEvent(new DeedEvent({ action: 'messages.edit', message: this.node.id, text }));
  }
}

customElements.define('bn-message', BnMessage);
