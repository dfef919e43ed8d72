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
import { showTranslations } from './translated.ts';
import type { NodeView } from '../views.ts';
import { DeedEvent } from './events.ts';
import './markdown.ts';
import { rowButton } from './message-actions.ts';
import { reasonOf } from './reasons.ts';

const endings: Partial<Record<NodeView['state'], string>> = {
  stopped: 'Stopped.',
  rejected: 'Not allowed.',
  skipped: 'Skipped.',
};

/** One answer of a bot: its thoughts, its words as they come, how it ended and what it took. @event bn-deed - What shall be done with it. */
export class BnAnswer extends BnElement {
  static override properties = {
    node: { attribute: false },
    version: { attribute: false },
    isLast: { type: Boolean },
    isFixed: { type: Boolean },
    isTranslating: { state: true },
    mayRetry: { type: Boolean },
    waitsFor: { type: String },
  };
  static override styles = [
    super.styles,
    rowButton,
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
      .out {
        padding-left: var(--bn-space-3);
        border-left: var(--bn-ring) dashed var(--bn-line-strong);
        color: var(--bn-ink-soft);
      }
    `,
  ];
  declare node: NodeView | undefined;
  /** Which one this is of the answers that people choose between, and the node that says so. */
  declare version: { readonly node: string; readonly number: number; readonly of: number } | undefined;
  /** Nothing follows in its turn. */
  declare isLast: boolean;
  /** Nothing can be changed, only read. */
  declare isFixed: boolean;
  /** The form for a translation is shown. */
  declare isTranslating: boolean;
  /** It failed or was stopped, and nothing has been said since. */
  declare mayRetry: boolean;
  /** What has to be done before it can begin; empty where it is only its turn. */
  declare waitsFor: string;

  constructor() {
    super();
    this.isLast = true;
    this.isFixed = false;
    this.isTranslating = false;
    this.mayRetry = false;
    this.waitsFor = '';
  }

  override render(): unknown {
    const { node } = this;
    if (!node) return nothing;
    const isOpen = !isTerminal(node.state);
    const isWaiting = isOpen && node.text === '';
    return html`
      ${this.#thoughts(node)}
      ${
        node.text === ''
          ? nothing
          : html`<bn-markdown
              class=${node.excluded ? 'out' : ''}
              .text=${node.text}
              .isStreaming=${isOpen}
            ></bn-markdown>`
      }
      ${isWaiting && this.waitsFor !== '' ? html`<p class="foot">${this.waitsFor}</p>` : nothing}
      ${
        isWaiting && this.waitsFor === ''
          ? html`<span
              class="dots"
              role="img"
              aria-label=${node.state === 'pending' ? 'Waits for its turn' : 'Is thinking'}
            >
              <i></i><i></i><i></i>
            </span>`
          : nothing
      }
      ${showTranslations(this)} ${this.#notices(node)} ${this.#ending(node)}
      ${this.isLast && !isOpen ? this.#foot(node) : nothing}
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
        <strong>${error?.message ?? reasonOf(node.reason) ?? 'The answer failed.'}</strong> ${error?.hint ?? ''}
        ${this.#again('actions')}
      </bn-notice>`;
    }
    const word = endings[node.state];
    if (!word) return nothing;
    return html`<p class="foot">${reasonOf(node.reason) ?? word} ${this.#again()}</p>`;
  }

  #again(slot = ''): unknown {
    const { node, mayRetry } = this;
    if (!node || !mayRetry) return nothing;
    return html`<button
      slot=${slot || nothing}
      @click=${() => this.dispatchEvent(new DeedEvent({ action: 'messages.retry', message: node.id }))}
    >
      Try again
    </button>`;
  }

  #foot(node: NodeView): unknown {
    return html`<bn-message-actions
      @bn-translate=${() => (this.isTranslating = true)}
      .node=${node}
      .version=${this.version}
      .isFixed=${this.isFixed}
    >
      ${
        this.isFixed
          ? nothing
          : html`<button
              slot="own"
              class="quiet row-button"
              aria-label="Regenerate"
              title="Regenerate"
              @click=${() => this.dispatchEvent(new DeedEvent({ action: 'messages.regenerate', message: node.id }))}
            >
              <bn-icon name="refresh"></bn-icon>
            </button>`
      }
      <span>
        ${node.excluded ? html`<strong>Left out of prompts</strong> · ` : nothing}
        ${node.run && describeRun(node.run) ? `${describeRun(node.run)} · ` : nothing}
        ${
          node.finishedAt === null
            ? nothing
            : html`<time datetime=${node.finishedAt} title=${formatFullTime(node.finishedAt)}
                >${formatTime(node.finishedAt)}</time
              >`
        }
      </span>
    </bn-message-actions>`;
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
