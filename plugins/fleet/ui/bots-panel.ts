import { BnElement, html, routeContext } from 'boternity/ui';
import './bot-list.ts';
import './bot-page.ts';

/** Bots: `/bots` shows all of them, `/bots/{slug}` one. */
export class BnBotsPanel extends BnElement {
  readonly #route = this.watch(routeContext);

  override render(): unknown {
    const slug = this.#route.value?.rest[0];
    return slug === undefined ? html`<bn-bot-list></bn-bot-list>` : html`<bn-bot-page .slug=${slug}></bn-bot-page>`;
  }
}

customElements.define('bn-bots-panel', BnBotsPanel);
