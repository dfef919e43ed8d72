import DOMPurify from 'dompurify';
import { Marked, type Token } from 'marked';

/**
 * Markdown of models and other strangers, made safe by two walls: raw HTML is shown as text and never becomes HTML, and
 * what is made of the rest passes a sanitizer with a short list of tags. Links lead to http, https and mailto only; images
 * become links, because loading one tells its server what was read.
 */

const TAGS =
  'a blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre strong sub sup table tbody td th thead tr ul'.split(
    ' ',
  );
const ATTRIBUTES = ['href', 'title', 'align', 'start'];
const SAFE_ADDRESS = /^(?:https?:|mailto:)/i;

const marked = new Marked({
  gfm: true,
  breaks: true,
  renderer: {
    html: ({ text }) => escape(text),
    image: ({ href, text }) => `<a href="${escape(href)}">Image: ${escape(text || href)}</a>`,
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
  },
});

const purify = DOMPurify(globalThis.window);
purify.addHook('afterSanitizeAttributes', (element) => {
  if (element.localName !== 'a' || !element.hasAttribute('href')) return;
  element.setAttribute('target', '_blank');
  element.setAttribute('rel', 'noopener noreferrer nofollow');
});

/** A paragraph, list, table or piece of code. Two blocks with the same source look the same. */
export interface MarkdownBlock {
  readonly source: string;
  readonly token: Token;
}

export function parseBlocks(markdown: string): MarkdownBlock[] {
  const tokens = marked.lexer(markdown).filter((token) => token.type !== 'space' && token.type !== 'def');
  return tokens.map((token) => ({ source: token.raw, token }));
}

export function drawBlock({ token }: MarkdownBlock): Node {
  if (token.type === 'code') return drawCode(String(token['text']), String(token['lang'] ?? ''));
  const fragment = purify.sanitize(marked.parser([token]), {
    RETURN_DOM_FRAGMENT: true,
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOWED_URI_REGEXP: SAFE_ADDRESS,
    ADD_URI_SAFE_ATTR: ATTRIBUTES.filter((name) => name !== 'href'),
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
  });
  return token.type === 'table' ? scrolling(fragment) : fragment;
}

function drawCode(text: string, language: string): HTMLElement {
  const figure = document.createElement('figure');
  const caption = document.createElement('figcaption');
  const name = document.createElement('span');
  const copy = document.createElement('button');
  const code = document.createElement('code');
  name.textContent = /^[\w+#.-]{1,30}/.exec(language)?.[0] ?? 'text';
  copy.className = 'quiet copy';
  copy.type = 'button';
  copy.textContent = 'Copy';
  copy.addEventListener('click', () => void copyText(text, copy));
  code.textContent = text;
  caption.append(name, copy);
  figure.append(caption, scrolling(code, 'pre'));
  return figure;
}

/** A box that scrolls sideways by itself, by keyboard too, so that the page does not. */
function scrolling(content: Node, tag: 'div' | 'pre' = 'div'): HTMLElement {
  const box = document.createElement(tag);
  box.className = 'scroll';
  box.tabIndex = 0;
  box.append(content);
  return box;
}

async function copyText(text: string, button: HTMLElement): Promise<void> {
  const worked = await navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  );
  button.textContent = worked ? 'Copied' : 'Not allowed';
  setTimeout(() => (button.textContent = 'Copy'), 2_000);
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
