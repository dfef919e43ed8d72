import { BnElement, css, html, msg, nothing, str } from 'boternity/ui';
import type { NodeView } from '../views.ts';
import { entriesOf } from './arguments.ts';
import { DeedEvent } from './events.ts';

/** A call of a tool that waits for a person: what it would do, and the three answers. @event bn-deed - The decision. */
export class BnApproval extends BnElement {
  static override properties = {
    node: { attribute: false },
    bot: { type: String },
  };
  static override styles = [
    super.styles,
    css`
      section {
        display: grid;
        gap: var(--bn-space-3);
        padding: var(--bn-space-3) var(--bn-space-4) var(--bn-space-4);
        border: var(--bn-border) solid var(--bn-line-strong);
        border-radius: var(--bn-radius-m);
        background: var(--bn-warning-soft);
      }
      h3 {
        display: flex;
        align-items: center;
        gap: var(--bn-space-2);
        overflow-wrap: anywhere;
      }
      h3 bn-icon {
        color: var(--bn-warning);
      }
      dl {
        display: grid;
        grid-template-columns: fit-content(40%) minmax(0, 1fr);
        gap: var(--bn-space-1) var(--bn-space-3);
        max-height: 20rem;
        margin: 0;
        padding: var(--bn-space-2) var(--bn-space-3);
        border-radius: var(--bn-radius-s);
        background: var(--bn-ground-raised);
        font-size: var(--bn-text-s);
        overflow: auto;
      }
      dt {
        color: var(--bn-ink-soft);
        overflow-wrap: anywhere;
      }
      dd {
        margin: 0;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .soft {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        gap: var(--bn-space-2);
      }
    `,
  ];
  declare node: NodeView | undefined;
  /** Name of the bot that asks. */
  declare bot: string;

  constructor() {
    super();
    this.bot = '';
  }

  override render(): unknown {
    const { tool, approval } = this.node ?? {};
    if (!tool) return nothing;
    const entries = entriesOf(tool.arguments);
    return html`<section aria-labelledby="title">
      <h3 id="title">
        <bn-icon name="tool"></bn-icon><span>${msg(str`${this.bot || msg('The bot')} asks to use ${tool.name}`)}</span>
      </h3>
      ${
        entries.length === 0
          ? html`<p class="soft">${msg('Without any arguments.')}</p>`
          : html`<dl tabindex="0" aria-label=${msg('Arguments')}>
              ${entries.map(
                ([name, value]) =>
                  html`<dt>${name}</dt>
                    <dd>${value}</dd>`,
              )}
            </dl>`
      }
      ${approval?.required ? html`<p class="soft">${msg('The turn does not go on without this call.')}</p>` : nothing}
      <div class="row">
        ${this.#button(msg('Allow once'), 'primary', { for: 'once' })}
        ${this.#button(msg('Allow in this conversation'), '', { for: 'conversation' })} ${this.#button(msg('Deny'), '')}
      </div>
    </section>`;
  }

  #button(word: string, look: string, allowed?: { readonly for: 'once' | 'conversation' }): unknown {
    const { id = '', tool } = this.node ?? {};
    return html`<button
      class=${look}
      aria-label="${word}: ${tool?.name ?? ''}"
      @click=${() =>
        this.dispatchEvent(
          new DeedEvent(
            allowed ? { action: 'calls.approve', call: id, ...allowed } : { action: 'calls.deny', call: id },
          ),
        )}
    >
      ${word}
    </button>`;
  }
}

customElements.define('bn-approval', BnApproval);
