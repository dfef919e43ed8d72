import { BnElement, css, html, showTitle } from 'boternity/ui';
import './account-section.ts';
import './session-list.ts';
import './token-list.ts';

/** Access: the owner's account, where they are signed in, and the tokens of programs. */
export class BnAccessPanel extends BnElement {
  static override styles = [
    super.styles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100%;
      }
      h1 {
        font-size: var(--bn-text-l);
      }
      .scroll {
        flex: 1;
        min-height: 0;
        padding: var(--bn-space-5) var(--bn-space-4) var(--bn-space-7);
        overflow-y: auto;
      }
      .column {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--bn-space-6);
        max-width: var(--bn-measure);
        margin: 0 auto;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    showTitle('Access');
  }

  override render(): unknown {
    return html`
      <bn-header><h1>Access</h1></bn-header>
      <div class="scroll">
        <div class="column">
          <bn-account-section></bn-account-section>
          <bn-session-list></bn-session-list>
          <bn-token-list></bn-token-list>
        </div>
      </div>
    `;
  }
}

customElements.define('bn-access-panel', BnAccessPanel);
