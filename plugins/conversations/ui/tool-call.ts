import { BnElement, css, html, nothing } from 'boternity/ui';
import type { NodeView } from '../views.ts';

const words: Partial<Record<NodeView['state'], string>> = {
  pending: 'waits',
  awaiting_approval: 'waits for a person',
  running: 'runs',
  errored: 'failed',
  rejected: 'not allowed',
  skipped: 'skipped',
  stopped: 'stopped',
};

/** A tool the bot used, as one line that opens to what it was asked and what came back. */
export class BnToolCall extends BnElement {
  static override properties = { node: { attribute: false } };
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
    `,
  ];
  declare node: NodeView | undefined;

  override render(): unknown {
    const { tool, state, reason } = this.node ?? {};
    if (!tool || !state) return nothing;
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
        ${tool.result === null ? nothing : part(tool.isError ? 'Failed with' : 'Came back', indented(tool.result))}
        ${reason === null || reason === undefined ? nothing : part('Why', reason)}
      </div>
    </details>`;
  }
}

function part(title: string, text: string): unknown {
  return html`<div>
    <h3>${title}</h3>
    <pre tabindex="0">${text || '(nothing)'}</pre>
  </div>`;
}

/** `{"city":"Bern","days":3}` → `city: Bern, days: 3`. */
function briefly(json: string): string {
  const value = parsed(json);
  if (typeof value !== 'object' || value === null) return json;
  return Object.entries(value)
    .map(([key, held]) => `${key}: ${typeof held === 'string' ? held : JSON.stringify(held)}`)
    .join(', ');
}

function indented(text: string): string {
  const value = parsed(text);
  return typeof value === 'object' && value !== null ? JSON.stringify(value, null, 2) : text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

customElements.define('bn-tool-call', BnToolCall);
