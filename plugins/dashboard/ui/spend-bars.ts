import {
  BnElement,
  css,
  formatCost,
  formatCount,
  formatDollars,
  html,
  msg,
  nothing,
  pathTo,
  sectionStyles,
  str,
  svg,
} from 'boternity/ui';
import type { Dashboard } from './needs.ts';

type Spend = NonNullable<Dashboard['spend']>;

/** What was spent today and in the last days, as a row of bars. */
export class BnSpendBars extends BnElement {
  static override properties = { spend: { attribute: false }, isLinked: { type: Boolean } };
  static override styles = [
    super.styles,
    sectionStyles,
    css`
      .card {
        display: grid;
        gap: var(--bn-space-3);
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
      svg {
        display: block;
        width: 100%;
        height: var(--bn-space-7);
        overflow: visible;
      }
      svg:dir(rtl) {
        scale: -1 1;
      }
      rect {
        fill: var(--bn-accent-soft);
      }
      rect.today {
        fill: var(--bn-accent);
      }
    `,
  ];
  declare spend: Spend;
  declare isLinked: boolean;

  override render(): unknown {
    const { days, limit } = this.spend;
    const today = days.at(-1);
    if (!today) return nothing;
    const total = days.reduce((sum, { cost }) => sum + (cost ?? 0), 0);
    const left = limit?.dollars ?? null;
    return html`<div class="head">
        <h2>${msg('Spent')}</h2>
        ${this.isLinked ? html`<a class="small" href=${pathTo('usage')}>${msg('Usage')}</a>` : nothing}
      </div>
      <div class="card">
        <div>
          <p class="cost">${formatCost(today.calls === 0 ? 0 : today.cost)}</p>
          <p class="soft small">
            ${left === null ? msg('today') : msg(str`of ${formatDollars(left)} today`)} ·
            ${today.calls === 1 ? msg('1 call') : msg(str`${formatCount(today.calls)} calls`)}
          </p>
        </div>
        ${this.#bars(days)}
        <p class="soft small">${msg(str`${formatDollars(total)} in ${formatCount(days.length)} days`)}</p>
      </div>`;
  }

  /** Heights stand in attributes of the drawing: the page's policy refuses styles in templates. */
  #bars(days: Spend['days']): unknown {
    const most = Math.max(...days.map(({ cost }) => cost ?? 0), Number.MIN_VALUE);
    const step = 100 / days.length;
    return html`<svg
      viewBox="0 0 100 40"
      preserveAspectRatio="none"
      role="img"
      aria-label=${msg('What was spent each day')}
    >
      ${days.map(({ cost, calls }, at) => {
        const height = calls === 0 ? 0.6 : Math.max(0.6, ((cost ?? 0) / most) * 40);
        const isToday = at === days.length - 1;
        return svg`<rect class=${isToday ? 'today' : ''} x=${at * step + step * 0.15} y=${40 - height} width=${step * 0.7} height=${height} rx="0.6"></rect>`;
      })}
    </svg>`;
  }
}

customElements.define('bn-spend-bars', BnSpendBars);
