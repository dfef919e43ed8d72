import { addWords, BnElement, html, msg, pageStyles, showTitle } from 'boternity/ui';
import './token-list.ts';

/** Tokens of programs: the list, a new one, the end of each. */
export class BnTokensPanel extends BnElement {
  static override styles = [super.styles, pageStyles];

  override updated(): void {
    showTitle(msg('API tokens'));
  }

  override render(): unknown {
    return html`
      <bn-header><h1>${msg('API tokens')}</h1></bn-header>
      <div class="scroll">
        <div class="column"><bn-token-list></bn-token-list></div>
      </div>
    `;
  }
}

addWords({ de: () => import('./words-de.ts') });
customElements.define('bn-tokens-panel', BnTokensPanel);
