import { BnElement, css, html, nothing, type BotLine } from 'boternity/ui';
import { repeat } from 'lit/directives/repeat.js';
import type { NodeView } from '../views.ts';
import './answer.ts';
import { blocksOf, type AnswerBlock, type TranscriptBlock } from './blocks.ts';
import './tool-call.ts';

/** So near its end the transcript follows what arrives; further up it stays where the reader is. */
const FOLLOW_WITHIN_PX = 120;

/** What was said, oldest first, in a box that scrolls. */
export class BnTranscript extends BnElement {
  static override properties = {
    nodes: { attribute: false },
    sending: { attribute: false },
    bot: { attribute: false },
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
      .message span {
        white-space: pre-wrap;
      }
      .message.sending {
        opacity: 0.7;
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
  declare isFollowing: boolean;

  constructor() {
    super();
    this.nodes = [];
    this.sending = [];
    this.isFollowing = true;
    this.whileConnected(() => {
      const growth = new ResizeObserver(() => this.isFollowing && this.toLatest());
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
    this.isFollowing = true;
    const box = this.#box();
    if (box) box.scrollTop = box.scrollHeight;
  }

  override render(): unknown {
    return html`
      <div class="scroll" tabindex="0" role="group" aria-label="Conversation" @scroll=${() => this.#scrolled()}>
        <div class="column">
          ${repeat(
            blocksOf(this.nodes),
            (block) => block.key,
            (block) => this.#block(block),
          )}
          ${this.sending.map((text) => html`<div class="message sending"><span>${text}</span></div>`)}
        </div>
      </div>
      ${
        this.isFollowing
          ? nothing
          : html`<button class="latest" @click=${() => this.toLatest()}><bn-icon name="down"></bn-icon>Latest</button>`
      }
    `;
  }

  #block(block: TranscriptBlock): unknown {
    if (block.kind === 'message') {
      return html`<div class="message">
        <h2 class="visually-hidden">You</h2>
        <span>${block.node.text}</span>
      </div>`;
    }
    return html`<article class="answer">
      <bn-avatar .emoji=${this.bot?.emoji} .name=${this.bot?.name} .color=${this.bot?.accentColor}></bn-avatar>
      <h2>${this.bot?.name}</h2>
      <div class="parts">
        ${repeat(
          block.nodes,
          (node) => node.id,
          (node) => this.#part(node, block),
        )}
      </div>
    </article>`;
  }

  #part(node: NodeView, { nodes, question }: AnswerBlock): unknown {
    if (node.kind === 'task') return html`<bn-tool-call .node=${node}></bn-tool-call>`;
    const isSilent = node.state === 'finished' && node.text === '' && node.thinking === '';
    if (isSilent) return nothing;
    return html`<bn-answer .node=${node} .question=${question} .isLast=${node === nodes.at(-1)}></bn-answer>`;
  }

  #scrolled(): void {
    const box = this.#box();
    if (box) this.isFollowing = box.scrollHeight - box.scrollTop - box.clientHeight <= FOLLOW_WITHIN_PX;
  }

  #box(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>('.scroll');
  }
}

customElements.define('bn-transcript', BnTranscript);
