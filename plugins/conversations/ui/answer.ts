import {
  BnElement,
  css,
  formatCount,
  formatDuration,
  formatFullTime,
  formatTime,
  html,
  isTerminal,
  nothing,
} from 'boternity/ui';
import type { NodeView } from '../views.ts';
import { DraftEvent } from './events.ts';
import './markdown.ts';

const endings: Partial<Record<NodeView['state'], string>> = {
  stopped: 'Stopped.',
  rejected: 'Not allowed.',
  skipped: 'Skipped.',
};

/** One answer of a bot: its thoughts, its words as they come, how it ended and what it took. @event bn-draft - Ask again. */
export class BnAnswer extends BnElement {
  static override properties = {
    node: { attribute: false },
    question: { type: String },
    isLast: { type: Boolean },
    isCopied: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--bn-space-2);
      }
      .dots {
        display: inline-flex;
        gap: 0.3rem;
        padding: var(--bn-space-2) 0;
      }
      .dots i {
        width: 0.45rem;
        height: 0.45rem;
        border-radius: 50%;
        background: var(--bn-ink-soft);
        animation: breathe var(--bn-pulse) ease-in-out infinite;
      }
      .dots i:nth-child(2) {
        animation-delay: calc(var(--bn-pulse) / 7);
      }
      .dots i:nth-child(3) {
        animation-delay: calc(var(--bn-pulse) / 3.5);
      }
      @keyframes breathe {
        0%,
        60%,
        100% {
          opacity: 0.3;
        }
        30% {
          opacity: 1;
        }
      }
      details {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
      }
      summary {
        display: inline-flex;
        align-items: center;
        gap: var(--bn-space-2);
        min-height: var(--bn-space-5);
        border-radius: var(--bn-radius-s);
        list-style: none;
        cursor: pointer;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      details p {
        margin-top: var(--bn-space-1);
        padding-left: var(--bn-space-3);
        border-left: var(--bn-ring) solid var(--bn-line);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .foot {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0 var(--bn-space-2);
        min-height: var(--bn-space-5);
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-xs);
      }
      .foot button {
        min-height: var(--bn-space-5);
        margin-left: calc(-1 * var(--bn-space-2));
        padding: 0 var(--bn-space-2);
        border-radius: var(--bn-radius-s);
        font-size: inherit;
        font-weight: inherit;
      }
    `,
  ];
  declare node: NodeView | undefined;
  /** What the person had asked, to ask again after a failure. */
  declare question: string;
  /** Nothing follows in its turn. */
  declare isLast: boolean;
  declare isCopied: boolean;

  constructor() {
    super();
    this.question = '';
    this.isLast = true;
    this.isCopied = false;
  }

  override render(): unknown {
    const { node } = this;
    if (!node) return nothing;
    const isOpen = !isTerminal(node.state);
    const isWaiting = isOpen && node.text === '';
    return html`
      ${this.#thoughts(node)}
      ${node.text === '' ? nothing : html`<bn-markdown .text=${node.text} .isStreaming=${isOpen}></bn-markdown>`}
      ${
        isWaiting
          ? html`<span
              class="dots"
              role="img"
              aria-label=${node.state === 'pending' ? 'Waits for its turn' : 'Is thinking'}
            >
              <i></i><i></i><i></i>
            </span>`
          : nothing
      }
      ${this.#notices(node)} ${this.#ending(node)} ${this.isLast && !isOpen ? this.#foot(node) : nothing}
    `;
  }

  #thoughts({ thinking }: NodeView): unknown {
    if (thinking === '') return nothing;
    return html`<details>
      <summary><bn-icon name="bulb"></bn-icon>Thoughts</summary>
      <p>${thinking}</p>
    </details>`;
  }

  #notices({ run }: NodeView): unknown {
    if (!this.isLast) return nothing;
    return run?.notices.map(({ message }) => html`<bn-notice>${message}</bn-notice>`);
  }

  #ending(node: NodeView): unknown {
    if (node.state === 'errored') {
      const { error } = node.run ?? {};
      return html`<bn-notice tone="danger">
        <strong>${error?.message ?? node.reason ?? 'The answer failed.'}</strong> ${error?.hint ?? ''}
        ${
          this.question === ''
            ? nothing
            : html`<button slot="actions" @click=${() => this.dispatchEvent(new DraftEvent(this.question))}>
                Ask again
              </button>`
        }
      </bn-notice>`;
    }
    const word = endings[node.state];
    if (!word) return nothing;
    return html`<p class="foot">${node.reason ?? word}</p>`;
  }

  #foot(node: NodeView): unknown {
    return html`<div class="foot">
      ${
        node.text === ''
          ? nothing
          : html`<button class="quiet" @click=${() => void this.#copy(node.text)}>
              <bn-icon name=${this.isCopied ? 'check' : 'copy'}></bn-icon>${this.isCopied ? 'Copied' : 'Copy'}
            </button>`
      }
      <span>
        ${node.run ? `${describeRun(node.run)} · ` : nothing}
        ${
          node.finishedAt === null
            ? nothing
            : html`<time datetime=${node.finishedAt} title=${formatFullTime(node.finishedAt)}
                >${formatTime(node.finishedAt)}</time
              >`
        }
      </span>
    </div>`;
  }

  async #copy(text: string): Promise<void> {
    await navigator.clipboard.writeText(text);
    this.isCopied = true;
    setTimeout(() => (this.isCopied = false), 2_000);
  }
}

/** Model, provider where its name says more, tokens and time: `gpt-5-mini · openai · 812 in, 94 out · 2.3 sec`. */
export function describeRun(run: NonNullable<NodeView['run']>): string {
  const { model, provider, usage, durationMs } = run;
  const tokens = [
    usage.input === null ? '' : `${formatCount(usage.input)} in`,
    usage.output === null ? '' : `${formatCount(usage.output)} out`,
  ].filter(Boolean);
  const parts = [
    model ?? '',
    provider === model ? '' : (provider ?? ''),
    tokens.length > 0 ? `${tokens.join(', ')} tokens` : '',
    durationMs === null ? '' : formatDuration(durationMs),
  ];
  return parts.filter(Boolean).join(' · ');
}

customElements.define('bn-answer', BnAnswer);
