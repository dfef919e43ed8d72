import {
  BnElement,
  css,
  fleetContext,
  formatCount,
  formatDate,
  formatShare,
  html,
  msg,
  nothing,
  pathTo,
  str,
} from 'boternity/ui';
import type { Span } from './days.ts';
import { costOf, type Sum } from './figures.ts';

const groupings = ['bot', 'model', 'provider', 'purpose', 'day'] as const;
export type Grouping = (typeof groupings)[number];

type Group = Sum & { readonly key: string };

/** Other groups, or another span of days, are wanted. */
export class ChoiceEvent extends Event {
  readonly by: Grouping;
  readonly span: Span;

  constructor(by: Grouping, span: Span) {
    super('bn-choice');
    this.by = by;
    this.span = span;
  }
}

/** What was used, a line for each bot, model, provider, purpose or day. @event bn-choice - Other lines are wanted. */
export class BnUsageTable extends BnElement {
  static override properties = {
    groups: { attribute: false },
    by: { type: String },
    span: { type: String },
  };
  static override styles = [
    super.styles,
    css`
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--bn-space-2);
        margin-bottom: var(--bn-space-2);
      }
      h2 {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
      }
      form {
        display: flex;
        flex-wrap: wrap;
        gap: var(--bn-space-2);
      }
      select {
        width: auto;
      }
      .box {
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        background: var(--bn-ground-raised);
        overflow: hidden;
      }
      table {
        width: 100%;
        border-collapse: collapse;
        font-size: var(--bn-text-s);
        font-variant-numeric: tabular-nums;
      }
      th,
      td {
        padding: var(--bn-space-2) var(--bn-space-3);
        text-align: end;
        vertical-align: baseline;
      }
      :is(th, td):first-child {
        text-align: start;
        overflow-wrap: anywhere;
      }
      thead th {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-xs);
        font-weight: var(--bn-weight);
      }
      tbody th {
        font-weight: var(--bn-weight-strong);
      }
      tbody tr {
        border-top: var(--bn-border) solid var(--bn-line);
      }
      .soft {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
      }
      small {
        display: block;
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-xs);
      }
      @media (width < 40rem) {
        .wide {
          display: none;
        }
        th,
        td {
          padding-inline: var(--bn-space-2);
        }
      }
    `,
  ];
  declare groups: readonly Group[];
  declare by: Grouping;
  declare span: Span;
  readonly #fleet = this.watch(fleetContext);

  constructor() {
    super();
    this.groups = [];
    this.by = 'bot';
    this.span = 'month';
  }

  override render(): unknown {
    const ways = {
      bot: msg('by bot'),
      model: msg('by model'),
      provider: msg('by provider'),
      purpose: msg('by purpose'),
      day: msg('by day'),
    };
    return html`<section aria-labelledby="heading">
      <div class="head">
        <h2 id="heading">${msg('Where it went')}</h2>
        <form @change=${() => this.#chose()}>
          <select name="by" aria-label=${msg('Grouped by')}>
            ${groupings.map((each) => html`<option value=${each} ?selected=${each === this.by}>${ways[each]}</option>`)}
          </select>
          <select name="span" aria-label=${msg('Days')}>
            <option value="today" ?selected=${this.span === 'today'}>${msg('today')}</option>
            <option value="month" ?selected=${this.span === 'month'}>${msg('last 30 days')}</option>
          </select>
        </form>
      </div>
      ${this.groups.length === 0 ? html`<p class="soft">${msg('No model was called.')}</p>` : this.#table()}
    </section>`;
  }

  #table(): unknown {
    // The dearest first; days as they follow each other, the latest first.
    const lines =
      this.by === 'day'
        ? this.groups.toReversed()
        : this.groups.toSorted((a, b) => (b.cost ?? 0) - (a.cost ?? 0) || b.input + b.output - a.input - a.output);
    return html`<div class="box">
      <table>
        <thead>
          <tr>
            <th scope="col">${this.#key()}</th>
            <th scope="col">${msg('Cost')}</th>
            <th scope="col">${msg('Tokens')}</th>
            <th scope="col" class="wide">${msg('Cached')}</th>
            <th scope="col">${msg('Calls')}</th>
          </tr>
        </thead>
        <tbody>
          ${lines.map((line) => this.#line(line))}
        </tbody>
      </table>
    </div>`;
  }

  #line(line: Group): unknown {
    const { input, output, calls, failed, unpriced, cacheHitRate } = line;
    return html`<tr>
      <th scope="row">${this.#name(line)}</th>
      <td>
        ${costOf(line)}
        ${unpriced > 0 && line.cost !== null ? html`<small>${msg(str`and ${formatCount(unpriced)} unknown`)}</small>` : nothing}
      </td>
      <td>${msg(str`${formatCount(input)} in`)} <small>${msg(str`${formatCount(output)} out`)}</small></td>
      <td class="wide">${cacheHitRate === null ? '–' : formatShare(cacheHitRate)}</td>
      <td>
        ${formatCount(calls)} ${failed > 0 ? html`<small>${msg(str`${formatCount(failed)} failed`)}</small>` : nothing}
      </td>
    </tr>`;
  }

  /** What the lines are called. */
  #key(): string {
    const words = {
      bot: msg('Bot'),
      model: msg('Model'),
      provider: msg('Provider'),
      purpose: msg('Purpose'),
      day: msg('Day'),
    };
    return words[this.by];
  }

  #name({ key }: Group): unknown {
    if (this.by === 'day') return html`<time datetime=${key}>${formatDate(`${key}T12:00:00`)}</time>`;
    if (this.by !== 'bot' || key === '–') return key;
    const name = this.#fleet.value?.bots.find(({ slug }) => slug === key)?.name ?? key;
    return html`<a href=${pathTo('agents', key)} dir="auto">${name}</a>`;
  }

  #chose(): void {
    const value = (name: string): string =>
      this.renderRoot.querySelector<HTMLSelectElement>(`select[name=${name}]`)?.value ?? '';
    const by = groupings.find((each) => each === value('by'));
    this.dispatchEvent(new ChoiceEvent(by ?? 'bot', value('span') === 'today' ? 'today' : 'month'));
  }
}

customElements.define('bn-usage-table', BnUsageTable);
