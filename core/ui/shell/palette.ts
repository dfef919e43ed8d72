import { css, html, nothing, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { clientContext } from '../contexts.ts';
import { BnElement } from '../elements/element.ts';
import '../elements/icon.ts';
import { CloseEvent } from '../events.ts';
import { msg } from '../language.ts';
import { navigate, pathTo } from '../router.ts';
import { offeredCommands, type Command } from './commands.ts';
import { fit } from './fuzzy.ts';
import { keyCaps } from './key-caps.ts';

const MOST = 60;
const TYPING_MS = 180;

interface Found {
  readonly id: string;
  readonly title: string;
  readonly bot: { readonly name: string };
}

/** The palette: everything there is to go to and to do, found by a few letters. @event bn-close - It was closed. */
export class BnPalette extends BnElement {
  static override properties = {
    isOpen: { type: Boolean },
    typed: { state: true },
    at: { state: true },
    found: { state: true },
  };
  static override styles = [
    super.styles,
    keyCaps,
    css`
      dialog {
        width: min(38rem, calc(100vw - var(--bn-space-5)));
        max-height: min(34rem, calc(100dvh - var(--bn-space-6)));
        margin-block-start: min(12vh, var(--bn-space-7) * 2);
        padding: 0;
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-l);
        background: var(--bn-ground-raised);
        color: var(--bn-ink);
        box-shadow: var(--bn-shadow-2);
        overflow: hidden;
      }
      dialog[open] {
        display: flex;
        flex-direction: column;
      }
      dialog::backdrop {
        background: var(--bn-shade);
      }
      .field {
        display: flex;
        flex: none;
        align-items: center;
        gap: var(--bn-space-3);
        padding-inline: var(--bn-space-4);
        border-block-end: var(--bn-border) solid var(--bn-line);
        color: var(--bn-ink-soft);
      }
      input {
        min-height: 3.25rem;
        padding: 0;
        border: 0;
        background: transparent;
        color: var(--bn-ink);
        font-size: max(1rem, var(--bn-text-l));
      }
      input:focus-visible {
        outline: none;
      }
      .list {
        flex: 1;
        min-height: 0;
        padding: var(--bn-space-2);
        overflow-y: auto;
        overscroll-behavior: contain;
      }
      h3 {
        padding: var(--bn-space-3) var(--bn-space-3) var(--bn-space-1);
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-xs);
      }
      [role='option'] {
        display: flex;
        align-items: center;
        gap: var(--bn-space-3);
        min-height: var(--bn-target);
        padding-inline: var(--bn-space-3);
        border-radius: var(--bn-radius-m);
        cursor: pointer;
      }
      [role='option'] bn-icon {
        color: var(--bn-ink-soft);
      }
      [role='option'] > span:first-of-type {
        flex: 1;
        min-width: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      [aria-selected='true'] {
        background: var(--bn-accent-soft);
      }
      @media (hover: none) {
        .keys {
          display: none;
        }
      }
      .details {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-xs);
      }
      .none {
        padding: var(--bn-space-4);
        color: var(--bn-ink-soft);
      }
      @media (forced-colors: active) {
        [aria-selected='true'] {
          outline: var(--bn-ring) solid Highlight;
          outline-offset: calc(-1 * var(--bn-ring));
        }
      }
    `,
  ];
  declare isOpen: boolean;
  declare typed: string;
  /** Which line Enter takes. */
  declare at: number;
  declare found: readonly Found[];
  readonly #client = this.watch(clientContext);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | undefined;

  constructor() {
    super();
    this.isOpen = false;
    this.typed = '';
    this.at = 0;
    this.found = [];
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('at') || changed.has('typed'))
      this.renderRoot.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
    if (!changed.has('isOpen')) return;
    const dialog = this.renderRoot.querySelector('dialog');
    if (this.isOpen && !dialog?.open) dialog?.showModal();
    if (!this.isOpen) dialog?.close();
  }

  override render(): unknown {
    const lines = this.isOpen ? this.#lines() : [];
    return html`<dialog
      aria-label=${msg('Go to, or do')}
      @cancel=${() => this.#closed()}
      @close=${(event: Event) => this.#closedBy(event)}
      @click=${(event: MouseEvent) => event.target === event.currentTarget && this.#close()}
    >
      <div class="field">
        <bn-icon name="search"></bn-icon>
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls="list"
          aria-activedescendant=${lines.length > 0 ? `line-${this.at}` : nothing}
          aria-label=${msg('Go to, or do')}
          placeholder=${msg('Go to a page, a bot, a conversation …')}
          autocomplete="off"
          spellcheck="false"
          .value=${this.typed}
          @input=${(event: InputEvent) => this.#type((event.target as HTMLInputElement).value)}
          @keydown=${(event: KeyboardEvent) => this.#press(event, lines)}
        />
      </div>
      <div id="list" class="list" role="listbox" aria-label=${msg('What there is')} tabindex="-1">
        ${this.#groups(lines)}
      </div>
      ${lines.length === 0 ? html`<p class="none" role="status">${msg('Nothing fits.')}</p>` : nothing}
    </dialog>`;
  }

  #groups(lines: readonly Command[]): unknown {
    const groups = Map.groupBy(
      lines.map((command, index) => ({ command, index })),
      ({ command }) => command.group ?? msg('This page'),
    );
    return repeat(
      groups,
      ([group]) => group,
      ([group, items]) =>
        html`<div role="group" aria-label=${group}>
          <h3 aria-hidden="true">${group}</h3>
          ${items.map(({ command, index }) => this.#line(command, index))}
        </div>`,
    );
  }

  #line(command: Command, index: number): unknown {
    return html`<div
      id="line-${index}"
      role="option"
      aria-selected=${index === this.at}
      @pointermove=${() => (this.at = index)}
      @click=${() => this.#run(command)}
    >
      <bn-icon name=${command.icon ?? 'chevron'}></bn-icon><span>${command.title}</span>
      ${command.keys ? html`<span class="keys">${command.keys.split(' ').map((key) => html`<kbd>${key}</kbd>`)}</span>` : nothing}
    </div>`;
  }

  /** What fits, the groups in the order of their best line. */
  #lines(): Command[] {
    const all = offeredCommands();
    if (this.typed.trim() === '') {
      const few = all.filter(
        ({ words, group }) => words === undefined || group === undefined || group === msg('Actions'),
      );
      return together(few).slice(0, MOST);
    }
    const scored = all
      .map((command) => ({ command, score: fit(this.typed, `${command.title} ${command.words ?? ''}`) }))
      .filter(({ score }) => score > 0)
      .toSorted((a, b) => b.score - a.score)
      .slice(0, MOST);
    return together([...scored.map(({ command }) => command), ...this.#conversations()]);
  }

  #conversations(): Command[] {
    return this.found.map(({ id, title, bot }) => ({
      title: `${title || msg('New conversation')} · ${bot.name}`,
      icon: 'chat',
      group: msg('Conversations'),
      href: pathTo('conversations', id),
    }));
  }

  #type(typed: string): void {
    this.typed = typed;
    this.at = 0;
    clearTimeout(this.#timer);
    this.#asking?.abort();
    if (typed.trim() === '') this.found = [];
    else this.#timer = setTimeout(() => void this.#ask(typed), TYPING_MS);
  }

  async #ask(text: string): Promise<void> {
    const asking = (this.#asking = new AbortController());
    try {
      const input = { text, wait: 1, limit: 8 };
      const answer = await this.#client.value?.call('conversations.search', input, { signal: asking.signal });
      if (!asking.signal.aborted) this.#find((answer as { conversations: Found[] }).conversations);
    } catch {
      // Words without a letter, a server without conversations: the rest of the list stands.
      if (!asking.signal.aborted) this.#find([]);
    }
  }

  /** The chosen line stays chosen while others come and go around it. */
  #find(found: readonly Found[]): void {
    const chosen = this.#lines()[this.at];
    this.found = found;
    const lines = this.#lines();
    const at = lines.findIndex(({ title, href }) => title === chosen?.title && href === chosen.href);
    this.at = at >= 0 ? at : Math.max(0, Math.min(this.at, lines.length - 1));
  }

  #press(event: KeyboardEvent, lines: readonly Command[]): void {
    const last = lines.length - 1;
    const places: Record<string, number> = {
      ArrowDown: this.at >= last ? 0 : this.at + 1,
      ArrowUp: this.at <= 0 ? last : this.at - 1,
      PageDown: Math.min(last, this.at + 8),
      PageUp: Math.max(0, this.at - 8),
    };
    const place = places[event.key];
    if (place !== undefined) this.at = Math.max(0, place);
    else if (event.key === 'Enter' && !event.isComposing) this.#run(lines[this.at]);
    else return;
    event.preventDefault();
  }

  #run(command: Command | undefined): void {
    if (!command) return;
    this.#close();
    runCommand(command);
  }

  /** It is told late: by then the palette may be open again. */
  #closedBy({ target }: Event): void {
    if (!(target as HTMLDialogElement).open) this.#closed();
  }

  #close(): void {
    this.renderRoot.querySelector('dialog')?.close();
    this.#closed();
  }

  /** By Escape it is told before the dialog itself is closed: whoever presses the next key at once means the page. */
  #closed(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.typed = '';
    this.found = [];
    this.at = 0;
    this.dispatchEvent(new CloseEvent());
  }
}

export function runCommand({ href, run }: Command): void {
  if (href !== undefined) navigate(href);
  else run?.();
}

/** Puts the lines of each group together where its first one stands. */
function together(commands: readonly Command[]): Command[] {
  return [...Map.groupBy(commands, ({ group }) => group).values()].flat();
}

customElements.define('bn-palette', BnPalette);
