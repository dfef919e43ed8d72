import { BnElement, css, fleetContext, html, msg, nothing } from 'boternity/ui';

const HIDDEN_KEY = 'boternity.demo-notice.hidden';

/** Says that the built-in demo answers and how to add a real model. Shown until it is hidden, once per visit. */
export class BnDemoNotice extends BnElement {
  static override properties = { isHidden: { state: true } };
  static override styles = [
    super.styles,
    css`
      code {
        padding: 0.1em 0.35em;
        border-radius: var(--bn-radius-s);
        background: var(--bn-ground-code);
        box-decoration-break: clone;
      }
    `,
  ];
  declare isHidden: boolean;
  readonly #fleet = this.watch(fleetContext);

  constructor() {
    super();
    this.isHidden = sessionStorage.getItem(HIDDEN_KEY) !== null;
  }

  override render(): unknown {
    const server = this.#fleet.value?.server;
    if (this.isHidden || server?.model.provider !== 'demo') return nothing;
    return html`<bn-notice>
      <strong>${msg('You are talking with the built-in demo.')}</strong> ${withCommands(server.model.why)}
      <button
        slot="end"
        class="quiet square"
        aria-label=${msg('Hide')}
        title=${msg('Hide')}
        @click=${() => this.#hide()}
      >
        <bn-icon name="close"></bn-icon>
      </button>
    </bn-notice>`;
  }

  #hide(): void {
    sessionStorage.setItem(HIDDEN_KEY, 'yes');
    this.isHidden = true;
  }
}

/** A sentence of the server, with the commands in it set as code. */
export function withCommands(sentence: string): unknown[] {
  return sentence.split(/(bnity [^.]+)/).map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));
}

customElements.define('bn-demo-notice', BnDemoNotice);
