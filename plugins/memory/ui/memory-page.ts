import {
  BnElement,
  CallError,
  clientContext,
  createHurry,
  css,
  fleetContext,
  followNews,
  html,
  nothing,
  pathTo,
  showTitle,
  type Answer,
  type Client,
  errorNotice,
  pageStyles,
  msg,
  str,
} from 'boternity/ui';
import type { PropertyValues } from 'lit';
import './forget-memory.ts';
import type { ForgottenEvent } from './forget-memory.ts';
import './memory-form.ts';
import type { SaveEvent } from './memory-form.ts';
import { badges, importance, lineStyles, memoryLine, memoryLink } from './memory-line.ts';
import './memory-source.ts';
import { commitLines, details, detailStyles } from './memory-details.ts';
import { concernsMemory } from './news.ts';
import './share-memory.ts';
import { isExpired, type MemoryView } from './words.ts';

type Why = Answer<'memories.why'>;

/** One memory: what it says, why the bot knows it, what it replaced, who changed it; to be edited and forgotten. */
export class BnMemoryPage extends BnElement {
  static override properties = {
    bot: { type: String },
    memory: { type: String },
    back: { type: String },
    shown: { state: true },
    edited: { state: true },
    removed: { state: true },
    error: { state: true },
    saveError: { state: true },
    isAsking: { state: true },
    isBusy: { state: true },
    said: { state: true },
  };
  static override styles = [
    super.styles,
    pageStyles,
    lineStyles,
    detailStyles,
    css`
      bn-header .button {
        margin-inline-start: calc(-1 * var(--bn-space-3));
      }
      .what {
        display: grid;
        gap: var(--bn-space-3);
      }
      .what > .words {
        font-size: var(--bn-text-xl);
        line-height: 1.4;
        letter-spacing: -0.01em;
        overflow-wrap: anywhere;
        white-space: pre-line;
      }
      .what > .words.long {
        font-size: inherit;
        line-height: var(--bn-line-height-prose);
        letter-spacing: normal;
      }
      .about {
        font-size: var(--bn-text-s);
      }
      .box {
        padding: var(--bn-space-4);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        background: var(--bn-ground-raised);
      }
    `,
  ];
  /** Slug of the bot. */
  declare bot: string;
  /** Id of the memory. */
  declare memory: string;
  /** Where the list is from which it was opened. */
  declare back: string;
  declare shown: Why | undefined;
  /** As it was when somebody began to edit it. */
  declare edited: MemoryView | undefined;
  /** What was forgotten with it, once it was. */
  declare removed: readonly MemoryView[] | undefined;
  declare error: CallError | undefined;
  declare saveError: CallError | undefined;
  declare isAsking: boolean;
  declare isBusy: boolean;
  /** What has just been done. */
  declare said: string;
  readonly #client = this.watch(clientContext);
  readonly #fleet = this.watch(fleetContext);
  #readFor = '';

