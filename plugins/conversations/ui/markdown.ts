import { BnElement, css, formatCount, html, nothing } from 'boternity/ui';
import type { drawBlock, MarkdownBlock, parseBlocks } from './markdown-blocks.ts';
import { proseStyles } from './prose-styles.ts';
import { nextLength } from './smooth.ts';

const calm = globalThis.matchMedia('(prefers-reduced-motion: reduce)');
const LONGEST_SHOWN = 20_000;
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
      .more {
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

  constructor() {
    super();
    this.text = '';
    this.isStreaming = false;
    this.isWhole = false;
    this.whileConnected(() => () => cancelAnimationFrame(this.#frame));
    void loading.then(() => this.requestUpdate());
  }

  override render(): unknown {
    const isCut = this.text.length > LONGEST_SHOWN && !this.isWhole;
    return html`<div class="prose ${this.isStreaming ? 'streaming' : ''}"></div>
      ${
        isCut
          ? html`<button class="more" @click=${() => (this.isWhole = true)}>
              Show all ${formatCount(this.text.length)} characters
            </button>`
          : nothing
      }`;
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
    const text = this.text.slice(0, Math.min(this.#shown, this.isWhole ? Infinity : LONGEST_SHOWN));
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
      element.append(drawBlock(block));
      box.append(element);
      this.#drawn.push({ source: block.source, element });
    }
  }
}

customElements.define('bn-markdown', BnMarkdown);
