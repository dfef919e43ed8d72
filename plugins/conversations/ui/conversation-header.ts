import {
  BnElement,
  CallError,
  clientContext,
  css,
  html,
  msg,
  nothing,
  pathTo,
  pictureOf,
  str,
  toast,
} from 'boternity/ui';
import type { ConversationPage } from '../views.ts';
import { DeedEvent, InspectAnswerEvent, MapEvent, RemoveEvent } from './events.ts';
import { MAIN, titleOf } from './lanes.ts';
import type { BotLook } from './page-facts.ts';
import 'boternity/ui/menu';
import type { MenuItem } from 'boternity/ui/menu';

type Lane = ConversationPage['lanes'][number];

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
        margin-block-start: var(--bn-space-5);
      }
    `,
  ];
  declare page: ConversationPage | undefined;
  declare look: BotLook | undefined;
  /** The connection is lost. */
  declare isLost: boolean;
  /** It was deleted. */
  declare isGone: boolean;
  /** What a dialog asks for: a title of a branch, or whether all shall be deleted. */
  declare asking: { readonly lane: string; readonly title: string } | 'delete' | undefined;

  readonly #client = this.watch(clientContext);

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
        <bn-avatar
          slot="start"
          .emoji=${look?.emoji}
          .name=${look?.name}
          .color=${look?.accentColor}
          .picture=${pictureOf(look)}
        ></bn-avatar>
        <h1 dir="auto">${page.title || msg('New conversation')}</h1>
        <a class="with" href=${pathTo('agents', page.bot.slug)}>${look?.name ?? page.bot.name}</a>
        ${this.#connection()}
        ${
          this.isGone
            ? nothing
            : html`<bn-menu
                slot="end"
                label=${msg('More about this conversation')}
                .items=${this.#items(page)}
              ></bn-menu>`
        }
      </bn-header>
      <bn-branches .page=${page}></bn-branches>
      ${this.#renaming()} ${this.#deletion()}`;
  }

  #connection(): unknown {
    if (!this.isLost) return nothing;
    const word = navigator.onLine ? msg('Reconnecting') : msg('Offline');
    return html`<span slot="end" class="state" role="status"><bn-icon name="offline"></bn-icon>${word}</span>`;
  }

  #items(page: ConversationPage): (MenuItem | 'line')[] {
    const lane = page.lane === MAIN ? undefined : page.lanes.find(({ id }) => id === page.lane);
    const save = (format: 'markdown' | 'json'): void => void this.#save(page, format);
    return [
      {
        label: msg('How the last answer came about'),
        icon: 'info',
        run: () => this.dispatchEvent(new InspectAnswerEvent()),
      },
      { label: msg('Map of the branches'), icon: 'branch', run: () => this.dispatchEvent(new MapEvent()) },
      ...(lane ? this.#laneItems(page, lane) : []),
      'line',
      { label: msg('Rename'), icon: 'pencil', run: () => (this.asking = { lane: MAIN, title: page.title }) },
      { label: msg('Export as Markdown'), icon: 'down', run: () => save('markdown') },
      { label: msg('Export as JSON'), icon: 'down', run: () => save('json') },
      this.#archiving(page.archived ? msg('Take out of the archive') : msg('Archive'), MAIN, page.archived),
      'line',
      { label: msg('Delete'), icon: 'trash', tone: 'danger', run: () => this.askToDelete() },
    ];
  }

  #laneItems(page: ConversationPage, lane: Lane): MenuItem[] {
    const parent = page.lanes.find(({ id }) => id === lane.parent);
    const mayMerge = parent && lane.kind !== 'checkpoint' && lane.mergedInto === null && !lane.archived;
    return [
      {
        label: msg('Rename this branch'),
        icon: 'pencil',
        run: () => (this.asking = { lane: lane.id, title: lane.title }),
      },
      ...(mayMerge
        ? [
            {
              label: msg(str`Merge into ${titleOf(parent)}`),
              icon: 'branch',
              run: () =>
                void this.dispatchEvent(
                  new DeedEvent({ action: 'branches.merge', branches: [lane.id], into: parent.id }),
                ),
            },
          ]
        : []),
      this.#archiving(lane.archived ? msg('Open this branch') : msg('Archive this branch'), lane.id, lane.archived),
    ];
  }

  /** Asks whether all shall be deleted. */
  askToDelete(): void {
    this.asking = 'delete';
  }

  async #save(page: ConversationPage, format: 'markdown' | 'json'): Promise<void> {
    const client = this.#client.value;
    if (!client) return;
    const { download } = await import('./slash-deeds.ts');
    await download(client, page, format).catch((thrown: unknown) =>
      toast(this, CallError.from(thrown).message, { tone: 'danger' }),
    );
  }

  #archiving(label: string, lane: string, isArchived: boolean): MenuItem {
    const action = isArchived ? 'conversations.unarchive' : 'conversations.archive';
    return { label, icon: 'folder', run: () => this.dispatchEvent(new DeedEvent({ action, lane })) };
  }

  #renaming(): unknown {
    const asking = typeof this.asking === 'object' ? this.asking : undefined;
    return html`<bn-dialog
      heading=${asking && asking.lane !== MAIN ? msg('Rename this branch') : msg('Rename this conversation')}
      .isOpen=${asking !== undefined}
      @bn-close=${() => (this.asking = undefined)}
    >
      <form @submit=${(event: SubmitEvent) => this.#rename(event, asking?.lane ?? MAIN)}>
        <label for="title">${msg('Title')}</label>
        <input id="title" name="title" maxlength="200" autocomplete="off" autofocus .value=${asking?.title ?? ''} />
        <div class="row">
          <button type="button" @click=${() => (this.asking = undefined)}>${msg('Cancel')}</button>
          <button class="primary">${msg('Rename')}</button>
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
      heading=${msg('Delete this conversation?')}
      .isOpen=${this.asking === 'delete'}
      @bn-close=${() => (this.asking = undefined)}
    >
      <p>${msg('Everything that was said in it is deleted for good, with the files that came with it.')}</p>
      <div class="row">
        <button autofocus @click=${() => (this.asking = undefined)}>${msg('Keep it')}</button>
        <button class="danger" @click=${() => this.#remove()}>${msg('Delete')}</button>
      </div>
    </bn-dialog>`;
  }

  #remove(): void {
    this.asking = undefined;
    this.dispatchEvent(new RemoveEvent());
  }
}

customElements.define('bn-conversation-header', BnConversationHeader);
