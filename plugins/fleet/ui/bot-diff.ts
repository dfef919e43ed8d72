import { BnElement, css, html, msg } from 'boternity/ui';

/** What differs between two versions of a text, line by line: what is gone in one colour, what is new in another. */
export class BnBotDiff extends BnElement {
  static override properties = { diff: { type: String } };
  static override styles = [
    super.styles,
    css`
      pre {
        max-height: 24rem;
        margin: 0;
        padding: var(--bn-space-3);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        background: var(--bn-ground-raised);
        font-size: var(--bn-text-xs);
        line-height: 1.6;
        overflow: auto;
      }
      span {
        display: block;
        min-height: 1.6em;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .new {
        background: var(--bn-accent-soft);
      }
      .gone {
        background: var(--bn-danger-soft);
      }
      .head {
        color: var(--bn-ink-soft);
      }
    `,
  ];
  declare diff: string;

  constructor() {
    super();
    this.diff = '';
  }

  override render(): unknown {
    const lines = this.diff.split('\n').filter((line) => line !== '' && !/^(diff |index |\\ No newline)/.test(line));
    return html`<pre tabindex="0" aria-label=${msg('What differs')}>
${lines.map((line) => html`<span class=${kindOf(line)}>${line}</span>`)}</pre>`;
  }
}

function kindOf(line: string): string {
  if (/^(---|\+\+\+|@@|new file|deleted file|similarity|rename)/.test(line)) return 'head';
  if (line.startsWith('+')) return 'new';
  return line.startsWith('-') ? 'gone' : '';
}

customElements.define('bn-bot-diff', BnBotDiff);
