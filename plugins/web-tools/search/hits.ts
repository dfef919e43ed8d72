import { z } from 'boternity';
import type { SearchHit } from './backend.ts';

const TITLE_LENGTH = 200;
const SNIPPET_LENGTH = 600;
const URL_LENGTH = 2_000;

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** What engines leave out is empty; what they send in another form is not taken for a result. */
export const optionalText = z
  .string()
  .nullish()
  .transform((text) => text ?? '');

/** Makes results bounded and plain; one without a usable address, or that was there before, is left out. */
export function tidyHits(hits: readonly SearchHit[], count: number): SearchHit[] {
  const seen = new Set<string>();
  const tidy: SearchHit[] = [];
  for (const { title, url, snippet, age } of hits) {
    const address = URL.parse(url);
    const isUsable =
      address && /^https?:$/.test(address.protocol) && url.length <= URL_LENGTH && !seen.has(address.href);
    if (!isUsable || tidy.length >= count) continue;
    seen.add(address.href);
    tidy.push({
      title: plain(title, TITLE_LENGTH) || address.host,
      url: address.href,
      snippet: plain(snippet, SNIPPET_LENGTH),
      age: age === null ? null : plain(age, 60) || null,
    });
  }
  return tidy;
}

/** Engines mark the words that were found with tags and escape the rest. */
function plain(text: string, length: number): string {
  const words = text
    .slice(0, 10 * length)
    .replaceAll(/<\/?[a-z][^<>]*>/gi, '')
    .replaceAll(
      /&(?:#(\d{1,6})|#x([\da-f]{1,5})|([a-z]{1,6}));/gi,
      (whole, decimal?: string, hex?: string, name = '') => {
        const code = decimal ? Number(decimal) : Number.parseInt(hex ?? '', 16);
        return Number.isNaN(code) ? (NAMED[String(name).toLowerCase()] ?? whole) : charOf(code, whole);
      },
    )
    .replaceAll(/\s+/g, ' ')
    .trim();
  return words.length > length ? `${words.slice(0, length)}…` : words;
}

function charOf(code: number, whole: string): string {
  return code > 0x10_ff_ff ? whole : String.fromCodePoint(code);
}
