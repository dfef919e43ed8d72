import { css, formatFullTime, formatTime, html, nothing, pathTo, svg, msg, str, formatScore } from 'boternity/ui';
import { categories, isExpired, kinds, type MemoryView } from './words.ts';

/** A memory of a list; with a score where it was searched for. */
export type Line = MemoryView & { readonly score?: number };

/** From where on something fits well, and somewhat. */
const WELL = 0.7;
const SOMEWHAT = 0.4;

export const lineStyles = css`
  .line {
    display: grid;
    gap: var(--bn-space-1);
    padding: var(--bn-space-3) var(--bn-space-4);
    color: var(--bn-ink);
    text-decoration: none;
  }
  a.line:hover {
    background: var(--bn-ground-hover);
  }
  a.line:focus-visible {
    outline-offset: calc(-1 * var(--bn-ring));
  }
  .text {
    display: -webkit-box;
    overflow: hidden;
    overflow-wrap: anywhere;
    white-space: pre-line;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 3;
  }
  .text.past {
    color: var(--bn-ink-soft);
  }
  .about {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--bn-space-1) var(--bn-space-3);
    color: var(--bn-ink-soft);
    font-size: var(--bn-text-xs);
    font-variant-numeric: tabular-nums;
  }
  .badge {
    padding: 0 var(--bn-space-2);
    border-radius: var(--bn-radius-full);
    background: var(--bn-accent-soft);
    color: var(--bn-ink);
  }
  .badge.past {
    background: var(--bn-warning-soft);
    color: var(--bn-warning);
  }
  .dots {
    width: 2.75rem;
    height: 0.5rem;
    fill: var(--bn-line-strong);
  }
  .dots circle:not(.full) {
    fill: var(--bn-line);
  }
  .importance {
    display: inline-flex;
    align-items: center;
  }
  .end {
    margin-inline-start: auto;
  }
  .score {
    --tone: var(--bn-ink-soft);
    display: inline-flex;
    align-items: center;
    gap: var(--bn-space-2);
    color: var(--tone);
    font-weight: var(--bn-weight-strong);
  }
  .score.well {
    --tone: var(--bn-accent);
  }
  .score.somewhat {
    --tone: var(--bn-warning);
  }
  .score svg {
    width: 3.5rem;
    height: 0.375rem;
    border-radius: var(--bn-radius-full);
    background: var(--bn-line);
    overflow: hidden;
  }
  .score rect {
    fill: var(--tone);
  }
  @media (forced-colors: active) {
    .badge {
      border: var(--bn-border) solid CanvasText;
    }
    .score svg {
      border: var(--bn-border) solid CanvasText;
    }
    .score rect,
    .dots circle.full {
      fill: CanvasText;
    }
  }
`;

/** One memory as a link to it. */
export function memoryLink(bot: string, line: Line): unknown {
  return html`<a class="line" href=${pathTo('memory', bot, line.id)}>${memoryLine(line)}</a>`;
}

/** Its text, and below what kind of memory it is. */
export function memoryLine(line: Line): unknown {
  const isPast = line.superseded_by !== undefined || isExpired(line);
  return html`<span class="text ${isPast ? 'past' : ''}" dir="auto">${line.text}</span>
    <span class="about">
      ${line.score === undefined ? nothing : score(line.score)} ${badges(line)} ${importance(line.importance)}
      <time class="end" datetime=${line.created_at} title=${formatFullTime(line.created_at)}
        >${formatTime(line.created_at)}</time
      >
    </span>`;
}

export function badges(memory: MemoryView): unknown {
  const { category, kind, superseded_by } = memory;
  return html`<span class="badge">${categories()[category]}</span>
    ${kind === 'fact' ? nothing : html`<span class="badge">${kinds()[kind]}</span>`}
    ${superseded_by === undefined ? nothing : html`<span class="badge past">${msg('Replaced')}</span>`}
    ${isExpired(memory) ? html`<span class="badge past">${msg('Expired')}</span>` : nothing}`;
}

export function importance(value: number): unknown {
  const words = msg(str`Importance ${value} of 5`);
  return html`<span class="importance" title=${words}>
    <svg class="dots" viewBox="0 0 44 8" aria-hidden="true">${[1, 2, 3, 4, 5].map((each) => dot(each, value))}</svg>
    <span class="visually-hidden">${words}</span>
  </span>`;
}

/** How well it fits, as a bar and a number; the colour says no more than these. */
function score(value: number): unknown {
  const look = value >= WELL ? 'well' : value >= SOMEWHAT ? 'somewhat' : 'little';
  return html`<span class="score ${look}" title=${msg('How well it fits what you look for, from 0 to 1')}>
    <svg aria-hidden="true"><rect width="${Math.min(1, value) * 100}%" height="100%"></rect></svg>
    <span><span class="visually-hidden">${msg('fits')} </span>${formatScore(value)}</span>
  </span>`;
}

function dot(place: number, value: number): unknown {
  return svg`<circle class=${place <= value ? 'full' : ''} cx=${place * 9 - 5} cy="4" r="3"></circle>`;
}
