import { css, html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { CallError } from './call-error.ts';
import { clientContext, fleetContext, routeContext } from './contexts.ts';
import './conversation-line.ts';
import type { BnConversationResults } from './conversation-results.ts';
import { BnElement } from './element.ts';
import { FleetChangedEvent } from './events.ts';
import type { ConversationLine } from './fleet.ts';
import { groupByRecency } from './format.ts';
import './icon.ts';
import { lineStyles } from './line-styles.ts';
import { pathTo } from './router.ts';

const SHOWN_ARCHIVED = 200;

/** Conversations by how long ago they changed, those in the archive, and what a search finds among either. */
export class BnConversationList extends BnElement {
  static override properties = {
    words: { state: true },
    isArchive: { state: true },
    archived: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    lineStyles,
    css`
      .search {
        position: relative;
        margin: var(--bn-space-4) var(--bn-space-2) 0;
      }
      .search bn-icon {
        position: absolute;
        top: 50%;
        left: var(--bn-space-3);
        translate: 0 -50%;
        color: var(--bn-ink-soft);
        pointer-events: none;
      }
      input {
        padding-left: calc(var(--bn-space-3) + 1.75em);
        border-color: var(--bn-line);
      }
      .archive {
        width: 100%;
        justify-content: start;
        margin-top: var(--bn-space-3);
        padding: 0 var(--bn-space-2);
        font-weight: inherit;
      }
      .row {
        display: flex;
        align-items: center;
      }
      .row bn-conversation-line {
        flex: 1;
        min-width: 0;
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
  readonly #client = this.watch(clientContext);
  readonly #fleet = this.watch(fleetContext);
  readonly #route = this.watch(routeContext);
  #shown: unknown;

  constructor() {
    super();
    this.words = '';
    this.isArchive = false;
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
          aria-label=${this.isArchive ? 'Search the archive' : 'Search conversations'}
          placeholder=${this.isArchive ? 'Search the archive' : 'Search'}
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
        <bn-icon name="folder"></bn-icon>${this.isArchive ? 'Leave the archive' : 'Archived'}
      </button>
    `;
  }

  #lists(): unknown {
    if (this.isArchive) return this.#archive();
    return groupByRecency(this.#fleet.value?.conversations ?? []).map(
      ({ title, items }) =>
        html`<section aria-label="Conversations: ${title}">
          <h2 aria-hidden="true">${title}</h2>
          <ul>
            ${repeat(
              items,
              (item) => item.id,
              (item) => html`<li>${this.#line(item)}</li>`,
            )}
          </ul>
        </section>`,
    );
  }

  #archive(): unknown {
    const { archived, error } = this;
    return html`<section aria-label="Archived conversations">
      <h2 aria-hidden="true">Archived</h2>
      ${error ? html`<p class="soft" role="alert">${error.message} ${error.hint}</p>` : nothing}
      ${archived?.length === 0 ? html`<p class="soft">Nothing is archived.</p>` : nothing}
      <ul>
        ${repeat(
          archived ?? [],
          (item) => item.id,
          (item) =>
            html`<li class="row">
              ${this.#line(item)}
              <button
                class="quiet square"
                aria-label="Take out of the archive: ${item.title}"
                title="Take out of the archive"
                @click=${() => void this.#takeOut(item)}
              >
                <bn-icon name="refresh"></bn-icon>
              </button>
            </li>`,
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

  async #takeOut({ id }: ConversationLine): Promise<void> {
    try {
      await this.#client.value?.call('conversations.unarchive', { conversation: id });
      this.dispatchEvent(new FleetChangedEvent());
      await this.#readArchive();
      this.renderRoot.querySelector<HTMLElement>('input')?.focus();
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
