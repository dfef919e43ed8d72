import { BnElement, css, html, msg, navigate, nothing } from 'boternity/ui';
import type { ConversationPage } from '../views.ts';
import { MapEvent } from './events.ts';
import { MAIN, pathToLane } from './lanes.ts';

type Lane = ConversationPage['lanes'][number];

/** Which of its branches a conversation shows, where there are several. */
export class BnBranches extends BnElement {
  static override properties = { page: { attribute: false } };
  static override styles = [
    super.styles,
    css`
      div {
        display: flex;
        align-items: center;
        gap: var(--bn-space-2);
        padding: var(--bn-space-1) var(--bn-space-5);
        border-block-end: var(--bn-border) solid var(--bn-line);
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
      }
      label {
        display: flex;
        align-items: center;
        gap: var(--bn-space-2);
        min-width: 0;
      }
      select {
        min-width: 0;
        max-width: 24rem;
        padding-block: 0;
        border-color: var(--bn-line);
        text-overflow: ellipsis;
      }
      a {
        margin-inline-start: auto;
        white-space: nowrap;
      }
      @media (width < 52rem) {
        div {
          padding-inline: var(--bn-space-3);
        }
      }
    `,
  ];
  declare page: ConversationPage | undefined;

  override render(): unknown {
    const { page } = this;
    if (!page || page.lanes.length < 2) return nothing;
    return html`<div>
      <label>
        <span class="visually-hidden">${msg('Branch')}</span>
        <select @change=${(event: Event) => navigate(pathToLane(page.id, (event.target as HTMLSelectElement).value))}>
          ${page.lanes.map(
            (lane) => html`<option value=${lane.id} .selected=${lane.id === page.lane}>${labelOf(lane)}</option>`,
          )}
        </select>
      </label>
      <button
        class="quiet square"
        aria-label=${msg('Map of the branches')}
        title=${msg('Map of the branches')}
        @click=${() => this.dispatchEvent(new MapEvent())}
      >
        <bn-icon name="branch"></bn-icon>
      </button>
      ${page.lane === MAIN ? nothing : html`<a href=${pathToLane(page.id, MAIN)}>${msg('Back to main')}</a>`}
    </div>`;
  }
}

function labelOf({ kind, title, archived, mergedInto }: Lane): string {
  const name = kind === 'main' ? msg('Main') : title;
  const notes = [
    kind === 'main' || title.toLowerCase().includes(kind) ? '' : kind,
    archived && kind !== 'main' ? msg('archived') : '',
    mergedInto === null ? '' : msg('merged'),
  ].filter(Boolean);
  return [name, ...notes].join(' · ');
}

customElements.define('bn-branches', BnBranches);
