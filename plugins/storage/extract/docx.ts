import { Parser } from 'htmlparser2';
import { unzipSync } from 'fflate';
import { decode } from './decode.ts';
import { Unreadable, type Block } from './reading.ts';

/** Bytes of one part of a document, unpacked: more is a bomb. */
const LARGEST = 64 * 1024 * 1024;
const WANTED = new Set(['word/document.xml', 'word/footnotes.xml', 'word/endnotes.xml', 'word/styles.xml']);

/** Headings, paragraphs and rows of tables of a Word document. Pages are made when it is printed, so it has none. */
export function* docxBlocks(bytes: Buffer): Generator<Block> {
  const files = unpack(bytes);
  const styles = headingStyles(files['word/styles.xml']);
  const main = files['word/document.xml'];
  if (!main) throw new Unreadable('It is no Word document: there is no word/document.xml in it.');
  yield* paragraphsOf(main, styles);
  for (const name of ['word/footnotes.xml', 'word/endnotes.xml'])
    if (files[name]) yield* paragraphsOf(files[name], styles);
}

/** The size that is told is the size of the buffer: what says less than it holds is refused, what says more than is allowed too. */
function unpack(bytes: Buffer): Readonly<Record<string, Uint8Array>> {
  try {
    return unzipSync(bytes, {
      filter({ name, originalSize }) {
        if (!WANTED.has(name)) return false;
        if (originalSize > LARGEST) throw new Unreadable('It is too large when it is unpacked.');
        return true;
      },
    });
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw new Unreadable('It is no whole Word document.');
  }
}

/** Names of styles that are headings, with their levels: the names differ by language, the outline does not. */
function headingStyles(xml: Uint8Array | undefined): Map<string, number> {
  const styles = new Map<string, number>();
  let style = '';
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        const value = attributes['w:val'] ?? '';
        if (name === 'w:style') style = attributes['w:styleId'] ?? '';
        const level = name === 'w:name' ? /^heading ([1-9])$/i.exec(value)?.[1] : undefined;
        if (level !== undefined) styles.set(style, Number(level));
        else if (name === 'w:name' && /^title$/i.test(value)) styles.set(style, 1);
        else if (name === 'w:outlineLvl' && /^[0-8]$/.test(value)) styles.set(style, Number(value) + 1);
      },
    },
    { xmlMode: true },
  );
  if (xml) parser.end(decode(Buffer.from(xml)));
  return styles;
}

function paragraphsOf(xml: Uint8Array, styles: ReadonlyMap<string, number>): Block[] {
  const blocks: Block[] = [];
  let text = '';
  let level: number | undefined;
  let isText = false;
  /** Cells of the row that is open; tables inside of cells are part of them. */
  let cells: string[] | undefined;
  let tables = 0;
  const end = (): void => {
    if (cells) text += ' ';
    else {
      blocks.push({ text, ...(level !== undefined && { level }) });
      text = '';
    }
    level = undefined;
  };
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        const value = attributes['w:val'] ?? '';
        if (name === 'w:t') isText = true;
        else if (name === 'w:tab') text += '\t';
        else if (name === 'w:br' || name === 'w:cr') text += '\n';
        else if (name === 'w:pStyle') level = styles.get(value) ?? levelIn(value);
        else if (name === 'w:outlineLvl' && /^[0-8]$/.test(value)) level = Number(value) + 1;
        else if (name === 'w:tbl') tables += 1;
        else if (name === 'w:tr' && tables === 1) cells = [];
      },
      onclosetag(name) {
        if (name === 'w:t') isText = false;
        else if (name === 'w:p') end();
        else if (name === 'w:tbl') tables -= 1;
        else if (name === 'w:tc' && tables === 1) {
          cells?.push(text.replaceAll(/\s+/g, ' ').trim());
          text = '';
        } else if (name === 'w:tr' && tables === 1) {
          blocks.push({ text: (cells ?? []).filter((cell) => cell !== '').join(' | ') });
          cells = undefined;
        }
      },
      ontext(words) {
        if (isText) text += words;
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.end(decode(Buffer.from(xml)));
  return blocks;
}

function levelIn(style: string): number | undefined {
  const level = /^(?:heading|berschrift|Überschrift|Titre)\s?([1-9])$/i.exec(style)?.[1];
  return level === undefined ? undefined : Number(level);
}
