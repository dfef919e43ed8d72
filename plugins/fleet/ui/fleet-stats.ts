import { BnElement, css, formatCount, formatDollars, html, msg, nothing, pathTo } from 'boternity/ui';
import { belongs, queryOf, type Activities, type Listed, type Show, type View } from './fleet-view.ts';

/** The fleet in figures. Those that count bots are links that show only these. */
export class BnFleetStats extends BnElement {
  static override properties = {
    bots: { attribute: false },
    activities: { attribute: false },
    view: { attribute: false },
  };
  static override styles = [
    super.styles,
    css`
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: var(--bn-space-2);
      }
      li {
        display: grid;
        flex: none;
      }
      @media (width < 52rem) {
        ul {
          flex-wrap: nowrap;
          margin-inline: calc(-1 * var(--bn-space-4));
          padding: var(--bn-ring) var(--bn-space-4);
          overflow-x: auto;
          scrollbar-width: none;
        }
      }
      :is(a, .figure) {
        display: grid;
        min-width: 5.5rem;
        padding: var(--bn-space-2) var(--bn-space-3);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        color: var(--bn-ink);
        text-decoration: none;
      }
      a {
        background: var(--bn-ground-raised);
      }
      .figure {
        border-color: transparent;
      }
      a:hover {
        border-color: var(--bn-line-strong);
      }
      a[aria-current] {
        border-color: var(--bn-accent);
        background: var(--bn-accent-soft);
      }
      strong {
        font-size: var(--bn-text-l);
        font-variant-numeric: tabular-nums;
      }
      span {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-xs);
        white-space: nowrap;
      }
      .wrong strong {
        color: var(--bn-danger);
      }
      .waits strong {
        color: var(--bn-warning);
      }
    `,
  ];
  declare bots: readonly Listed[];
  declare activities: Activities;
  declare view: View | undefined;

  constructor() {
    super();
    this.bots = [];
    this.activities = new Map();
  }

  override render(): unknown {
    const all = [...this.activities.values()];
    const talks = all.reduce((sum, { conversations }) => sum + conversations, 0);
    const spend = all.reduce((sum, { spend: each }) => sum + (each ?? 0), 0);
    const figure = (value: string, word: string): unknown =>
      html`<li>
        <div class="figure"><strong>${value}</strong><span>${word}</span></div>
      </li>`;
    return html`<ul aria-label=${msg('The fleet in figures')}>
      ${this.#link('all', msg('bots'))} ${this.#link('active', msg('awake'))}
      ${this.#link('running', msg('answer now'))} ${this.#link('problems', msg('with problems'), 'wrong')}
      ${this.#link('waiting', msg('wait for you'), 'waits')} ${this.#link('disabled', msg('asleep'))}
      ${this.#link('archived', msg('archived'))} ${figure(formatCount(talks), msg('conversations'))}
      ${figure(formatDollars(spend), msg('today'))}
    </ul>`;
  }

  #link(show: Show, word: string, look = ''): unknown {
    const { view } = this;
    const count = this.bots.filter((bot) => belongs(bot, show, this.activities)).length;
    const isAlways = show === 'all' || show === 'active';
    if (!view || (count === 0 && !isAlways && view.show !== show)) return nothing;
    return html`<li>
      <a
        class=${look}
        href=${pathTo('agents') + queryOf({ ...view, show })}
        aria-current=${view.show === show ? 'true' : nothing}
        ><strong>${formatCount(count)}</strong><span>${word}</span></a
      >
    </li>`;
  }
}

customElements.define('bn-fleet-stats', BnFleetStats);
