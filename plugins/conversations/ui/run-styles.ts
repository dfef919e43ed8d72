import { css, html, sectionStyles, type CSSResultGroup } from 'boternity/ui';

/** What the parts of the page of a run share: headings, names with values, bars. */
export const runStyles: CSSResultGroup = [
  sectionStyles,
  css`
    ol {
      list-style: none;
    }
    .ways li {
      display: flex;
      align-items: start;
      gap: var(--bn-space-3);
      padding: var(--bn-space-2) var(--bn-space-4);
    }
    .ways bn-icon {
      margin-block-start: 0.15em;
      color: var(--bn-ink-soft);
    }
    .ways bn-icon.wrong {
      color: var(--bn-danger);
    }
    .ways span {
      min-width: 0;
      overflow-wrap: anywhere;
    }
    .ways .name {
      flex: 1;
    }
    .ways [aria-current] {
      background: var(--bn-accent-soft);
    }
    .numbers {
      color: var(--bn-ink-soft);
      font-size: var(--bn-text-s);
      font-variant-numeric: tabular-nums;
      white-space: nowrap;
    }
    .facts.figures {
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(min(8.5rem, 45%), 1fr));
      gap: var(--bn-space-3);
    }
    .figures > div {
      padding: var(--bn-space-3) var(--bn-space-4);
      border: var(--bn-border) solid var(--bn-line);
      border-radius: var(--bn-radius-m);
      background: var(--bn-ground-raised);
    }
    .figures dt {
      font-size: var(--bn-text-xs);
    }
    .figures dd {
      font-size: var(--bn-text-l);
      font-weight: var(--bn-weight-strong);
    }
    .notices {
      display: grid;
      gap: var(--bn-space-2);
    }
    .bar {
      display: block;
      width: 100%;
      height: 0.5rem;
      border-radius: var(--bn-radius-full);
      background: var(--bn-line);
      overflow: hidden;
    }
    .bar rect {
      fill: var(--bn-accent);
    }
    .bar.light rect {
      fill: var(--bn-line-strong);
    }
    .bar.bad rect {
      fill: var(--bn-danger);
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

/** Smallest share of a bar that is still seen. */
const LEAST = 0.006;

/** A piece of a line: where it begins and how long it is, as shares of the whole. The numbers stand beside it as text. */
export function bar(start: number, length: number, look: 'plain' | 'light' | 'bad' = 'plain'): unknown {
  const width = Math.min(1, Math.max(LEAST, length));
  return html`<svg class="bar ${look}" aria-hidden="true">
    <rect x="${Math.min(start, 1 - width) * 100}%" width="${width * 100}%" height="100%"></rect>
  </svg>`;
}
