import {
  BnElement,
  CallError,
  clientContext,
  css,
  formatCount,
  formatDollars,
  formatShare,
  html,
  msg,
  nothing,
  str,
  type Answer,
} from 'boternity/ui';
import type { PropertyValues } from 'lit';
import type { Sum } from './figures.ts';

type Limit = Answer<'usage.limit'>;
type Field = 'dollars' | 'tokens';

/** Share of the limit from which on bots are told that it is near. */
const NEAR = 0.8;
const FULL = 1;

/** What all bots together may use in a day and what they have; a form to set or lift it, for whoever may. */
export class BnUsageLimit extends BnElement {
  static override properties = {
    spent: { attribute: false },
    limit: { state: true },
    wrong: { state: true },
    error: { state: true },
    said: { state: true },
    isBusy: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      section,
      form,
      .used {
        display: grid;
        gap: var(--bn-space-3);
      }
      h2 {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
      }
      .soft {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 0 var(--bn-space-3);
        margin-bottom: var(--bn-space-1);
        font-size: var(--bn-text-s);
        font-variant-numeric: tabular-nums;
      }
      .bar {
        display: block;
        width: 100%;
        height: 0.625rem;
        border-radius: var(--bn-radius-full);
        background: var(--bn-line);
        overflow: hidden;
      }
      .bar:dir(rtl) {
        scale: -1 1;
      }
      .bar rect {
        fill: var(--bn-accent);
      }
      .bar.near rect {
        fill: var(--bn-warning);
      }
      .bar.full rect {
        fill: var(--bn-danger);
      }
      .fields {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(14rem, 100%), 1fr));
        align-items: start;
        gap: var(--bn-space-3);
      }
      label {
        display: grid;
        gap: var(--bn-space-1);
        font-size: var(--bn-text-s);
        font-weight: var(--bn-weight-strong);
      }
      input {
        min-width: 0;
        font-size: max(1rem, var(--bn-text-m));
        font-weight: var(--bn-weight);
      }
      input[aria-invalid='true'] {
        border-color: var(--bn-danger);
      }
      .wrong {
        margin-top: var(--bn-space-1);
        color: var(--bn-danger);
        font-size: var(--bn-text-s);
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--bn-space-2);
      }
      @media (forced-colors: active) {
        .bar {
          border: var(--bn-border) solid CanvasText;
          forced-color-adjust: none;
          background: Canvas;
        }
        .bar rect {
          fill: CanvasText !important;
        }
      }
    `,
  ];
  /** What was used today: when it changes, the limit is looked at again. */
  declare spent: Sum | undefined;
  declare limit: Limit | undefined;
  declare wrong: Partial<Record<Field, string>>;
  declare error: CallError | undefined;
  /** What has just been done. */
  declare said: string;
  declare isBusy: boolean;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.wrong = {};
    this.said = '';
    this.isBusy = false;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('spent') && this.spent) void this.#call({});
  }

  override render(): unknown {
    const { limit, error } = this;
    // Whoever may not change it is not told of it either.
    if (error?.status === 403) return nothing;
    const isSet = limit !== undefined && (limit.limit.dollars !== null || limit.limit.tokens !== null);
    return html`<section aria-labelledby="heading">
      <h2 id="heading">${msg('Limit of a day')}</h2>
      ${
        error
          ? html`<bn-notice tone="danger" role="alert"><strong>${error.message}</strong> ${error.hint}</bn-notice>`
          : nothing
      }
      ${limit ? (isSet ? this.#used(limit) : html`<p class="soft">${msg('There is none: bots use as much as they are asked to.')}</p>`) : nothing}
      ${limit ? this.#form(limit, isSet) : nothing}
      <span class="visually-hidden" role="status">${this.said}</span>
    </section>`;
  }

  #used({ limit, used }: Limit): unknown {
    const shares = [
      share(msg('Dollars used today'), used.dollars, limit.dollars, formatDollars),
      share(msg('Tokens used today'), used.tokens, limit.tokens, formatCount),
    ].filter((each) => each !== undefined);
    const highest = Math.max(...shares.map((each) => each.share));
    return html`<div class="used">
      ${shares.map((each) => bar(each))}
      ${
        highest >= FULL
          ? html`<bn-notice tone="danger"
              ><strong>${msg('The limit is reached.')}</strong>
              ${msg('No model is asked any more until midnight, or until the limit is raised.')}</bn-notice
            >`
          : highest >= NEAR
            ? html`<bn-notice tone="warning"
                ><strong>${msg(str`${percentOf(highest)} of the limit is used.`)}</strong>
                ${msg('When all of it is, no model is asked any more until midnight.')}</bn-notice
              >`
            : nothing
      }
    </div>`;
  }

  #form({ limit }: Limit, isSet: boolean): unknown {
    return html`<form novalidate @submit=${(event: SubmitEvent) => void this.#set(event)}>
      <div class="fields">
        ${this.#field('dollars', msg('US dollars a day'), limit.dollars, 'decimal')}
        ${this.#field('tokens', msg('Tokens a day'), limit.tokens, 'numeric')}
      </div>
      <div class="row">
        <button class="primary" ?disabled=${this.isBusy}>
          ${isSet ? msg('Change the limit') : msg('Set the limit')}
        </button>
        ${
          isSet
            ? html`<button type="button" ?disabled=${this.isBusy} @click=${() => void this.#lift()}>
                ${msg('Lift it')}
              </button>`
            : nothing
        }
        <span class="soft" aria-hidden="true">${this.said}</span>
      </div>
    </form>`;
  }

  #field(name: Field, label: string, value: number | null, mode: 'decimal' | 'numeric'): unknown {
    const wrong = this.wrong[name];
    return html`<div>
      <label
        >${label}
        <input
          name=${name}
          inputmode=${mode}
          autocomplete="off"
          placeholder=${msg('no limit')}
          aria-invalid=${wrong === undefined ? nothing : 'true'}
          aria-describedby="wrong-${name}"
          .value=${value === null ? '' : String(value)}
        />
      </label>
      <p id="wrong-${name}" class="wrong" ?hidden=${wrong === undefined}>${wrong}</p>
    </div>`;
  }

  async #set(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const { elements } = event.target as HTMLFormElement;
    const input: Partial<Record<Field, number>> = {};
    this.wrong = {};
    for (const name of ['dollars', 'tokens'] as const) {
      const text = (elements.namedItem(name) as HTMLInputElement).value.trim();
      if (text === '') continue;
      const value = Number(text);
      if (Number.isFinite(value)) input[name] = value;
      else
        this.wrong = { ...this.wrong, [name]: msg('Write a number without commas or letters, like 2.50 or 100000.') };
    }
    if (Object.keys(this.wrong).length === 0 && Object.keys(input).length === 0)
      this.wrong = { dollars: msg('Write how much may be used: dollars, tokens or both.') };
    if (Object.keys(this.wrong).length > 0) return this.#toWrong();
    await this.#call(input, msg('The limit is set.'));
  }

  async #lift(): Promise<void> {
    this.wrong = {};
    await this.#call({ off: true }, msg('The limit is lifted.'));
  }

  async #call(input: Partial<Record<Field, number>> & { off?: boolean }, said?: string): Promise<void> {
    this.isBusy = said !== undefined;
    try {
      this.limit = await this.#client.value?.call('usage.limit', input);
      this.error = undefined;
      if (said !== undefined) this.said = said;
    } catch (thrown) {
      this.#failed(CallError.from(thrown));
    }
    this.isBusy = false;
  }

  /** What is wrong with a field stands beside it. */
  #failed(error: CallError): void {
    const own = error.details.filter(({ path }) => path === 'dollars' || path === 'tokens');
    this.wrong = Object.fromEntries(own.map(({ path, message }) => [path, message]));
    this.error = own.length > 0 ? undefined : error;
    this.said = '';
    this.#toWrong();
  }

  #toWrong(): void {
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('[aria-invalid]')?.focus());
  }
}

interface Share {
  readonly label: string;
  readonly share: number;
  readonly words: string;
}

function share(
  label: string,
  used: number,
  limit: number | null,
  format: (value: number) => string,
): Share | undefined {
  if (limit === null) return undefined;
  const part = used / limit;
  return { label, share: part, words: msg(str`${format(used)} of ${format(limit)} (${percentOf(part)})`) };
}

/** Whole percents that are used: never 100 % before all is. */
function percentOf(part: number): string {
  return formatShare(Math.floor(part * 100) / 100);
}

function bar({ label, share: part, words }: Share): unknown {
  const look = part >= FULL ? 'full' : part >= NEAR ? 'near' : '';
  const percent = Math.min(1, part) * 100;
  return html`<div>
    <div class="line"><span>${label}</span><span>${words}</span></div>
    <svg
      class="bar ${look}"
      role="meter"
      aria-label=${label}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${Math.round(percent)}
      aria-valuetext=${words}
    >
      <rect width="${percent}%" height="100%"></rect>
    </svg>
  </div>`;
}

customElements.define('bn-usage-limit', BnUsageLimit);
