import { BnElement, css, html, msg, nothing } from 'boternity/ui';
import { DeedEvent, HideEvent } from './events.ts';

/**
 * What a conversation has to tell beside its messages: that a message was deleted, that it is archived.
 * @event bn-deed - Bring back, take out of the archive. @event bn-hide - Enough of the deleted one.
 */
export class BnConversationNotices extends BnElement {
  static override properties = {
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
  /** The message that can be brought back. */
  declare deleted: string | undefined;
  /** What is archived, and the branch to open for it. */
  declare archived: { readonly what: string; readonly lane: string } | undefined;

  override render(): unknown {
    const { deleted, archived } = this;
    return html`
      ${deleted === undefined ? nothing : this.#deleted(deleted)} ${archived ? this.#archived(archived) : nothing}
    `;
  }

  #deleted(message: string): unknown {
    return html`<bn-notice role="status">
      ${msg('The message was deleted.')}
      <button slot="actions" @click=${() => this.dispatchEvent(new DeedEvent({ action: 'messages.restore', message }))}>
        ${msg('Undo')}
      </button>
      <button
        slot="end"
        class="quiet square"
        aria-label=${msg('Hide')}
        title=${msg('Hide')}
        @click=${() => this.dispatchEvent(new HideEvent())}
      >
        <bn-icon name="close"></bn-icon>
      </button>
    </bn-notice>`;
  }

  #archived({ what, lane }: { readonly what: string; readonly lane: string }): unknown {
    return html`<bn-notice>
      <strong>${what === 'branch' ? msg('This branch is archived.') : msg('This conversation is archived.')}</strong>
      ${msg('Nothing new is written in it.')}
      <button
        slot="actions"
        @click=${() => this.dispatchEvent(new DeedEvent({ action: 'conversations.unarchive', lane }))}
      >
        ${msg('Take out of the archive')}
      </button>
    </bn-notice>`;
  }
}

customElements.define('bn-conversation-notices', BnConversationNotices);
