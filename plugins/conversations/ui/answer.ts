import {
  BnElement,
  css,
  formatCost,
  formatCount,
  formatFullTime,
  formatSpan,
  formatTime,
  html,
  msg,
  nothing,
  pathTo,
  routeContext,
  str,
} from 'boternity/ui';
import type { PropertyValues } from 'lit';
import { showTranslations } from './translated.ts';
import type { NodeView } from '../views.ts';
import { answerStateOf, type AnswerState } from './answer-state.ts';
import { DeedEvent } from './events.ts';
import './markdown.ts';
import { rowButton } from './message-actions.ts';
import { reasonOf } from './reasons.ts';
import { stuckNotice } from './stuck.ts';
import { swipeVersions } from './swipe.ts';

const ending = (state: NodeView['state']): string | undefined => {
  const words: Partial<Record<NodeView['state'], string>> = {
    stopped: msg('Stopped.'),
    rejected: msg('Not allowed.'),
    skipped: msg('Skipped.'),
  };
  return words[state];
};

/** One answer of a bot: its thoughts, its words as they come, how it ended and what it took. @event bn-deed - What shall be done with it. */
export class BnAnswer extends BnElement {
  static override properties = {
    node: { attribute: false },
    version: { attribute: false },
    isLast: { type: Boolean },
    isFixed: { type: Boolean },
    isQuiet: { type: Boolean },
    isTranslating: { state: true },
    isSwitching: { state: true },
    mayRetry: { type: Boolean },
    waitsFor: { type: String },
    phase: { type: String, reflect: true },
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
        margin-block-start: var(--bn-space-1);
        padding-inline-start: var(--bn-space-3);
        border-inline-start: var(--bn-ring) solid var(--bn-line);
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
      a.run {
        color: inherit;
        text-decoration: underline dotted var(--bn-line-strong);
      }
      a.run:hover {
        color: var(--bn-ink);
        text-decoration-style: solid;
      }
      .out {
        padding-inline-start: var(--bn-space-3);
        border-inline-start: var(--bn-ring) dashed var(--bn-line-strong);
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
  /** Nothing has been heard of it for too long. */
  declare isQuiet: boolean;
  /** The form for a translation is shown. */
  declare isTranslating: boolean;
  /** Another model is chosen. */
  declare isSwitching: boolean;
  /** It failed or was stopped, and nothing has been said since. */
  declare mayRetry: boolean;
  /** What has to be done before it can begin; empty where it is only its turn. */
  declare waitsFor: string;
  /** What it is in. */
  declare phase: AnswerState;
  readonly #route = this.watch(routeContext);

  constructor() {
    super();
    this.isLast = true;
    this.isFixed = false;
    this.isQuiet = false;
    this.isTranslating = false;
    this.isSwitching = false;
    this.mayRetry = false;
    this.waitsFor = '';
    this.phase = 'waiting';
    swipeVersions(this, () => (this.isFixed || !this.isLast ? undefined : this.version));
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (this.node) this.phase = answerStateOf(this.node, this.isQuiet);
    if (changed.has('node') && changed.get('node')?.id !== this.node?.id) this.isSwitching = false;
  }

  override render(): unknown {
    const { node } = this;
    if (!node) return nothing;
    const isOpen = this.phase === 'waiting' || this.phase === 'streaming' || this.phase === 'stuck';
    return html`
      ${this.#thoughts(node, isOpen)}
      ${
        node.text === ''
          ? nothing
          : html`<bn-markdown
              class=${node.excluded ? 'out' : ''}
              .text=${node.text}
              .isStreaming=${isOpen}
            ></bn-markdown>`
      }
      ${isOpen && node.text === '' ? this.#waiting(node) : nothing}
      ${this.phase === 'stuck' ? stuckNotice(this, node.id) : nothing} ${showTranslations(this)} ${this.#notices(node)}
      ${this.#ending(node)} ${this.isLast ? (isOpen ? this.#running(node) : this.#foot(node)) : nothing}
    `;
  }

  /** Before its first word. */
  #waiting({ state }: NodeView): unknown {
    if (this.waitsFor !== '') return html`<p class="foot">${this.waitsFor}</p>`;
    return html`<span
      class="dots"
      role="img"
      aria-label=${state === 'pending' ? msg('Waits for its turn') : msg('Is thinking')}
    >
      <i></i><i></i><i></i>
    </span>`;
  }

  /** Open while there is nothing else to read. */
  #thoughts({ thinking, text }: NodeView, isOpen: boolean): unknown {
    if (thinking === '') return nothing;
    return html`<details .open=${isOpen && text === ''}>
      <summary><bn-icon name="bulb"></bn-icon>${msg('Thoughts')}</summary>
      <p>${thinking}</p>
    </details>`;
  }

