import {
  BnElement,
  CallError,
  FleetChangedEvent,
  clientContext,
  css,
  fleetContext,
  formatTime,
  html,
  nothing,
  pathTo,
  type Answer,
  type ConversationLine,
  showTitle,
} from 'boternity/ui';
import type { PropertyValues } from 'lit';
import { health } from './bot-card.ts';
import './bot-history.ts';
import './bot-waiting.ts';

type BotDetails = Answer<'bots.show'>;

/** One bot: who it is, where it lives, what is wrong with its files, what was said with it. */
export class BnBotPage extends BnElement {
  static override properties = { slug: { type: String }, bot: { state: true }, error: { state: true } };
  static override styles = [
    super.styles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100%;
      }
      .scroll {
        flex: 1;
        min-height: 0;
        padding: var(--bn-space-5) var(--bn-space-4) var(--bn-space-7);
        overflow-y: auto;
      }
      .column {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--bn-space-5);
        max-width: var(--bn-measure);
        margin: 0 auto;
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
      h2 {
        margin-bottom: var(--bn-space-2);
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
      }
      .soft {
        color: var(--bn-ink-soft);
      }
      bn-header .button {
        margin-left: calc(-1 * var(--bn-space-3));
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
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: var(--bn-space-2);
      }
      dl {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: var(--bn-space-2) var(--bn-space-4);
        margin: 0;
      }
      dt {
        color: var(--bn-ink-soft);
      }
      dd {
        margin: 0;
        overflow-wrap: anywhere;
      }
      .lines {
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        background: var(--bn-ground-raised);
        overflow: hidden;
      }
      .lines > li + li {
        border-top: var(--bn-border) solid var(--bn-line);
      }
      .lines :is(a, .problem) {
        display: flex;
        gap: var(--bn-space-3);
        padding: var(--bn-space-3) var(--bn-space-4);
        color: var(--bn-ink);
        text-decoration: none;
      }
      .lines a {
        justify-content: space-between;
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
        white-space: nowrap;
      }
      .lines time {
        flex: none;
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
      }
      .problem bn-icon {
        margin-top: 0.15em;
      }
    `,
  ];
  declare slug: string;
  declare bot: BotDetails | undefined;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);
  readonly #fleet = this.watch(fleetContext);
  #readFor: unknown;

  constructor() {
    super();
    this.slug = '';
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('slug')) this.bot = undefined;
    const now = `${this.slug} ${JSON.stringify(this.#fleet.value?.bots.find((bot) => bot.slug === this.slug))}`;
    if (now === this.#readFor || !this.#client.value) return;
    this.#readFor = now;
    void this.#read();
  }

  override render(): unknown {
    const { bot } = this;
    return html`
      <bn-header
        ><a class="button quiet" href=${pathTo('bots')}><bn-icon name="back"></bn-icon>All bots</a></bn-header
      >
      <div class="scroll">
        <div class="column">
          ${
            this.error
              ? html`<bn-notice tone="danger" role="alert">
                  <strong>${this.error.message}</strong> ${this.error.hint}
                </bn-notice>`
              : nothing
          }
          ${bot ? this.#bot(bot) : nothing}
        </div>
      </div>
    `;
  }

  #bot(bot: BotDetails): unknown {
    const talks = this.#fleet.value?.conversations.filter((conversation) => conversation.bot.id === bot.id) ?? [];
    const model = bot.settings.value['model'] as { default?: unknown } | undefined;
    return html`
      <div class="who">
        <bn-avatar size="l" .emoji=${bot.emoji} .name=${bot.name} .color=${bot.accentColor}></bn-avatar>
        <div>
          <h1>${bot.name}</h1>
          ${health(bot)}
        </div>
      </div>
      ${bot.description === '' ? nothing : html`<p>${bot.description}</p>`}
      <div class="actions">
        ${
          bot.status === 'active'
            ? html`<a class="button primary" href="/?bot=${encodeURIComponent(bot.slug)}">
                  <bn-icon name="chat"></bn-icon>New conversation
                </a>
                <button @click=${() => void this.#change('bots.stop')}>Put to sleep</button>`
            : html`<button class="primary" @click=${() => void this.#change('bots.start')}>Wake up</button>`
        }
      </div>
      ${
        bot.waits.length === 0 ? nothing : html`<bn-bot-waiting .slug=${bot.slug} .waits=${bot.waits}></bn-bot-waiting>`
      }
      ${this.#problems(bot)}
      <section>
        <h2>About</h2>
        <dl>
          <dt>Folder</dt>
          <dd><code>${bot.folder}</code></dd>
          <dt>Model</dt>
          <dd>${typeof model?.default === 'string' ? model.default : this.#standardModel()}</dd>
          ${
            bot.soul.tone
              ? html`<dt>Tone</dt>
                  <dd>${bot.soul.tone}</dd>`
              : nothing
          }
          ${
            bot.soul.traits.length > 0
              ? html`<dt>Traits</dt>
                  <dd>${bot.soul.traits.join(', ')}</dd>`
              : nothing
          }
        </dl>
      </section>
      ${
        talks.length > 0
          ? html`<section>
              <h2>Conversations</h2>
              <ul class="lines">
                ${talks.map(talk)}
              </ul>
            </section>`
          : nothing
      }
      <section>
        <h2>History</h2>
        <bn-bot-history .slug=${bot.slug} .version=${bot.version}></bn-bot-history>
      </section>
    `;
  }

  #problems(bot: BotDetails): unknown {
    if (bot.found.length === 0) return nothing;
    return html`<section>
      <h2>Problems</h2>
      <ul class="lines">
        ${bot.found.map(
          (problem) =>
            html`<li class="problem">
              <bn-icon class=${problem.level === 'error' ? 'wrong' : ''} name="alert"></bn-icon>
              <span>
                ${problem.message}<br />
                <code class="soft">${problem.file}:${problem.line}:${problem.column}</code>
              </span>
            </li>`,
        )}
      </ul>
    </section>`;
  }

  #standardModel(): string {
    const { id } = this.#fleet.value?.server?.model ?? {};
    return id ? `${id} (the server's)` : "the server's";
  }

  async #read(): Promise<void> {
    const { slug } = this;
    try {
      const bot = await this.#client.value?.call('bots.show', { bot: slug });
      if (slug !== this.slug) return;
      this.bot = bot;
      this.error = undefined;
      showTitle(bot?.name ?? 'Bot');
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }

  async #change(action: 'bots.start' | 'bots.stop'): Promise<void> {
    try {
      this.bot = await this.#client.value?.call(action, { bot: this.slug });
      this.dispatchEvent(new FleetChangedEvent());
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }
}

function talk(conversation: ConversationLine): unknown {
  return html`<li>
    <a href=${pathTo('conversations', conversation.id)}>
      <span>${conversation.title || 'New conversation'}</span>
      <time datetime=${conversation.updatedAt}>${formatTime(conversation.updatedAt)}</time>
    </a>
  </li>`;
}

customElements.define('bn-bot-page', BnBotPage);
