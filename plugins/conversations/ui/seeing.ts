import type { Client } from 'boternity/ui';
import type { ConversationPage } from '../views.ts';

/** Tells the server that the person has seen the end of a conversation, once for each thing that came. */
export class Seeing {
  #told = '';

  /** Answers whether the server was told just now. To be asked when the page changes or comes to the front. */
  async look(client: Client | undefined, page: ConversationPage | undefined, isAtEnd: boolean): Promise<boolean> {
    if (!client || !page || !isAtEnd || document.visibilityState !== 'visible') return false;
    const last = page.nodes.findLast(({ kind, state }) => kind === 'agent' || state === 'awaiting_approval');
    if (!last || last.state === 'pending' || last.state === 'running') return false;
    const news = `${page.id} ${last.id} ${last.state}`;
    if (news === this.#told) return false;
    this.#told = news;
    try {
      await client.call('conversations.see', { conversation: page.id });
      return true;
    } catch {
      // It stays unread; the next look may tell.
      this.#told = '';
      return false;
    }
  }
}
