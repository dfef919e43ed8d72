import {
  addWords,
  BnElement,
  CallError,
  clientContext,
  css,
  html,
  msg,
  nothing,
  showTitle,
  type Answer,
  pageStyles,
} from 'boternity/ui';
import './usage-limit.ts';
import { firstOf, type Span } from './days.ts';
import './usage-table.ts';
import type { ChoiceEvent, Grouping } from './usage-table.ts';
import { figures } from './figures.ts';

type Usage = Answer<'usage.show'>;

/** Usage: what the calls of models took and cost, and the limit of a day. */
export class BnUsagePanel extends BnElement {
  static override properties = {
    today: { state: true },
    month: { state: true },
    groups: { state: true },
    by: { state: true },
    span: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    pageStyles,
    css`
      .column {
        gap: var(--bn-space-6);
      }
      .totals {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr));
        gap: var(--bn-space-4);
      }
      .card {
        padding: var(--bn-space-4);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        background: var(--bn-ground-raised);
      }
      .cost {
        font-size: var(--bn-text-2xl);
        font-weight: var(--bn-weight-strong);
        line-height: 1.25;
        letter-spacing: -0.015em;
      }
      .soft {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
      }
      .card dl {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: var(--bn-space-1) var(--bn-space-4);
        margin: var(--bn-space-3) 0 0;
        font-size: var(--bn-text-s);
      }
      .card dt {
        color: var(--bn-ink-soft);
      }
      .card dd {
        margin: 0;
        text-align: end;
        font-variant-numeric: tabular-nums;
      }
      .card .soft {
        margin-top: var(--bn-space-3);
      }
    `,
  ];
  declare today: Usage['total'] | undefined;
  declare month: Usage['total'] | undefined;
  declare groups: Usage['groups'] | undefined;
  declare by: Grouping;
  declare span: Span;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);
  /** How the groups shall be made that are read next. */
  #wanted: { readonly by: Grouping; readonly span: Span } = { by: 'bot', span: 'month' };

  constructor() {
    super();
    this.by = this.#wanted.by;
    this.span = this.#wanted.span;
    this.whileConnected(() => {
      const look = (): void => void (document.visibilityState === 'visible' && this.#read());
      document.addEventListener('visibilitychange', look);
      return () => document.removeEventListener('visibilitychange', look);
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.updateComplete.then(() => this.#read());
  }

  override updated(): void {
    showTitle(msg('Usage'));
  }

  override render(): unknown {
    const { error, today: day, month, groups } = this;
    return html`
      <bn-header>
        <h1>${msg('Usage')}</h1>
        <button
          slot="end"
          class="quiet square"
          aria-label=${msg('Read again')}
          title=${msg('Read again')}
          @click=${() => void this.#read()}
        >
          <bn-icon name="refresh"></bn-icon>
        </button>
      </bn-header>
      <div class="scroll" tabindex="0" role="group" aria-label=${msg('Usage')}>
        <div class="column">
          ${
            error
              ? html`<bn-notice tone="danger" role="alert"><strong>${error.message}</strong> ${error.hint}</bn-notice>`
              : nothing
          }
          ${
            day && month
              ? html`<div class="totals">${figures(msg('Today'), day)} ${figures(msg('Last 30 days'), month)}</div>`
              : nothing
          }
          <bn-usage-limit .spent=${day}></bn-usage-limit>
          ${
            groups
              ? html`<bn-usage-table
                  .groups=${groups}
                  .by=${this.by}
                  .span=${this.span}
                  @bn-choice=${(event: ChoiceEvent) => this.#choose(event)}
                ></bn-usage-table>`
              : nothing
          }
        </div>
      </div>
    `;
  }

  #choose({ by, span }: ChoiceEvent): void {
    this.#wanted = { by, span };
    void this.#read();
  }

  async #read(): Promise<void> {
    const client = this.#client.value;
    const wanted = this.#wanted;
    if (!client) return;
    const { by, span } = wanted;
    try {
      const [day, month, grouped] = await Promise.all([
        client.call('usage.show', {}),
        client.call('usage.show', { from: firstOf('month') }),
        client.call('usage.show', { from: firstOf(span), by }),
      ]);
      if (wanted !== this.#wanted) return;
      this.by = by;
      this.span = span;
      this.today = day.total;
      this.month = month.total;
      this.groups = grouped.groups;
      this.error = undefined;
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }
}

addWords({ de: () => import('./words-de.ts') });
customElements.define('bn-usage-panel', BnUsagePanel);
