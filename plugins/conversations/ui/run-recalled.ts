import { BnElement, CallError, clientContext, css, html, msg, nothing, pathTo, str, type Answer } from 'boternity/ui';
import type { PropertyValues } from 'lit';
import type { Run } from './run-parts.ts';
import { runStyles } from './run-styles.ts';

type Memory = Answer<'memories.show'>;

/** Memories that are read at once. */
const AT_ONCE = 20;

/** What the bot remembered for an answer: the answer to "why do you know that". */
export class BnRunRecalled extends BnElement {
  static override properties = { run: { attribute: false }, memories: { state: true } };
  static override styles = [
    super.styles,
    runStyles,
    css`
      .lines :is(a, p) {
        display: block;
        padding: var(--bn-space-2) var(--bn-space-4);
        color: var(--bn-ink);
        text-decoration: none;
      }
      .lines .soft {
        color: var(--bn-ink-soft);
      }
      a:hover {
        background: var(--bn-ground-hover);
      }
      a:focus-visible {
        outline-offset: calc(-1 * var(--bn-ring));
      }
      .text {
        display: -webkit-box;
        overflow: hidden;
        overflow-wrap: anywhere;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 3;
      }
    `,
  ];
  declare run: Run | undefined;
  /** In the order of the run; why it cannot be shown, where it cannot. */
  declare memories: readonly (Memory | CallError)[];
  readonly #client = this.watch(clientContext);
  #readFor = '';

  constructor() {
    super();
    this.memories = [];
  }

  override willUpdate(_changed: PropertyValues<this>): void {
    const { bot = '', recalled = [] } = this.run ?? {};
    const wanted = `${bot} ${recalled.join(' ')}`;
    if (wanted === this.#readFor || !this.#client.value) return;
    this.#readFor = wanted;
    this.memories = [];
    void this.#read(bot, recalled, wanted);
  }

  override render(): unknown {
    const { recalled = [] } = this.run ?? {};
    if (recalled.length === 0) return nothing;
    return html`<section aria-labelledby="heading">
      <h2 id="heading">${msg(str`From memory (${recalled.length})`)}</h2>
      <ul class="lines">
        ${this.memories.map((each) => html`<li>${each instanceof CallError ? missing(each) : this.#line(each)}</li>`)}
      </ul>
    </section>`;
  }

  #line({ id, text, category, superseded_by }: Memory): unknown {
    const isReplaced = superseded_by !== undefined;
    return html`<a href=${pathTo('memory', this.run?.bot ?? '', id)}>
      <span class="text">${text}</span>
      <span class="soft small"
        >${categories()[category]}${isReplaced ? msg(', replaced meanwhile') : nothing} ·
        ${msg('why it is known')}</span
      >
    </a>`;
  }

  async #read(bot: string, ids: readonly string[], wanted: string): Promise<void> {
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const some = await Promise.all(ids.slice(at, at + AT_ONCE).map((memory) => this.#show(bot, memory)));
      if (wanted !== this.#readFor) return;
      this.memories = [...this.memories, ...some.filter((each) => each !== undefined)];
    }
  }

  async #show(bot: string, memory: string): Promise<Memory | CallError | undefined> {
    try {
      return await this.#client.value?.call('memories.show', { bot, memory });
    } catch (thrown) {
      return CallError.from(thrown);
    }
  }
}

function missing(error: CallError): unknown {
  const words =
    error.code === 'MEMORY_MISSING'
      ? msg('A memory that was forgotten since.')
      : error.status === 403
        ? msg('A memory that you may not read.')
        : error.message;
  return html`<p class="soft">${words}</p>`;
}

function categories(): Readonly<Record<Memory['category'], string>> {
  return {
    preference: msg('preference'),
    fact: msg('fact'),
    decision: msg('decision'),
    context: msg('context'),
    correction: msg('correction'),
  };
}

customElements.define('bn-run-recalled', BnRunRecalled);
