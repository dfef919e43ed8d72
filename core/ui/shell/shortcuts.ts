import { css, html } from 'lit';
import '../elements/dialog.ts';
import { BnElement } from '../elements/element.ts';
import { CloseEvent } from '../events.ts';
import { msg } from '../language.ts';
import { offeredCommands } from './commands.ts';
import { keyCaps } from './key-caps.ts';

/** The keys that do something on this page. @event bn-close - It was closed. */
export class BnShortcuts extends BnElement {
  static override properties = { isOpen: { type: Boolean } };
  static override styles = [
    super.styles,
    keyCaps,
    css`
      dl {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: var(--bn-space-2) var(--bn-space-4);
        margin: 0;
      }
      dd {
        margin: 0;
        justify-content: end;
      }
    `,
  ];
  declare isOpen: boolean;

  constructor() {
    super();
    this.isOpen = false;
  }

  override render(): unknown {
    const isMac = navigator.userAgent.includes('Mac');
    const fixed = [
      { title: msg('Go to, or do'), keys: isMac ? '⌘ K' : `${msg('Ctrl')} K` },
      { title: msg('Close what is open'), keys: 'Esc' },
    ];
    const lines = [...fixed, ...offeredCommands().filter(({ keys }) => keys !== undefined)];
    return html`<bn-dialog
      heading=${msg('Keyboard shortcuts')}
      .isOpen=${this.isOpen}
      @bn-close=${() => this.dispatchEvent(new CloseEvent())}
    >
      <dl>
        ${lines.map(
          ({ title, keys }) =>
            html`<dt>${title}</dt>
              <dd class="keys">${keys?.split(' ').map((key) => html`<kbd>${key}</kbd>`)}</dd>`,
        )}
      </dl>
    </bn-dialog>`;
  }
}

customElements.define('bn-shortcuts', BnShortcuts);
