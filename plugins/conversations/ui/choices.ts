import { BnElement, CloseEvent, css, html, nothing } from 'boternity/ui';
import type { Choice } from './slash-deeds.ts';

/** A dialog with things to choose from, or only to read. @event bn-close - It was closed, by a choice too. */
export class BnChoices extends BnElement {
  static override properties = { heading: { type: String }, choices: { attribute: false } };
  static override styles = [
    super.styles,
    css`
      ul {
        max-height: 60vh;
        overflow-y: auto;
      }
      button,
      .line {
        display: flex;
        flex-wrap: wrap;
        justify-content: start;
        align-items: baseline;
        gap: 0 var(--bn-space-3);
        width: 100%;
        padding: var(--bn-space-2);
        white-space: normal;
        text-align: start;
        font-weight: var(--bn-weight);
      }
      strong {
        overflow-wrap: anywhere;
      }
      [aria-current] {
        background: var(--bn-accent-soft);
      }
      .soft {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
      }
    `,
  ];
  declare heading: string;
  declare choices: readonly Choice[];

  constructor() {
    super();
    this.heading = '';
    this.choices = [];
  }

  override render(): unknown {
    return html`<bn-dialog heading=${this.heading} .isOpen=${this.choices.length > 0} @bn-close=${() => this.#close()}>
      <ul>
        ${this.choices.map((choice) => html`<li>${this.#choice(choice)}</li>`)}
      </ul>
    </bn-dialog>`;
  }

  #choice({ label, about, isCurrent, run }: Choice): unknown {
    const words = html`<strong>${label}</strong>${about ? html`<span class="soft">${about}</span>` : nothing}`;
    if (!run) return html`<div class="line">${words}</div>`;
    return html`<button
      class="quiet"
      ?autofocus=${isCurrent === true}
      aria-current=${isCurrent ? 'true' : nothing}
      @click=${() => {
        this.#close();
        run();
      }}
    >
      ${words}
    </button>`;
  }

  #close(): void {
    this.dispatchEvent(new CloseEvent());
  }
}

customElements.define('bn-choices', BnChoices);
