import {
  BnElement,
  CallError,
  FleetChangedEvent,
  clientContext,
  css,
  fleetContext,
  html,
  navigate,
  nothing,
  pathTo,
  routeContext,
  type BotLine,
  showTitle,
} from 'boternity/ui';
import './composer.ts';
import type { BnComposer } from './composer.ts';
import './demo-notice.ts';
import type { SendEvent } from './events.ts';
import { createKey, type Outgoing } from './outgoing.ts';

const LAST_BOT_KEY = 'boternity.last-bot';

/** The first page: choose a bot, say something. The conversation begins with the first message, so none stays empty. */
export class BnConversationStart extends BnElement {
  static override properties = { chosen: { state: true }, isSending: { state: true }, error: { state: true } };
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
        min-height: var(--bn-target);
        padding: 0 var(--bn-space-3) 0 var(--bn-space-2);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-full);
        background: var(--bn-ground-raised);
        font-size: var(--bn-text-s);
        cursor: pointer;
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
  declare isSending: boolean;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);
  readonly #fleet = this.watch(fleetContext);
  readonly #route = this.watch(routeContext);
  /** Made for a message that then could not be sent; used again. */
  #unused: { readonly bot: string; readonly id: string } | undefined;
  /** What was sent last, as long as nobody knows that it came. */
  #unsure: Pick<Outgoing, 'text' | 'key'> | undefined;
  #hasFocused = false;

  constructor() {
    super();
    this.chosen = '';
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
        <bn-avatar size="l" .emoji=${bot.emoji} .name=${bot.name} .color=${bot.accentColor}></bn-avatar>
        <h1>Talk with ${bot.name}</h1>
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
        placeholder="Message ${bot.name}"
        .isOff=${this.isSending}
        @bn-send=${(event: SendEvent) => void this.#send(bot, event.text)}
      ></bn-composer>
      ${this.#choice(bot)}
      <bn-demo-notice></bn-demo-notice>
      <p class="where">
        ${bot.name} lives in <code>${bot.folder}</code><br />
        Change its files in any text editor; the next answer follows.
      </p>
    `;
  }

  #choice(current: BotLine): unknown {
    const bots = this.#active();
    if (bots.length < 2) return nothing;
    return html`<div class="bots" role="radiogroup" aria-label="Talk with">
      ${bots.map(
        (bot) =>
          html`<label>
            <input
              class="visually-hidden"
              type="radio"
              name="bot"
              .checked=${bot.slug === current.slug}
              @change=${() => this.#choose(bot)}
            />
            <span aria-hidden="true">${bot.emoji}</span>${bot.name}
          </label>`,
      )}
    </div>`;
  }

  #empty(): unknown {
    const fleet = this.#fleet.value;
    if (fleet?.error) {
      return html`<bn-notice tone="danger" role="alert"
        ><strong>${fleet.error.message}</strong> ${fleet.error.hint}</bn-notice
      >`;
    }
    return html`<div class="hello">
      <h1>There is no bot to talk with</h1>
      <p class="soft">Create one, or start one that sleeps, under <a href=${pathTo('bots')}>Bots</a>.</p>
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

  async #send(bot: BotLine, text: string): Promise<void> {
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
      if (this.#unsure?.text !== text) this.#unsure = { text, key: createKey() };
      await client.call('messages.send', { conversation: id, ...this.#unsure });
      this.#unused = undefined;
      this.#unsure = undefined;
      localStorage.setItem(LAST_BOT_KEY, bot.slug);
      this.dispatchEvent(new FleetChangedEvent());
      navigate(pathTo('conversations', id));
    } catch (thrown) {
      this.error = CallError.from(thrown);
      this.#composer()?.write(text);
    }
    this.isSending = false;
  }

  #composer(): BnComposer | null {
    return this.renderRoot.querySelector<BnComposer>('bn-composer');
  }
}

customElements.define('bn-conversation-start', BnConversationStart);
