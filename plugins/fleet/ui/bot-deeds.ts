import {
  BnElement,
  CallError,
  clientContext,
  css,
  errorNotice,
  FleetChangedEvent,
  html,
  msg,
  navigate,
  nothing,
  pathTo,
  str,
  toast,
  type BotLine,
  type Client,
} from 'boternity/ui';
import { carryOut, exportBot } from './bot-calls.ts';
import type { Deed } from './bot-menu.ts';

type Named = Pick<BotLine, 'slug' | 'name' | 'status'>;

/** Carries out what is chosen from the menus of bots, and asks first where something would be lost. */
export class BnBotDeeds extends BnElement {
  static override properties = {
    doomed: { state: true },
    suspect: { state: true },
    isBusy: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      :host {
        display: contents;
      }
      form,
      .ask {
        display: grid;
        gap: var(--bn-space-4);
      }
      .names {
        max-height: 9rem;
        overflow-y: auto;
      }
      .row {
        display: flex;
        justify-content: end;
        gap: var(--bn-space-2);
      }
    `,
  ];
  /** Bots that somebody is about to delete. */
  declare doomed: readonly Named[];
  /** A bot that holds what looks like a key, about to be exported. */
  declare suspect: { readonly bot: Named; readonly why: CallError } | undefined;
  declare isBusy: boolean;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.doomed = [];
    this.isBusy = false;
  }

  /** Does it, or asks first. */
  async run(deed: Deed, bots: readonly Named[]): Promise<void> {
    const client = this.#client.value;
    if (!client || bots.length === 0) return;
    this.error = undefined;
    if (deed === 'delete') this.doomed = bots;
    else if (deed === 'export') await this.#export(client, bots);
    else if (deed === 'clone') await this.#clone(client, bots);
    else await this.#setStatus(client, deed, bots);
  }

  override render(): unknown {
    return html`<bn-dialog
        heading=${this.doomed.length === 1 ? msg(str`Delete ${this.doomed[0]?.name ?? ''}?`) : msg(str`Delete ${this.doomed.length} bots?`)}
        .isOpen=${this.doomed.length > 0}
        @bn-close=${() => (this.doomed = [])}
        >${this.doomed.length > 0 ? this.#askDelete() : nothing}</bn-dialog
      >
      <bn-dialog
        heading=${msg('Export what looks like a key?')}
        .isOpen=${this.suspect !== undefined}
        @bn-close=${() => (this.suspect = undefined)}
        >${this.suspect ? this.#askExport(this.suspect) : nothing}</bn-dialog
      >`;
  }

  #askDelete(): unknown {
    return html`<div class="ask">
      <p>${msg('The folder, its history, the memory, the files and all conversations are deleted for good.')}</p>
      ${
        this.doomed.length > 1
          ? html`<ul class="names">
              ${this.doomed.map(({ name }) => html`<li>${name}</li>`)}
            </ul>`
          : nothing
      }
      ${errorNotice(this.error)}
      <div class="row">
        <button autofocus @click=${() => (this.doomed = [])}>${msg('Cancel')}</button>
        <button class="danger" ?disabled=${this.isBusy} @click=${() => void this.#delete()}>${msg('Delete')}</button>
      </div>
    </div>`;
  }

  #askExport({ bot, why }: { readonly bot: Named; readonly why: CallError }): unknown {
    return html`<div class="ask">
      <p>${msg(str`An archive of ${bot.name} can be read by whoever gets it. Look at these places first:`)}</p>
      <ul class="names">
        ${why.details.map(({ path, message }) => html`<li><code>${path}</code> ${message}</li>`)}
      </ul>
      <div class="row">
        <button autofocus @click=${() => (this.suspect = undefined)}>${msg('Cancel')}</button>
        <button class="danger" @click=${() => void this.#exportAnyway(bot)}>${msg('Export all the same')}</button>
      </div>
    </div>`;
  }

  async #setStatus(client: Client, deed: 'start' | 'stop' | 'archive', bots: readonly Named[]): Promise<void> {
    const { done, error } = await carryOut(bots, ({ slug }) => client.call(`bots.${deed}`, { bot: slug }));
    this.#changed(error);
    if (done.length === 0) return;
    const [first] = done;
    const one = first?.name ?? '';
    const words = {
      start: done.length === 1 ? msg(str`${one} is awake.`) : msg(str`${done.length} bots are awake.`),
      stop: done.length === 1 ? msg(str`${one} sleeps.`) : msg(str`${done.length} bots sleep.`),
      archive: done.length === 1 ? msg(str`${one} is archived.`) : msg(str`${done.length} bots are archived.`),
    };
    toast(this, words[deed], { action: { label: msg('Undo'), run: () => void this.#undo(client, done) } });
  }

  async #undo(client: Client, bots: readonly Named[]): Promise<void> {
    const deeds = { active: 'bots.start', disabled: 'bots.stop', archived: 'bots.archive' } as const;
    const { error } = await carryOut(bots, ({ slug, status }) => client.call(deeds[status], { bot: slug }));
    this.#changed(error);
  }

  async #clone(client: Client, bots: readonly Named[]): Promise<void> {
    const { answers, error } = await carryOut(bots, ({ slug }) => client.call('bots.clone', { bot: slug }));
    this.#changed(error);
    const [copy] = answers;
    if (!copy) return;
    const open = { label: msg('Open'), run: () => navigate(pathTo('agents', copy.slug)) };
    const words =
      answers.length === 1 ? msg(str`${copy.name} is there.`) : msg(str`${answers.length} bots were cloned.`);
    toast(this, words, { action: open });
  }

  async #export(client: Client, bots: readonly Named[]): Promise<void> {
    for (const bot of bots) {
      try {
        await exportBot(client, bot.slug, false);
      } catch (thrown) {
        const why = CallError.from(thrown);
        if (why.code === 'EXPORT_SECRETS') this.suspect = { bot, why };
        else this.#changed(why);
        return;
      }
    }
  }

  async #exportAnyway({ slug }: Named): Promise<void> {
    this.suspect = undefined;
    const client = this.#client.value;
    if (client) await exportBot(client, slug, true).catch((thrown: unknown) => this.#changed(CallError.from(thrown)));
  }

  async #delete(): Promise<void> {
    const client = this.#client.value;
    if (!client || this.isBusy) return;
    this.isBusy = true;
    const { done, error } = await carryOut(this.doomed, ({ slug }) => client.call('bots.delete', { bot: slug }));
    this.isBusy = false;
    this.error = error;
    if (!error) this.doomed = [];
    this.dispatchEvent(new FleetChangedEvent());
    if (done.length === 0) return;
    toast(
      this,
      done.length === 1 ? msg(str`${done[0]?.name ?? ''} is deleted.`) : msg(str`${done.length} bots are deleted.`),
    );
    navigate(pathTo('agents'), { replace: true });
  }

  #changed(error: CallError | undefined): void {
    if (error) toast(this, `${error.message} ${error.hint}`, { tone: 'danger' });
    this.dispatchEvent(new FleetChangedEvent());
  }
}

customElements.define('bn-bot-deeds', BnBotDeeds);
