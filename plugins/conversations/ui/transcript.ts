import { BnElement, html, languageNow, msg, nothing } from 'boternity/ui';
import type { PropertyValues } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { repeat } from 'lit/directives/repeat.js';
import type { NodeView } from '../views.ts';
import type { BotLook } from './page-facts.ts';
import { BlockList, retriableBlock, type TranscriptBlock } from './blocks.ts';
import { EarlierEvent, LatestEvent } from './events.ts';
import { Stretches, type Stretch } from './stretches.ts';
import { drawBlock } from './transcript-block.ts';
import { transcriptStyles } from './transcript-styles.ts';

/** So near its end the transcript follows what arrives; further up it stays where the reader is. */
const FOLLOW_WITHIN_PX = 120;

/** Pages of older messages that are read to get to one that is wanted. */
const MOST_ASKS = 60;

/** How much is kept ready above and below what is in view, in heights of the view: at first, and when there was time. */
const FIRST_MARGIN = 0.3;
const MARGIN = 2;
/** So near the end of what is ready more is made ready. */
const NEED = 0.75;
/** A transcript of so few blocks is whole on the page, for who searches in it. */
const WHOLE_BLOCKS = 100;

/** The rest is made ready after so long at the latest, in milliseconds. */
const IDLE_MS = 1_000;

interface Part {
  readonly key: string;
  readonly stretch?: Stretch;
  height: number;
}

/**
 * What was said, oldest first, in a box that scrolls. Of a long one only what is near the view is on the page; the rest is room of
 * about its height.
 * @event bn-earlier - Older messages are wanted. @event bn-latest - Its end is in view. */
export class BnTranscript extends BnElement {
  static override properties = {
    nodes: { attribute: false },
    sending: { attribute: false },
    bot: { attribute: false },
    hasMore: { type: Boolean },
    isFixed: { type: Boolean },
    quiet: { type: String },
    wanted: { type: String },
    isFollowing: { state: true },
  };
  static override styles = [super.styles, transcriptStyles];
  declare nodes: readonly NodeView[];
  /** Messages on their way to the server. */
  declare sending: readonly string[];
  declare bot: BotLook | undefined;
  /** There are older messages than these. */
  declare hasMore: boolean;
  /** Nothing can be changed, only read. */
  declare isFixed: boolean;
  declare isFollowing: boolean;
  /** Id of the answer or call of which nothing has been heard for too long. */
  declare quiet: string;
  /** Id of a message to go to; it is asked for where it is further up. */
  declare wanted: string;
  readonly #list = new BlockList();
  readonly #stretches = new Stretches();
  /** Which stretches are on the page: first and behind the last. */
  #range: readonly [from: number, to: number] = [0, 0];
  #margin = FIRST_MARGIN;
  /** Where the view was when it was last looked at: reading it while drawing would lay the page out twice. */
  #view = { top: 0, height: globalThis.innerHeight, listTop: 0 };
  /** How often older messages may be asked for, for the one that is wanted. */
  #asksLeft = 0;
  /** The oldest node when older ones were asked for. */
  #askedAt: string | undefined;
  /** Where the view was put last from here: a scroll that ends there is not the reader's. */
  #putAt = -1;
  /** What the reader looks at, and how far from the top it stands. */
  #anchor: { readonly element: Element; readonly top: number } | undefined;
  readonly #sizes = new ResizeObserver((entries) => this.#resized(entries));
  readonly #observed = new Set<Element>();
  /** Key → the stretch on the page. */
  readonly #elements = new Map<string, Element>();
  /** Heights of the rooms on the page, in order. */
  #rooms: readonly number[] = [];

