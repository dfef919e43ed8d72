import {
  BnElement,
  borrow,
  clientContext,
  css,
  fleetContext,
  html,
  navigate,
  nothing,
  pathTo,
  routeContext,
  addWords,
  msg,
} from 'boternity/ui';
import type { PropertyValues } from 'lit';
import './memory-list.ts';
import './memory-page.ts';

addWords({ de: () => import('./words-de.ts') });

/**
 * What bots remember: `/memory/{bot}` lists it, by its query searched and filtered, `/memory/{bot}/{memory}` shows one with
 * why the bot knows it. The list stays as it was while one of it is open.
 */
export class BnMemoryPanel extends BnElement {
  static override properties = { tabs: { state: true } };
  static override styles = [
    super.styles,
    css`
      bn-bot-tabs ~ * {
        --bn-header-menu: none;
        --bn-header-inset: var(--bn-space-4);
      }
      :host {
        display: flex;
        flex-direction: column;
        height: 100%;
      }
      bn-memory-list,
      bn-memory-page {
        flex: 1;
        min-height: 0;
      }
      p {
        padding: var(--bn-space-5) var(--bn-space-4);
        color: var(--bn-ink-soft);
        text-align: center;
      }
    `,
  ];
  /** Links to the other pages of the bot, where there are such pages. */
  declare tabs: HTMLElement | undefined;
  readonly #client = this.watch(clientContext);
  readonly #route = this.watch(routeContext);
  readonly #fleet = this.watch(fleetContext);
  /** The list that was last looked at. */
  #query = '';

  constructor() {
    super();
    this.whileConnected(() => {
      void this.updateComplete.then(async () => {
        if (this.#client.value) this.tabs = await borrow(this.#client.value, 'agents', 'bn-bot-tabs');
      });
      return () => undefined;
    });
  }

  /** While the page of another panel is on its way this one stays as it is. */
  override shouldUpdate(_changed: PropertyValues<this>): boolean {
    return this.#route.value?.panel === 'memory';
  }

  override willUpdate(_changed: PropertyValues<this>): void {
    const { rest = [], query } = this.#route.value ?? {};
    if (rest.length === 1) this.#query = query?.toString() ?? '';
    const [first] = this.#fleet.value?.bots ?? [];
    if (rest.length === 0 && first) navigate(pathTo('memory', first.slug), { replace: true });
  }

  override render(): unknown {
    const [bot, memory] = this.#route.value?.rest ?? [];
    if (bot === undefined) return this.#without();
    const isList = memory === undefined;
    const back = pathTo('memory', bot) + (this.#query === '' ? '' : `?${this.#query}`);
    if (this.tabs) Object.assign(this.tabs, { slug: bot, current: 'memory' });
    return html`${this.tabs}
      <bn-memory-list ?hidden=${!isList} .bot=${bot} .query=${this.#query}></bn-memory-list>
      ${isList ? nothing : html`<bn-memory-page .bot=${bot} .memory=${memory} .back=${back}></bn-memory-page>`}`;
  }

  #without(): unknown {
    const { state } = this.#fleet.value ?? {};
    return html`<bn-header><h1>${msg('Memory')}</h1></bn-header>
      ${state === 'ready' ? html`<p>${msg('There are no bots yet, so nobody remembers anything.')}</p>` : nothing}`;
  }
}

customElements.define('bn-memory-panel', BnMemoryPanel);
