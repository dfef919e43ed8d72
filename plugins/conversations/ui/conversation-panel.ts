import { BnElement, html, routeContext } from 'boternity/ui';
import './conversation.ts';
import './conversation-start.ts';

/**
 * Conversations: `/conversations/{id}` shows one, `/conversations/{id}/branches/{branch}` one of its branches, everything else
 * begins a new one.
 */
export class BnConversationPanel extends BnElement {
  readonly #route = this.watch(routeContext);

  override render(): unknown {
    const [id, word, lane] = this.#route.value?.rest ?? [];
    if (id === undefined) return html`<bn-conversation-start></bn-conversation-start>`;
    const shown = word === 'branches' && lane !== undefined ? lane : 'main';
    return html`<bn-conversation .conversation=${id} .lane=${shown}></bn-conversation>`;
  }
}

customElements.define('bn-conversation-panel', BnConversationPanel);
