import { css, html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { CallError } from '../live/call-error.ts';
import { clientContext, fleetContext, routeContext } from '../contexts.ts';
import type { BnConversationDeeds, Deed } from './conversation-deeds.ts';
import './conversation-line.ts';
import type { BnConversationResults } from './conversation-results.ts';
import { BnElement } from '../elements/element.ts';
import type { BnMenu, MenuItem } from '../elements/menu.ts';
import { msg, str } from '../language.ts';
import type { ConversationLine } from '../live/fleet.ts';
import { groupByRecency } from '../format.ts';
import '../elements/icon.ts';
import { navigationLines } from './navigation-lines.ts';
import { pathTo } from '../router.ts';

const SHOWN_ARCHIVED = 200;

/** Conversations by how long ago they changed, those in the archive, and what a search finds among either. */
export class BnConversationList extends BnElement {
  static override properties = {
    words: { state: true },
    isArchive: { state: true },
    archived: { state: true },
    error: { state: true },
    menuOf: { state: true },
  };
  static override styles = [
    super.styles,
    navigationLines,
    css`
      .search {
        position: relative;
        margin: var(--bn-space-4) var(--bn-space-2) 0;
      }
      .search bn-icon {
        position: absolute;
        top: 50%;
        inset-inline-start: var(--bn-space-3);
        translate: 0 -50%;
        color: var(--bn-ink-soft);
        pointer-events: none;
      }
      input {
        padding-inline-start: calc(var(--bn-space-3) + 1.75em);
        border-color: var(--bn-line);
      }
      .archive {
        width: 100%;
        justify-content: start;
        margin-block-start: var(--bn-space-3);
        padding: 0 var(--bn-space-2);
        font-weight: inherit;
      }
      .row {
        display: flex;
        align-items: center;
      }
      .row {
        position: relative;
      }
      .row bn-conversation-line {
        flex: 1;
        min-width: 0;
      }
      .more {
        position: absolute;
        inset-inline-end: 0;
        color: var(--bn-ink-soft);
        opacity: 0;
      }
      .row:is(:hover, :focus-within) .more {
        opacity: 1;
        background: var(--bn-ground-hover);
        border-radius: var(--bn-radius-m);
      }
      @media (pointer: coarse) {
        .more {
          position: static;
          opacity: 1;
        }
      }
      .soft {
        padding: var(--bn-space-2);
        color: var(--bn-ink-soft);
        text-wrap: pretty;
      }
    `,
  ];
  declare words: string;
  /** Whether what is archived is shown, in place of the rest. */
  declare isArchive: boolean;
  declare archived: readonly ConversationLine[] | undefined;
  declare error: CallError | undefined;
  /** The conversation whose menu was wanted: a menu is made for a line when somebody opens it. */
  declare menuOf: string;
  readonly #client = this.watch(clientContext);
  readonly #fleet = this.watch(fleetContext);
  readonly #route = this.watch(routeContext);
  #shown: unknown;

  constructor() {
    super();
    this.words = '';
    this.isArchive = false;
    this.menuOf = '';
  }

  override willUpdate(): void {
    // What is archived changes when the rest does.
    const conversations = this.#fleet.value?.conversations;
    if (this.isArchive && this.#shown !== conversations) void this.#readArchive();
    this.#shown = conversations;
    if (this.words !== '') void import('./conversation-results.ts');
  }

  override render(): unknown {
    return html`
      <div class="search" role="search">
        <bn-icon name="search"></bn-icon>
        <input
          type="search"
          aria-label=${this.isArchive ? msg('Search the archive') : msg('Search conversations')}
          placeholder=${this.isArchive ? msg('Search the archive') : msg('Search')}
          autocomplete="off"
          maxlength="500"
          .value=${this.words}
          @input=${(event: InputEvent) => (this.words = (event.target as HTMLInputElement).value)}
          @keydown=${(event: KeyboardEvent) => this.#press(event)}
        />
      </div>
      ${
        this.words.trim() === ''
          ? this.#lists()
          : html`<bn-conversation-results
              .words=${this.words}
              .isArchive=${this.isArchive}
              @keydown=${(event: KeyboardEvent) => this.#press(event)}
            ></bn-conversation-results>`
      }
      <button class="quiet archive" aria-pressed=${this.isArchive} @click=${() => this.#toggle()}>
        <bn-icon name="archive"></bn-icon>${this.isArchive ? msg('Leave the archive') : msg('Archived')}
      </button>
      <bn-conversation-deeds></bn-conversation-deeds>
    `;
  }

  #lists(): unknown {
    if (this.isArchive) return this.#archive();
    return groupByRecency(this.#fleet.value?.conversations ?? []).map(({ title, items }) => {
      return html`<section aria-label=${msg(str`Conversations: ${title}`)}>
        <h2 aria-hidden="true">${title}</h2>
        <ul>
          ${repeat(
            items,
            (item) => item.id,
            (item) => html`<li class="row">${this.#line(item)}${this.#more(item, false)}</li>`,
          )}
        </ul>
      </section>`;
    });
  }

  #archive(): unknown {
    const { archived, error } = this;
    return html`<section aria-label=${msg('Archived conversations')}>
      <h2 aria-hidden="true">${msg('Archived')}</h2>
      ${error ? html`<p class="soft" role="alert">${error.message} ${error.hint}</p>` : nothing}
      ${archived?.length === 0 ? html`<p class="soft">${msg('Nothing is archived.')}</p>` : nothing}
      <ul>
        ${repeat(
          archived ?? [],
          (item) => item.id,
          (item) => html`<li class="row">${this.#line(item)} ${this.#more(item, true)}</li>`,
        )}
      </ul>
    </section>`;
  }

  #line(item: ConversationLine): unknown {
    const path = pathTo('conversations', item.id);
    const here = this.#route.value?.path ?? '';
    return html`<bn-conversation-line
      .line=${item}
      .isCurrent=${here === path || here.startsWith(`${path}/`)}
    ></bn-conversation-line>`;
  }

  #more(item: ConversationLine, isAway: boolean): unknown {
    const label = msg(str`More about ${item.title || msg('New conversation')}`);
    if (this.menuOf === item.id)
      return html`<bn-menu class="more" label=${label} .items=${this.#items(item, isAway)}></bn-menu>`;
    return html`<button
      class="quiet square more"
      aria-label=${label}
      aria-haspopup="menu"
      aria-expanded="false"
      @click=${() => void this.#openMenu(item)}
    >
      <bn-icon name="more"></bn-icon>
    </button>`;
  }

  #items(item: ConversationLine, isAway: boolean): (MenuItem | 'line')[] {
    const line = (deed: Deed, label: string, icon: string): MenuItem => ({
      label,
      icon,
      tone: deed === 'delete' ? 'danger' : 'plain',
      run: () => void this.#do(deed, item),
    });
    return [
      line('rename', msg('Rename'), 'pencil'),
      isAway ? line('unarchive', msg('Take out of the archive'), 'undo') : line('archive', msg('Archive'), 'archive'),
      line('markdown', msg('Export as Markdown'), 'download'),
      line('json', msg('Export as JSON'), 'download'),
      'line',
      line('delete', msg('Delete'), 'trash'),
    ];
  }

  async #openMenu({ id }: ConversationLine): Promise<void> {
    this.menuOf = id;
    await Promise.all([import('../elements/menu.ts'), import('./conversation-deeds.ts')]);
    await this.updateComplete;
    await this.renderRoot.querySelector<BnMenu>('bn-menu.more')?.show();
  }

  async #do(deed: Deed, item: ConversationLine): Promise<void> {
    await this.renderRoot.querySelector<BnConversationDeeds>('bn-conversation-deeds')?.begin(deed, item);
    if (this.isArchive) await this.#readArchive();
  }

  #toggle(): void {
    this.isArchive = !this.isArchive;
    this.words = '';
    if (this.isArchive) void this.#readArchive();
  }

  async #readArchive(): Promise<void> {
    const client = this.#client.value;
    if (!client) return;
    try {
      const input = { archived: true, limit: SHOWN_ARCHIVED };
      const { conversations } = (await client.call('conversations.list', input)) as {
        conversations: ConversationLine[];
      };
      this.archived = conversations;
      this.error = undefined;
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }

  /** Arrows go from the field through what was found and back; Escape empties the field. */
  #press(event: KeyboardEvent): void {
    const input = this.renderRoot.querySelector<HTMLElement>('input');
    if (event.key === 'Escape' && this.words !== '') {
      this.words = '';
      input?.focus();
    } else if (event.key === 'Enter' && event.target === input) this.#results()?.openFirst?.();
    else if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    else if (!this.#results()?.step?.(event.key === 'ArrowDown' ? 1 : -1)) input?.focus();
    event.preventDefault();
    event.stopPropagation();
  }

  /** Its module comes with the first letter. */
  #results(): Partial<BnConversationResults> | null {
    return this.renderRoot.querySelector<BnConversationResults>('bn-conversation-results');
  }
}

customElements.define('bn-conversation-list', BnConversationList);
