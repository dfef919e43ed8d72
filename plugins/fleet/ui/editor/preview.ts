import { BnElement, borrow, clientContext, css, html, msg, nothing } from 'boternity/ui';

/** How Markdown reads, by the element that draws it in conversations; the plain text where no plugin brings one. */
export class BnPreview extends BnElement {
  static override properties = { text: { attribute: false }, drawer: { state: true } };
  static override styles = [
    super.styles,
    css`
      :host {
        max-width: var(--bn-measure);
        padding: var(--bn-space-4) var(--bn-space-5);
      }
      .front {
        margin: 0 0 var(--bn-space-4);
        padding: var(--bn-space-3);
        border-radius: var(--bn-radius-s);
        background: var(--bn-ground-code);
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-xs);
      }
      pre {
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
    `,
  ];
  declare text: string;
  /** Undefined until it is known whether there is one. */
  declare drawer: (HTMLElement & { text?: string }) | null | undefined;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.text = '';
    this.whileConnected(() => {
      void this.updateComplete.then(async () => {
        const client = this.#client.value;
        this.drawer = client ? ((await borrow(client, 'conversations', 'bn-markdown')) ?? null) : null;
      });
      return () => undefined;
    });
  }

  override render(): unknown {
    if (this.drawer === undefined) return nothing;
    const [, front, body = ''] = /^---\r?\n([\s\S]*?)\n---[ \t]*(?:\r?\n|$)([\s\S]*)$/.exec(this.text) ?? [
      '',
      '',
      this.text,
    ];
    if (this.drawer) this.drawer.text = body;
    return html`${front ? html`<pre class="front">${front}</pre>` : nothing}
    ${this.drawer ?? html`<pre aria-label=${msg('Preview')}>${body}</pre>`}`;
  }
}

customElements.define('bn-preview', BnPreview);
