import { BnElement, css, html, msg, nothing } from 'boternity/ui';
import type { NodeView } from '../views.ts';
import { briefly, indented } from './arguments.ts';
import { DeedEvent } from './events.ts';
import { reasonOf } from './reasons.ts';
import { stuckNotice } from './stuck.ts';

function wordFor(state: NodeView['state'], isError: boolean): string {
  const words: Partial<Record<NodeView['state'], string>> = {
    pending: msg('waits'),
    awaiting_approval: msg('waits for a person'),
    running: msg('runs'),
    errored: msg('failed'),
    rejected: msg('not allowed'),
    skipped: msg('skipped'),
    stopped: msg('stopped'),
  };
  return words[state] ?? (isError ? msg('failed') : '');
}

/**
 * A tool the bot used, as one line that opens to what it was asked and what came back. While it runs it is open; while it waits for a
 * person it is the question.
 * @event bn-deed - A decision, or another try.
 */
export class BnToolCall extends BnElement {
  static override properties = {
    node: { attribute: false },
    bot: { type: String },
    isQuiet: { type: Boolean },
    mayRetry: { type: Boolean },
  };
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
        min-width: 4rem;
        color: var(--bn-ink);
        font-weight: var(--bn-weight-strong);
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
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
      [open] .turn:dir(rtl) {
        rotate: -90deg;
      }
      bn-notice {
        margin-block-start: var(--bn-space-2);
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
        margin-block: var(--bn-space-1) 0;
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
        margin-block-start: var(--bn-space-2);
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
      }
    `,
  ];
  declare node: NodeView | undefined;
  /** Name of the bot. */
  declare bot: string;
  /** It runs, and nothing has been heard of it for too long. */
  declare isQuiet: boolean;
  /** The turn waits until a denied call is tried again. */
  declare mayRetry: boolean;

  constructor() {
    super();
    this.bot = '';
    this.isQuiet = false;
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
    const word = wordFor(state, tool.isError);
    return html`<details .open=${state === 'running'}>
        <summary>
          <bn-icon name="tool"></bn-icon>
          <span class="name">${tool.name}</span>
          <span class="brief">${briefly(tool.arguments)}</span>
          ${word === '' ? nothing : html`<span class=${isWrong ? 'wrong' : ''}>${word}</span>`}
          <bn-icon class="turn" name="chevron"></bn-icon>
        </summary>
        <div class="body">
          ${part(msg('Asked with'), indented(tool.arguments))}
          ${tool.written ? part(msg('As the model wrote it'), `${tool.written.name} ${tool.written.arguments}`) : nothing}
          ${tool.result === null ? nothing : part(tool.isError ? msg('Failed with') : msg('Came back'), indented(tool.result))}
          ${reason === null || reason === undefined ? nothing : part(msg('Why'), reasonOf(reason) ?? reason)}
        </div>
      </details>
      ${this.mayRetry ? this.#again() : nothing} ${this.isQuiet ? stuckNotice(this, this.node?.id ?? '') : nothing}`;
  }

  #again(): unknown {
    const { id = '' } = this.node ?? {};
    return html`<p class="again">
      ${msg('The bot cannot go on without this call.')}
      <button @click=${() => this.dispatchEvent(new DeedEvent({ action: 'messages.retry', message: id }))}>
        ${msg('Try again')}
      </button>
    </p>`;
  }
}

function part(title: string, text: string): unknown {
  return html`<div>
    <h3>${title}</h3>
    <pre tabindex="0">${text || msg('(nothing)')}</pre>
  </div>`;
}

customElements.define('bn-tool-call', BnToolCall);
