import {
  BnElement,
  CallError,
  FleetChangedEvent,
  clientContext,
  css,
  fleetContext,
  html,
  isTerminal,
  navigate,
  nothing,
  pathTo,
  type BotLine,
  type LiveConversation,
} from 'boternity/ui';
import type { PropertyValues } from 'lit';
import type { ConversationPage, NodeView } from '../views.ts';
import './composer.ts';
import type { BnComposer } from './composer.ts';
import './demo-notice.ts';
import { DraftEvent, type SendEvent } from './events.ts';
import './transcript.ts';
import type { BnTranscript } from './transcript.ts';

/** A short loss is mended before anybody needs to hear of it. */
const SAY_LOST_AFTER_MS = 1_000;
const LONGEST_ANNOUNCED = 600;

interface Outgoing {
  readonly text: string;
  /** The node it became, once the server has said so. */
  readonly node?: string;
}

/** One conversation: what was said, what is being said, and where to say more. */
export class BnConversation extends BnElement {
  static override properties = {
    conversation: { type: String },
    page: { state: true },
    outgoing: { state: true },
    error: { state: true },
    isLost: { state: true },
    isAsking: { state: true },
    announcement: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100%;
      }
      h1 {
        overflow: hidden;
        font-size: var(--bn-text-m);
        text-overflow: ellipsis;
        text-wrap: nowrap;
        white-space: nowrap;
      }
      .with {
        display: block;
        width: fit-content;
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-xs);
        text-decoration: none;
      }
      .with:hover {
        text-decoration: underline;
      }
      .state {
        display: inline-flex;
        align-items: center;
        gap: var(--bn-space-2);
        padding: var(--bn-space-1) var(--bn-space-3);
        border-radius: var(--bn-radius-full);
        background: var(--bn-warning-soft);
        font-size: var(--bn-text-xs);
        white-space: nowrap;
      }
      .state bn-icon {
        color: var(--bn-warning);
      }
      .below {
        width: 100%;
        max-width: var(--bn-measure);
        margin: 0 auto;
        padding: 0 var(--bn-space-4) max(var(--bn-space-2), env(safe-area-inset-bottom));
      }
      .below bn-notice,
      bn-demo-notice {
        margin-bottom: var(--bn-space-3);
      }
      .row {
        display: flex;
        justify-content: end;
        gap: var(--bn-space-2);
        margin-top: var(--bn-space-5);
      }
      .gone {
        max-width: var(--bn-measure);
        margin: var(--bn-space-6) auto;
        padding: 0 var(--bn-space-4);
      }
    `,
  ];
  /** Id of the conversation. */
  declare conversation: string;
  declare page: ConversationPage | undefined;
  declare outgoing: readonly Outgoing[];
  declare error: CallError | undefined;
  declare isLost: boolean;
  declare isAsking: boolean;
  declare announcement: string;
  readonly #client = this.watch(clientContext);
  readonly #fleet = this.watch(fleetContext);
  #live: LiveConversation<ConversationPage> | undefined;
  #lostTimer: ReturnType<typeof setTimeout> | undefined;
  #frame = 0;

  constructor() {
    super();
    this.conversation = '';
    this.outgoing = [];
    this.isLost = false;
    this.isAsking = false;
    this.announcement = '';
    this.addEventListener(DraftEvent.type, (event) => this.#composer()?.write((event as DraftEvent).text));
    this.whileConnected(() => {
      const hurry = (): void => this.#live?.reconnect();
      globalThis.addEventListener('online', hurry);
      return () => {
        globalThis.removeEventListener('online', hurry);
        this.#close();
      };
    });
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('conversation') || (!this.#live && this.#client.value)) this.#open();
    if (this.isLost && this.#fleet.value?.state === 'ready') this.#live?.reconnect();
  }

  override updated(changed: PropertyValues<this>): void {
    if (!changed.has('page') || !this.page) return;
    document.title = `${this.page.title || 'New conversation'} · Boternity`;
    const isFirst = changed.get('page') === undefined;
    if (isFirst && !globalThis.matchMedia('(pointer: coarse)').matches) this.#composer()?.focus();
  }

  override render(): unknown {
    const { page, error } = this;
    if (!page) return this.#unopened();
    const look = this.#look(page);
    return html`
      <bn-header>
        <bn-avatar slot="start" .emoji=${look.emoji} .name=${look.name} .color=${look.accentColor}></bn-avatar>
        <h1>${page.title || 'New conversation'}</h1>
        <a class="with" href=${pathTo('bots', page.bot.slug)}>${page.bot.name}</a>
        ${this.#connection()}
        <button
          slot="end"
          class="quiet square"
          aria-label="Delete this conversation"
          title="Delete"
          @click=${() => (this.isAsking = true)}
        >
          <bn-icon name="trash"></bn-icon>
        </button>
      </bn-header>
      <bn-transcript .nodes=${page.nodes} .sending=${this.#sending(page)} .bot=${look}></bn-transcript>
      <div class="below">
        ${answeredByDemo(page) ? html`<bn-demo-notice></bn-demo-notice>` : nothing}
        ${
          error
            ? html`<bn-notice tone="danger" role="alert"><strong>${error.message}</strong> ${error.hint}</bn-notice>`
            : nothing
        }
        <bn-composer
          draft-key=${page.id}
          placeholder="Message ${page.bot.name}"
          .isRunning=${page.state === 'running'}
          @bn-send=${(event: SendEvent) => void this.#send(event.text)}
          @bn-stop=${() => void this.#stop()}
        ></bn-composer>
      </div>
      <div class="visually-hidden" role="status">${this.announcement}</div>
      ${this.#deletion()}
    `;
  }

  #unopened(): unknown {
    const { error } = this;
    if (!error) return html`<bn-header></bn-header>`;
    return html`<bn-header><h1>Conversation</h1></bn-header>
      <div class="gone">
        <bn-notice tone=${this.#live?.state === 'failed' ? 'warning' : 'danger'} role="alert">
          <strong>${error.message}</strong> ${error.hint}
          ${
            this.#live?.state === 'failed'
              ? html`<a slot="actions" class="button" href="/">Start a new one</a>`
              : html`<button slot="actions" @click=${() => this.#live?.reconnect()}>Try again</button>`
          }
        </bn-notice>
      </div>`;
  }

  #connection(): unknown {
    if (!this.isLost) return nothing;
    const word = navigator.onLine ? 'Reconnecting' : 'Offline';
    return html`<span slot="end" class="state" role="status"><bn-icon name="offline"></bn-icon>${word}</span>`;
  }

  #deletion(): unknown {
    return html`<bn-dialog
      heading="Delete this conversation?"
      .isOpen=${this.isAsking}
      @bn-close=${() => (this.isAsking = false)}
    >
      <p>Everything that was said in it is deleted for good.</p>
      <div class="row">
        <button autofocus @click=${() => (this.isAsking = false)}>Keep it</button>
        <button class="danger" @click=${() => void this.#delete()}>Delete</button>
      </div>
    </bn-dialog>`;
  }

  #look(page: ConversationPage): Pick<BotLine, 'name' | 'emoji' | 'accentColor'> {
    const known = this.#fleet.value?.bots.find((bot) => bot.id === page.bot.id);
    return { name: page.bot.name, emoji: page.bot.emoji, accentColor: known?.accentColor ?? '' };
  }

  #sending(page: ConversationPage): string[] {
    const arrived = new Set(page.nodes.map((node) => node.id));
    return this.outgoing.filter(({ node }) => node === undefined || !arrived.has(node)).map(({ text }) => text);
  }

  #open(): void {
    this.#close();
    this.page = undefined;
    this.error = undefined;
    this.outgoing = [];
    this.#live = this.#client.value?.conversation(this.conversation);
    this.#live?.subscribe(() => {
      // However fast pieces come, the page is drawn once a frame.
      this.#frame ||= requestAnimationFrame(() => this.#changed());
    });
  }

  #close(): void {
    clearTimeout(this.#lostTimer);
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#live?.close();
    this.#live = undefined;
  }

  #changed(): void {
    this.#frame = 0;
    const live = this.#live;
    if (!live) return;
    const before = this.page;
    this.page = live.page;
    if (!live.page || live.state === 'failed') this.error = live.error;
    if (live.state === 'live' && this.error?.code === 'SERVER_UNREACHABLE') this.error = undefined;
    this.#sayLost(live.state === 'lost');
    if (!before || !live.page) return;
    this.announcement = announce(before.nodes, live.page) ?? this.announcement;
    if (before.state !== live.page.state || before.title !== live.page.title)
      this.dispatchEvent(new FleetChangedEvent());
  }

  #sayLost(isLost: boolean): void {
    if (!isLost) {
      clearTimeout(this.#lostTimer);
      this.#lostTimer = undefined;
      this.isLost = false;
      return;
    }
    this.#lostTimer ??= setTimeout(() => {
      this.isLost = true;
      // The shell then looks for the server more often than the waits of this connection would.
      this.dispatchEvent(new FleetChangedEvent());
    }, SAY_LOST_AFTER_MS);
  }

  async #send(text: string): Promise<void> {
    const own: Outgoing = { text };
    this.error = undefined;
    this.outgoing = [...this.outgoing, own];
    this.renderRoot.querySelector<BnTranscript>('bn-transcript')?.toLatest();
    try {
      const { message } = (await this.#live?.send(text)) ?? {};
      this.outgoing = this.outgoing.map((one) => (one === own && message ? { text, node: message } : one));
    } catch (thrown) {
      this.outgoing = this.outgoing.filter((one) => one !== own);
      this.error = CallError.from(thrown);
      this.#composer()?.write(text);
    }
    this.dispatchEvent(new FleetChangedEvent());
  }

  async #stop(): Promise<void> {
    try {
      await this.#live?.stop();
    } catch (thrown) {
      const error = CallError.from(thrown);
      // It ended by itself while the finger was on its way.
      if (error.code !== 'RUN_IDLE') this.error = error;
    }
  }

  async #delete(): Promise<void> {
    this.isAsking = false;
    this.#close();
    try {
      await this.#client.value?.call('conversations.delete', { conversation: this.conversation });
      this.dispatchEvent(new FleetChangedEvent());
      navigate('/', { replace: true });
    } catch (thrown) {
      this.#open();
      this.error = CallError.from(thrown);
    }
  }

  #composer(): BnComposer | null {
    return this.renderRoot.querySelector<BnComposer>('bn-composer');
  }
}

function answeredByDemo(page: ConversationPage): boolean {
  return page.nodes.findLast((node) => node.run)?.run?.provider === 'demo';
}

/** What a screen reader says once, when an answer has ended; never per piece. */
function announce(before: readonly NodeView[], { nodes, bot }: ConversationPage): string | undefined {
  const states = new Map(before.map((node) => [node.id, node.state]));
  const ended = nodes.findLast((node) => {
    const was = states.get(node.id);
    return node.kind === 'agent' && isTerminal(node.state) && was !== undefined && !isTerminal(was);
  });
  if (!ended) return undefined;
  if (ended.state === 'errored') return `The answer failed. ${ended.run?.error?.message ?? ended.reason ?? ''}`;
  if (ended.text === '') return undefined;
  const words = spoken(ended.text);
  const text = words.length > LONGEST_ANNOUNCED ? `${words.slice(0, LONGEST_ANNOUNCED)} …` : words;
  return `${bot.name}${ended.state === 'stopped' ? ' was stopped' : ''}: ${text}`;
}

/** Markdown without the marks that only mean something to the eye. */
function spoken(markdown: string): string {
  return markdown
    .replaceAll(/^[#>\s-]+|[*_`|]+/gm, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

customElements.define('bn-conversation', BnConversation);
