import DOMPurify from 'dompurify';
import { basePath, msg, str, withoutBase } from 'boternity/ui';
import type { Token, Tokens } from 'marked';
import { drawCode, scrolling } from './markdown-code.ts';
import { escape } from './markdown-math.ts';
import type { drawMath } from './math.ts';
import { BlockReader, marked, type MarkdownBlock } from './markdown-parse.ts';

export { BlockReader, type MarkdownBlock };

/**
 * Markdown of models and other strangers, made safe by two walls: raw HTML is shown as text and never becomes HTML, and
 * what is made of the rest passes a sanitizer with a short list of tags. Links lead to http, https and mailto only. Pictures
 * are shown where they are files of this server; others become links, because loading one tells its server what was read.
 */

const TAGS =
  'a blockquote br code del em h1 h2 h3 h4 h5 h6 hr img li ol p pre strong sub sup table tbody td th thead tr ul'.split(
    ' ',
  );
const ATTRIBUTES = ['href', 'title', 'align', 'start', 'src', 'alt', 'class'];
const CLASSES = new Set(['formula', 'formula shown', 'image']);
const SAFE_ADDRESS = /^(?:https?:|mailto:)/i;
/** Where files of this server are that may be shown as pictures. */
const OWN_FILE = /^\/api\/v1\/(?:bots|conversations)\/[^/]+\/(?:attachments|files|storage)\//;

marked.use({
  renderer: {
    html: ({ text }) => escape(text),
    image: ({ href, text, title }) => image(href, text, title),
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
  },
});

const purify = DOMPurify(globalThis.window);
purify.addHook('afterSanitizeAttributes', (element) => {
  if (!CLASSES.has(element.getAttribute('class') ?? '')) element.removeAttribute('class');
  if (element.localName === 'img') guardPicture(element);
  if (element.localName !== 'a' || !element.hasAttribute('href')) return;
  element.setAttribute('target', '_blank');
  element.setAttribute('rel', 'noopener noreferrer nofollow');
});

/** A block on the page. `update` makes it another one in place and says whether it could. */
export interface DrawnBlock {
  readonly element: HTMLElement;
  readonly update?: (block: MarkdownBlock) => boolean;
}

export function drawBlock(block: MarkdownBlock): DrawnBlock {
  const { token } = block;
  const element = document.createElement('div');
  element.className = 'block';
  if (token.type === 'code') return drawCode(element, block);
  // Words decide to which side they are written; code does not.
  element.dir = 'auto';
  if (token.type === 'list') return drawList(element, token as Tokens.List);
  const drawn = draw([token]);
  element.append(token.type === 'table' ? scrolling(drawn) : drawn);
  return { element };
}

/** Items that are known already stay as they are: long lists grow too. */
function drawList(element: HTMLElement, list: Tokens.List): DrawnBlock {
  const shell = draw([{ ...list, items: [] }]).firstElementChild;
  if (!shell) return { element };
  element.append(shell);
  const items: { readonly key: string; readonly item: Element }[] = [];
  const fill = ({ items: wanted, ...rest }: Tokens.List): void => {
    const keys = wanted.map(({ raw, loose }) => `${String(loose)} ${raw}`);
    const same = keys.findIndex((key, at) => items[at]?.key !== key);
    const kept = same < 0 ? keys.length : same;
    for (const { item } of items.splice(kept)) item.remove();
    for (const [at, each] of wanted.entries()) {
      if (at < kept) continue;
      const item = draw([{ ...rest, items: [each] }]).querySelector('li');
      if (!item) continue;
      shell.append(item);
      items.push({ key: keys[at] ?? '', item });
    }
  };
  fill(list);
  return {
    element,
    update: ({ token }) => {
      const next = token as Tokens.List;
      if (next.type !== 'list' || next.ordered !== list.ordered || next.start !== list.start) return false;
      fill(next);
      return true;
    },
  };
}

function draw(tokens: Token[]): DocumentFragment {
  const fragment = purify.sanitize(marked.parser(tokens), {
    RETURN_DOM_FRAGMENT: true,
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOWED_URI_REGEXP: SAFE_ADDRESS,
    ADD_URI_SAFE_ATTR: ATTRIBUTES.filter((name) => name !== 'href' && name !== 'src'),
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
  });
  drawFormulas(fragment);
  return fragment;
}

let drawFormula: typeof drawMath | undefined;

/** They stand as they are written until what draws them has come. */
function drawFormulas(fragment: DocumentFragment): void {
  for (const place of fragment.querySelectorAll('code.formula')) {
    const show = (): void => {
      const drawn = drawFormula?.(place.textContent, place.classList.contains('shown'));
      if (drawn) place.replaceWith(drawn);
    };
    if (drawFormula) show();
    else
      void import('./math.ts').then(
        ({ drawMath }) => {
          drawFormula = drawMath;
          show();
        },
        () => undefined,
      );
  }
}

function image(href: string, text: string, title: string | null): string {
  const address = URL.parse(href, location.origin);
  if (address && isOwnFile(address))
    return `<img src="${escape(address.origin + basePath + withoutBase(address.pathname) + address.search)}" alt="${escape(text)}"${title ? ` title="${escape(title)}"` : ''}>`;
  const name = text || title || href;
  const words = address?.host ? msg(str`Image: ${name} (${address.host})`) : msg(str`Image: ${name}`);
  return `<a class="image" href="${escape(href)}">${escape(words)}</a>`;
}

function isOwnFile({ origin, pathname }: URL): boolean {
  return origin === location.origin && OWN_FILE.test(withoutBase(pathname));
}

function guardPicture(element: Element): void {
  const address = URL.parse(element.getAttribute('src') ?? '');
  if (!address || !isOwnFile(address)) return element.remove();
  element.setAttribute('loading', 'lazy');
  element.setAttribute('decoding', 'async');
}
