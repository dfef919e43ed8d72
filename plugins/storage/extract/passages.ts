import type { Block, Part, Reading } from './reading.ts';

/** Words in a passage: it is closed when it has so many, and is never much longer. */
const ENOUGH = 220;
const MOST = 380;
/** A heading or a long paragraph begins a new passage when the one before has so many. */
const WORTH = 60;
/** Characters in a passage: text without spaces is cut there. */
const LONGEST = 3_500;
/** Characters that are kept of a document. */
const MOST_TEXT = 4_000_000;

/** Puts blocks together to passages of some hundred words that follow the structure: none spans pages or mixes chapters. */
export function passagesOf(blocks: Iterable<Block>): Reading {
  const maker = new Maker();
  for (const block of blocks) {
    maker.add(block);
    if (maker.characters > MOST_TEXT) return maker.end('partial');
  }
  return maker.end('ready');
}

class Maker {
  readonly #parts: Part[] = [];
  readonly #headings: string[] = [];
  #blocks: Block[] = [];
  #words = 0;
  #header = '';
  characters = 0;

  add(block: Block): void {
    if (block.text.trim() === '') return;
    this.characters += block.text.length;
    if (block.isHeader) {
      this.#close();
      this.#header = block.text;
      return;
    }
    if (block.level !== undefined) return this.#open(block, block.level);
    for (const piece of cut(block)) this.#take(piece);
  }

  end(state: 'ready' | 'partial'): Reading {
    this.#close();
    if (this.#parts.length === 0) return { state: 'failed', parts: [], problem: 'There is no text in it.' };
    if (state === 'ready') return { state, parts: this.#parts };
    return { state, parts: this.#parts, problem: 'It is very long: only the first 4 million characters are searched.' };
  }

  #open(block: Block, level: number): void {
    if (this.#words >= WORTH || this.#isElsewhere(block)) this.#close();
    // A heading of its own right closes what stands before, however short, unless that is the heading above it.
    else if (this.#blocks.some((each) => each.level === undefined)) this.#close();
    this.#headings.length = Math.max(0, Math.min(level - 1, this.#headings.length));
    this.#headings[this.#headings.length] = block.text.replaceAll(/\s+/g, ' ').trim().slice(0, 200);
    this.#push(block);
  }

  #take(block: Block): void {
    const words = wordsIn(block.text);
    const isFull = this.#words + words > MOST && this.#words >= WORTH;
    if (isFull || this.#isElsewhere(block)) this.#close();
    this.#push(block);
    if (this.#words >= ENOUGH) this.#close();
  }

  #isElsewhere({ page }: Block): boolean {
    const [first] = this.#blocks;
    return first !== undefined && first.page !== page;
  }

  #push(block: Block): void {
    this.#blocks.push(block);
    this.#words += wordsIn(block.text);
  }

  #close(): void {
    const blocks = this.#blocks;
    this.#blocks = [];
    this.#words = 0;
    const [first] = blocks;
    const last = blocks.at(-1);
    if (!first || !last) return;
    const text = blocks.map((each) => each.text.trim()).join('\n');
    const heading = this.#headings.join(' › ');
    const from = blocks.find(({ lines }) => lines)?.lines?.[0];
    const to = blocks.findLast(({ lines }) => lines)?.lines?.[1];
    const path = commonPath(blocks);
    this.#parts.push({
      text: this.#header === '' ? text : `${this.#header}\n${text}`,
      ...(heading !== '' && { heading }),
      ...(first.page !== undefined && { page: first.page }),
      ...(from !== undefined && to !== undefined && { lines: [from, to] as const }),
      ...(path !== undefined && { path }),
    });
  }
}

/** A block that is too long in pieces, cut between lines, else between sentences, else between words, else anywhere. */
function* cut(block: Block): Generator<Block> {
  const { text, lines } = block;
  if (fits(text)) {
    yield block;
    return;
  }
  const rows = text.split('\n');
  const isByLine = lines !== undefined && lines[1] - lines[0] + 1 === rows.length;
  if (rows.length > 1) {
    let from = 0;
    for (const count of runs(rows)) {
      const piece = rows.slice(from, from + count).join('\n');
      const at = isByLine ? { lines: [lines[0] + from, lines[0] + from + count - 1] as const } : {};
      yield* cut({ ...block, text: piece, ...at });
      from += count;
    }
    return;
  }
  const sentences = text.split(/(?<=[.!?。！？]["”’)]?)\s+/u);
  const words = sentences.length > 1 ? sentences : text.split(/\s+/);
  const pieces = words.length > 1 ? words : (text.match(/[^]{1,2000}/gu) ?? []);
  let from = 0;
  for (const count of runs(pieces)) {
    yield* cut({ ...block, text: pieces.slice(from, from + count).join(' ') });
    from += count;
  }
}

/** How many of the pieces go together, run by run: at least one, and no more than a passage holds where that can be. */
function runs(pieces: readonly string[]): number[] {
  const counts: number[] = [];
  let count = 0;
  let words = 0;
  let length = 0;
  for (const piece of pieces) {
    const more = wordsIn(piece);
    if (count > 0 && (words + more > ENOUGH || length + piece.length > LONGEST / 2)) {
      counts.push(count);
      [count, words, length] = [0, 0, 0];
    }
    count += 1;
    words += more;
    length += piece.length + 1;
  }
  return count > 0 ? [...counts, count] : counts;
}

function fits(text: string): boolean {
  return text.length <= LONGEST && wordsIn(text) <= MOST;
}

/** Words as people count them; in scripts without spaces two characters are about one. */
export function wordsIn(text: string): number {
  const packed = text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu)?.length ?? 0;
  return (text.match(/\S+/g)?.length ?? 0) + Math.floor(packed / 2);
}

function commonPath(blocks: readonly Block[]): string | undefined {
  const paths = blocks.flatMap(({ path }) => (path === undefined ? [] : [path]));
  const [first] = paths;
  if (first === undefined) return undefined;
  let length = first.length;
  for (const path of paths) while (length > 0 && !path.startsWith(first.slice(0, length))) length -= 1;
  // Only whole steps: `orders[1` of `orders[12]` means nothing.
  const isWhole = paths.every((path) => path.length === length || /[.[]/.test(path[length] ?? ''));
  const common = first.slice(0, length);
  return isWhole ? common : common.replace(/(?:^|[.[])[^.[\]]*$/, '');
}
