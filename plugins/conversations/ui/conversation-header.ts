import { BnElement, css, html, nothing, pathTo, type BotLine } from 'boternity/ui';
import type { ConversationPage } from '../views.ts';
import { DeedEvent, RemoveEvent } from './events.ts';
import { MAIN } from './lanes.ts';
import './menu.ts';
import type { MenuItem } from './menu.ts';

/**
 * Title, bot, connection and branches of a conversation, and what can be done with it as a whole.
 * @event bn-deed - A new title, archive. @event bn-remove - It shall be deleted for good.
 */
export class BnConversationHeader extends BnElement {
  static override properties = {
    page: { attribute: false },
    look: { attribute: false },
    isLost: { type: Boolean },
    isGone: { type: Boolean },
    asking: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      :host {
        flex: none;
      }
      h1 {
        overflow: hidden;
        font-size: var(--bn-text-m);
        text-overflow: ellipsis;
        text-wrap: nowrap;
        white-space: nowrap;
      }
      .with {
        display: block;
        width: fit-content;
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-xs);
        text-decoration: none;
      }
      .with:hover {
        text-decoration: underline;
      }
      .state {
        display: inline-flex;
        align-items: center;
        gap: var(--bn-space-2);
        padding: var(--bn-space-1) var(--bn-space-3);
        border-radius: var(--bn-radius-full);
        background: var(--bn-warning-soft);
        font-size: var(--bn-text-xs);
        white-space: nowrap;
      }
      .state bn-icon {
        color: var(--bn-warning);
      }
      label {
        font-size: var(--bn-text-s);
      }
      .row {
        display: flex;
        justify-content: end;
        gap: var(--bn-space-2);
        margin-top: var(--bn-space-5);
      }
    `,
  ];
  declare page: ConversationPage | undefined;
  declare look: Pick<BotLine, 'name' | 'emoji' | 'accentColor'> | undefined;
  /** The connection is lost. */
  declare isLost: boolean;
  /** It was deleted. */
  declare isGone: boolean;
  /** What a dialog asks for: a title of a branch, or whether all shall be deleted. */
  declare asking: { readonly lane: string; readonly title: string } | 'delete' | undefined;

  constructor() {
    super();
    this.isLost = false;
    this.isGone = false;
  }

  override willUpdate(): void {
    if (this.page && this.page.lanes.length > 1) void import('./branches.ts');
  }

  override render(): unknown {
    const { page, look } = this;
    if (!page) return nothing;
    return html`<bn-header>
        <bn-avatar slot="start" .emoji=${look?.emoji} .name=${look?.name} .color=${look?.accentColor}></bn-avatar>
        <h1>${page.title || 'New conversation'}</h1>
        <a class="with" href=${pathTo('bots', page.bot.slug)}>${look?.name ?? page.bot.name}</a>
        ${this.#connection()}
        ${
          this.isGone
            ? nothing
            : html`<bn-menu slot="end" label="More about this conversation" .items=${this.#items(page)}></bn-menu>`
        }
      </bn-header>
      <bn-branches .page=${page}></bn-branches>
      ${this.#renaming()} ${this.#deletion()}`;
  }

  #connection(): unknown {
    if (!this.isLost) return nothing;
    const word = navigator.onLine ? 'Reconnecting' : 'Offline';
    return html`<span slot="end" class="state" role="status"><bn-icon name="offline"></bn-icon>${word}</span>`;
  }

  #items(page: ConversationPage): MenuItem[] {
    const lane = page.lane === MAIN ? undefined : page.lanes.find(({ id }) => id === page.lane);
    return [
      {
        label: 'Rename',
        icon: 'pencil',
        run: () => (this.asking = { lane: MAIN, title: page.title }),
      },
      ...(lane
        ? [
            {
              label: 'Rename this branch',
              icon: 'branch',
              run: () => (this.asking = { lane: lane.id, title: lane.title }),
            },
            this.#archiving(`${lane.archived ? 'Open' : 'Archive'} this branch`, lane.id, lane.archived),
          ]
        : []),
      this.#archiving(page.archived ? 'Take out of the archive' : 'Archive', MAIN, page.archived),
      { label: 'Delete', icon: 'trash', isDangerous: true, run: () => (this.asking = 'delete') },
    ];
  }

  #archiving(label: string, lane: string, isArchived: boolean): MenuItem {
    const action = isArchived ? 'conversations.unarchive' : 'conversations.archive';
    return { label, icon: 'folder', run: () => this.dispatchEvent(new DeedEvent({ action, lane })) };
  }

  #renaming(): unknown {
    const asking = typeof this.asking === 'object' ? this.asking : undefined;
    return html`<bn-dialog
      heading=${asking && asking.lane !== MAIN ? 'Rename this branch' : 'Rename this conversation'}
      .isOpen=${asking !== undefined}
      @bn-close=${() => (this.asking = undefined)}
    >
      <form @submit=${(event: SubmitEvent) => this.#rename(event, asking?.lane ?? MAIN)}>
        <label for="title">Title</label>
        <input id="title" name="title" maxlength="200" autocomplete="off" autofocus .value=${asking?.title ?? ''} />
        <div class="row">
          <button type="button" @click=${() => (this.asking = undefined)}>Cancel</button>
          <button class="primary">Rename</button>
        </div>
      </form>
    </bn-dialog>`;
  }

  #rename(event: SubmitEvent, lane: string): void {
    event.preventDefault();
    const title = this.renderRoot.querySelector('input')?.value.trim() ?? '';
    if (title === '') return;
    this.asking = undefined;
    this.dispatchEvent(new DeedEvent({ action: 'conversations.rename', lane, title }));
  }

  #deletion(): unknown {
    return html`<bn-dialog
      heading="Delete this conversation?"
      .isOpen=${this.asking === 'delete'}
      @bn-close=${() => (this.asking = undefined)}
    >
      <p>Everything that was said in it is deleted for good.</p>
      <div class="row">
        <button autofocus @click=${() => (this.asking = undefined)}>Keep it</button>
        <button class="danger" @click=${() => this.#remove()}>Delete</button>
      </div>
    </bn-dialog>`;
  }

  #remove(): void {
    this.asking = undefined;
    this.dispatchEvent(new RemoveEvent());
  }
}

customElements.define('bn-conversation-header', BnConversationHeader);
