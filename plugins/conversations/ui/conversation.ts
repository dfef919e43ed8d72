import {
  BnElement,
  CallError,
  FleetChangedEvent,
  clientContext,
  fleetContext,
  html,
  navigate,
  msg,
  nothing,
  pathTo,
  str,
  type LiveConversation,
  showTitle,
} from 'boternity/ui';
import type { PropertyValues } from 'lit';
import type { ConversationPage } from '../views.ts';
import { announce } from './announce.ts';
import { Aside } from './aside.ts';
import type { RestartEvent } from './answer-events.ts';
import './composer.ts';
import type { BnComposer } from './composer.ts';
import './conversation-header.ts';
import type { BnConversationHeader } from './conversation-header.ts';
import { conversationStyles } from './conversation-styles.ts';
import { carryOut, subjectOf, type Deed } from './deeds.ts';
import './demo-notice.ts';
import { readDraft } from './drafts.ts';
import type { DeedEvent, SendEvent, SlashEvent } from './events.ts';
import { goneNotice } from './gone.ts';
import { MAIN, pathToLane } from './lanes.ts';
import { sendingOf, waitingIn } from './outgoing.ts';
import { answeredByDemo, isClosed, lookOf } from './page-facts.ts';
import { Seeing } from './seeing.ts';
import { Sending } from './sending.ts';
import './transcript.ts';
import type { BnTranscript } from './transcript.ts';

/** A short loss is mended before anybody needs to hear of it. */
const SAY_LOST_AFTER_MS = 1_000;
/** An answer that is given and of which so long nothing is heard may be stuck. */
const STUCK_MS = 30_000;
const LOOK_MS = 5_000;

