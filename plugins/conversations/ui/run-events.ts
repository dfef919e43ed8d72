import { BnElement, css, html, msg, nothing, str, type LiveConversation } from 'boternity/ui';
import type { ConversationPage } from '../views.ts';
import { runStyles } from './run-styles.ts';

/** Events that are shown, the last ones. */
const SHOWN = 100;
/** Least time between two drawings while events come, in milliseconds. */
const REST_MS = 500;

/** What the server told of an answer, event by event as it came, as long as the page is open. */
export class BnRunEvents extends BnElement {
  static override properties = {
    live: { attribute: false },
    node: { type: String },
    stamp: { type: Number },
    isOpen: { state: true },
    lines: { state: true },
  };
  static override styles = [
    super.styles,
    runStyles,
    css`
      summary {
        min-height: var(--bn-target);
        align-content: center;
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
        font-weight: var(--bn-weight-strong);
        cursor: pointer;
      }
      pre {
        max-height: 24rem;
        margin: 0;
        padding: var(--bn-space-3);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        background: var(--bn-ground-raised);
        font-size: var(--bn-text-xs);
        overflow: auto;
      }
    `,
  ];
  declare live: LiveConversation<ConversationPage> | undefined;
  /** Of which answer. */
  declare node: string;
  /** Another one whenever there is something new. */
  declare stamp: number;
  declare isOpen: boolean;
  declare lines: readonly string[];
  #drawnAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.node = '';
    this.stamp = 0;
    this.isOpen = false;
    this.lines = [];
    this.whileConnected(() => () => clearTimeout(this.#timer));
  }

  override updated(): void {
    if (!this.isOpen || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#look(), Math.max(0, this.#drawnAt + REST_MS - Date.now()));
  }

  override render(): unknown {
    const { lines } = this;
    return html`<details @toggle=${(event: Event) => (this.isOpen = (event.target as HTMLDetailsElement).open)}>
      <summary>${msg('Raw events')}</summary>
      ${
        this.isOpen
          ? html`<pre tabindex="0" aria-label=${msg('Raw events')}>
${lines.length === 0 ? msg('None came since the page was opened.') : lines.join('\n')}</pre>`
          : nothing
      }
      ${lines.length >= SHOWN ? html`<p class="soft small">${msg(str`The last ${SHOWN}.`)}</p>` : nothing}
    </details>`;
  }

  #look(): void {
    this.#timer = undefined;
    this.#drawnAt = Date.now();
    const events = (this.live?.traffic.recent ?? []).filter((event) => nodeOf(event) === this.node).slice(-SHOWN);
    const lines = events.map((event) => JSON.stringify(event));
    if (lines.join('\n') !== this.lines.join('\n')) this.lines = lines;
  }
}

function nodeOf(event: object): string | undefined {
  const { node } = event as { readonly node?: string | { readonly id: string } };
  return typeof node === 'object' ? node.id : node;
}

customElements.define('bn-run-events', BnRunEvents);
