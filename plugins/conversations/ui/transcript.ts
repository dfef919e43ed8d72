import { BnElement, css, html, nothing, type BotLine } from 'boternity/ui';
import type { PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { NodeView } from '../views.ts';
import './answer.ts';
import { blockingCall, blocksOf, retriableBlock, type AnswerBlock, type TranscriptBlock } from './blocks.ts';
import { EarlierEvent, LatestEvent } from './events.ts';
import './message.ts';

/** So near its end the transcript follows what arrives; further up it stays where the reader is. */
const FOLLOW_WITHIN_PX = 120;

/** Pages of older messages that are read to get to one that is wanted. */
const MOST_ASKS = 20;

const failures = new Set(['errored', 'stopped', 'rejected']);

/** What was said, oldest first, in a box that scrolls. @event bn-earlier - Older messages are wanted. @event bn-latest - Its end is in view. */
export class BnTranscript extends BnElement {
  static override properties = {
    nodes: { attribute: false },
    sending: { attribute: false },
    bot: { attribute: false },
    hasMore: { type: Boolean },
    isFixed: { type: Boolean },
    wanted: { type: String },
    isFollowing: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      :host {
        position: relative;
        flex: 1;
        min-height: 0;
      }
      .scroll {
        height: 100%;
        overflow-y: auto;
        overscroll-behavior: contain;
        scrollbar-width: thin;
        scrollbar-color: var(--bn-line-strong) transparent;
      }
      .scroll:focus-visible {
        outline-offset: calc(-1 * var(--bn-ring));
      }
      .column {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--bn-space-5);
        max-width: var(--bn-measure);
        margin: 0 auto;
        padding: var(--bn-space-5) var(--bn-space-4) var(--bn-space-4);
      }
      .message {
        justify-self: end;
        max-width: min(85%, 36rem);
        padding: var(--bn-space-2) var(--bn-space-4);
        border-radius: var(--bn-radius-l) var(--bn-radius-l) var(--bn-radius-s) var(--bn-radius-l);
        background: var(--bn-accent-soft);
        line-height: var(--bn-line-height-prose);
        overflow-wrap: anywhere;
      }
      .message {
        opacity: 0.7;
        unicode-bidi: plaintext;
        white-space: pre-wrap;
      }
      .aside {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .earlier {
        justify-self: center;
      }
      .answer {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: var(--bn-space-1) var(--bn-space-3);
      }
      .answer h2 {
        min-height: 2.25rem;
        align-content: center;
        font-size: var(--bn-text-s);
      }
      .parts {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        grid-column: 2;
        gap: var(--bn-space-2);
      }
      @media (width < 40rem) {
        .answer {
          gap: var(--bn-space-2);
        }
        .parts {
          grid-column: 1 / -1;
        }
      }
      .found {
        outline: var(--bn-ring) solid var(--bn-accent);
        outline-offset: var(--bn-space-2);
        border-radius: var(--bn-radius-s);
      }
      .latest {
        position: absolute;
        bottom: var(--bn-space-3);
        left: 50%;
        translate: -50%;
        border-radius: var(--bn-radius-full);
        box-shadow: var(--bn-shadow-2);
      }
    `,
  ];
  declare nodes: readonly NodeView[];
  /** Messages on their way to the server. */
  declare sending: readonly string[];
  declare bot: Pick<BotLine, 'name' | 'emoji' | 'accentColor'> | undefined;
  /** There are older messages than these. */
  declare hasMore: boolean;
  /** Nothing can be changed, only read. */
  declare isFixed: boolean;
  declare isFollowing: boolean;
  /** Id of a message to go to; it is asked for where it is further up. */
  declare wanted: string;
  /** What the reader looked at when older messages were asked for, and how far from the top it stood. */
  /** How often older messages may be asked for, for the one that is wanted. */
  #asksLeft = 0;
  #anchor: { readonly element: Element; readonly top: number } | undefined;

  constructor() {
    super();
    this.hasMore = false;
    this.isFixed = false;
    this.wanted = '';
    this.nodes = [];
    this.sending = [];
    this.isFollowing = true;
    this.whileConnected(() => {
      const growth = new ResizeObserver(() => this.#grown());
      void this.updateComplete.then(() => {
        const [box, column] = [this.#box(), this.renderRoot.querySelector('.column')];
        if (box) growth.observe(box);
        if (column) growth.observe(column);
      });
      return () => growth.disconnect();
    });
  }

  /** Goes to the end and follows it. */
  toLatest(): void {
    this.#follow(true);
    const box = this.#box();
    if (box) box.scrollTop = box.scrollHeight;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('wanted')) this.#asksLeft = MOST_ASKS;
    if (this.nodes.some(({ kind }) => kind === 'task')) void import('./tool-call.ts');
  }

  override updated(changed: PropertyValues<this>): void {
    if (this.#asksLeft === 0 || this.wanted === '') return;
    if (!changed.has('nodes') && !changed.has('wanted')) return;
    const found = this.renderRoot.querySelector(`[data-node="${CSS.escape(this.wanted)}"]`);
    if (found) {
      this.#asksLeft = 0;
      found.classList.add('found');
      found.scrollIntoView({ block: 'center' });
      this.#scrolled();
      this.#anchor = { element: found, top: found.getBoundingClientRect().top };
    } else if (this.hasMore) {
      this.#asksLeft -= 1;
      this.dispatchEvent(new EarlierEvent());
    }
  }

  override render(): unknown {
    const blocks = blocksOf(this.nodes);
    const retriable = this.isFixed ? undefined : retriableBlock(blocks);
    return html`
      <div
        class="scroll"
        tabindex="0"
        role="group"
        aria-label="Conversation"
        @scroll=${() => this.#scrolled()}
        @wheel=${() => (this.#anchor = undefined)}
        @pointerdown=${() => (this.#anchor = undefined)}
        @keydown=${() => (this.#anchor = undefined)}
      >
        <div class="column">
          ${
            this.hasMore
              ? html`<button class="earlier" @click=${() => this.#earlier()}>Show earlier messages</button>`
              : nothing
          }
          ${repeat(
            blocks,
            (block) => block.key,
            (block) => this.#block(block, block === retriable),
          )}
          ${this.sending.map((text) => html`<div class="message">${text}</div>`)}
        </div>
      </div>
      ${
        this.isFollowing
          ? nothing
          : html`<button class="latest" @click=${() => this.toLatest()}><bn-icon name="down"></bn-icon>Latest</button>`
      }
    `;
  }

  #block(block: TranscriptBlock, mayRetry: boolean): unknown {
    if (block.kind === 'aside') return aside(block.node);
    if (block.kind === 'message')
      return html`<bn-message
        class="block"
        data-node=${block.node.id}
        .node=${block.node}
        .isFixed=${this.isFixed}
      ></bn-message>`;
    return html`<article class="block answer">
      <bn-avatar .emoji=${this.bot?.emoji} .name=${this.bot?.name} .color=${this.bot?.accentColor}></bn-avatar>
      <h2>${this.bot?.name}</h2>
      <div class="parts">
        ${repeat(
          block.nodes,
          (node) => node.id,
          (node) => this.#part(node, block, mayRetry),
        )}
      </div>
    </article>`;
  }

  #part(node: NodeView, block: AnswerBlock, mayRetry: boolean): unknown {
    const blocking = blockingCall(block);
    if (node.kind === 'task') {
      const isBlocking = node === blocking && !this.isFixed;
      return html`<bn-tool-call .node=${node} .bot=${this.bot?.name ?? ''} .mayRetry=${isBlocking}></bn-tool-call>`;
    }
    const [first] = block.nodes;
    const isLast = node === block.nodes.findLast(({ kind }) => kind === 'agent');
    const isSilent = node.state === 'finished' && node.text === '' && node.thinking === '';
    if (isSilent && !isLast) return nothing;
    return html`<bn-answer
      data-node=${node.id}
      .node=${node}
      .version=${first && { node: first.id, ...first.version }}
      .isLast=${isLast}
      .isFixed=${this.isFixed}
      .mayRetry=${mayRetry && isLast && failures.has(node.state)}
      .waitsFor=${blocking ? 'Try the call again, or stop the answer.' : waitsForPerson(block) ? 'Waits for your decision.' : ''}
    ></bn-answer>`;
  }

  #earlier(): void {
    const element = this.renderRoot.querySelector('.block');
    if (element) this.#anchor = { element, top: element.getBoundingClientRect().top };
    this.isFollowing = false;
    this.dispatchEvent(new EarlierEvent());
  }

  /** What the reader looks at stays where it is, however much comes above it; at the end, the end is followed. */
  #grown(): void {
    if (this.isFollowing) return this.toLatest();
    const box = this.#box();
    if (!box || !this.#anchor) return;
    const { element, top } = this.#anchor;
    box.scrollTop += element.getBoundingClientRect().top - top;
  }

  #scrolled(): void {
    const box = this.#box();
    if (!box) return;
    this.#follow(box.scrollHeight - box.scrollTop - box.clientHeight <= FOLLOW_WITHIN_PX);
  }

  #follow(isFollowing: boolean): void {
    const isNew = isFollowing && !this.isFollowing;
    this.isFollowing = isFollowing;
    if (isNew) this.dispatchEvent(new LatestEvent());
  }

  #box(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>('.scroll');
  }
}

/** What a summary or a note says opens on demand: nobody has said it. */
function aside({ kind, text }: NodeView): unknown {
  return html`<details class="block aside">
    <summary>${kind === 'summary' ? 'Summary of what was said before' : 'Note'}</summary>
    <p>${text}</p>
  </details>`;
}

function waitsForPerson({ nodes }: AnswerBlock): boolean {
  return nodes.some(({ state }) => state === 'awaiting_approval');
}

customElements.define('bn-transcript', BnTranscript);
