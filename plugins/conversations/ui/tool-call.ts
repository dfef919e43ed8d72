import { BnElement, css, html, nothing } from 'boternity/ui';
import type { NodeView } from '../views.ts';
import { briefly, indented } from './arguments.ts';
import { DeedEvent } from './events.ts';
import { reasonOf } from './reasons.ts';

const words: Partial<Record<NodeView['state'], string>> = {
  pending: 'waits',
  awaiting_approval: 'waits for a person',
  running: 'runs',
  errored: 'failed',
  rejected: 'not allowed',
  skipped: 'skipped',
  stopped: 'stopped',
};

/**
 * A tool the bot used, as one line that opens to what it was asked and what came back; while it waits for a person, the question.
 * @event bn-deed - A decision, or another try.
 */
export class BnToolCall extends BnElement {
  static override properties = { node: { attribute: false }, bot: { type: String }, mayRetry: { type: Boolean } };
  static override styles = [
    super.styles,
    css`
      details {
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        font-size: var(--bn-text-s);
      }
      summary {
        display: flex;
        align-items: center;
        gap: var(--bn-space-2);
        min-height: var(--bn-target);
        padding: 0 var(--bn-space-3);
        border-radius: inherit;
        color: var(--bn-ink-soft);
        list-style: none;
        cursor: pointer;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      summary:hover {
        background: var(--bn-ground-hover);
      }
      .name {
        color: var(--bn-ink);
        font-weight: var(--bn-weight-strong);
      }
      .brief {
        min-width: 0;
        flex: 1;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .wrong {
        color: var(--bn-danger);
      }
      .turn {
        transition: rotate var(--bn-fast) var(--bn-ease);
      }
      [open] .turn {
        rotate: 90deg;
      }
      .body {
        display: grid;
        gap: var(--bn-space-2);
        padding: var(--bn-space-1) var(--bn-space-3) var(--bn-space-3);
      }
      h3 {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-xs);
      }
      pre {
        max-height: 20rem;
        margin: var(--bn-space-1) 0 0;
        padding: var(--bn-space-2) var(--bn-space-3);
        border-radius: var(--bn-radius-s);
        background: var(--bn-ground-code);
        white-space: pre-wrap;
        overflow: auto;
        overflow-wrap: anywhere;
      }
      .again {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--bn-space-2);
        margin-top: var(--bn-space-2);
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
      }
    `,
  ];
  declare node: NodeView | undefined;
  /** Name of the bot. */
  declare bot: string;
  /** The turn waits until a denied call is tried again. */
  declare mayRetry: boolean;

  constructor() {
    super();
    this.bot = '';
    this.mayRetry = false;
  }

  override willUpdate(): void {
    if (this.node?.state === 'awaiting_approval') void import('./approval.ts');
  }

  override render(): unknown {
    const { tool, state, reason } = this.node ?? {};
    if (!tool || !state) return nothing;
    if (state === 'awaiting_approval') return html`<bn-approval .node=${this.node} .bot=${this.bot}></bn-approval>`;
    const isWrong = tool.isError || state === 'errored' || state === 'rejected';
    const word = words[state] ?? (tool.isError ? 'failed' : '');
    return html`<details>
        <summary>
          <bn-icon name="tool"></bn-icon>
          <span class="name">${tool.name}</span>
          <span class="brief">${briefly(tool.arguments)}</span>
          ${word === '' ? nothing : html`<span class=${isWrong ? 'wrong' : ''}>${word}</span>`}
          <bn-icon class="turn" name="chevron"></bn-icon>
        </summary>
        <div class="body">
          ${part('Asked with', indented(tool.arguments))}
          ${tool.written ? part('As the model wrote it', `${tool.written.name} ${tool.written.arguments}`) : nothing}
          ${tool.result === null ? nothing : part(tool.isError ? 'Failed with' : 'Came back', indented(tool.result))}
          ${reason === null || reason === undefined ? nothing : part('Why', reasonOf(reason) ?? reason)}
        </div>
      </details>
      ${this.mayRetry ? this.#again() : nothing}`;
  }

  #again(): unknown {
    const { id = '' } = this.node ?? {};
    return html`<p class="again">
      The bot cannot go on without this call.
      <button @click=${() => this.dispatchEvent(new DeedEvent({ action: 'messages.retry', message: id }))}>
        Try again
      </button>
    </p>`;
  }
}

function part(title: string, text: string): unknown {
  return html`<div>
    <h3>${title}</h3>
    <pre tabindex="0">${text || '(nothing)'}</pre>
  </div>`;
}

customElements.define('bn-tool-call', BnToolCall);