/** One conversation: what was said, what is being said, and where to say more. */
export class BnConversation extends BnElement {
  static override properties = {
    conversation: { type: String },
    lane: { type: String },
    wanted: { type: String },
    page: { state: true },
    error: { state: true },
    gone: { state: true },
    isLost: { state: true },
    isStuck: { state: true },
    isDebugged: { state: true },
    deleted: { state: true },
    announcement: { state: true },
  };
  static override styles = [super.styles, conversationStyles];
  /** Id of the conversation. */
  declare conversation: string;
  /** The branch that is shown. */
  declare lane: string;
  /** Id of a message to go to. */
  declare wanted: string;
  declare page: ConversationPage | undefined;
  declare error: CallError | undefined;
  /** Why it cannot be read any more. */
  declare gone: CallError | undefined;
  declare isLost: boolean;
  declare isStuck: boolean;
  /** Ctrl+Shift+D shows and hides what is known of the connection. */
  declare isDebugged: boolean;
  /** The message that was deleted last and can be brought back. */
  declare deleted: string | undefined;
  declare announcement: string;
  readonly #client = this.watch(clientContext);
  readonly #fleet = this.watch(fleetContext);
  readonly #seeing = new Seeing();
  #live: LiveConversation<ConversationPage> | undefined;
  #lostTimer: ReturnType<typeof setTimeout> | undefined;
  #frame = 0;
  #wasLost = false;
  #wasReady = false;
  readonly #sending = new Sending(() => this.requestUpdate());
  readonly #aside = new Aside(this, {
    client: () => this.#client.value,
    live: () => this.#live,
    do: (deed) => void this.#do(deed),
    stop: () => void this.#stop(),
    remove: () => this.renderRoot.querySelector<BnConversationHeader>('bn-conversation-header')?.askToDelete(),
  });
  /** What is being done, so that a second press does nothing. */
  readonly #doing = new Set<string>();

  constructor() {
    super();
    this.conversation = '';
    this.lane = MAIN;
    this.wanted = '';
    this.isLost = false;
    this.isStuck = false;
    this.isDebugged = false;
    this.announcement = '';
    this.addEventListener('bn-deed', (event) => void this.#do((event as DeedEvent).deed));
    this.whileConnected(() => {
      const toggleDebug = (event: KeyboardEvent): void => this.#toggleDebug(event);
      const hurry = (): void => this.#live?.reconnect();
      const see = (): void => this.#see();
      document.addEventListener('visibilitychange', see);
      const looking = setInterval(() => this.#lookStuck(), LOOK_MS);
      globalThis.addEventListener('online', hurry);
      globalThis.addEventListener('keydown', toggleDebug);
      return () => {
        clearInterval(looking);
        document.removeEventListener('visibilitychange', see);
        globalThis.removeEventListener('online', hurry);
        globalThis.removeEventListener('keydown', toggleDebug);
        this.#close();
      };
    });
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('conversation') || changed.has('lane') || (!this.#live && this.#client.value)) this.#open();
    this.#reconnectWith(this.#fleet.value?.state === 'ready', changed.has('isLost'));
  }

  /** A server that tells of its bots again tells of this conversation too: tried once, since it may be the conversation that is broken. */
  #reconnectWith(isReady: boolean, isNewlyLost: boolean): void {
    const isBack = isReady && !this.#wasReady;
    this.#wasReady = isReady;
    if (this.isLost && isReady && (isBack || isNewlyLost)) this.#live?.reconnect();
  }

  override updated(changed: PropertyValues<this>): void {
    if (!changed.has('page') || !this.page) return;
    this.#see();
    showTitle(this.page.title || msg('New conversation'));
    const isFirst = changed.get('page') === undefined;
    if (isFirst && !globalThis.matchMedia('(pointer: coarse)').matches) this.#composer()?.focus();
  }

  override render(): unknown {
    const { page, error, gone } = this;
    if (!page) return this.#unopened();
    const { bots, state } = this.#fleet.value ?? {};
    const look = lookOf(page, bots);
    const isFixed = isClosed(page) || gone !== undefined;
    return html`
      <bn-conversation-header
        .page=${page}
        .look=${look}
        .isLost=${this.isLost || state === 'unreachable'}
        .isGone=${gone !== undefined}
        @bn-remove=${() => void this.#remove()}
      ></bn-conversation-header>
      <bn-transcript
        .nodes=${page.nodes}
        .sending=${sendingOf(page, this.#sending.outgoing)}
        .bot=${look}
        .hasMore=${page.hasMore}
        .isFixed=${isFixed}
        .wanted=${this.wanted}
        .quiet=${this.isStuck ? (page.active ?? '') : ''}
        @bn-stop=${() => void this.#stop()}
        @bn-restart=${(event: RestartEvent) => void this.#restart(event.message)}
        @bn-latest=${() => this.#see()}
        @bn-earlier=${() => void this.#showEarlier()}
      ></bn-transcript>
      <div class="below">
        ${answeredByDemo(page) ? html`<bn-demo-notice></bn-demo-notice>` : nothing} ${this.#notices(page)}
        ${
          error
            ? html`<bn-notice tone="danger" role="alert"><strong>${error.message}</strong> ${error.hint}</bn-notice>`
            : nothing
        }
        ${gone ? goneNotice(gone, true) : nothing} ${isClosed(page) ? nothing : this.#compose(page, look.name)}
      </div>
      ${this.#aside.render()}
      <div class="visually-hidden" role="status">${this.announcement}</div>
      ${this.isDebugged ? html`<bn-debug .live=${this.#live} .active=${page.active}></bn-debug>` : nothing}
    `;
  }

  #compose(page: ConversationPage, name: string): unknown {
    const key = page.lane === MAIN ? page.id : `${page.id}/${page.lane}`;
    // What was being written can still be copied.
    if (this.gone && readDraft(key) === '') return nothing;
    return html`<bn-composer
      draft-key=${key}
      placeholder=${msg(str`Message ${name}`)}
      .bot=${page.bot.id}
      .hasCommands=${true}
      .waiting=${waitingIn(page)}
      .isOff=${this.gone !== undefined}
      .isRunning=${page.active !== null && !this.gone}
      @bn-send=${(event: SendEvent) => void this.#send(event)}
      @bn-slash=${(event: SlashEvent) => void this.#aside.slash(event)}
      @bn-stop=${() => void this.#stop()}
    ></bn-composer>`;
  }

  /** Loaded where there is something to tell. */
  #notices(page: ConversationPage): unknown {
    const what = page.archived ? 'conversation' : 'branch';
    const archived = isClosed(page) ? { what, lane: page.archived ? MAIN : page.lane } : undefined;
    if (!archived && this.deleted === undefined) return nothing;
    void import('./conversation-notices.ts');
    return html`<bn-conversation-notices
      .deleted=${this.deleted}
      .archived=${archived}
      @bn-hide=${() => (this.deleted = undefined)}
    ></bn-conversation-notices>`;
  }

  #unopened(): unknown {
    const { error, gone } = this;
    if (!error && !gone) return html`<bn-header></bn-header>`;
    const lost = html`<bn-notice tone="danger" role="alert">
      <strong>${error?.message}</strong> ${error?.hint}
      <button slot="actions" @click=${() => this.#live?.reconnect()}>${msg('Try again')}</button>
    </bn-notice>`;
    return html`<bn-header><h1>${msg('Conversation')}</h1></bn-header>
      <div class="gone">${gone ? goneNotice(gone, false) : lost}</div>`;
  }

  #open(): void {
    this.#close();
    this.page = undefined;
    this.error = undefined;
    this.gone = undefined;
    void this.#sending.begin(this.#client.value?.outbox, this.conversation);
    this.deleted = undefined;
    this.isStuck = false;
    this.#live = this.#client.value?.conversation(this.conversation, { lane: this.lane });
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
    this.#sending.end();
  }

  #changed(): void {
    this.#frame = 0;
    const live = this.#live;
    if (!live) return;
    const before = this.page;
    this.page = live.page;
    this.#lookStuck();
    this.gone = live.state === 'failed' ? live.error : undefined;
    if (!live.page || this.gone) this.error = this.gone ? undefined : live.error;
    if (live.state === 'live' && this.#wasLost && this.error?.code === 'SERVER_UNREACHABLE') this.error = undefined;
    this.#wasLost = live.state === 'lost' || (this.#wasLost && live.state !== 'live');
    this.#sayLost(live.state === 'lost');
    if (!before || !live.page) return;
    this.announcement = announce(before.nodes, live.page) ?? this.announcement;
    const { state, title, archived } = live.page;
    if (before.state !== state || before.title !== title || before.archived !== archived)
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

  async #send({ text, files }: SendEvent): Promise<void> {
    this.error = undefined;
    this.renderRoot.querySelector<BnTranscript>('bn-transcript')?.toLatest();
    this.error = await this.#sending.send(this.#live, text, files);
    if (this.error) this.#composer()?.write(text, files);
    this.dispatchEvent(new FleetChangedEvent());
  }

  #see(): void {
    const isAtEnd = this.renderRoot.querySelector<BnTranscript>('bn-transcript')?.isFollowing ?? false;
    void this.#seeing.look(this.#client.value, this.page, isAtEnd).then((isTold) => {
      if (isTold) this.dispatchEvent(new FleetChangedEvent());
    });
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

  async #restart(message: string): Promise<void> {
    await this.#stop();
    if (!this.error) await this.#do({ action: 'messages.retry', message });
  }

  #toggleDebug(event: KeyboardEvent): void {
    if (!event.ctrlKey || !event.shiftKey || event.code !== 'KeyD') return;
    event.preventDefault();
    this.isDebugged = !this.isDebugged;
    void import('./debug.ts');
  }

  #lookStuck(): void {
    const { page } = this;
    const isRunning = page?.nodes.some((node) => node.id === page.active && node.state === 'running') ?? false;
    this.isStuck = isRunning && Date.now() - (this.#live?.traffic.heardAt ?? 0) > STUCK_MS;
  }

  async #showEarlier(): Promise<void> {
    try {
      await this.#live?.loadOlder();
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }

  async #do(deed: Deed): Promise<void> {
    const client = this.#client.value;
    const about = subjectOf(deed);
    if (!client || this.#doing.has(about)) return;
    this.#doing.add(about);
    this.error = undefined;
    this.deleted = undefined;
    const { conversation } = this;
    try {
      const lane = await carryOut(client, conversation, deed);
      if (conversation !== this.conversation) return;
      if (deed.action === 'messages.delete') this.deleted = deed.message;
      if (deed.action.startsWith('conversations.')) this.dispatchEvent(new FleetChangedEvent());
      this.#keepFocus(deed);
      if (lane !== undefined && lane !== this.lane) navigate(pathToLane(conversation, lane));
    } catch (thrown) {
      const error = CallError.from(thrown);
      // Somebody has decided in another window, and this one is about to show it.
      if (error.code !== 'APPROVAL_MISSING') this.error = error;
    } finally {
      this.#doing.delete(about);
    }
  }

  /** Buttons that go with what was done take the focus with them; it moves to the next thing to do. */
  #keepFocus({ action }: Deed): void {
    const leaves = action.startsWith('calls.') || action === 'messages.edit' || action === 'messages.delete';
    if (!leaves) return;
    if (!globalThis.matchMedia('(pointer: coarse)').matches) this.#composer()?.focus();
  }

  async #remove(): Promise<void> {
    this.#close();
    try {
      await this.#client.value?.call('conversations.delete', { conversation: this.conversation });
      this.dispatchEvent(new FleetChangedEvent());
      navigate(pathTo('conversations'), { replace: true });
    } catch (thrown) {
      this.#open();
      this.error = CallError.from(thrown);
    }
  }

  #composer(): BnComposer | null {
    return this.renderRoot.querySelector<BnComposer>('bn-composer');
  }
}

customElements.define('bn-conversation', BnConversation);
