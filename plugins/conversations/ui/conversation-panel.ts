import { BnElement, html, routeContext } from 'boternity/ui';
import './conversation.ts';
import './conversation-start.ts';

/**
 * Conversations: `/conversations/{id}` shows one, `/conversations/{id}/branches/{branch}` one of its branches, `?message={id}` goes to
 * a message, everything else begins a new one.
 */
export class BnConversationPanel extends BnElement {
  readonly #route = this.watch(routeContext);

  override render(): unknown {
    const [id, word, lane] = this.#route.value?.rest ?? [];
    if (id === undefined) return html`<bn-conversation-start></bn-conversation-start>`;
    const shown = word === 'branches' && lane !== undefined ? lane : 'main';
    const wanted = this.#route.value?.query.get('message') ?? '';
    return html`<bn-conversation .conversation=${id} .lane=${shown} .wanted=${wanted}></bn-conversation>`;
  }
}

customElements.define('bn-conversation-panel', BnConversationPanel);
