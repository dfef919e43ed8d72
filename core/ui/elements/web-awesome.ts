import { registerIconLibrary } from '@awesome.me/webawesome/dist/components/icon/library.js';
import { LOCALE_STATUS_EVENT } from '@lit/localize';
import { render } from 'lit';
import { languageNow } from '../language.ts';
import { shapes } from './icon.ts';

/**
 * What the elements that stand on Web Awesome share: its icons are drawn by ours, for its own come from elsewhere or out of `data:`
 * addresses, which the page's Content-Security-Policy refuses; and its few words are said in the page's language.
 */

/** Names of Web Awesome's icons that are called otherwise here. */
const names: Readonly<Record<string, string>> = {
  'chevron-right': 'chevron',
  'chevron-left': 'back',
  'chevron-down': 'fold',
  xmark: 'close',
  ellipsis: 'more',
};

// A sprite sheet is the one kind of library of which nothing is fetched.
for (const library of ['default', 'system']) {
  registerIconLibrary(library, { spriteSheet: true, resolver: (name) => `#${names[name] ?? name}`, mutator: draw });
}

function draw(picture: SVGElement, host?: { readonly name?: string | undefined }): void {
  picture.querySelector('use')?.remove();
  const name = host?.name ?? '';
  picture.setAttribute('viewBox', '0 0 24 24');
  picture.classList.add('bn');
  const look = { fill: 'none', stroke: 'currentColor', 'stroke-width': '1.9' } as const;
  for (const [attribute, value] of Object.entries(look)) picture.setAttribute(attribute, value);
  picture.setAttribute('stroke-linecap', 'round');
  picture.setAttribute('stroke-linejoin', 'round');
  render(shapes[names[name] ?? name] ?? shapes['dot'], picture);
}

function sayWords(): void {
  if (languageNow() === 'de') void import('@awesome.me/webawesome/dist/translations/de.js').catch(() => undefined);
}

sayWords();
globalThis.addEventListener(LOCALE_STATUS_EVENT, sayWords);
