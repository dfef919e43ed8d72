import { BnElement, css, fleetContext, html, nothing, type BotLine, showTitle } from 'boternity/ui';
import './bot-card.ts';
import './create-bot.ts';

/** All bots as cards, and the way to a new one. */
export class BnBotList extends BnElement {
  static override properties = { isCreating: { state: true } };
  static override styles = [
    super.styles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100%;
      }
      h1 {
        font-size: var(--bn-text-l);
      }
      .scroll {
        flex: 1;
        min-height: 0;
        padding: var(--bn-space-5);
        overflow-y: auto;
      }
      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr));
        gap: var(--bn-space-4);
        max-width: 72rem;
        margin: 0 auto;
      }
      .empty {
        display: grid;
        justify-items: center;
        gap: var(--bn-space-3);
        padding: var(--bn-space-7) 0;
        color: var(--bn-ink-soft);
        text-align: center;
      }
      @media (width < 52rem) {
        .scroll {
          padding: var(--bn-space-4);
        }
      }
    `,
  ];
  declare isCreating: boolean;
  readonly #fleet = this.watch(fleetContext);

  constructor() {
    super();
    this.isCreating = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    showTitle('Bots');
  }

  override render(): unknown {
    const fleet = this.#fleet.value;
    const bots = fleet?.bots ?? [];
    return html`
      <bn-header>
        <h1>Bots</h1>
        <button slot="end" class="primary" @click=${() => (this.isCreating = true)}>
          <bn-icon name="plus"></bn-icon>New bot
        </button>
      </bn-header>
      <div class="scroll">
        ${
          fleet?.error
            ? html`<bn-notice tone="danger" role="alert"
                ><strong>${fleet.error.message}</strong> ${fleet.error.hint}</bn-notice
              >`
            : nothing
        }
        ${bots.length === 0 && fleet?.state === 'ready' ? this.#empty() : this.#cards(bots)}
      </div>
      <bn-create-bot .isOpen=${this.isCreating} @bn-close=${() => (this.isCreating = false)}></bn-create-bot>
    `;
  }

  #cards(bots: readonly BotLine[]): unknown {
    return html`<ul>
      ${bots.map((bot) => html`<li><bn-bot-card .bot=${bot}></bn-bot-card></li>`)}
    </ul>`;
  }

  #empty(): unknown {
    return html`<div class="empty">
      <p>There are no bots yet. A bot is a folder with a few text files; the first is made in a moment.</p>
      <button class="primary" @click=${() => (this.isCreating = true)}>Create a bot</button>
    </div>`;
  }
}

customElements.define('bn-bot-list', BnBotList);
