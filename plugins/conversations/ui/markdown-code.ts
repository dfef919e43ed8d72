import { msg } from 'boternity/ui';
import type { DrawnBlock, MarkdownBlock } from './markdown-blocks.ts';

const COPIED_MS = 2_000;
const MATH = new Set(['math', 'latex', 'tex', 'katex']);

/** Code with the name of its language and a button that copies it. It gets its colours when it is whole; while it grows only the new part is added. */
export function drawCode(element: HTMLElement, { token, isOpen }: MarkdownBlock): DrawnBlock {
  const language = languageOf(token);
  let text = textOf(token);
  const code = document.createElement('code');
  const words = document.createTextNode(text);
  code.append(words);
  element.append(figureOf(code, language, () => text));
  if (!isOpen) finish(element, code, text, language);
  return {
    element,
    update: (next) => {
      if (!isOpen || next.token.type !== 'code' || languageOf(next.token) !== language) return false;
      const grown = textOf(next.token);
      if (!grown.startsWith(text)) return false;
      words.appendData(grown.slice(text.length));
      text = grown;
      isOpen = next.isOpen;
      if (!isOpen) finish(element, code, text, language);
      return true;
    },
  };
}

/** A box that scrolls sideways by itself, by keyboard too, so that the page does not. */
export function scrolling(content: Node, tag: 'div' | 'pre' = 'div'): HTMLElement {
  const box = document.createElement(tag);
  box.className = 'scroll';
  box.tabIndex = 0;
  box.append(content);
  return box;
}

/** What is more than code is drawn as what it is; where that cannot be done it stays code. */
function finish(element: HTMLElement, code: HTMLElement, text: string, language: string): void {
  const ignore = (): void => undefined;
  if (language === 'mermaid') void import('./diagram.ts').then(({ drawDiagram }) => drawDiagram(text, element), ignore);
  else if (MATH.has(language))
    void import('./math.ts').then(({ drawMath }) => {
      const drawn = drawMath(text, true);
      if (drawn) element.replaceChildren(drawn);
    }, ignore);
  else
    void import('./highlight.ts').then(async ({ highlight }) => {
      const drawn = await highlight(text, language);
      if (drawn) code.replaceChildren(drawn);
    }, ignore);
}

function figureOf(code: HTMLElement, language: string, text: () => string): HTMLElement {
  const figure = document.createElement('figure');
  const caption = document.createElement('figcaption');
  const name = document.createElement('span');
  const copy = document.createElement('button');
  name.textContent = language || msg('text');
  copy.className = 'quiet copy';
  copy.type = 'button';
  copy.textContent = msg('Copy');
  copy.addEventListener('click', () => void copyText(text(), copy));
  caption.append(name, copy);
  figure.append(caption, scrolling(code, 'pre'));
  return figure;
}

function languageOf(token: MarkdownBlock['token']): string {
  const given = 'lang' in token ? String(token.lang ?? '') : '';
  return /^[\w+#.-]{1,30}/.exec(given)?.[0].toLowerCase() ?? '';
}

function textOf(token: MarkdownBlock['token']): string {
  return 'text' in token ? String(token.text) : '';
}

async function copyText(text: string, button: HTMLElement): Promise<void> {
  const isCopied = await navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  );
  button.textContent = isCopied ? msg('Copied') : msg('Not allowed');
  setTimeout(() => (button.textContent = msg('Copy')), COPIED_MS);
}
