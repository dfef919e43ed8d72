import {
  BnElement,
  CallError,
  clientContext,
  createHurry,
  css,
  fleetContext,
  followNews,
  formatCount,
  html,
  navigate,
  nothing,
  pathTo,
  showTitle,
  errorNotice,
  pageStyles,
  msg,
  str,
} from 'boternity/ui';
import type { PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { isFiltered, wantedIn, type Wanted } from './filters.ts';
import { lineStyles, memoryLink, type Line } from './memory-line.ts';
import './memory-search.ts';
import './new-memory.ts';

/** What was read. Searching tells no counts. */
interface Read {
  readonly lines: readonly Line[];
  readonly total?: number;
  readonly leftOut?: number;
  readonly next: string | null;
}
import { concernsMemory } from './news.ts';
import './waiting-memories.ts';

const PAGE = 50;
/** The most that one request gives. */
const MOST = 1_000;

/** What a bot remembers, newest first, or what fits a search, best first. */
export class BnMemoryList extends BnElement {
  static override properties = {
    bot: { type: String },
    query: { type: String },
    hidden: { type: Boolean },
    lines: { state: true },
    total: { state: true },
    leftOut: { state: true },
    next: { state: true },
    error: { state: true },
    isBusy: { state: true },
    isAdding: { state: true },
    said: { state: true },
  };
  static override styles = [
    super.styles,
    pageStyles,
    lineStyles,
    css`
      .found {
        display: grid;
        gap: var(--bn-space-2);
      }
      .found > button {
        justify-self: center;
      }
      .empty {
        display: grid;
        justify-items: center;
        gap: var(--bn-space-4);
        padding: var(--bn-space-6) var(--bn-space-4);
      }
      .empty bn-icon {
        font-size: var(--bn-text-2xl);
      }
      .busy .lines {
        opacity: 0.6;
      }
    `,
  ];
  /** Slug of the bot. */
  declare bot: string;
  /** Query of the address of this list. */
  declare query: string;
  declare lines: readonly Line[] | undefined;
  /** How many the bot has in all, replaced ones with them. */
  declare total: number;
  declare leftOut: number;
  /** Where the next page begins; null where there is none. */
  declare next: string | null;
  declare error: CallError | undefined;
  declare isBusy: boolean;
  declare isAdding: boolean;
  /** What has just been done. */
  declare said: string;
  readonly #client = this.watch(clientContext);
  readonly #fleet = this.watch(fleetContext);
  #reading = new AbortController();
  #readFor = '';

  constructor() {
    super();
    this.bot = '';
    this.query = '';
    this.total = 0;
    this.leftOut = 0;
    this.next = null;
    this.isBusy = false;
    this.isAdding = false;
    this.said = '';
    this.whileConnected(() => this.#follow());
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!this.hidden && (changed.has('hidden') || changed.has('bot'))) showTitle(msg('Memory'));
    const now = `${this.bot} ${this.query}`;
    if (now === this.#readFor || !this.#client.value) return;
    if (changed.has('bot')) this.lines = undefined;
    this.#readFor = now;
    void this.#read();
  }

  override render(): unknown {
    const wanted = wantedIn(this.query);
    return html`
      <bn-header>
        <h1>${msg('Memory')}</h1>
        <button slot="end" class="primary" @click=${() => (this.isAdding = true)}>
          <bn-icon name="plus"></bn-icon>${msg('New memory')}
        </button>
      </bn-header>
      <div class="scroll" tabindex="0" role="group" aria-label=${msg('Memory')}>
        <div class="column">
          <bn-memory-search .bot=${this.bot} .query=${this.query}></bn-memory-search>
          ${errorNotice(this.error, () => void this.#read())}
          <bn-waiting-memories .bot=${this.bot} .version=${this.lines}></bn-waiting-memories>
          ${this.#found(wanted)}
        </div>
      </div>
      <span class="visually-hidden" role="status">${this.said}</span>
      <bn-new-memory
        .bot=${this.bot}
        .isOpen=${this.isAdding}
        @bn-close=${() => (this.isAdding = false)}
        @bn-remembered=${() => this.#remembered()}
      ></bn-new-memory>
    `;
  }

  #found(wanted: Wanted): unknown {
    const { lines, next } = this;
    if (!lines) return this.error ? nothing : html`<p class="soft" role="status">${msg('Reading …')}</p>`;
    if (lines.length === 0) return this.error ? nothing : this.#empty(wanted);
    return html`<section class="found ${this.isBusy ? 'busy' : ''}" aria-labelledby="count" aria-busy=${this.isBusy}>
      <p id="count" class="soft small" role="status">${this.#count(wanted)}</p>
      <ul class="lines">
        ${repeat(
          lines,
          ({ id }) => id,
          (line) => html`<li>${memoryLink(this.bot, line)}</li>`,
        )}
      </ul>
      ${
        next === null
          ? nothing
          : html`<button ?disabled=${this.isBusy} @click=${() => void this.#more()}>${msg('Show older ones')}</button>`
      }
    </section>`;
  }

  #count(wanted: Wanted): string {
    const count = this.lines?.length ?? 0;
    if (wanted.text.trim() !== '') return msg(str`${formatCount(count)} found, best first`);
    if (this.total === count)
      return count === 1 ? msg('1 memory') : msg(str`${formatCount(count)} memories, newest first`);
    return msg(str`${formatCount(count)} shown, newest first, of ${formatCount(this.total)} in all`);
  }

  #empty(wanted: Wanted): unknown {
    if (wanted.text.trim() !== '' || isFiltered(wanted))
      return html`<div class="empty">
        <bn-icon name="search"></bn-icon>
        <p role="status">${msg('Nothing that it remembers fits.')}</p>
        <a class="button" href=${pathTo('memory', this.bot)}>${msg('Show everything')}</a>
      </div>`;
    const name = this.#fleet.value?.bots.find(({ slug }) => slug === this.bot)?.name ?? this.bot;
    return html`<div class="empty">
      <bn-icon name="brain"></bn-icon>
      <p role="status">
        ${
          this.leftOut > 0
            ? msg(str`Everything that ${name} remembered was replaced or has expired.`)
            : msg(
                str`${name} remembers nothing yet. Some minutes after a conversation it notes what is worth keeping; you can tell it something now.`,
              )
        }
      </p>
      <button @click=${() => (this.isAdding = true)}>${msg('Tell it something')}</button>
    </div>`;
  }

  #remembered(): void {
    this.isAdding = false;
    this.said = msg('It is remembered.');
    if (this.query === '') void this.#read();
    else navigate(pathTo('memory', this.bot));
  }

  async #read(): Promise<void> {
    this.#reading.abort();
    const { signal } = (this.#reading = new AbortController());
    this.isBusy = true;
    try {
      const { lines, total, leftOut, next } = await this.#ask(signal);
      if (signal.aborted) return;
      this.lines = lines;
      this.total = total ?? this.total;
      this.leftOut = leftOut ?? this.leftOut;
      this.next = next;
      this.error = undefined;
    } catch (thrown) {
      if (signal.aborted) return;
      this.error = CallError.from(thrown);
    }
    this.isBusy = false;
  }

  /** As many pages as are shown now, so that reading anew takes none away. */
  async #ask(signal: AbortSignal): Promise<Read> {
    const { bot, lines = [] } = this;
    const client = this.#client.value;
    if (!client) return { lines, next: null };
    const { text, filters } = wantedIn(this.query);
    if (text.trim() !== '') {
      const { memories } = await client.call('memories.search', { bot, text, ...filters, limit: PAGE }, { signal });
      return { lines: memories, next: null };
    }
    const limit = Math.min(MOST, PAGE * Math.max(1, Math.ceil(lines.length / PAGE)));
    const { memories, ...counts } = await client.call('memories.list', { bot, ...filters, limit }, { signal });
    return { lines: memories, total: counts.total, leftOut: counts.left_out, next: counts.next };
  }

  async #more(): Promise<void> {
    const { bot, next, lines = [] } = this;
    const { signal } = this.#reading;
    if (next === null) return;
    this.isBusy = true;
    try {
      const asked = { bot, ...wantedIn(this.query).filters, limit: PAGE, before: next };
      const page = await this.#client.value?.call('memories.list', asked, { signal });
      if (!page || signal.aborted) return;
      this.lines = [...lines, ...page.memories];
      this.next = page.next;
      this.error = undefined;
    } catch (thrown) {
      if (signal.aborted) return;
      this.error = CallError.from(thrown);
    }
    this.isBusy = false;
  }

  /** What is learned, changed or forgotten elsewhere is seen at once, and what was missed when somebody looks again. */
  #follow(): () => void {
    const closing = new AbortController();
    const again = createHurry(() => void (closing.signal.aborted || this.#read()));
    const look = (): void => void (document.visibilityState === 'visible' && again());
    document.addEventListener('visibilitychange', look);
    void this.updateComplete.then(() => {
      const client = this.#client.value;
      if (!client || closing.signal.aborted) return;
      void followNews(client, closing.signal, {
        news: (events) => events.some((event) => concernsMemory(event, this.bot)) && again(),
      });
    });
    return () => {
      closing.abort();
      document.removeEventListener('visibilitychange', look);
    };
  }
}

customElements.define('bn-memory-list', BnMemoryList);