  constructor() {
    super();
    this.hasMore = false;
    this.isFixed = false;
    this.quiet = '';
    this.wanted = '';
    this.nodes = [];
    this.sending = [];
    this.isFollowing = true;
    this.whileConnected(() => {
      const idle = whenIdle(() => this.#widen());
      return () => {
        idle();
        this.#sizes.disconnect();
        this.#observed.clear();
      };
    });
  }

  /** Goes to the end and follows it. */
  toLatest(): void {
    this.#follow(true);
    const box = this.#box();
    if (!box) return;
    if (this.#fit()) this.requestUpdate();
    box.scrollTop = box.scrollHeight;
    this.#view = { ...this.#view, top: box.scrollTop };
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('wanted')) this.#asksLeft = this.wanted === '' ? 0 : MOST_ASKS;
    if (changed.has('nodes')) {
      this.#read();
      if (this.nodes.some(({ kind }) => kind === 'task')) void import('./tool-call.ts');
    }
    this.#fit();
  }

  override updated(changed: PropertyValues<this>): void {
    this.#observe();
    if (!this.isFollowing) this.#hold();
    if (this.#asksLeft > 0) this.#look(changed);
    else this.#askEarlier();
  }

  override render(): unknown {
    const { blocks } = this.#list;
    const retriable = this.isFixed ? undefined : retriableBlock(blocks);
    return html`
      <div
        class="scroll"
        tabindex="0"
        role="log"
        aria-live="off"
        aria-label=${msg('Conversation')}
        @scroll=${() => this.#scrolled()}
      >
        <div class="column">
          ${
            this.hasMore
              ? html`<button class="earlier" @click=${() => this.#earlier()}>${msg('Show earlier messages')}</button>`
              : nothing
          }
          <div class="list">
            ${repeat(
              this.#parts(),
              (part) => part.key,
              (part) => (part.stretch ? this.#stretch(part.stretch, retriable) : html`<div class="room"></div>`),
            )}
          </div>
          ${this.sending.map((text) => html`<div class="message">${text}</div>`)}
        </div>
      </div>
      ${
        this.isFollowing
          ? nothing
          : html`<button class="latest" @click=${() => this.toLatest()}>
              <bn-icon name="down"></bn-icon>${msg('Latest')}
            </button>`
      }
    `;
  }

  /** What stands in the list: stretches, and room for those between that are not on the page. */
  #parts(): Part[] {
    const [from, to] = this.#range;
    const parts: Part[] = [];
    for (const [at, stretch] of this.#stretches.list.entries()) {
      const last = parts.at(-1);
      const height = this.#stretches.heightOf(stretch);
      if ((at >= from && at < to) || this.#isHeld(stretch)) parts.push({ key: stretch.key, stretch, height });
      else if (last && !last.stretch) last.height += height;
      else parts.push({ key: `room ${parts.length}`, height });
    }
    this.#rooms = parts.filter(({ stretch }) => !stretch).map(({ height }) => height);
    return parts;
  }

  /** What somebody writes in, or has the focus, is not taken away. */
  #isHeld({ key }: Stretch): boolean {
    const element = this.#elements.get(key);
    return element?.matches(':focus-within, :has(bn-message[edited])') ?? false;
  }

  /** Drawn anew where something of it changed. */
  #stretch(stretch: Stretch, retriable: TranscriptBlock | undefined): unknown {
    const { blocks, key } = stretch;
    const { name, emoji, accentColor, avatar } = this.bot ?? {};
    const mayRetry = retriable && blocks.includes(retriable) ? retriable : undefined;
    const quiet = this.quiet !== '' && blocks.some((block) => idsOf(block).includes(this.quiet)) ? this.quiet : '';
    return html`<div class="stretch" data-key=${key}>
      ${guard([stretch, mayRetry, quiet, this.isFixed, name, emoji, accentColor, avatar, languageNow()], () =>
        repeat(
          blocks,
          (block) => block.key,
          (block) => drawBlock(block, { bot: this.bot, isFixed: this.isFixed, quiet, mayRetry: block === mayRetry }),
        ),
      )}
    </div>`;
  }

  /** What has come in front moves what is on the page down. */
  #read(): void {
    const [first] = this.#stretches.list;
    this.#list.read(this.nodes);
    this.#stretches.read(this.#list.blocks, this.#list.same);
    const added = this.#stretches.list.findIndex(({ key }) => key === first?.key);
    if (added <= 0) return;
    const [from, to] = this.#range;
    this.#range = [from + added, to + added];
    this.#view = { ...this.#view, top: this.#view.top + this.#stretches.topOf(added) };
  }

  /** Sets which stretches are on the page, where that has to change; says whether it had to. */
  #fit(): boolean {
    const stretches = this.#stretches;
    const { height } = this.#view;
    const top = this.isFollowing ? stretches.height - height : this.#view.top - this.#view.listTop;
    const isWhole = this.#margin === MARGIN && this.#list.blocks.length <= WHOLE_BLOCKS;
    const near = (margin: number): readonly [number, number] =>
      isWhole ? [0, stretches.list.length] : stretches.between(top - margin * height, top + height + margin * height);
    const [from, to] = this.#range;
    const [first, end] = near(Math.min(NEED, this.#margin));
    if (first >= from && end <= to && to <= stretches.list.length && !isWhole) return false;
    const wanted = near(this.#margin);
    if (wanted[0] === from && wanted[1] === to) return false;
    this.#range = wanted;
    return true;
  }

  /** There is time: more is made ready. */
  #widen(): void {
    this.#margin = MARGIN;
    if (this.#fit()) this.requestUpdate();
  }

  /** After drawing: rooms get their heights, and what is new is watched. */
  #observe(): void {
    for (const [at, room] of this.renderRoot.querySelectorAll<HTMLElement>('.room').entries())
      room.style.setProperty('--height', `${this.#rooms[at] ?? 0}px`);
    const box = this.#box();
    const now = new Set<Element>([...(box ? [box] : []), ...this.renderRoot.querySelectorAll('.stretch')]);
    for (const element of this.#observed) if (!now.has(element)) this.#forget(element);
    for (const element of now) {
      if (this.#observed.has(element)) continue;
      this.#observed.add(element);
      this.#elements.set(keyOf(element), element);
      this.#sizes.observe(element);
    }
  }

  #forget(element: Element): void {
    this.#observed.delete(element);
    if (this.#elements.get(keyOf(element)) === element) this.#elements.delete(keyOf(element));
    this.#sizes.unobserve(element);
  }

  /** The end is followed; further up what the reader looks at stays where it is, however much comes above it. */
  #resized(entries: readonly ResizeObserverEntry[]): void {
    for (const { target, borderBoxSize } of entries) {
      const height = borderBoxSize[0]?.blockSize ?? 0;
      if (!target.isConnected) continue;
      if (target.classList.contains('scroll')) this.#view = { ...this.#view, height };
      else this.#stretches.measured(keyOf(target), height);
    }
    if (this.isFollowing) this.toLatest();
    else this.#hold();
  }

  #hold(): void {
    const box = this.#box();
    if (!box) return;
    if (this.#anchor?.element.isConnected) {
      const moved = this.#anchor.element.getBoundingClientRect().top - this.#anchor.top;
      if (Math.abs(moved) >= 1) this.#put(box, box.scrollTop + moved);
      return;
    }
    // The view has jumped to where nothing was on the page yet.
    if (Math.abs(box.scrollTop - this.#view.top) >= 1) this.#put(box, this.#view.top);
    this.#anchor = this.#atTop();
  }

  #put(box: Element, top: number): void {
    box.scrollTop = top;
    this.#putAt = box.scrollTop;
  }

  /** The wanted message is shown, and asked for where it is not there yet. */
  #look(changed: PropertyValues<this>): void {
    const id = CSS.escape(this.wanted);
    // A part of an answer that shows nothing is where the answer is.
    const found = this.renderRoot.querySelector(
      `[data-node="${id}"], [data-nodes~="${id}"]:not(:has([data-node="${id}"]))`,
    );
    if (found) {
      this.#asksLeft = 0;
      found.classList.add('found');
      found.scrollIntoView({ block: 'center' });
      this.#scrolled();
      this.#putAt = this.#view.top;
      this.#anchor = { element: found, top: found.getBoundingClientRect().top };
      return;
    }
    const place = this.#stretches.list.findIndex(({ blocks }) =>
      blocks.some((block) => idsOf(block).includes(this.wanted)),
    );
    if (place >= 0) {
      this.#asksLeft -= 1;
      this.isFollowing = false;
      this.#view = { ...this.#view, top: this.#stretches.topOf(place) + this.#view.listTop };
      this.requestUpdate();
    } else if (this.hasMore && (changed.has('nodes') || changed.has('wanted'))) {
      this.#asksLeft -= 1;
      this.dispatchEvent(new EarlierEvent());
    }
  }

  #earlier(): void {
    this.isFollowing = false;
    this.#askedAt = this.nodes[0]?.id;
    this.#anchor ??= this.#atTop();
    this.dispatchEvent(new EarlierEvent());
  }

  #scrolled(): void {
    const [box, list] = [this.#box(), this.renderRoot.querySelector<HTMLElement>('.list')];
    if (!box || !list) return;
    const { scrollTop, scrollHeight, clientHeight } = box;
    // Only a reader goes up; what has grown since it was followed is no reason to stop.
    const isUp = scrollTop < this.#view.top;
    const isNear = scrollHeight - scrollTop - clientHeight <= FOLLOW_WITHIN_PX;
    this.#view = { top: scrollTop, height: clientHeight, listTop: list.offsetTop };
    this.#follow(isNear || (this.isFollowing && !isUp));
    const mustDraw = this.#fit();
    const isOwn = Math.abs(scrollTop - this.#putAt) < 1 && this.#anchor?.element.isConnected === true;
    if (!this.isFollowing && !isOwn) this.#anchor = mustDraw && this.#isOff() ? undefined : this.#atTop();
    if (mustDraw) this.requestUpdate();
    else this.#askEarlier();
  }

  /** Whether nothing of what is in view is on the page. */
  #isOff(): boolean {
    const edges = this.#box()?.getBoundingClientRect();
    const first = this.#atTop()?.top ?? Number.POSITIVE_INFINITY;
    return !edges || first > edges.bottom;
  }

  /** Who nears the top shall not have to ask. */
  #askEarlier(): void {
    const { top, height } = this.#view;
    if (!this.hasMore || this.isFollowing || top >= height * NEED || this.#askedAt === this.nodes[0]?.id) return;
    this.#earlier();
  }

  /** The first block in view. */
  #atTop(): { readonly element: Element; readonly top: number } | undefined {
    const edge = this.#box()?.getBoundingClientRect().top ?? 0;
    for (const element of this.renderRoot.querySelectorAll('.block')) {
      const { top, bottom } = element.getBoundingClientRect();
      if (bottom > edge) return { element, top };
    }
    return undefined;
  }

  #follow(isFollowing: boolean): void {
    const isNew = isFollowing && !this.isFollowing;
    this.isFollowing = isFollowing;
    if (isNew) this.dispatchEvent(new LatestEvent());
  }

  #box(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>('.scroll');
  }
}

function keyOf(element: Element): string {
  return element.getAttribute('data-key') ?? '';
}

function idsOf(block: TranscriptBlock): readonly string[] {
  return block.kind === 'answer' ? block.nodes.map(({ id }) => id) : [block.node.id];
}

/** Calls when the page has nothing else to do; what it gives takes that back. */
function whenIdle(call: () => void): () => void {
  if (!('requestIdleCallback' in globalThis)) {
    const timer = setTimeout(call, IDLE_MS);
    return () => clearTimeout(timer);
  }
  const request = requestIdleCallback(call, { timeout: IDLE_MS });
  return () => cancelIdleCallback(request);
}

customElements.define('bn-transcript', BnTranscript);