  constructor() {
    super();
    this.bot = '';
    this.memory = '';
    this.back = '';
    this.isAsking = false;
    this.isBusy = false;
    this.said = '';
    this.whileConnected(() => this.#follow());
  }

  override willUpdate(_changed: PropertyValues<this>): void {
    const wanted = `${this.bot} ${this.memory}`;
    if (wanted === this.#readFor || !this.#client.value) return;
    this.#readFor = wanted;
    this.shown = undefined;
    this.edited = undefined;
    this.removed = undefined;
    this.said = '';
    showTitle(msg('A memory'));
    void this.#read();
  }

  override render(): unknown {
    const { removed, shown, error } = this;
    return html`
      <bn-header
        ><a class="button quiet" href=${this.back}
          ><bn-icon name="back"></bn-icon>${msg(str`What ${this.#name()} remembers`)}</a
        ></bn-header
      >
      <div class="scroll" tabindex="0" role="group" aria-label=${msg('A memory')}>
        <div class="column">
          ${removed ? this.#gone(removed) : html`${this.#wrong(error)} ${shown ? this.#memory(shown) : nothing}`}
        </div>
      </div>
      <span class="visually-hidden" role="status">${this.said}</span>
    `;
  }

  #name(): string {
    return this.#fleet.value?.bots.find(({ slug }) => slug === this.bot)?.name ?? this.bot;
  }

  #wrong(error: CallError | undefined): unknown {
    if (error?.code !== 'MEMORY_MISSING') return errorNotice(error, () => void this.#read());
    return html`<bn-notice tone="warning" role="alert">
      <strong>${msg(str`${this.#name()} does not remember this any more.`)}</strong>
      ${msg('It was forgotten, or the address is not complete.')}
      <a slot="actions" class="button" href=${this.back}>${msg('What it remembers')}</a>
    </bn-notice>`;
  }

  #memory({ memory, replaced, commits }: Why): unknown {
    return html`
      ${this.edited ? this.#form(this.edited, memory) : this.#words(memory)}
      <section aria-labelledby="why">
        <h2 id="why">${msg(str`Why ${this.#name()} knows this`)}</h2>
        <bn-memory-source class="box" .memory=${memory}></bn-memory-source>
      </section>
      <bn-share-memory .bot=${this.bot} .memory=${memory.id}></bn-share-memory>
      <section aria-labelledby="details">
        <h2 id="details">${msg('In detail')}</h2>
        ${details(memory)}
      </section>
      ${
        replaced.length === 0
          ? nothing
          : html`<section aria-labelledby="replaced">
              <h2 id="replaced">${msg('It took the place of')}</h2>
              <ul class="lines">
                ${replaced.map((each) => html`<li>${memoryLink(this.bot, each)}</li>`)}
              </ul>
            </section>`
      }
      <section aria-labelledby="history">
        <h2 id="history">${msg('Its history')}</h2>
        ${commitLines(commits)}
      </section>
      <bn-forget-memory
        .bot=${this.bot}
        .memory=${memory}
        .isOpen=${this.isAsking}
        @bn-close=${() => (this.isAsking = false)}
        @bn-forgotten=${(event: ForgottenEvent) => void this.#forgotten(event)}
      ></bn-forget-memory>
    `;
  }

  #words(memory: MemoryView): unknown {
    const { text, superseded_by } = memory;
    return html`<div class="what">
      <h1 class="visually-hidden">${msg(str`A memory of ${this.#name()}`)}</h1>
      <p class="words ${text.length > 280 ? 'long' : ''}" dir="auto">${text}</p>
      <div class="about">${badges(memory)} ${importance(memory.importance)}</div>
      ${
        superseded_by === undefined
          ? nothing
          : html`<bn-notice tone="warning"
              >${msg('Something newer took its place, so it comes to mind no more; it is kept for history.')}
              <a href=${pathTo('memory', this.bot, superseded_by)}>${msg('See what replaced it')}</a></bn-notice
            >`
      }
      ${
        isExpired(memory)
          ? html`<bn-notice tone="warning">${msg('It has expired, so it comes to mind no more.')}</bn-notice>`
          : nothing
      }
      <div class="row">
        <button id="edit" @click=${() => void this.#edit(memory)}>
          <bn-icon name="pencil"></bn-icon>${msg('Edit')}
        </button>
        <button @click=${() => (this.isAsking = true)}><bn-icon name="trash"></bn-icon>${msg('Forget')}</button>
      </div>
    </div>`;
  }

  #form(edited: MemoryView, now: MemoryView): unknown {
    const isOther =
      edited.text !== now.text || edited.category !== now.category || edited.importance !== now.importance;
    return html`<div class="what box">
      <h1>${msg('Edit this memory')}</h1>
      ${
        isOther
          ? html`<bn-notice tone="warning" role="alert"
              >${msg(str`It was changed elsewhere meanwhile and says now: “${now.text}”. What you save takes the place of that.`)}</bn-notice
            >`
          : nothing
      }
      <bn-memory-form
        .memory=${edited}
        .isBusy=${this.isBusy}
        .error=${this.saveError}
        @bn-save=${(event: SaveEvent) => void this.#save(event, edited)}
        @bn-cancel=${() => this.#closeForm()}
      ></bn-memory-form>
      ${
        now.origin === 'owner'
          ? nothing
          : html`<p class="soft small">
              ${msg('What you save you vouch for: it counts as said by a person from then on.')}
            </p>`
      }
    </div>`;
  }

  #gone(removed: readonly MemoryView[]): unknown {
    return html`<section class="what" aria-labelledby="gone">
      <h1 id="gone" tabindex="-1">
        ${removed.length === 1 ? msg('Forgotten') : msg(str`Forgotten: ${removed.length} memories`)}
      </h1>
      <ul class="lines">
        ${removed.map((each) => html`<li><div class="line">${memoryLine(each)}</div></li>`)}
      </ul>
      <p class="soft small">
        ${msg('They come to mind no more. Their files are removed; the history of the folder keeps them.')}
      </p>
      <div class="row"><a class="button primary" href=${this.back}>${msg(str`What ${this.#name()} remembers`)}</a></div>
    </section>`;
  }

  async #edit(memory: MemoryView): Promise<void> {
    this.edited = memory;
    this.saveError = undefined;
    this.said = '';
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>('bn-memory-form')?.focus();
  }

  #closeForm(): void {
    this.edited = undefined;
    this.saveError = undefined;
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('#edit')?.focus());
  }

  /** Only what was changed is sent, so that what others changed beside it stays. */
  async #save({ said }: SaveEvent, before: MemoryView): Promise<void> {
    const edit = {
      ...(said.text !== before.text && { text: said.text }),
      ...(said.category !== before.category && { category: said.category }),
      ...(said.importance !== before.importance && { importance: said.importance }),
    };
    if (Object.keys(edit).length === 0) return this.#closeForm();
    const done = await this.#change(async (client) => {
      const memory = await client.call('memories.edit', { bot: this.bot, memory: this.memory, ...edit });
      if (this.shown) this.shown = { ...this.shown, memory };
    });
    if (!done) return;
    this.said = msg('It is saved.');
    this.#closeForm();
    await this.#read();
  }

  async #forgotten({ removed }: ForgottenEvent): Promise<void> {
    this.removed = removed;
    this.isAsking = false;
    this.said = msg('It is forgotten.');
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>('#gone')?.focus();
  }

  /** Whether it was done; why not stands beside what was wanted. */
  async #change(change: (client: Client) => Promise<void>): Promise<boolean> {
    const client = this.#client.value;
    if (!client || this.isBusy) return false;
    this.isBusy = true;
    this.saveError = undefined;
    try {
      await change(client);
      return true;
    } catch (thrown) {
      this.saveError = CallError.from(thrown);
      return false;
    } finally {
      this.isBusy = false;
    }
  }

  async #read(): Promise<void> {
    const wanted = this.#readFor;
    const { bot, memory } = this;
    try {
      const shown = await this.#client.value?.call('memories.why', { bot, memory });
      if (wanted !== this.#readFor) return;
      this.shown = shown;
      this.error = undefined;
    } catch (thrown) {
      if (wanted !== this.#readFor || this.removed) return;
      this.error = CallError.from(thrown);
      if (this.error.code === 'MEMORY_MISSING') this.shown = undefined;
    }
  }

  #follow(): () => void {
    const closing = new AbortController();
    const again = createHurry(() => void (closing.signal.aborted || this.removed || this.#read()));
    const look = (): void => void (document.visibilityState === 'visible' && again());
    document.addEventListener('visibilitychange', look);
    void this.updateComplete.then(() => {
      const client = this.#client.value;
      if (!client || closing.signal.aborted) return;
      void followNews(client, closing.signal, {
        news: (events) => events.some((event) => concernsMemory(event, this.bot, this.memory)) && again(),
      });
    });
    return () => {
      closing.abort();
      document.removeEventListener('visibilitychange', look);
    };
  }
}

customElements.define('bn-memory-page', BnMemoryPage);
