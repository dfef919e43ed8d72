import { setImmediate as breathe } from 'node:timers/promises';
import { refusal } from '../refusal.ts';
import { PageText } from './page-text.ts';

/** How much of a page is read before others get their turn, in characters. */
const PIECE = 16_384;
/** Longest time that is spent on one page, in milliseconds. */
const BUDGET_MS = 5_000;

/** What a person would read on a page. */
export interface PageReading {
  readonly title: string;
  readonly text: string;
}

/** The readable text of a page, without scripts, styles and what is hidden. Addresses of links are made whole by `base`. */
export async function readHtml(html: string, base: URL, signal: AbortSignal): Promise<PageReading> {
  const { Parser } = await import('htmlparser2');
  const page = new PageText(base);
  const parser = new Parser({
    onopentag: (name, attributes) => page.open(name, attributes),
    onclosetag: (name) => page.close(name),
    ontext: (text) => page.add(text),
  });
  const deadline = performance.now() + BUDGET_MS;
  for (let from = 0; from < html.length; from += PIECE) {
    parser.write(html.slice(from, from + PIECE));
    if (page.isTooDeep || performance.now() > deadline)
      throw refusal('extract_failed', 'The page is built in a way that cannot be read.');
    await breathe(undefined, { signal });
  }
  parser.end();
  return page.end();
}
