import {
  BnElement,
  formatCount,
  formatDollars,
  formatFullTime,
  formatTime,
  html,
  msg,
  nothing,
  pathTo,
  pictureOf,
  str,
  type BotLine,
} from 'boternity/ui';
import 'boternity/ui/menu';
import { menuOf, type Deed } from './bot-menu.ts';
import { cardStyles } from './card-styles.ts';
import type { Activity } from './fleet-view.ts';

/** Something was chosen from the menu of a bot. */
export class DeedEvent extends Event {
  readonly deed: Deed;
  readonly bot: BotLine;

  constructor(deed: Deed, bot: BotLine) {
    super('bn-deed', { bubbles: true, composed: true });
    this.deed = deed;
    this.bot = bot;
  }
}

/** A bot was taken into the choice, or out of it. */
export class PickEvent extends Event {
  readonly slug: string;

  constructor(slug: string) {
    super('bn-pick', { bubbles: true, composed: true });
    this.slug = slug;
  }
}

/**
 * A bot in the list: who it is, whether it is well, what goes on, and the ways to it.
 * @event bn-deed - Something was chosen from its menu. @event bn-pick - It was ticked.
 */
export class BnBotCard extends BnElement {
  static override properties = {
    bot: { attribute: false, hasChanged: differs },
    activity: { attribute: false, hasChanged: differs },
    model: { type: String },
    isPicked: { type: Boolean },
    isMenuWanted: { state: true },
  };
  static override styles = [super.styles, cardStyles];
  declare bot: BotLine | undefined;
  declare activity: Activity | undefined;
  /** The model of bots that name none. */
  declare model: string;
  declare isPicked: boolean;
  /** A menu is made when somebody comes near: a thousand of them would be slow. */
  declare isMenuWanted: boolean;

  constructor() {
    super();
    this.model = '';
    this.isPicked = false;
    this.isMenuWanted = false;
    const want = (): void => void (this.isMenuWanted = true);
    this.addEventListener('pointerenter', want, { once: true });
    this.addEventListener('focusin', want, { once: true });
  }

  override render(): unknown {
    const { bot } = this;
    if (!bot) return nothing;
    return html`<article>
      <div class="who">
        <bn-avatar
          .emoji=${bot.emoji}
          .name=${bot.name}
          .color=${bot.accentColor}
          .picture=${pictureOf(bot)}
        ></bn-avatar>
        <div>
          <h2><a href=${pathTo('agents', bot.slug)}>${bot.name}</a></h2>
          <p class="soft">${bot.model ?? this.model}</p>
        </div>
        <input
          type="checkbox"
          aria-label=${msg(str`Choose ${bot.name}`)}
          .checked=${this.isPicked}
          @change=${() => this.dispatchEvent(new PickEvent(bot.slug))}
        />
      </div>
      <p class="soft about">${bot.description || msg('No description yet.')}</p>
      ${this.#facts()}
      <div class="end">
        ${health(bot, this.activity)}
        <span class="space"></span>
        ${
          bot.status === 'active'
            ? html`<a class="button" href="${pathTo('conversations')}?bot=${encodeURIComponent(bot.slug)}"
                ><bn-icon name="chat"></bn-icon>${msg('Talk')}</a
              >`
            : nothing
        }
        ${this.#menu(bot)}
      </div>
    </article>`;
  }

  #facts(): unknown {
    const { conversations = 0, lastAt = '', spend = null } = this.activity ?? {};
    return html`<dl>
      <div>
        <dt>${msg('Last activity')}</dt>
        <dd>
          ${
            lastAt === ''
              ? msg('never')
              : html`<time datetime=${lastAt} title=${formatFullTime(lastAt)}>${formatTime(lastAt)}</time>`
          }
        </dd>
      </div>
      <div>
        <dt>${msg('Conversations')}</dt>
        <dd>${formatCount(conversations)}</dd>
      </div>
      <div>
        <dt>${msg('Today')}</dt>
        <dd>${spend === null ? '–' : formatDollars(spend)}</dd>
      </div>
    </dl>`;
  }

  #menu(bot: BotLine): unknown {
    const label = msg(str`More about ${bot.name}`);
    if (!this.isMenuWanted)
      return html`<button class="quiet square" aria-label=${label} aria-haspopup="menu">
        <bn-icon name="more"></bn-icon>
      </button>`;
    return html`<bn-menu
      label=${label}
      .items=${menuOf(bot, (deed) => this.dispatchEvent(new DeedEvent(deed, bot)))}
    ></bn-menu>`;
  }
}

/** What to know before talking with a bot, in a word or two. */
export function health(
  bot: Pick<BotLine, 'problems' | 'status' | 'slug' | 'waiting'>,
  activity?: Pick<Activity, 'running'>,
): unknown {
  if (bot.problems > 0) {
    const wrong = bot.problems === 1 ? msg('1 problem') : msg(str`${bot.problems} problems`);
    return html`<span class="badge wrong"><bn-icon name="alert"></bn-icon>${wrong}</span>`;
  }
  if (bot.waiting > 0)
    return html`<span class="badge waits"><bn-icon name="shield"></bn-icon>${msg('Waits for you')}</span>`;
  if ((activity?.running ?? 0) > 0)
    return html`<span class="badge runs"><bn-icon name="dot"></bn-icon>${msg('Answers now')}</span>`;
  const words = { active: msg('Ready'), disabled: msg('Sleeps'), archived: msg('Archived') };
  return html`<span class="badge soft"
    ><bn-icon name=${bot.status === 'active' ? 'check' : 'moon'}></bn-icon>${words[bot.status]}</span
  >`;
}

/** Lists are read again and again, and most of it is the same. */
function differs(now: unknown, before: unknown): boolean {
  return JSON.stringify(now) !== JSON.stringify(before);
}

customElements.define('bn-bot-card', BnBotCard);
