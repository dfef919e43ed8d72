import { BnElement, css, formatCount, html, msg, nothing, str } from 'boternity/ui';
import type { BlockReader, drawBlock, DrawnBlock } from './markdown-blocks.ts';
import { proseStyles } from './prose-styles.ts';
import { nextLength } from './smooth.ts';

const calm = globalThis.matchMedia('(prefers-reduced-motion: reduce)');
const LONGEST_SHOWN = 20_000;
/** A longer text is drawn as Markdown at its beginning only; what follows is plain text, or drawing it would take seconds. */
const LONGEST_DRAWN = 100_000;
/** While a text grows, drawing takes at most this part of the time. */
const SHARE = 0.25;
/** So long it draws at a time, in milliseconds; the rest follows in the next frames, and the page stays lively. */
const DRAW_MS = 20;

/** What draws Markdown. It loads beside the page, not before it. */
interface Drawing {
  readonly BlockReader: typeof BlockReader;
  readonly drawBlock: typeof drawBlock;
}

let drawing: Drawing | undefined;
/** The large parts are evaluated each by itself: together they would keep a slow machine from everything else. */
const loading = Promise.all([import('marked'), import('dompurify')])
  .then(() => import('./markdown-blocks.ts'))
  .then(
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
  #reader: BlockReader | undefined;
  #drawn: (DrawnBlock & { readonly key: string })[] = [];
  #frame = 0;
  #drawAgainAt = 0;
  #drawnText = '';

  constructor() {
    super();
    this.text = '';
    this.isStreaming = false;
    this.isWhole = false;
    this.whileConnected(() => () => this.#stopFlow());
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
              ${msg(str`The first ${formatCount(beginningOf(this.text))} of ${formatCount(length)} characters are shown.`)}
              <button slot="actions" @click=${() => (this.isWhole = true)}>${msg('Show the rest')}</button>
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
    this.#stopFlow();
    this.#shown = this.text.length;
    this.#drawOn();
  }

  /** What does not change any more, in as many frames as it takes. */
  #drawOn(): void {
    this.#frame = 0;
    this.#draw();
    if (this.#isUnfinished()) this.#frame = requestAnimationFrame(() => this.#drawOn());
  }

  #isUnfinished(): boolean {
    return drawing !== undefined && this.#drawnText === '';
  }

  #flow(): void {
    if (this.#frame !== 0) return;
    let last = performance.now();
    const step = (now: number): void => {
      this.#frame = 0;
      this.#shown = nextLength(this.text, Math.min(this.#shown, this.text.length), now - last);
      last = now;
      const isWhole = this.#shown >= this.text.length;
      if (now >= this.#drawAgainAt) this.#draw();
      if (!isWhole || now < this.#drawAgainAt || this.#isUnfinished()) this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  #stopFlow(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  #draw(): void {
    const box = this.renderRoot.querySelector('.prose');
    if (!box) return;
    const began = performance.now();
    const isDrawnWhole = this.isWhole && this.text.length <= LONGEST_DRAWN;
    const text = this.text.slice(0, Math.min(this.#shown, isDrawnWhole ? LONGEST_DRAWN : beginningOf(this.text)));
    const state = `${this.isStreaming ? 'open' : 'whole'} ${text}`;
    if (drawing && state === this.#drawnText) return;
    this.#drawnText = '';
    if (drawing) {
      if (this.#drawBlocks(box, drawing, text, began)) this.#drawnText = state;
      const now = performance.now();
      this.#drawAgainAt = now + (now - began) * (1 / SHARE - 1);
      return;
    }
    void loading.then((module) => {
      if (module) return;
      box.classList.add('plain');
      box.textContent = text;
    });
  }

  /** Whether all of it is drawn. */
  #drawBlocks(box: Element, { BlockReader, drawBlock }: Drawing, text: string, began: number): boolean {
    this.#reader ??= new BlockReader();
    const blocks = this.#reader.read(text, this.isStreaming);
    const end = document.visibilityState === 'visible' ? began + DRAW_MS : Infinity;
    for (const [at, block] of blocks.entries()) {
      const held = this.#drawn[at];
      if (held?.key === block.key) continue;
      if (performance.now() > end) return false;
      if (held?.update?.(block)) {
        this.#drawn[at] = { ...held, key: block.key };
        continue;
      }
      const drawn = drawBlock(block);
      if (held) held.element.replaceWith(drawn.element);
      else box.append(drawn.element);
      this.#drawn[at] = { ...drawn, key: block.key };
    }
    for (const { element } of this.#drawn.splice(blocks.length)) element.remove();
    return true;
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
