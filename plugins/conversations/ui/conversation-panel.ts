import { BnElement, html, routeContext } from 'boternity/ui';
import './conversation.ts';
import './conversation-start.ts';

/** Conversations: `/conversations/{id}` shows one, everything else begins a new one. */
export class BnConversationPanel extends BnElement {
  readonly #route = this.watch(routeContext);

  override render(): unknown {
    const id = this.#route.value?.rest[0];
    if (id === undefined) return html`<bn-conversation-start></bn-conversation-start>`;
    return html`<bn-conversation .conversation=${id}></bn-conversation>`;
  }
}

customElements.define('bn-conversation-panel', BnConversationPanel);
