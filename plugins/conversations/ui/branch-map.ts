import { BnElement, css, html, msg, nothing, str, svg } from 'boternity/ui';
import type { ConversationPage } from '../views.ts';
import { DeedEvent } from './events.ts';
import { MAIN, pathToLane, titleOf } from './lanes.ts';
import { rowsOf, type MapRow } from './lane-tree.ts';

/** Height of a line and width of a step, in CSS pixels; the drawing and the lines beside it share them. */
const ROW = 56;
const STEP = 18;
const MIDDLE = 22;

/**
 * All lines of a conversation as a tree: where each begins, what it was merged into, which is shown. A click goes there; so do the
 * arrow keys and Enter.
 * @event bn-deed - Merge a branch into the one that it began in.
 */
export class BnBranchMap extends BnElement {
  static override properties = { page: { attribute: false } };
  static override styles = [
    super.styles,
    css`
      .map {
        position: relative;
      }
      svg {
        position: absolute;
        inset-block-start: 0;
        inset-inline-start: 0;
        pointer-events: none;
      }
      svg:dir(rtl) {
        scale: -1 1;
      }
      path {
        fill: none;
        stroke: var(--bn-line-strong);
        stroke-width: 2;
      }
      path.merged {
        stroke: var(--bn-accent);
        stroke-dasharray: 3 4;
      }
      circle {
        fill: var(--bn-ground-raised);
        stroke: var(--bn-ink-soft);
        stroke-width: 2;
      }
      circle.shown {
        fill: var(--bn-accent);
        stroke: var(--bn-accent);
      }
      li {
        display: flex;
        align-items: center;
        gap: var(--bn-space-1);
        height: 56px;
      }
      a {
        display: grid;
        flex: 1;
        align-content: center;
        min-width: 0;
        height: 48px;
        padding-inline: var(--bn-space-2);
        border-radius: var(--bn-radius-s);
        color: var(--bn-ink);
        text-decoration: none;
      }
      a:hover {
        background: var(--bn-ground-hover);
      }
      a[aria-current] {
        background: var(--bn-accent-soft);
      }
      .title,
      .more {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        unicode-bidi: plaintext;
        text-align: start;
      }
      .more {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-xs);
      }
      .small {
        font-size: var(--bn-text-s);
      }
      .gap {
        flex: none;
      }
      p {
        margin-block-start: var(--bn-space-3);
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
      }
    `,
  ];
  declare page: ConversationPage | undefined;

  override render(): unknown {
    const { page } = this;
    if (!page) return nothing;
    const rows = rowsOf(page.lanes);
    const width = (Math.max(...rows.map(({ depth }) => depth)) + 1) * STEP + 8;
    return html`<div class="map">
        <svg width=${width} height=${rows.length * ROW} aria-hidden="true">
          ${rows.map((row, at) => this.#line(row, at, rows))} ${rows.map((row, at) => this.#dot(row, at, page.lane))}
        </svg>
        <ol
          role="list"
          aria-label=${msg('Branches of this conversation')}
          @keydown=${(event: KeyboardEvent) => this.#key(event)}
        >
          ${rows.map((row) => this.#row(row, page))}
        </ol>
      </div>
      ${
        rows.length === 1
          ? html`<p>${msg('There is one line. Branches, threads and checkpoints begin in the menu of a message.')}</p>`
          : nothing
      }`;
  }

  override updated(): void {
    // The drawing is as wide as its deepest line; inline styles are not allowed, this is.
    for (const gap of this.renderRoot.querySelectorAll<HTMLElement>('.gap'))
      gap.style.setProperty('width', `${gap.dataset['width'] ?? 0}px`);
  }

  #row({ lane, depth }: MapRow, page: ConversationPage): unknown {
    const { id, archived } = lane;
    const parent = page.lanes.find((each) => each.id === lane.parent);
    const mayMerge = parent && lane.kind !== 'checkpoint' && lane.mergedInto === null && !archived && !parent.archived;
    return html`<li>
      <span class="gap" data-width=${(depth + 1) * STEP + 8}></span>
      <a href=${pathToLane(page.id, id)} aria-current=${id === page.lane ? 'page' : nothing}>
        <span class="title">${titleOf(lane)}</span><span class="more">${notesOf(lane, page)}</span>
      </a>
      ${
        mayMerge
          ? html`<button
              class="quiet small"
              aria-label=${msg(str`Merge ${titleOf(lane)} into ${titleOf(parent)}`)}
              title=${msg(str`Merge into ${titleOf(parent)}`)}
              @click=${() => this.dispatchEvent(new DeedEvent({ action: 'branches.merge', branches: [id], into: parent.id }))}
            >
              ${msg('Merge')}
            </button>`
          : nothing
      }
    </li>`;
  }

  #line({ lane, depth }: MapRow, at: number, rows: readonly MapRow[]): unknown {
    const [x, y] = placeOf(depth, at);
    const from = rows.findIndex((row) => row.lane.id === lane.parent);
    const into = rows.findIndex((row) => row.lane.id === lane.mergedInto);
    const fromRow = rows[from];
    const intoRow = rows[into];
    const [px, py] = placeOf(fromRow?.depth ?? 0, Math.max(0, from));
    return svg`${fromRow ? svg`<path d="M${px} ${py}V${y - 12}Q${px} ${y} ${x} ${y}"></path>` : nothing}${
      intoRow ? svg`<path class="merged" d=${mergedPath([x, y], placeOf(intoRow.depth, into))}></path>` : nothing
    }`;
  }

  #dot({ lane, depth }: MapRow, at: number, shown: string): unknown {
    const [x, y] = placeOf(depth, at);
    return svg`<circle cx=${x} cy=${y} r=${lane.kind === 'checkpoint' ? 3.5 : 6} class=${lane.id === shown ? 'shown' : ''}></circle>`;
  }

  #key(event: KeyboardEvent): void {
    const links = [...this.renderRoot.querySelectorAll('a')];
    const at = links.findIndex((link) => link === this.shadowRoot?.activeElement);
    const places: Record<string, number> = { ArrowDown: at + 1, ArrowUp: Math.max(0, at - 1), Home: 0, End: -1 };
    const place = places[event.key];
    if (place === undefined) return;
    event.preventDefault();
    links.at(Math.min(place, links.length - 1))?.focus();
  }
}

function placeOf(depth: number, at: number): readonly [number, number] {
  return [MIDDLE - 10 + depth * STEP, at * ROW + ROW / 2];
}

function mergedPath([x, y]: readonly [number, number], [tx, ty]: readonly [number, number]): string {
  const side = Math.max(x, tx) + 14;
  return `M${x} ${y}C${side} ${y} ${side} ${ty} ${tx} ${ty}`;
}

type Lane = ConversationPage['lanes'][number];

function notesOf(lane: Lane, page: ConversationPage): string {
  const kinds = { main: msg('main line'), branch: msg('branch'), thread: msg('thread'), checkpoint: msg('checkpoint') };
  const into = page.lanes.find(({ id }) => id === lane.mergedInto);
  return [
    kinds[lane.kind],
    lane.archived && lane.id !== MAIN ? msg('archived') : '',
    into ? msg(str`merged into ${titleOf(into)}`) : '',
    lane.id === page.lane ? msg('shown now') : '',
  ]
    .filter(Boolean)
    .join(' · ');
}

customElements.define('bn-branch-map', BnBranchMap);
