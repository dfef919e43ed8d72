import { css, html, nothing } from 'lit';
import { BnElement } from '../elements/element.ts';
import type { ConversationLine } from '../live/fleet.ts';
import { navigationLines } from './navigation-lines.ts';
import { msg, str } from '../language.ts';
import { pathTo } from '../router.ts';

/** One conversation in a list: its bot, its title, and whether something is under way or to be seen. */
export class BnConversationLine extends BnElement {
  static override properties = { line: { attribute: false }, isCurrent: { type: Boolean } };
  static override styles = [
    super.styles,
    navigationLines,
    css`
      .small {
        width: 1.25rem;
        flex: none;
        text-align: center;
      }
      .unread {
        font-weight: var(--bn-weight-strong);
      }
      .dot,
      .busy {
        flex: none;
        border-radius: 50%;
      }
      .dot {
        width: 0.5rem;
        height: 0.5rem;
        margin-inline-end: 0.125rem;
        background: var(--bn-accent);
      }
      .busy {
        width: 0.75rem;
        height: 0.75rem;
        border: 2px solid var(--bn-line-strong);
        border-top-color: var(--bn-accent);
        animation: turn 900ms linear infinite;
      }
      @keyframes turn {
        to {
          rotate: 360deg;
        }
      }
      @media (forced-colors: active) {
        .dot {
          background: Highlight;
        }
      }
    `,
  ];
  declare line: ConversationLine | undefined;
  declare isCurrent: boolean;

  constructor() {
    super();
    this.isCurrent = false;
  }

  override render(): unknown {
    const { line } = this;
    if (!line) return nothing;
    const title = line.title || msg('New conversation');
    return html`<a
      class="line ${line.unread ? 'unread' : ''}"
      href=${pathTo('conversations', line.id)}
      aria-current=${this.isCurrent ? 'page' : nothing}
      title=${msg(str`${title}, with ${line.bot.name}`)}
    >
      <span class="small" aria-hidden="true">${line.bot.emoji}</span>
      <span dir="auto">${title}</span>
      ${this.#state(line)}
    </a>`;
  }

  /** A question to a person counts for more than that it waits for the answer. */
  #state({ state, unread }: ConversationLine): unknown {
    if (unread) return html`<span class="end dot"></span><span class="visually-hidden">${msg('unread')}</span>`;
    if (state !== 'running') return nothing;
    return html`<span class="end busy"></span><span class="visually-hidden">${msg('is answering')}</span>`;
  }
}

customElements.define('bn-conversation-line', BnConversationLine);
