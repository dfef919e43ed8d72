import { BnElement, css, html, nothing, pathTo, type BotLine } from 'boternity/ui';

/** A bot in the list: who it is, whether it is well, and the way to talk with it. */
export class BnBotCard extends BnElement {
  static override properties = { bot: { attribute: false } };
  static override styles = [
    super.styles,
    css`
      :host {
        height: 100%;
      }
      article {
        position: relative;
        display: flex;
        flex-direction: column;
        gap: var(--bn-space-3);
        height: 100%;
        padding: var(--bn-space-4);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-l);
        background: var(--bn-ground-raised);
        box-shadow: var(--bn-shadow-1);
        transition: border-color var(--bn-fast) var(--bn-ease);
      }
      article:hover {
        border-color: var(--bn-line-strong);
      }
      .who {
        display: flex;
        align-items: center;
        gap: var(--bn-space-3);
      }
      .who > div {
        min-width: 0;
      }
      h2 a {
        color: var(--bn-ink);
        text-decoration: none;
        overflow-wrap: anywhere;
      }
      h2 a::after {
        position: absolute;
        inset: 0;
        border-radius: var(--bn-radius-l);
        content: '';
      }
      h2 a:focus-visible {
        outline: 0;
      }
      h2 a:focus-visible::after {
        outline: var(--bn-ring) solid var(--bn-focus);
        outline-offset: var(--bn-ring);
      }
      .soft {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
      }
      .about {
        display: -webkit-box;
        flex: 1;
        overflow: hidden;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 3;
      }
      .end {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: var(--bn-space-2);
      }
      .badge {
        display: inline-flex;
        align-items: center;
        gap: var(--bn-space-1);
        font-size: var(--bn-text-s);
      }
      .wrong {
        color: var(--bn-danger);
      }
      .end .button {
        position: relative;
      }
    `,
  ];
  declare bot: BotLine | undefined;

  override render(): unknown {
    const { bot } = this;
    if (!bot) return nothing;
    return html`<article>
      <div class="who">
        <bn-avatar .emoji=${bot.emoji} .name=${bot.name} .color=${bot.accentColor}></bn-avatar>
        <div>
          <h2><a href=${pathTo('bots', bot.slug)}>${bot.name}</a></h2>
          <p class="soft">${bot.category}</p>
        </div>
      </div>
      <p class="soft about">${bot.description || 'No description yet.'}</p>
      <div class="end">
        ${health(bot)}
        ${
          bot.status === 'active'
            ? html`<a class="button" href="/?bot=${encodeURIComponent(bot.slug)}"
                ><bn-icon name="chat"></bn-icon>Talk</a
              >`
            : nothing
        }
      </div>
    </article>`;
  }
}

/** What to know before talking with a bot, in a word or two. */
export function health(bot: Pick<BotLine, 'problems' | 'status'>): unknown {
  if (bot.problems > 0) {
    const wrong = bot.problems === 1 ? '1 problem' : `${bot.problems} problems`;
    return html`<span class="badge wrong"><bn-icon name="alert"></bn-icon>${wrong}</span>`;
  }
  const word = { active: 'Ready', disabled: 'Sleeps', archived: 'Archived' }[bot.status];
  return html`<span class="badge soft"
    ><bn-icon name=${bot.status === 'active' ? 'check' : 'dot'}></bn-icon>${word}</span
  >`;
}

customElements.define('bn-bot-card', BnBotCard);
