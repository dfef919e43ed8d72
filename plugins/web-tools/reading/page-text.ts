import type { PageReading } from './html.ts';

/** Elements whose content nobody reads. */
const SKIPPED = new Set(
  'script style noscript template iframe object embed svg math canvas audio video select textarea button dialog'.split(
    ' ',
  ),
);
/** Elements that begin a line of their own; those of the second list have an empty line around them. */
const BLOCKS = new Set(
  'address article aside body dd div dl dt fieldset figcaption footer form header hr li main nav option section tr'.split(
    ' ',
  ),
);
const PARAGRAPHS = new Set('blockquote details figure h1 h2 h3 h4 h5 h6 ol p pre table ul'.split(' '));
const HEADING = /^h([1-6])$/;
const MOST_DEPTH = 2_000;
/** Parts of a link that are compared with its address. */
const MOST_WORDS = 20;

type Attributes = Readonly<Record<string, string>>;

interface Link {
  readonly href: string;
  /** Where its words begin. */
  readonly from: number;
}

/** Turns the events of a parser into text: headings and lists as in Markdown, links with their address behind. */
export class PageText {
  readonly #base: URL;
  readonly #parts: string[] = [];
  readonly #open: string[] = [];
  readonly #lists: number[] = [];
  readonly #links: Link[] = [];
  #title = '';
  /** How deep the element is whose content is left out; 0 when nothing is. */
  #skippedAt = 0;
  #preformatted = 0;
  /** Line ends that are due before the next word. */
  #breaks = 0;
  #isSpaceDue = false;
  /** Whether the last thing written is the mark of a heading or an item, which its first words follow on the same line. */
  #isMarked = false;

  constructor(base: URL) {
    this.#base = base;
  }

  get isTooDeep(): boolean {
    return this.#open.length > MOST_DEPTH;
  }

  open(name: string, attributes: Attributes): void {
    this.#open.push(name);
    if (this.#skippedAt > 0) return;
    if (SKIPPED.has(name) || isHidden(attributes)) this.#skippedAt = this.#open.length;
    else this.#begin(name, attributes);
  }

  close(name: string): void {
    const depth = this.#open.length;
    this.#open.pop();
    if (this.#skippedAt === depth) this.#skippedAt = 0;
    else if (this.#skippedAt === 0) this.#finish(name);
  }

  add(text: string): void {
    if (this.#skippedAt > 0) return;
    if (this.#open.at(-1) === 'title') this.#title += text;
    else if (this.#preformatted > 0) this.#write(text);
    else this.#addWords(text);
  }

  end(): PageReading {
    return { title: this.#title.replaceAll(/\s+/g, ' ').trim(), text: this.#parts.join('').trim() };
  }

  #begin(name: string, attributes: Attributes): void {
    this.#break(name);
    const level = HEADING.exec(name)?.[1];
    if (name === 'br') this.#breaks = Math.max(this.#breaks, 1);
    else if (level !== undefined) this.#mark(`${'#'.repeat(Number(level))} `);
    else if (name === 'pre') this.#preformatted += 1;
    else if (name === 'ul') this.#lists.push(Number.NaN);
    else if (name === 'ol') this.#lists.push(0);
    else if (name === 'li') this.#mark(this.#bullet());
    else if (name === 'td' || name === 'th') this.#isSpaceDue = true;
    else if (name === 'img' && attributes['alt']) this.#addWords(` [image: ${attributes['alt']}] `);
    else if (name === 'a') this.#links.push({ href: attributes['href'] ?? '', from: this.#parts.length });
  }

  #finish(name: string): void {
    if (name === 'pre') this.#preformatted = Math.max(0, this.#preformatted - 1);
    else if (name === 'ul' || name === 'ol') this.#lists.pop();
    else if (name === 'td' || name === 'th') this.#addWords(' | ');
    else if (name === 'a') this.#finishLink();
    this.#break(name);
  }

  #break(name: string): void {
    if (this.#isMarked) return;
    const wanted = PARAGRAPHS.has(name) ? 2 : Number(BLOCKS.has(name));
    // A list inside a list and a paragraph inside an item stay close to it.
    this.#breaks = Math.max(this.#breaks, this.#lists.length > 0 ? Math.min(wanted, 1) : wanted);
  }

  #bullet(): string {
    const indent = '  '.repeat(Math.max(0, Math.min(this.#lists.length, 8) - 1));
    const number = (this.#lists.pop() ?? Number.NaN) + 1;
    this.#lists.push(number);
    return Number.isNaN(number) ? `${indent}- ` : `${indent}${number}. `;
  }

  #finishLink(): void {
    const link = this.#links.pop();
    const url = link && link.href !== '' && !link.href.startsWith('#') ? URL.parse(link.href, this.#base) : null;
    if (!link || !url || !/^https?:$/.test(url.protocol) || link.from === this.#parts.length) return;
    const words = this.#parts
      .slice(link.from, link.from + MOST_WORDS)
      .join('')
      .trim();
    if (words !== '' && words !== url.href) this.#parts.push(` (${url.href})`);
  }

  #addWords(text: string): void {
    const words = text.replaceAll(/[\s\u200b]+/g, ' ');
    if (words.startsWith(' ')) this.#isSpaceDue = true;
    const trimmed = words.trim();
    if (trimmed === '') return;
    this.#write(trimmed);
    this.#isSpaceDue = words.endsWith(' ');
  }

  #mark(text: string): void {
    this.#write(text);
    this.#isMarked = true;
  }

  #write(text: string): void {
    this.#isMarked = false;
    if (this.#breaks > 0) this.#parts.push('\n'.repeat(this.#breaks));
    else if (this.#isSpaceDue && this.#preformatted === 0) this.#parts.push(' ');
    this.#breaks = 0;
    this.#isSpaceDue = false;
    this.#parts.push(text);
  }
}

function isHidden({ hidden, style = '', 'aria-hidden': ariaHidden }: Attributes): boolean {
  return hidden !== undefined || ariaHidden === 'true' || /display\s*:\s*none|visibility\s*:\s*hidden/i.test(style);
}
