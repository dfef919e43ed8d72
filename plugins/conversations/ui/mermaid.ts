import { msg } from 'boternity/ui';
import mermaid from 'mermaid';

export interface Diagram {
  /** SVG, not to be trusted. */
  readonly markup: string;
  readonly rules: string;
}

/** A longer text would keep the page busy. */
const LONGEST = 10_000;
let count = 0;
let last: Promise<unknown> = Promise.resolve();

/** Draws a diagram, one after the other, because the library keeps what it draws in one place. Throws where the text is none. */
export function renderMermaid(text: string, isDark: boolean): Promise<Diagram> {
  const drawn = last.then(() => render(text, isDark));
  last = drawn.catch(() => undefined);
  return drawn;
}

async function render(text: string, isDark: boolean): Promise<Diagram> {
  if (text.length > LONGEST) throw new Error(msg('The diagram is too long.'));
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: 'strict',
    secure: [
      'secure',
      'securityLevel',
      'startOnLoad',
      'maxTextSize',
      'maxEdges',
      'suppressErrorRendering',
      'htmlLabels',
      'themeCSS',
      'fontFamily',
    ],
    suppressErrorRendering: true,
    theme: isDark ? 'dark' : 'neutral',
    htmlLabels: false,
    flowchart: { htmlLabels: false },
    fontFamily: 'system-ui, sans-serif',
    maxTextSize: LONGEST,
    maxEdges: 200,
  });
  const place = document.createElement('div');
  place.inert = true;
  Object.assign(place.style, { position: 'fixed', insetBlockStart: '0', visibility: 'hidden', inlineSize: '60rem' });
  document.body.append(place);
  using styles = adoptStyles();
  try {
    const { svg } = await mermaid.render(`diagram-${(count += 1)}`, withoutTags(text), place);
    return { markup: svg, rules: styles.rules() };
  } finally {
    place.remove();
  }
}

/**
 * The library writes a style element and style attributes, which the policy of the page forbids. While it draws, the first becomes a
 * constructed sheet and the others are set as properties; both are allowed. What it reads again for cleaning has `data-css` in their
 * place.
 */
function adoptStyles(): Disposable & { rules(): string } {
  const sheet = new CSSStyleSheet();
  let rules = '';
  const adopt = (css: string): void => {
    rules = withoutAddresses(css);
    sheet.replaceSync(rules);
  };
  document.adoptedStyleSheets.push(sheet);
  const undo = [
    stand(document, 'createElement', (create) => (name: string, options?: ElementCreationOptions) => {
      if (name !== 'style') return create.call(document, name, options);
      const desc = document.createElementNS('http://www.w3.org/2000/svg', 'desc');
      return Object.defineProperty(desc, 'innerHTML', { set: adopt });
    }),
    stand(Element.prototype, 'setAttribute', (set) => {
      return function (this: Element, name: string, value: string) {
        const isStyle = name === 'style' && (this instanceof SVGElement || this instanceof HTMLElement);
        if (isStyle) this.style.cssText = withoutAddresses(value);
        else set.call(this, name, value);
      };
    }),
    stand(DOMParser.prototype, 'parseFromString', (parse) => {
      // Where the browser has trusted types it is an object.
      return function (this: DOMParser, markup: { toString(): string }, type: DOMParserSupportedType) {
        return parse.call(this, markup.toString().replaceAll(/\sstyle=/g, ' data-css='), type);
      };
    }),
  ];
  return {
    rules: () => rules,
    [Symbol.dispose]() {
      for (const each of undo) each();
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet);
    },
  };
}

/** The library measures labels as HTML before it cleans them. Only its own `<<word>>` and line breaks stay. */
function withoutTags(text: string): string {
  return text.replaceAll(/<<[\w -]+>>|<br\s*\/?>|<(?=[a-z/!?])/gi, (found) => (found === '<' ? '#lt;' : found));
}

/** Nothing in it may lead anywhere but to a part of itself. */
export function withoutAddresses(css: string): string {
  return css.replaceAll(/@import[^;]*|(?:image-set|url|src|image)\s*\((?!\s*["']?#)[^)]*\)?/gi, 'none');
}

/** Puts something else in the place of a method; the function it gives undoes that. */
function stand<Owner extends object, Name extends keyof Owner>(
  owner: Owner,
  name: Name,
  make: (before: Owner[Name]) => unknown,
): () => void {
  const before = owner[name];
  owner[name] = make(before) as Owner[Name];
  return () => {
    owner[name] = before;
  };
}
