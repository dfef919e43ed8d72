import { BnElement, html, routeContext, addWords } from 'boternity/ui';
import type { PropertyValues } from 'lit';
import './conversation.ts';

addWords({ de: () => import('./words-de.ts') });

/**
 * Conversations: `/conversations/{id}` shows one, `/conversations/{id}/branches/{branch}` one of its branches,
 * `/conversations/{id}/runs/{run}` how one of its answers came about, `?message={id}` goes to a message, everything else begins a new one.
 */
export class BnConversationPanel extends BnElement {
  readonly #route = this.watch(routeContext);

  /** While the page of another panel is on its way this one stays as it is. */
  override shouldUpdate(_changed: PropertyValues<this>): boolean {
    const { panel = '' } = this.#route.value ?? {};
    return panel === '' || panel === 'conversations';
  }

  override render(): unknown {
    const [id, word, part] = this.#route.value?.rest ?? [];
    if (id === undefined) return this.#start();
    if (word === 'runs' && part !== undefined) return this.#run(id, part);
    const shown = word === 'branches' && part !== undefined ? part : 'main';
    const wanted = this.#route.value?.query.get('message') ?? '';
    return html`<bn-conversation .conversation=${id} .lane=${shown} .wanted=${wanted}></bn-conversation>`;
  }

  #start(): unknown {
    void import('./conversation-start.ts');
    return html`<bn-conversation-start></bn-conversation-start>`;
  }

  /** Loaded when it is looked at. */
  #run(conversation: string, run: string): unknown {
    void import('./run-page.ts');
    return html`<bn-run-page .conversation=${conversation} .run=${run}></bn-run-page>`;
  }
}

customElements.define('bn-conversation-panel', BnConversationPanel);
