import {
  BnElement,
  CallError,
  clientContext,
  createHurry,
  css,
  errorNotice,
  fleetContext,
  followNews,
  html,
  msg,
  nothing,
  pageStyles,
  pathTo,
  routeContext,
  showTitle,
  type Answer,
} from 'boternity/ui';
import 'boternity/ui/menu';
import type { PropertyValues } from 'lit';
import type { BnBotDeeds } from './bot-deeds.ts';
import './bot-deeds.ts';
import './bot-files.ts';
import './bot-history.ts';
import { menuOf } from './bot-menu.ts';
import './bot-overview.ts';
import './bot-tabs.ts';
import type { BotPage } from './bot-tabs.ts';
import './editor/file-editor.ts';
import type { FileSchema } from './editor/files.ts';

type BotDetails = Answer<'bots.show'>;

/** One bot, on its pages: `/agents/{slug}`, and below it `files/…`, `history` and `settings`. */
export class BnBotPage extends BnElement {
  static override properties = {
    slug: { type: String },
    bot: { state: true },
    schemas: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    pageStyles,
    css`
      .column.history {
        max-width: 76rem;
      }
      bn-bot-files,
      bn-file-editor {
        flex: 1;
        min-height: 0;
      }
    `,
  ];
  declare slug: string;
  declare bot: BotDetails | undefined;
  declare schemas: readonly FileSchema[];
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);
  readonly #fleet = this.watch(fleetContext);
  readonly #route = this.watch(routeContext);
  #readFor: unknown;

  constructor() {
    super();
    this.slug = '';
    this.schemas = [];
    this.whileConnected(() => this.#follow());
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('slug')) this.bot = undefined;
    const now = `${this.slug} ${JSON.stringify(this.#fleet.value?.bots.find((bot) => bot.slug === this.slug))}`;
    if (now === this.#readFor || !this.#client.value) return;
    this.#readFor = now;
    void this.#read();
  }

  override render(): unknown {
    const { bot } = this;
    const page = this.#page();
    return html`<bn-bot-tabs .slug=${this.slug} .current=${page}>${bot ? this.#actions(bot) : nothing}</bn-bot-tabs>
      ${page === 'files' || page === 'settings' ? this.#whole(page) : this.#column(page)}
      <bn-bot-deeds></bn-bot-deeds>`;
  }

  #actions(bot: BotDetails): unknown {
    return html`${
        bot.status === 'active'
          ? html`<a
              slot="end"
              class="button primary"
              href="${pathTo('conversations')}?bot=${encodeURIComponent(bot.slug)}"
              ><bn-icon name="chat"></bn-icon>${msg('Talk')}</a
            >`
          : html`<button slot="end" class="primary" @click=${() => void this.#deeds()?.run('start', [bot])}>
              ${msg('Wake up')}
            </button>`
      }<bn-menu
        slot="end"
        label=${msg('More')}
        .items=${menuOf(bot, (deed) => void this.#deeds()?.run(deed, [bot]))}
      ></bn-menu>`;
  }

  #column(page: BotPage): unknown {
    const { bot } = this;
    const inside =
      page === 'history'
        ? html`<bn-bot-history
            .slug=${this.slug}
            .version=${bot?.version ?? ''}
            .file=${this.#route.value?.query.get('file') ?? ''}
          ></bn-bot-history>`
        : html`<bn-bot-overview .bot=${bot}></bn-bot-overview>`;
    return html`<div class="scroll" tabindex="0" role="group" aria-label=${bot?.name ?? this.slug}>
      <div class="column ${page}">${errorNotice(this.error)} ${bot ? inside : nothing}</div>
    </div>`;
  }

  #whole(page: BotPage): unknown {
    if (this.error) return html`<div class="scroll"><div class="column">${errorNotice(this.error)}</div></div>`;
    if (page === 'settings')
      return html`<bn-file-editor .slug=${this.slug} .file=${'bot.yaml'} .schemas=${this.schemas}></bn-file-editor>`;
    const { rest = [], query } = this.#route.value ?? {};
    const wrong = (this.bot?.found ?? []).filter(({ level }) => level === 'error').map(({ file }) => file);
    return html`<bn-bot-files
      .slug=${this.slug}
      .file=${rest.slice(2).join('/')}
      .line=${Number(query?.get('line') ?? 0)}
      .wrong=${new Set(wrong)}
    ></bn-bot-files>`;
  }

  #page(): BotPage {
    const [, page] = this.#route.value?.rest ?? [];
    return page === 'files' || page === 'history' || page === 'settings' ? page : 'overview';
  }

  #deeds(): BnBotDeeds | null {
    return this.renderRoot.querySelector<BnBotDeeds>('bn-bot-deeds');
  }

  async #read(): Promise<void> {
    const { slug } = this;
    try {
      const bot = await this.#client.value?.call('bots.show', { bot: slug });
      if (slug !== this.slug) return;
      this.bot = bot;
      this.error = undefined;
      showTitle(bot?.name ?? msg('Bot'));
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
    if (this.schemas.length === 0)
      this.schemas = (await this.#client.value?.call('schemas.list', {}).catch(() => undefined))?.schemas ?? [];
  }

  /** A change of a file may leave what the list of bots shows as it was. */
  #follow(): () => void {
    const leaving = new AbortController();
    const again = createHurry(() => void this.#read());
    void this.updateComplete.then(() => {
      const client = this.#client.value;
      if (!client || leaving.signal.aborted) return;
      void followNews(client, leaving.signal, {
        news: (events) => {
          if (events.some((event) => isOf(event, this.slug))) again();
        },
      });
    });
    return () => leaving.abort();
  }
}

function isOf(event: unknown, slug: string): boolean {
  const { type, bot } = event as { type: string; bot?: { slug: string } };
  return type === 'reset' || (type === 'bot' && bot?.slug === slug);
}

customElements.define('bn-bot-page', BnBotPage);
