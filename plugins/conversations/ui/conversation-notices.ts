import { BnElement, css, html, nothing } from 'boternity/ui';
import { DeedEvent, HideEvent, StopEvent } from './events.ts';

/**
 * What a conversation has to tell beside its messages: that an answer may be stuck, that a message was deleted, that it is archived.
 * @event bn-stop - Stop the answer. @event bn-deed - Bring back, take out of the archive. @event bn-hide - Enough of the deleted one.
 */
export class BnConversationNotices extends BnElement {
  static override properties = {
    isStuck: { type: Boolean },
    deleted: { type: String },
    archived: { attribute: false },
  };
  static override styles = [
    super.styles,
    css`
      bn-notice {
        margin-bottom: var(--bn-space-3);
      }
    `,
  ];
  declare isStuck: boolean;
  /** The message that can be brought back. */
  declare deleted: string | undefined;
  /** What is archived, and the branch to open for it. */
  declare archived: { readonly what: string; readonly lane: string } | undefined;

  constructor() {
    super();
    this.isStuck = false;
  }

  override render(): unknown {
    const { deleted, archived } = this;
    return html`
      ${
        this.isStuck
          ? html`<bn-notice tone="warning" role="status">
              <strong>Nothing has come for half a minute.</strong> The model may still be thinking, or it is stuck.
              <button slot="actions" @click=${() => this.dispatchEvent(new StopEvent())}>Stop the answer</button>
            </bn-notice>`
          : nothing
      }
      ${deleted === undefined ? nothing : this.#deleted(deleted)} ${archived ? this.#archived(archived) : nothing}
    `;
  }

  #deleted(message: string): unknown {
    return html`<bn-notice role="status">
      The message was deleted.
      <button slot="actions" @click=${() => this.dispatchEvent(new DeedEvent({ action: 'messages.restore', message }))}>
        Undo
      </button>
      <button
        slot="end"
        class="quiet square"
        aria-label="Hide"
        title="Hide"
        @click=${() => this.dispatchEvent(new HideEvent())}
      >
        <bn-icon name="close"></bn-icon>
      </button>
    </bn-notice>`;
  }

  #archived({ what, lane }: { readonly what: string; readonly lane: string }): unknown {
    return html`<bn-notice>
      <strong>This ${what} is archived.</strong> Nothing new is written in it.
      <button
        slot="actions"
        @click=${() => this.dispatchEvent(new DeedEvent({ action: 'conversations.unarchive', lane }))}
      >
        Take out of the archive
      </button>
    </bn-notice>`;
  }
}

customElements.define('bn-conversation-notices', BnConversationNotices);
