import { Unreadable, type Block } from './reading.ts';

/** Pages that are read. */
const MOST_PAGES = 5_000;

interface Item {
  readonly str: string;
  readonly hasEOL: boolean;
  readonly transform: readonly number[];
  readonly height: number;
}

/** Paragraphs of a PDF with their pages. Pictures of text hold none: nothing here reads handwriting or scans. */
export async function pdfBlocks(bytes: Buffer): Promise<Block[]> {
  const { getDocumentProxy } = await import('unpdf');
  const data = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const document = await getDocumentProxy(data, { stopAtErrors: false }).catch((error: unknown) => {
    const isLocked = error instanceof Error && error.name === 'PasswordException';
    throw new Unreadable(isLocked ? 'It is locked with a password.' : 'It is no PDF that can be read.');
  });
  const blocks: Block[] = [];
  for (let number = 1; number <= Math.min(document.numPages, MOST_PAGES); number += 1) {
    const page = await document.getPage(number);
    const { items } = await page.getTextContent();
    for (const text of paragraphsOf(items.filter((item) => 'str' in item))) blocks.push({ text, page: number });
    page.cleanup();
  }
  if (blocks.length === 0) throw new Unreadable('There is no text in it: its pages are pictures.');
  return blocks;
}

/** Lines, and a paragraph where the way down to the next line is clearly more than a line is high. */
function paragraphsOf(items: readonly Item[]): string[] {
  const paragraphs: string[] = [];
  let text = '';
  let last: Item | undefined;
  for (const item of items) {
    const down = last ? Math.abs((last.transform[5] ?? 0) - (item.transform[5] ?? 0)) : 0;
    const height = Math.max(item.height, last?.height ?? 0, 1);
    if (down > height * 1.8) {
      paragraphs.push(text);
      text = '';
    } else if (down > height * 0.5 && !text.endsWith('\n') && text !== '') text += '\n';
    text += item.str + (item.hasEOL ? '\n' : '');
    if (item.str.trim() !== '') last = item;
  }
  // A word that was parted at the end of its line is one again.
  return [...paragraphs, text].map((each) => each.replaceAll(/(\p{L})-\n(\p{Ll})/gu, '$1$2').trim()).filter(Boolean);
}
