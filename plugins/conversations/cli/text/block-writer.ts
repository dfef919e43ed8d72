import { breakBlock, cutBlock, fenceOf, isEndOf, type Fence } from './cut-blocks.ts';
import { drawCodeHead, drawCodeLine, drawMarkdown } from './markdown.ts';
import { PlainStream } from './plain.ts';
import { RawText, type Screen } from './raw-text.ts';

/** Longest piece that is looked at in one go. */
const PIECE = 1_000;

/**
 * Markdown that is being written, on a screen: what comes is shown as it comes, and each block is drawn anew when it is whole. No
 * more than the current block is ever rewritten, so a text may be longer than the screen; a block that is, is drawn in parts.
 */
export class BlockWriter {
  readonly #screen: Screen;
  readonly #raw: RawText;
  readonly #plain = new PlainStream();
  /** The source of the block that grows. */
  #tail = '';
  #fence: Fence | undefined;
  #isFirst = true;
  /** What is drawn next belongs to the block before it. */
  #isPart = false;

  constructor(screen: Screen) {
    this.#screen = screen;
    this.#raw = new RawText(screen);
  }

  write(text: string): void {
    this.#take(this.#plain.push(text));
  }

  /** Draws what is left. The cursor then stands at the beginning of a line. */
  end(): void {
    this.#take(this.#plain.end());
    this.#raw.erase();
    if (this.#fence && this.#tail !== '' && !isEndOf(this.#fence, this.#tail))
      this.#print(drawCodeLine(this.#tail, this.#width));
    else if (!this.#fence && this.#tail.trim() !== '') this.#print(drawMarkdown(this.#tail, this.#width));
    this.#tail = '';
    this.#fence = undefined;
    this.#isFirst = true;
    this.#isPart = false;
  }

  /** The screen has another size: what is on it has moved, and is left as it is. */
  resized(): void {
    if (this.#tail === '') return;
    this.#screen.write('\n');
    this.#raw.forget();
    this.#tail = this.#tail.slice(this.#tail.lastIndexOf('\n') + 1);
    this.#isPart = true;
    this.#raw.write(this.#tail);
  }

  get #width(): number {
    return this.#screen.columns - 1;
  }

  #take(text: string): void {
    for (let at = 0; at < text.length;) {
      const piece = pieceOf(text, at);
      const shown = piece.slice(0, this.#raw.write(piece));
      at += shown.length;
      this.#tail += shown;
      if (shown.includes('\n') || this.#raw.isFull) this.#settle();
    }
  }

  #settle(): void {
    const ready: (() => void)[] = [];
    for (let cut = this.#nextCut(); cut !== undefined; cut = this.#nextCut()) {
      const source = this.#tail.slice(0, cut);
      this.#tail = this.#tail.slice(cut);
      ready.push(this.#prepare(source));
    }
    if (ready.length === 0 && this.#raw.isFull) {
      const cut = breakBlock(this.#tail);
      const source = this.#tail.slice(0, cut);
      this.#tail = this.#tail.slice(cut);
      const lines = this.#fence ? drawCodeLine(source, this.#width) : drawMarkdown(source, this.#width);
      ready.push(() => this.#printPart(lines));
    }
    if (ready.length === 0) return;
    this.#raw.erase();
    for (const draw of ready) draw();
    // A screen that has become smaller may not hold it.
    if (this.#raw.write(this.#tail) < this.#tail.length) this.#settle();
  }

  #nextCut(): number | undefined {
    if (this.#fence) return this.#tail.indexOf('\n') + 1 || undefined;
    const blank = /^(?:[ \t]*\n)+/.exec(this.#tail)?.[0];
    if (blank !== undefined) return blank.length;
    const end = this.#tail.indexOf('\n');
    if (end >= 0 && fenceOf(this.#tail.slice(0, end))) return end + 1;
    return cutBlock(this.#tail);
  }

  /** What is to be drawn of a block, or of one line of a program. Fences are noted at once: the next cut depends on them. */
  #prepare(source: string): () => void {
    if (this.#fence) {
      const line = source.slice(0, -1);
      if (!isEndOf(this.#fence, line)) return () => this.#printPart(drawCodeLine(line, this.#width));
      this.#fence = undefined;
      return () => (this.#isPart = false);
    }
    if (source.trim() === '') return () => (this.#isPart = false);
    const fence = fenceOf(source.trimEnd());
    if (!fence) return () => this.#print(drawMarkdown(source, this.#width));
    this.#fence = fence;
    return () => this.#printPart(drawCodeHead(fence.language));
  }

  /** Prints lines, an empty one before those that do not belong to what stands there. */
  #print(lines: readonly string[]): void {
    const gap = this.#isFirst || this.#isPart ? '' : '\n';
    if (lines.length > 0 || gap !== '') this.#screen.write(gap + lines.map((line) => `${line}\n`).join(''));
    this.#isFirst = false;
    this.#isPart = false;
  }

  /** Prints lines to which what is printed next belongs. */
  #printPart(lines: readonly string[]): void {
    this.#print(lines);
    this.#isPart = true;
  }
}

/** A piece of a text that does not end within a character. */
function pieceOf(text: string, from: number): string {
  const piece = text.slice(from, from + PIECE);
  const last = piece.charCodeAt(piece.length - 1);
  return last >= 0xd800 && last <= 0xdbff && piece.length > 1 ? piece.slice(0, -1) : piece;
}
