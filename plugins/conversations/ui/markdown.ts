import { BnElement, css, formatCount, html, nothing } from 'boternity/ui';
import type { drawBlock, MarkdownBlock, parseBlocks } from './markdown-blocks.ts';
import { proseStyles } from './prose-styles.ts';
import { nextLength } from './smooth.ts';

const calm = globalThis.matchMedia('(prefers-reduced-motion: reduce)');
const LONGEST_SHOWN = 20_000;
/** A longer text is drawn as Markdown at its beginning only; what follows is plain text, or drawing it would take seconds. */
const LONGEST_DRAWN = 100_000;
/** A text that long is drawn less often while it grows. */
const LONG_PAUSE_MS = 300;

/** What draws Markdown. It loads beside the page, not before it. */
interface Drawing {
  readonly parseBlocks: typeof parseBlocks;
  readonly drawBlock: typeof drawBlock;
}

let drawing: Drawing | undefined;
const loading = import('./markdown-blocks.ts').then(
  (module) => (drawing = module),
  () => undefined,
);

/** Safe Markdown that may still be growing: new text flows in evenly, and only the block that grows is drawn anew. */
export class BnMarkdown extends BnElement {
  static override properties = { text: { type: String }, isStreaming: { type: Boolean }, isWhole: { state: true } };
  static override styles = [
    super.styles,
    proseStyles,
    css`
      .rest div {
        line-height: var(--bn-line-height-prose);
        unicode-bidi: plaintext;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        content-visibility: auto;
        contain-intrinsic-block-size: auto 60rem;
      }
      bn-notice {
        margin-top: var(--bn-space-3);
      }
    `,
  ];
  declare text: string;
  declare isStreaming: boolean;
  /** Whether a very long text is shown to its end. */
  declare isWhole: boolean;
  #shown = 0;
  #drawn: { readonly source: string; readonly element: HTMLElement }[] = [];
  #frame = 0;
  #drawnAt = 0;
  #drawnText = '';

  constructor() {
    super();
    this.text = '';
    this.isStreaming = false;
    this.isWhole = false;
    this.whileConnected(() => () => cancelAnimationFrame(this.#frame));
    void loading.then(() => this.requestUpdate());
  }

  override render(): unknown {
    const { length } = this.text;
    const isLong = length > LONGEST_SHOWN;
    const isPlain = this.isWhole && length > LONGEST_DRAWN;
    return html`<div class="prose ${this.isStreaming ? 'streaming' : ''}"></div>
      ${isPlain ? this.#rest() : nothing}
      ${
        isLong && !this.isWhole
          ? html`<bn-notice>
              The first ${formatCount(beginningOf(this.text))} of ${formatCount(length)} characters are shown.
              <button slot="actions" @click=${() => (this.isWhole = true)}>Show the rest</button>
            </bn-notice>`
          : nothing
      }`;
  }

  /** In pieces that the browser lays out only when they come into sight. */
  #rest(): unknown {
    return html`<div class="rest">
      ${piecesOf(this.text, beginningOf(this.text)).map((piece) => html`<div>${piece}</div>`)}
    </div>`;
  }

  override updated(): void {
    if (this.isStreaming && !calm.matches && document.visibilityState === 'visible') {
      this.#flow();
      return;
    }
    this.#shown = this.text.length;
    this.#draw();
  }

  #flow(): void {
    cancelAnimationFrame(this.#frame);
    let last = performance.now();
    const step = (now: number): void => {
      this.#shown = nextLength(this.text, Math.min(this.#shown, this.text.length), now - last);
      last = now;
      if (this.#shown < LONGEST_SHOWN || now - this.#drawnAt > LONG_PAUSE_MS) this.#draw();
      if (this.#shown < this.text.length) this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  #draw(): void {
    const box = this.renderRoot.querySelector('.prose');
    if (!box) return;
    this.#drawnAt = performance.now();
    const isDrawnWhole = this.isWhole && this.text.length <= LONGEST_DRAWN;
    const text = this.text.slice(0, Math.min(this.#shown, isDrawnWhole ? LONGEST_DRAWN : beginningOf(this.text)));
    if (drawing && text === this.#drawnText) return;
    this.#drawnText = drawing ? text : '';
    if (drawing) {
      this.#drawBlocks(box, drawing, drawing.parseBlocks(text));
      return;
    }
    void loading.then((module) => {
      if (module) return;
      box.classList.add('plain');
      box.textContent = text;
    });
  }

  #drawBlocks(box: Element, { drawBlock }: Drawing, blocks: readonly MarkdownBlock[]): void {
    const same = blocks.findIndex((block, index) => this.#drawn[index]?.source !== block.source);
    const kept = same < 0 ? blocks.length : same;
    for (const { element } of this.#drawn.splice(kept)) element.remove();
    for (const block of blocks.slice(kept)) {
      const element = document.createElement('div');
      element.className = 'block';
      // Words decide to which side they are written; code does not.
      if (block.token.type !== 'code') element.dir = 'auto';
      element.append(drawBlock(block));
      box.append(element);
      this.#drawn.push({ source: block.source, element });
    }
  }
}

/** How much of a long text is shown at first: whole lines where there are any, never half a character. */
function beginningOf(text: string): number {
  const line = text.lastIndexOf('\n', LONGEST_SHOWN - 1) + 1;
  if (text.length <= LONGEST_SHOWN) return text.length;
  if (line > LONGEST_SHOWN / 2) return line;
  return LONGEST_SHOWN - (isHalf(text.charCodeAt(LONGEST_SHOWN - 1)) ? 1 : 0);
}

function isHalf(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

/** A text from a place on, cut behind lines or words where there are any. */
function piecesOf(text: string, from: number): string[] {
  const pieces: string[] = [];
  for (let at = from; at < text.length;) {
    const piece = text.slice(at, at + LONGEST_SHOWN);
    const isLast = at + piece.length >= text.length;
    const end = isLast ? -1 : Math.max(piece.lastIndexOf('\n'), piece.lastIndexOf(' '));
    const whole = !isLast && isHalf(piece.charCodeAt(piece.length - 1)) ? piece.slice(0, -1) : piece;
    pieces.push(end > 0 ? piece.slice(0, end + 1) : whole);
    at += pieces.at(-1)?.length ?? piece.length;
  }
  return pieces;
}

customElements.define('bn-markdown', BnMarkdown);
