import { BnElement, css, html, nothing, type ConnectionState, type Traffic } from 'boternity/ui';

const REDRAW_MS = 500;

/** What is known of a conversation's connection, for whoever looks for a fault. Ctrl+Shift+D opens and closes it. */
export class BnDebug extends BnElement {
  static override properties = { look: { attribute: false }, isOpen: { state: true } };
  static override styles = [
    super.styles,
    css`
      dl {
        position: fixed;
        z-index: 5;
        right: var(--bn-space-3);
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
  /** Gives what is shown. */
  declare look:
    | (() => { connection: ConnectionState; active: string | null; traffic: Traffic } | undefined)
    | undefined;
  declare isOpen: boolean;

  constructor() {
    super();
    this.isOpen = false;
    this.whileConnected(() => {
      const key = (event: KeyboardEvent): void => {
        if (!event.ctrlKey || !event.shiftKey || event.code !== 'KeyD') return;
        event.preventDefault();
        this.isOpen = !this.isOpen;
      };
      const timer = setInterval(() => this.isOpen && this.requestUpdate(), REDRAW_MS);
      globalThis.addEventListener('keydown', key);
      return () => {
        globalThis.removeEventListener('keydown', key);
        clearInterval(timer);
      };
    });
  }

  override render(): unknown {
    const now = this.isOpen ? this.look?.() : undefined;
    if (!now) return nothing;
    const { cursor, counts, last, heardAt, readings } = now.traffic;
    const kinds = [...counts].map(([kind, count]) => `${kind} ${count}`).join(', ');
    const rows = {
      connection: now.connection,
      cursor,
      active: now.active ?? 'none',
      'last event': last === '' ? 'none' : `${last}, ${Math.round((Date.now() - heardAt) / 1_000)} s ago`,
      events: kinds || 'none',
      readings: String(readings),
    };
    return html`<dl aria-label="Connection of this conversation">
      ${Object.entries(rows).map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>`;
  }
}

customElements.define('bn-debug', BnDebug);
