import {
  BnElement,
  CallError,
  FleetChangedEvent,
  clientContext,
  css,
  fleetContext,
  html,
  msg,
  navigate,
  nothing,
  pathTo,
  pictureOf,
  routeContext,
  str,
  type BotLine,
  showTitle,
} from 'boternity/ui';
import './composer.ts';
import type { BnComposer } from './composer.ts';
import { withCommands } from './demo-notice.ts';
import type { SendEvent } from './events.ts';
import { createKey, isSame, type Outgoing } from './outgoing.ts';

/** Bots that are offered at once; the rest is one click away. */
const FEW = 8;

const LAST_BOT_KEY = 'boternity.last-bot';

/** The first page: choose a bot, say something. The conversation begins with the first message, so none stays empty. */
export class BnConversationStart extends BnElement {
  static override properties = {
    chosen: { state: true },
    isAll: { state: true },
    isSending: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100%;
      }
      bn-header {
        border-color: transparent;
      }
      .scroll {
        display: grid;
        flex: 1;
        min-height: 0;
        padding: var(--bn-space-4);
        padding-bottom: calc(var(--bn-header-height) + var(--bn-space-4));
        overflow-y: auto;
      }
      .middle {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--bn-space-4);
        width: 100%;
        max-width: 40rem;
        margin: auto;
      }
      .hello {
        display: grid;
        justify-items: center;
        gap: var(--bn-space-2);
        margin-bottom: var(--bn-space-2);
        text-align: center;
      }
      h1 {
        margin-top: var(--bn-space-2);
        font-size: var(--bn-text-2xl);
        line-height: 1.25;
        letter-spacing: -0.015em;
      }
      .soft {
        max-width: 34rem;
        color: var(--bn-ink-soft);
        text-wrap: pretty;
      }
      .bots {
        display: flex;
        flex-wrap: wrap;
        justify-content: center;
        gap: var(--bn-space-2);
      }
      .bots label {
        display: inline-flex;
        align-items: center;
        gap: var(--bn-space-2);
        max-width: min(100%, 18rem);
        min-height: var(--bn-target);
        padding-inline: var(--bn-space-2) var(--bn-space-3);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-full);
        background: var(--bn-ground-raised);
        font-size: var(--bn-text-s);
        cursor: pointer;
      }
      .bots label > span {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .bots label > [aria-hidden] {
        flex: none;
      }
      .bots button {
        font-size: var(--bn-text-s);
      }
      .bots label:hover {
        background: var(--bn-ground-hover);
      }
      .bots label:has(:checked) {
        border-color: var(--bn-accent);
        background: var(--bn-accent-soft);
      }
      .bots label:has(:focus-visible) {
        outline: var(--bn-ring) solid var(--bn-focus);
        outline-offset: var(--bn-ring);
      }
      .where {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
        text-align: center;
        text-wrap: pretty;
        overflow-wrap: anywhere;
      }
    `,
  ];
  /** Slug of the bot that was picked here. */
  declare chosen: string;
  /** Every bot is offered. */
  declare isAll: boolean;
  declare isSending: boolean;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);
  readonly #fleet = this.watch(fleetContext);
  readonly #route = this.watch(routeContext);
  /** Made for a message that then could not be sent; used again. */
  #unused: { readonly bot: string; readonly id: string } | undefined;
  /** What was sent last, as long as nobody knows that it came. */
  #unsure: Outgoing | undefined;
  #hasFocused = false;

  constructor() {
    super();
    this.chosen = '';
    this.isAll = false;
    this.isSending = false;
  }

  override updated(): void {
    showTitle();
    const composer = this.#composer();
    if (this.#hasFocused || !composer || globalThis.matchMedia('(pointer: coarse)').matches) return;
    this.#hasFocused = true;
    composer.focus();
  }

  override render(): unknown {
    const fleet = this.#fleet.value;
    return html`<bn-header></bn-header>
      <div class="scroll">
        <div class="middle">${fleet?.state === 'loading' ? nothing : this.#greet(this.#bot())}</div>
      </div>`;
  }

  #greet(bot: BotLine | undefined): unknown {
    if (!bot) return this.#empty();
    return html`
      <div class="hello">
        <bn-avatar
          size="l"
          .emoji=${bot.emoji}
          .name=${bot.name}
          .color=${bot.accentColor}
          .picture=${pictureOf(bot)}
        ></bn-avatar>
        <h1>${msg(str`Talk with ${bot.name}`)}</h1>
        ${bot.description === '' ? nothing : html`<p class="soft">${bot.description}</p>`}
      </div>
      ${
        this.error
          ? html`<bn-notice tone="danger" role="alert"
              ><strong>${this.error.message}</strong> ${this.error.hint}</bn-notice
            >`
          : nothing
      }
      <bn-composer
        draft-key="new"
        placeholder=${msg(str`Message ${bot.name}`)}
        .bot=${bot.id}
        .isOff=${this.isSending}
        @bn-send=${(event: SendEvent) => void this.#send(bot, event)}
      ></bn-composer>
      ${this.#choice(bot)}
      <bn-demo-notice></bn-demo-notice>
      <p class="where">
        ${msg(str`${bot.name} lives in`)} <code>${bot.folder}</code><br />
        ${msg('Change its files in any text editor; the next answer follows.')}
      </p>
      ${this.#model()}
    `;
  }

  /** Which model answers, what it was found by, and how to change it; of the demo the notice tells. */
  #model(): unknown {
    const { id, provider, why } = this.#fleet.value?.server?.model ?? {};
    if (provider === undefined || provider === 'demo' || why === undefined) return nothing;
    const name =
      provider === null ? nothing : html`${msg(str`Bots that name no model use ${id ?? ''} via ${provider}.`)}<br />`;
    return html`<p class="where">${name}${withCommands(why)}</p>`;
  }

  #choice(current: BotLine): unknown {
    const bots = this.#active();
    if (bots.length < 2) return nothing;
    const offered = this.isAll || bots.length <= FEW + 1 ? bots : this.#few(bots, current);
    return html`<div class="bots" role="radiogroup" aria-label=${msg('Talk with')}>
      ${offered.map(
        (bot) =>
          html`<label>
            <input
              class="visually-hidden"
              type="radio"
              name="bot"
              .checked=${bot.slug === current.slug}
              @change=${() => this.#choose(bot)}
            />
            <span aria-hidden="true">${bot.emoji}</span><span dir="auto">${bot.name}</span>
          </label>`,
      )}
      ${
        offered.length < bots.length
          ? html`<button class="quiet" type="button" @click=${() => this.#offerAll()}>
              ${msg(str`${bots.length - offered.length} more`)}
            </button>`
          : nothing
      }
    </div>`;
  }

  /** The one that is chosen and those that were talked with last, in the order of all. */
  #few(bots: readonly BotLine[], current: BotLine): readonly BotLine[] {
    const recent = this.#fleet.value?.conversations.map(({ bot }) => bot.slug) ?? [];
    const wanted = [...new Set([current.slug, ...recent, ...bots.map(({ slug }) => slug)])];
    const known = new Set(bots.map(({ slug }) => slug));
    const few = new Set(wanted.filter((slug) => known.has(slug)).slice(0, FEW));
    return bots.filter(({ slug }) => few.has(slug));
  }

  /** The focus goes on to what the button stood for. */
  #offerAll(): void {
    this.isAll = true;
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLInputElement>('.bots :checked')?.focus());
  }

  #empty(): unknown {
    const fleet = this.#fleet.value;
    if (fleet?.error) {
      return html`<bn-notice tone="danger" role="alert"
        ><strong>${fleet.error.message}</strong> ${fleet.error.hint}</bn-notice
      >`;
    }
    return html`<div class="hello">
      <h1>${msg('There is no bot to talk with')}</h1>
      <p class="soft">${msg('Create one, or start one that sleeps:')} <a href=${pathTo('agents')}>${msg('Bots')}</a></p>
    </div>`;
  }

  #active(): readonly BotLine[] {
    return this.#fleet.value?.bots.filter((bot) => bot.status === 'active') ?? [];
  }

  /** The bot that was picked here, else the one the address asks for, else the last one, else the first. */
  #bot(): BotLine | undefined {
    const bots = this.#active();
    const wishes = [this.chosen, this.#route.value?.query.get('bot'), localStorage.getItem(LAST_BOT_KEY)];
    return wishes.map((wish) => bots.find((bot) => bot.slug === wish)).find(Boolean) ?? bots[0];
  }

  #choose(bot: BotLine): void {
    this.chosen = bot.slug;
    localStorage.setItem(LAST_BOT_KEY, bot.slug);
  }

  async #send(bot: BotLine, { text, files }: SendEvent): Promise<void> {
    const client = this.#client.value;
    if (!client || this.isSending) return;
    this.isSending = true;
    this.error = undefined;
    try {
      if (this.#unused?.bot !== bot.id) {
        const { id } = (await client.call('conversations.create', { bot: bot.id })) as { id: string };
        this.#unused = { bot: bot.id, id };
      }
      const { id } = this.#unused;
      if (!this.#unsure || !isSame(this.#unsure, { text, files })) this.#unsure = { text, files, key: createKey() };
      const attachments = files.map((file) => file.id);
      await client.call('messages.send', { conversation: id, text, key: this.#unsure.key, attachments });
      this.#unused = undefined;
      this.#unsure = undefined;
      localStorage.setItem(LAST_BOT_KEY, bot.slug);
      this.dispatchEvent(new FleetChangedEvent());
      navigate(pathTo('conversations', id));
    } catch (thrown) {
      this.error = CallError.from(thrown);
      this.#composer()?.write(text, files);
    }
    this.isSending = false;
  }

  #composer(): BnComposer | null {
    return this.renderRoot.querySelector<BnComposer>('bn-composer');
  }
}

customElements.define('bn-conversation-start', BnConversationStart);
