import { css, html, nothing, type PropertyValues } from 'lit';
import { CallError } from '../live/call-error.ts';
import { clientContext } from '../contexts.ts';
import { BnElement } from '../elements/element.ts';
import { formatTime } from '../format.ts';
import { msg, str } from '../language.ts';
import { navigate, pathTo } from '../router.ts';

/** Rest after a key before the server is asked, in milliseconds. */
const TYPING_MS = 200;
/** Rest before it is asked again while it still reads conversations, in milliseconds. */
const AGAIN_MS = 1_500;
/** How long the server may make the person wait for what it has not read, in seconds. */
const WAIT_S = 1;

type Marks = readonly (readonly [number, number])[];

interface Result {
  readonly id: string;
  readonly title: string;
  readonly titleMarks: Marks;
  readonly bot: { readonly name: string; readonly emoji: string };
  readonly updatedAt: string;
  readonly message: {
    readonly id: string;
    readonly lane: string;
    readonly snippet: string;
    readonly marks: Marks;
    readonly at: string;
  } | null;
}

/** The conversations in which words are found, best first. */
export class BnConversationResults extends BnElement {
  static override properties = {
    words: { type: String },
    isArchive: { type: Boolean },
    results: { state: true },
    isComplete: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      ul {
        margin-block-start: var(--bn-space-2);
      }
      a {
        display: grid;
        grid-template-columns: 1.25rem minmax(0, 1fr) auto;
        gap: 0 var(--bn-space-2);
        padding: var(--bn-space-2);
        border-radius: var(--bn-radius-m);
        color: var(--bn-ink);
        text-decoration: none;
      }
      a:hover {
        background: var(--bn-ground-hover);
      }
      .title {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      time,
      .snippet,
      .soft {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-xs);
      }
      .snippet {
        display: -webkit-box;
        grid-column: 2 / -1;
        overflow: hidden;
        overflow-wrap: anywhere;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 2;
      }
      mark {
        border-radius: 2px;
        background: var(--bn-accent-soft);
        color: var(--bn-ink);
        font-weight: var(--bn-weight-strong);
      }
      .soft {
        padding: var(--bn-space-2);
        text-wrap: pretty;
      }
    `,
  ];
  declare words: string;
  declare isArchive: boolean;
  declare results: readonly Result[] | undefined;
  declare isComplete: boolean;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | undefined;

  constructor() {
    super();
    this.words = '';
    this.isArchive = false;
    this.isComplete = true;
    this.whileConnected(() => () => this.#stop());
  }

  /** Moves the focus by so many results; false when it goes back to the field. */
  step(by: number): boolean {
    const links = [...this.renderRoot.querySelectorAll('a')];
    const at = links.findIndex((link) => link.matches(':focus'));
    const next = links[at + by];
    if (at + by < 0) return false;
    (next ?? links.at(-1))?.focus();
    return true;
  }

  openFirst(): void {
    const [first] = this.results ?? [];
    if (first) navigate(addressOf(first));
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('words') && !changed.has('isArchive')) return;
    this.#stop();
    this.#timer = setTimeout(() => void this.#ask(), TYPING_MS);
  }

  override render(): unknown {
    const { results, error, isComplete } = this;
    if (error) return html`<p class="soft" role="alert">${error.message} ${error.hint}</p>`;
    if (!results) return nothing;
    const found = results.length === 1 ? msg('1 conversation found') : msg(str`${results.length} conversations found`);
    return html`
      <p class=${results.length === 0 ? 'soft' : 'visually-hidden'} role="status">
        ${results.length === 0 ? (isComplete ? msg('Nothing found.') : '') : found}
      </p>
      <ul aria-label=${msg('Found conversations')}>
        ${results.map((result) => html`<li>${lineOf(result)}</li>`)}
      </ul>
      ${isComplete ? nothing : html`<p class="soft">${msg('Older conversations are still being read …')}</p>`}
    `;
  }

  async #ask(): Promise<void> {
    const asking = (this.#asking = new AbortController());
    try {
      const answer = await this.#client.value?.call(
        'conversations.search',
        { text: this.words, archived: this.isArchive, wait: WAIT_S },
        { signal: asking.signal },
      );
      if (asking.signal.aborted) return;
      const { conversations, complete } = answer as { conversations: Result[]; complete: boolean };
      this.results = conversations;
      this.isComplete = complete;
      this.error = undefined;
      if (!complete) this.#timer = setTimeout(() => void this.#ask(), AGAIN_MS);
    } catch (thrown) {
      if (!asking.signal.aborted) this.error = CallError.from(thrown);
    }
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
  }
}

function lineOf(result: Result): unknown {
  const { title, titleMarks, bot, message, updatedAt } = result;
  const at = message?.at ?? updatedAt;
  return html`<a href=${addressOf(result)} title=${msg(str`${title}, with ${bot.name}`)}>
    <span aria-hidden="true">${bot.emoji}</span>
    <span class="title" dir="auto">${marked(title, titleMarks)}</span>
    <time datetime=${at}>${formatTime(at)}</time>
    ${message ? html`<span class="snippet" dir="auto">${marked(message.snippet, message.marks)}</span>` : nothing}
  </a>`;
}

/** Where a result is: the message in the branch that shows it. */
function addressOf({ id, message }: Result): string {
  if (!message) return pathTo('conversations', id);
  const path =
    message.lane === 'main' ? pathTo('conversations', id) : pathTo('conversations', id, 'branches', message.lane);
  return `${path}?message=${encodeURIComponent(message.id)}`;
}

function marked(text: string, marks: Marks): unknown {
  let from = 0;
  const pieces = marks.map(([start, end]) => {
    const before = text.slice(from, start);
    from = end;
    return html`${before}<mark>${text.slice(start, end)}</mark>`;
  });
  return html`${pieces}${text.slice(from)}`;
}

customElements.define('bn-conversation-results', BnConversationResults);
