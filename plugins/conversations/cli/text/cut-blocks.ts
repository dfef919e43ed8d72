/** Where the first block of growing Markdown ends; undefined while that cannot be said. */
export type Cut = number | undefined;

const FENCE = /^( {0,3})(`{3,}|~{3,})([^\n]*)$/;
const HEADING = /^ {0,3}#{1,6}(?:\s|$)/;
const ITEM = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;
/** So many characters of a line tell whether it goes on with a list. */
const TELLING = 5;

export interface Fence {
  readonly mark: string;
  readonly language: string;
}

/** The fence with which a line opens a program. */
export function fenceOf(line: string): Fence | undefined {
  const [, , mark, language = ''] = FENCE.exec(line) ?? [];
  if (mark === undefined || (mark.startsWith('`') && language.includes('`'))) return undefined;
  return { mark, language };
}

export function isEndOf({ mark }: Fence, line: string): boolean {
  const closing = line.trim();
  return closing.length >= mark.length && closing === (mark[0] ?? '').repeat(closing.length) && /^ {0,3}\S/.test(line);
}

/** The end of the first block of a text that begins with one: it ends where another one begins. */
export function cutBlock(text: string): Cut {
  const isList = ITEM.test(text);
  let inside: Fence | undefined;
  let isBehindBlank = false;
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at);
    const line = text.slice(at, end < 0 ? text.length : end);
    const isBlank = line.trim() === '';
    if (at > 0 && !isBlank && !inside) {
      const isTold = end >= 0 || line.length >= TELLING;
      const goesOn = isList && (/^\s/.test(line) || ITEM.test(line));
      if (isBehindBlank && !isTold) return undefined;
      if (isBehindBlank && !goesOn) return at;
      if (!/^\s/.test(line) && isTold && (fenceOf(line) || HEADING.test(line))) return at;
    }
    if (end < 0) return undefined;
    if (at === 0 && HEADING.test(line)) return end + 1;
    inside = inside ? (isEndOf(inside, line.trimStart()) ? undefined : inside) : fenceOf(line.trimStart());
    isBehindBlank = isBlank;
    at = end + 1;
  }
  return undefined;
}

/** Where to break a block that is too long to be held: before an item, behind a line or a word, anywhere. */
export function breakBlock(text: string): number {
  const items = [...text.matchAll(/\n(?=(?:[-*+]|\d{1,9}[.)])\s)/g)].map(({ index }) => index + 1);
  const item = ITEM.test(text) ? items.at(-1) : undefined;
  if (item !== undefined) return item;
  const line = text.lastIndexOf('\n') + 1;
  if (line > 0) return line;
  const word = text.lastIndexOf(' ') + 1;
  return word > 0 ? word : text.length;
}
