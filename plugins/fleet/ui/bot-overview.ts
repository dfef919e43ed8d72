import {
  BnElement,
  css,
  fleetContext,
  formatTime,
  html,
  msg,
  nothing,
  pathTo,
  pictureOf,
  sectionStyles,
  str,
  toast,
  type Answer,
  type ConversationLine,
} from 'boternity/ui';
import './bot-waiting.ts';

type BotDetails = Answer<'bots.show'>;

/** A bot at a glance: what waits, what is wrong, what it is, how to reach its folder, what was said with it last. */
export class BnBotOverview extends BnElement {
  static override properties = { bot: { attribute: false } };
  static override styles = [
    super.styles,
    sectionStyles,
    css`
      :host {
        display: grid;
        gap: var(--bn-space-5);
      }
      .who {
        display: flex;
        align-items: center;
        gap: var(--bn-space-4);
      }
      h1 {
        font-size: var(--bn-text-2xl);
        line-height: 1.25;
        letter-spacing: -0.015em;
        overflow-wrap: anywhere;
      }
      .lines a {
        display: flex;
        justify-content: space-between;
        gap: var(--bn-space-3);
        padding: var(--bn-space-3) var(--bn-space-4);
        color: var(--bn-ink);
        text-decoration: none;
      }
      .lines a:hover {
        background: var(--bn-ground-hover);
      }
      .lines a:focus-visible {
        outline-offset: calc(-1 * var(--bn-ring));
      }
      .lines a span:first-child {
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .lines time {
        flex: none;
      }
      .problem a {
        justify-content: start;
      }
      .problem code {
        color: var(--bn-ink-soft);
      }
      .copied {
        display: flex;
        align-items: center;
        gap: var(--bn-space-2);
        min-width: 0;
      }
      .copied button {
        margin-block: calc(-1 * var(--bn-space-2));
      }
      .copied code {
        min-width: 0;
        overflow-wrap: anywhere;
      }
    `,
  ];
  declare bot: BotDetails | undefined;
  readonly #fleet = this.watch(fleetContext);

  override render(): unknown {
    const { bot } = this;
    if (!bot) return nothing;
    const talks = this.#fleet.value?.conversations.filter((conversation) => conversation.bot.id === bot.id) ?? [];
    return html`<div class="who">
        <bn-avatar
          size="l"
          .emoji=${bot.emoji}
          .name=${bot.name}
          .color=${bot.accentColor}
          .picture=${pictureOf(bot)}
        ></bn-avatar>
        <div>
          <h1>${bot.name}</h1>
          <p class="soft">${bot.description || msg('No description yet.')}</p>
        </div>
      </div>
      ${bot.waits.length === 0 ? nothing : html`<bn-bot-waiting .slug=${bot.slug} .waits=${bot.waits}></bn-bot-waiting>`}
      ${this.#problems(bot)} ${this.#about(bot)} ${this.#talks(talks)}`;
  }

  #about(bot: BotDetails): unknown {
    const { tone, traits } = bot.soul;
    const row = (name: string, value: unknown): unknown =>
      value
        ? html`<dt>${name}</dt>
            <dd>${value}</dd>`
        : nothing;
    return html`<section>
      <h2>${msg('About the bot')}</h2>
      <dl class="facts">
        ${row(msg('Model'), bot.model ?? this.#standardModel())} ${row(msg('Tone'), tone)}
        ${row(msg('Traits'), traits.join(', '))} ${row(msg('Tags'), bot.tags.join(', '))}
        ${row(msg('Folder'), this.#copied(bot.folder))}
        ${row(msg('Git'), this.#copied(`git clone ${location.origin}${pathTo('git', `${bot.slug}.git`)}`))}
        ${row(msg('Came from'), bot.origin ? `${bot.origin.kind}: ${bot.origin.from}` : '')}
      </dl>
    </section>`;
  }

  #copied(text: string): unknown {
    return html`<span class="copied"
      ><code>${text}</code
      ><button
        class="quiet square"
        aria-label=${msg(str`Copy ${text}`)}
        title=${msg('Copy')}
        @click=${() => void this.#copy(text)}
      >
        <bn-icon name="copy"></bn-icon></button
    ></span>`;
  }

  async #copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      toast(this, msg('Copied.'));
    } catch {
      toast(this, msg('The browser does not let this page copy. Select the text and copy it yourself.'), {
        tone: 'danger',
      });
    }
  }

  #problems(bot: BotDetails): unknown {
    if (bot.found.length === 0) return nothing;
    return html`<section>
      <h2>${msg('Problems')}</h2>
      <ul class="lines">
        ${bot.found.map(
          ({ file, line, level, message }) =>
            html`<li class="problem">
              <a href="${pathTo('agents', bot.slug, 'files', ...file.split('/'))}?line=${line}">
                <bn-icon class=${level === 'error' ? 'wrong' : 'soft'} name="alert"></bn-icon>
                <span>${message}<br /><code>${file}:${line}</code></span>
              </a>
            </li>`,
        )}
      </ul>
    </section>`;
  }

  #talks(talks: readonly ConversationLine[]): unknown {
    if (talks.length === 0) return nothing;
    return html`<section>
      <h2>${msg('Conversations')}</h2>
      <ul class="lines">
        ${talks.slice(0, 12).map(
          ({ id, title, updatedAt }) =>
            html`<li>
              <a href=${pathTo('conversations', id)}
                ><span>${title || msg('New conversation')}</span>
                <time class="soft small" datetime=${updatedAt}>${formatTime(updatedAt)}</time></a
              >
            </li>`,
        )}
      </ul>
    </section>`;
  }

  #standardModel(): string {
    const { id } = this.#fleet.value?.server?.model ?? {};
    return id ? msg(str`${id} (the server's)`) : msg("the server's");
  }
}

customElements.define('bn-bot-overview', BnBotOverview);
