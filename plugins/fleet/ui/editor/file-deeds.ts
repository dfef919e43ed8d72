import {
  BnElement,
  CallError,
  clientContext,
  css,
  errorNotice,
  formStyles,
  html,
  msg,
  nothing,
  str,
  toast,
  type Client,
} from 'boternity/ui';
import { keepDraft, readDraft } from './drafts.ts';

type Deed = 'rename' | 'delete';

/** Something was chosen from the menu of a file. */
export class FileDeedEvent extends Event {
  readonly deed: Deed;
  readonly path: string;

  constructor(deed: Deed, path: string) {
    super('bn-file-deed', { bubbles: true, composed: true });
    this.deed = deed;
    this.path = path;
  }
}

/** A file has another path now, or none. */
export class FileGoneEvent extends Event {
  readonly path: string;
  readonly to: string | undefined;

  constructor(path: string, to: string | undefined) {
    super('bn-file-gone', { bubbles: true, composed: true });
    this.path = path;
    this.to = to;
  }
}

/** Asks before a file of a bot is renamed or deleted, and what shall become of what is not saved in it. @event bn-file-gone - It was done. */
export class BnFileDeeds extends BnElement {
  static override properties = {
    slug: { type: String },
    asked: { state: true },
    isBusy: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    formStyles,
    css`
      p {
        overflow-wrap: anywhere;
      }
    `,
  ];
  declare slug: string;
  declare asked: { readonly deed: Deed; readonly path: string; readonly isUnsaved: boolean } | undefined;
  declare isBusy: boolean;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.slug = '';
    this.isBusy = false;
  }

  /** Opens the dialog. */
  ask(deed: Deed, path: string): void {
    this.error = undefined;
    this.asked = { deed, path, isUnsaved: readDraft(this.slug, path) !== undefined };
  }

  override render(): unknown {
    const { asked } = this;
    const name = asked?.path.split('/').at(-1) ?? '';
    const heading = asked?.deed === 'delete' ? msg(str`Delete ${name}?`) : msg(str`Rename ${name}`);
    return html`<bn-dialog
      heading=${asked ? heading : ''}
      .isOpen=${asked !== undefined}
      @bn-close=${() => (this.asked = undefined)}
    >
      ${asked ? (asked.deed === 'delete' ? this.#deletion(asked) : this.#renaming(asked)) : nothing}
    </bn-dialog>`;
  }

  #renaming({ path, isUnsaved }: NonNullable<typeof this.asked>): unknown {
    return html`<form @submit=${(event: SubmitEvent) => this.#rename(event, path)}>
      <label
        >${msg('New path')}<input name="to" required maxlength="400" autocomplete="off" autofocus .value=${path} />
        <span class="hint"
          >${msg('From the folder of the bot. Its history until now stays under the old path.')}</span
        ></label
      >
      ${
        isUnsaved
          ? html`<bn-notice tone="warning">${msg('Something in it is not saved yet.')}</bn-notice>
              <label class="check"
                ><input
                  type="checkbox"
                  name="keep"
                  checked
                />${msg('Keep what is not saved, in the renamed file')}</label
              >`
          : nothing
      }
      ${errorNotice(this.error)}
      <div class="row">
        <button type="button" @click=${() => (this.asked = undefined)}>${msg('Cancel')}</button>
        <button class="primary" ?disabled=${this.isBusy}>${msg('Rename')}</button>
      </div>
    </form>`;
  }

  #deletion({ path, isUnsaved }: NonNullable<typeof this.asked>): unknown {
    return html`<form @submit=${(event: SubmitEvent) => this.#delete(event, path)}>
      <p>${msg(str`${path} is taken out of the bot. Its history stays, and can bring it back.`)}</p>
      ${
        isUnsaved
          ? html`<bn-notice tone="warning"
              >${msg('Something in it is not saved yet. That is in no history, and lost.')}</bn-notice
            >`
          : nothing
      }
      ${errorNotice(this.error)}
      <div class="row">
        <button type="button" autofocus @click=${() => (this.asked = undefined)}>${msg('Cancel')}</button>
        <button class="danger" ?disabled=${this.isBusy}>${msg('Delete')}</button>
      </div>
    </form>`;
  }

  #rename(event: SubmitEvent, path: string): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const to = form.querySelector<HTMLInputElement>('[name=to]')?.value.trim().replace(/^\/+/, '') ?? '';
    const isKept = form.querySelector<HTMLInputElement>('[name=keep]')?.checked ?? false;
    if (to === path) this.asked = undefined;
    if (to === '' || to === path) return;
    void this.#carryOut(path, to, async (client) => {
      const renamed = await client.call('files.rename', { bot: this.slug, path, to });
      const draft = readDraft(this.slug, path);
      if (isKept && draft) keepDraft(this.slug, renamed.path, draft);
      toast(this, msg(str`${path} is ${renamed.path} now.`));
    });
  }

  #delete(event: SubmitEvent, path: string): void {
    event.preventDefault();
    void this.#carryOut(path, undefined, async (client) => {
      await client.call('files.remove', { bot: this.slug, path });
      toast(this, msg(str`${path} is deleted.`));
    });
  }

  async #carryOut(path: string, to: string | undefined, work: (client: Client) => Promise<void>): Promise<void> {
    const client = this.#client.value;
    if (!client || this.isBusy) return;
    this.isBusy = true;
    this.error = undefined;
    try {
      await work(client);
      keepDraft(this.slug, path, undefined);
      this.asked = undefined;
      this.dispatchEvent(new FileGoneEvent(path, to));
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
    this.isBusy = false;
  }
}

customElements.define('bn-file-deeds', BnFileDeeds);
