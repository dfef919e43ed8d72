import { addWords, BnElement, html, routeContext } from 'boternity/ui';
import type { PropertyValues } from 'lit';
import './bot-list.ts';
import './bot-page.ts';

/** Bots: `/agents` shows all of them, `/agents/{slug}` one. */
export class BnBotsPanel extends BnElement {
  readonly #route = this.watch(routeContext);

  /** While the page of another panel is on its way this one stays as it is. */
  override shouldUpdate(_changed: PropertyValues<this>): boolean {
    return this.#route.value?.panel === 'agents';
  }

  override render(): unknown {
    const slug = this.#route.value?.rest[0];
    return slug === undefined ? html`<bn-bot-list></bn-bot-list>` : html`<bn-bot-page .slug=${slug}></bn-bot-page>`;
  }
}

addWords({ de: () => import('./words-de.ts') });
customElements.define('bn-bots-panel', BnBotsPanel);
