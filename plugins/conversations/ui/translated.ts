import { html, nothing } from 'boternity/ui';
import type { NodeView } from '../views.ts';

/** A message or an answer, with the translations of its text. */
interface Translated {
  readonly node: NodeView | undefined;
  /** Another one is asked for. */
  isTranslating: boolean;
  readonly isFixed: boolean;
}

/** Whether there is something to show; what shows it is loaded then. */
function isTranslated({ node, isTranslating }: Translated): boolean {
  return isTranslating || (node?.translations.length ?? 0) > 0;
}

/** The translations of a text and the form that asks for another one, where there is either. */
export function showTranslations(of: Translated): unknown {
  if (!isTranslated(of)) return nothing;
  void import('./translations.ts');
  return html`<bn-translations
    .node=${of.node}
    .isAsked=${of.isTranslating}
    .isFixed=${of.isFixed}
    @bn-close=${() => (of.isTranslating = false)}
  ></bn-translations>`;
}
