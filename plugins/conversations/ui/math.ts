import DOMPurify from 'dompurify';
import katex from 'katex';

/**
 * A formula in TeX as MathML, which needs neither styles nor fonts of its own; undefined where it is none. What it could load, link to
 * or define without end is off.
 */
export function drawMath(tex: string, isShown: boolean): Element | undefined {
  const markup = markupOf(tex, isShown);
  if (markup === undefined) return undefined;
  const fragment = purify.sanitize(markup, {
    RETURN_DOM_FRAGMENT: true,
    USE_PROFILES: { mathMl: true },
    FORBID_ATTR: ['style', 'href', 'id', 'class'],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
  });
  const math = fragment.querySelector('math');
  if (!math) return undefined;
  const box = document.createElement('span');
  box.className = isShown ? 'math shown' : 'math';
  box.append(math);
  if (isShown) box.tabIndex = 0;
  return box;
}

const purify = DOMPurify(globalThis.window);

function markupOf(tex: string, isShown: boolean): string | undefined {
  try {
    const markup = katex.renderToString(tex, {
      output: 'mathml',
      displayMode: isShown,
      throwOnError: true,
      strict: 'ignore',
      trust: false,
      maxSize: 20,
      maxExpand: 200,
    });
    // The source within would be read out beside it, and the policy of the page complains about styles even where they are thrown away.
    return markup.replaceAll(/<annotation[^]*?<\/annotation>/g, '').replaceAll(/ style="[^"]*"/g, '');
  } catch {
    return undefined;
  }
}
