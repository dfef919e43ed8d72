import { BnElement, css, html, nothing, type LiveConversation, msg, str, formatDuration } from 'boternity/ui';
import type { ConversationPage } from '../views.ts';

const REDRAW_MS = 500;

/** What is known of a conversation's connection, for whoever looks for a fault. */
export class BnDebug extends BnElement {
  static override properties = { live: { attribute: false }, active: { type: String } };
  static override styles = [
    super.styles,
    css`
      dl {
        position: fixed;
        z-index: 5;
        inset-inline-end: var(--bn-space-3);
        bottom: var(--bn-space-3);
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 0 var(--bn-space-3);
        width: min(26rem, calc(100vw - 2 * var(--bn-space-3)));
        margin: 0;
        padding: var(--bn-space-3);
        border: var(--bn-border) solid var(--bn-line-strong);
        border-radius: var(--bn-radius-m);
        background: var(--bn-ground-raised);
        box-shadow: var(--bn-shadow-2);
        font-family: var(--bn-font-mono);
        font-size: var(--bn-text-xs);
        pointer-events: none;
      }
      dd {
        margin: 0;
        overflow-wrap: anywhere;
      }
    `,
  ];
  declare live: LiveConversation<ConversationPage> | undefined;
  /** The node that is being answered. */
  declare active: string | null;

  constructor() {
    super();
    this.active = null;
    this.whileConnected(() => {
      const timer = setInterval(() => this.requestUpdate(), REDRAW_MS);
      return () => clearInterval(timer);
    });
  }

  override render(): unknown {
    const { live } = this;
    if (!live) return nothing;
    const { cursor, counts, last, heardAt, readings } = live.traffic;
    const kinds = [...counts].map(([kind, count]) => `${kind} ${count}`).join(', ');
    const none = msg('none');
    const ago = formatDuration(Date.now() - heardAt);
    const rows = [
      [msg('connection'), live.state],
      [msg('cursor'), cursor],
      [msg('active'), this.active ?? none],
      [msg('last event'), last === '' ? none : msg(str`${last}, ${ago} ago`)],
      [msg('events'), kinds || none],
      [msg('readings'), String(readings)],
    ];
    return html`<dl aria-label=${msg('Connection of this conversation')}>
      ${rows.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>`;
  }
}

customElements.define('bn-debug', BnDebug);
