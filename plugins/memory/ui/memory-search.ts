import { BnElement, css, fleetContext, html, navigate, nothing, pathTo, msg, str } from 'boternity/ui';
import { queryOf, wantedIn, type Wanted } from './filters.ts';
import { categories, importances, kinds } from './words.ts';

/** A search begins when so many milliseconds nothing was typed. */
const TYPED_MS = 250;

/** Whose memories, searched for what, and which of them: what it says becomes the address of the list. */
export class BnMemorySearch extends BnElement {
  static override properties = { bot: { type: String }, query: { type: String } };
  static override styles = [
    super.styles,
    css`
      form {
        display: grid;
        gap: var(--bn-space-3);
      }
      input:not([type='checkbox']),
      select {
        min-width: 0;
        color: var(--bn-ink);
        font-size: max(1rem, var(--bn-text-m));
      }
      .search {
        position: relative;
      }
      .search bn-icon {
        position: absolute;
        inset-inline-start: var(--bn-space-3);
        top: 50%;
        translate: 0 -50%;
        color: var(--bn-ink-soft);
      }
      .search input {
        padding-inline-start: 2.4rem;
      }
      .whose {
        display: grid;
        grid-template-columns: minmax(0, 13rem) minmax(0, 1fr);
        gap: var(--bn-space-3);
      }
      .filters {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(9rem, 100%), 1fr));
        gap: var(--bn-space-3);
      }
      .check {
        display: flex;
        align-items: center;
        gap: var(--bn-space-2);
        min-height: var(--bn-target);
        color: var(--bn-ink);
        font-size: var(--bn-text-s);
      }
      .check input {
        width: auto;
        min-height: auto;
        margin: 0;
        accent-color: var(--bn-accent);
      }
      @media (width < 40rem) {
        .whose {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];
  /** Slug of the bot. */
  declare bot: string;
  /** Query of the address of the list. */
  declare query: string;
  readonly #fleet = this.watch(fleetContext);
  #typed: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.bot = '';
    this.query = '';
    this.whileConnected(() => () => clearTimeout(this.#typed));
  }

  override render(): unknown {
    const { text, filters } = wantedIn(this.query);
    const bots = this.#fleet.value?.bots ?? [];
    return html`<form
      role="search"
      @submit=${(event: SubmitEvent) => this.#search(event)}
      @input=${() => this.#later()}
      @change=${() => this.#search()}
    >
      <div class="whose">
        <select aria-label=${msg('Bot')} @input=${halt} @change=${(event: Event) => this.#choose(event)}>
          ${bots.some(({ slug }) => slug === this.bot) ? nothing : html`<option selected>${this.bot}</option>`}
          ${bots.map(
            ({ slug, name, emoji }) =>
              html`<option value=${slug} .selected=${slug === this.bot}>${emoji} ${name}</option>`,
          )}
        </select>
        <div class="search">
          <bn-icon name="search"></bn-icon>
          <input
            type="search"
            name="text"
            aria-label=${msg('Search what it remembers')}
            placeholder=${msg('Search: a question or a few words')}
            autocomplete="off"
            maxlength="4000"
            .value=${text}
          />
        </div>
      </div>
      <div class="filters">
        ${this.#selects(filters)}
        <label class="check"
          ><input
            type="checkbox"
            name="replaced"
            value="yes"
            .checked=${filters.superseded}
          />${msg('Replaced ones too')}</label
        >
      </div>
    </form>`;
  }

  #selects({ category, kind, importance }: Wanted['filters']): unknown {
    const levels = importances()
      .slice(0, -1)
      .map(
        ([value, words]) =>
          [String(value), value === 5 ? `5, ${words}` : msg(str`importance ${value} and more`)] as const,
      );
    return html`
      ${select('category', msg('Filter by category'), msg('any category'), Object.entries(categories()), category ?? '')}
      ${select('kind', msg('Filter by kind'), msg('any kind'), Object.entries(kinds()), kind ?? '')}
      ${select('importance', msg('Filter by importance'), msg('any importance'), levels, String(importance ?? ''))}
    `;
  }

  #choose(event: Event): void {
    event.stopPropagation();
    navigate(pathTo('memory', (event.target as HTMLSelectElement).value));
  }

  #later(): void {
    clearTimeout(this.#typed);
    this.#typed = setTimeout(() => this.#search(), TYPED_MS);
  }

  /** What the form says becomes the address, and by that what is read. */
  #search(event?: SubmitEvent): void {
    event?.preventDefault();
    clearTimeout(this.#typed);
    const form = this.renderRoot.querySelector('form');
    // Somebody has gone on to a memory meanwhile.
    if (!form || location.pathname !== pathTo('memory', this.bot)) return;
    const query = queryOf(new FormData(form));
    if (query !== this.query) navigate(pathTo('memory', this.bot) + (query && `?${query}`), { replace: true });
  }
}

function halt(event: Event): void {
  event.stopPropagation();
}

function select(
  name: string,
  label: string,
  any: string,
  options: readonly (readonly [string, string])[],
  chosen: string,
): unknown {
  return html`<select name=${name} aria-label=${label}>
    <option value="">${any}</option>
    ${options.map(([value, words]) => html`<option value=${value} .selected=${value === chosen}>${words}</option>`)}
  </select>`;
}

customElements.define('bn-memory-search', BnMemorySearch);