  #notices({ run }: NodeView): unknown {
    if (!this.isLast) return nothing;
    return run?.notices.map(({ message }) => html`<bn-notice>${message}</bn-notice>`);
  }

  #ending(node: NodeView): unknown {
    if (this.phase === 'errored') return this.#failed(node);
    const word = ending(node.state);
    if (!word) return nothing;
    return html`<p class="foot">${reasonOf(node.reason) ?? word} ${this.#again()}</p>`;
  }

  #failed({ id, run, reason }: NodeView): unknown {
    const { error, model, provider } = run ?? {};
    const failed = model && provider ? `${provider}/${model}` : '';
    if (this.isSwitching) void import('./model-choice.ts');
    return html`<bn-notice tone="danger">
      <strong>${error?.message ?? reasonOf(reason) ?? msg('The answer failed.')}</strong> ${error?.hint ?? ''}
      ${this.isSwitching ? html`<bn-model-choice .message=${id} .failed=${failed}></bn-model-choice>` : nothing}
      ${this.#again('actions')}
      ${
        this.mayRetry && !this.isSwitching
          ? html`<button slot="actions" @click=${() => (this.isSwitching = true)}>${msg('Another model …')}</button>`
          : nothing
      }
    </bn-notice>`;
  }

  #again(slot = ''): unknown {
    const { node, mayRetry } = this;
    if (!node || !mayRetry) return nothing;
    return html`<button
      slot=${slot || nothing}
      @click=${() => this.dispatchEvent(new DeedEvent({ action: 'messages.retry', message: node.id }))}
    >
      ${msg('Try again')}
    </button>`;
  }

  /** Once it has begun, there is something to see of how it comes about. */
  #running({ id, state, run }: NodeView): unknown {
    return state === 'pending' ? nothing : html`<p class="foot">${this.#run(id, run ? describeRun(run) : '')}</p>`;
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
              aria-label=${msg('Regenerate')}
              title=${msg('Regenerate')}
              @click=${() => this.dispatchEvent(new DeedEvent({ action: 'messages.regenerate', message: node.id }))}
            >
              <bn-icon name="refresh"></bn-icon>
            </button>`
      }
      <span>
        ${node.excluded ? html`<strong>${msg('Left out of prompts')}</strong> · ` : nothing}
        ${node.run && node.run.memories > 0 ? html`${this.#run(node.id, msg(str`from memory (${node.run.memories})`))} · ` : nothing}
        ${node.run ? html`${this.#run(node.id, describeRun(node.run))} · ` : nothing}
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

  /** The way to how it came about. */
  #run(run: string, words: string): unknown {
    const [conversation = ''] = this.#route.value?.rest ?? [];
    return html`<a
      class="run"
      href=${pathTo('conversations', conversation, 'runs', run)}
      title=${msg('How this answer came about')}
      >${words || msg('Details')}</a
    >`;
  }
}

/** Model, provider where its name says more, tokens, cost where it is known, and time: `gpt-5-mini via openai · 812 in, 94 out tokens · $0.0042 · 2.3 sec`. */
export function describeRun(run: NonNullable<NodeView['run']>): string {
  const { model, provider, usage, durationMs } = run;
  const parts = [
    provider === null || provider === model ? (model ?? '') : msg(str`${model ?? ''} via ${provider}`),
    tokensOf(usage),
    usage.cost === null ? '' : formatCost(usage.cost),
    durationMs === null ? '' : formatSpan(durationMs),
  ];
  return parts.filter(Boolean).join(' · ');
}

function tokensOf({ input, output }: NonNullable<NodeView['run']>['usage']): string {
  if (input === null) return output === null ? '' : msg(str`${formatCount(output)} tokens out`);
  if (output === null) return msg(str`${formatCount(input)} tokens in`);
  return msg(str`${formatCount(input)} in, ${formatCount(output)} out tokens`);
}

customElements.define('bn-answer', BnAnswer);
