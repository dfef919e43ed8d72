import DOMPurify from 'dompurify';
import { msg } from 'boternity/ui';
import { renderMermaid, withoutAddresses } from './mermaid.ts';

const purify = DOMPurify(globalThis.window);
purify.addHook('uponSanitizeAttribute', (_element, attribute) => {
  attribute.attrValue = withoutAddresses(attribute.attrValue);
});

/** Shows what Mermaid makes of a text, in a tree of its own; where it makes nothing of it the place stays as it is. */
export async function drawDiagram(text: string, place: HTMLElement): Promise<void> {
  const isDark = isDarkGround(place);
  const drawn = await renderMermaid(text, isDark).catch(() => undefined);
  if (!drawn || !place.isConnected) return;
  const figure = document.createElement('div');
  figure.className = 'diagram';
  figure.tabIndex = 0;
  figure.role = 'img';
  figure.ariaLabel = msg('Diagram');
  const tree = figure.attachShadow({ mode: 'open' });
  tree.append(cleaned(drawn.markup));
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`${drawn.rules}\n${OWN_RULES}`);
  tree.adoptedStyleSheets = [sheet];
  for (const element of tree.querySelectorAll<SVGElement>('[data-css]')) {
    element.style.cssText = withoutAddresses(element.dataset['css'] ?? '');
    delete element.dataset['css'];
  }
  const source = document.createElement('details');
  const summary = document.createElement('summary');
  summary.textContent = msg('Source');
  source.append(summary, ...place.childNodes);
  place.replaceChildren(figure, source);
}

const OWN_RULES = ':host { display: block; } svg { max-width: 100%; height: auto; }';

function cleaned(markup: string): DocumentFragment {
  return purify.sanitize(markup.replaceAll(/\sstyle=/g, ' data-css='), {
    RETURN_DOM_FRAGMENT: true,
    USE_PROFILES: { svg: true, svgFilters: true },
    FORBID_TAGS: ['style', 'a', 'image', 'foreignObject', 'use', 'animate', 'set'],
    FORBID_CONTENTS: ['style', 'foreignObject'],
    FORBID_ATTR: ['style', 'href', 'xlink:href', 'tabindex'],
    ALLOW_ARIA_ATTR: false,
  });
}

function isDarkGround(element: Element): boolean {
  const scheme = getComputedStyle(element).colorScheme;
  if (scheme === 'dark' || scheme === 'light') return scheme === 'dark';
  return globalThis.matchMedia('(prefers-color-scheme: dark)').matches;
}
