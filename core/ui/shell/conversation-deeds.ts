import { css, html, nothing } from 'lit';
import { CallError } from '../live/call-error.ts';
import { clientContext, routeContext } from '../contexts.ts';
import '../elements/dialog.ts';
import { BnElement } from '../elements/element.ts';
import { errorNotice, formStyles } from '../elements/page-styles.ts';
import { FleetChangedEvent } from '../events.ts';
import { msg, str } from '../language.ts';
import type { ConversationLine } from '../live/fleet.ts';
import { navigate, pathTo } from '../router.ts';
import { toast } from '../toast.ts';

/** What can be done with a conversation of the list. */
export type Deed = 'rename' | 'archive' | 'unarchive' | 'markdown' | 'json' | 'delete';

/** Does things with conversations of the list, and asks for what it needs: a title, a confirmation. */
export class BnConversationDeeds extends BnElement {
  static override properties = { line: { state: true }, asking: { state: true }, error: { state: true } };
  static override styles = [
    super.styles,
    formStyles,
    css`
      :host {
        display: contents;
      }
      p {
        margin-block-end: var(--bn-space-5);
      }
      .row {
        display: flex;
        justify-content: end;
        gap: var(--bn-space-2);
      }
    `,
  ];
  declare line: ConversationLine | undefined;
  declare asking: 'rename' | 'delete' | undefined;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);
  readonly #route = this.watch(routeContext);

  /** Begins a deed with a conversation. */
  async begin(deed: Deed, line: ConversationLine): Promise<void> {
    this.line = line;
    this.error = undefined;
    if (deed === 'rename' || deed === 'delete') this.asking = deed;
    else if (deed === 'archive' || deed === 'unarchive') await this.#put(deed, line);
    else await this.#save(deed, line);
  }

  override render(): unknown {
    const { line, asking } = this;
    const title = line?.title || msg('New conversation');
    const close = (): void => void (this.asking = undefined);
    return html`<bn-dialog heading=${msg('Rename this conversation')} .isOpen=${asking === 'rename'} @bn-close=${close}>
        <form @submit=${(event: SubmitEvent) => this.#rename(event)}>
          <label>
            ${msg('Title')}
            <input name="title" maxlength="200" autocomplete="off" autofocus .value=${line?.title ?? ''} />
          </label>
          ${asking === 'rename' ? errorNotice(this.error) : nothing}
          <div class="row">
            <button type="button" @click=${close}>${msg('Cancel')}</button>
            <button class="primary">${msg('Rename')}</button>
          </div>
        </form>
      </bn-dialog>
      <bn-dialog heading=${msg('Delete this conversation?')} .isOpen=${asking === 'delete'} @bn-close=${close}>
        <p>${msg(str`“${title}” is deleted for good, with everything that was said in it.`)}</p>
        ${asking === 'delete' ? errorNotice(this.error) : nothing}
        <div class="row">
          <button autofocus @click=${close}>${msg('Keep it')}</button>
          <button class="danger" @click=${() => void this.#delete()}>${msg('Delete for good')}</button>
        </div>
      </bn-dialog>`;
  }

  #rename(event: SubmitEvent): void {
    event.preventDefault();
    const title = new FormData(event.target as HTMLFormElement).get('title');
    void this.#do('conversations.rename', { title: typeof title === 'string' ? title.trim() : '' });
  }

  async #delete(): Promise<void> {
    const { line } = this;
    if (!(await this.#do('conversations.delete', {})) || !line) return;
    toast(this, msg('The conversation is deleted.'));
    if (this.#route.value?.rest[0] === line.id) navigate(pathTo('conversations'), { replace: true });
  }

  async #put(deed: 'archive' | 'unarchive', line: ConversationLine): Promise<void> {
    if (!(await this.#do(`conversations.${deed}`, {})))
      return toast(this, this.error?.message ?? '', { tone: 'danger' });
    const isAway = deed === 'archive';
    const undo = (): void => void this.#put(isAway ? 'unarchive' : 'archive', line);
    const words = isAway ? msg('The conversation is in the archive.') : msg('The conversation is back in the list.');
    toast(this, words, { action: { label: msg('Undo'), run: undo } });
  }

  /** Gives the whole conversation to the browser as a file. */
  async #save(format: 'markdown' | 'json', { id }: ConversationLine): Promise<void> {
    try {
      const made = (await this.#client.value?.call('conversations.export', { conversation: id, format })) as
        | { readonly name: string; readonly text: string }
        | undefined;
      if (!made) return;
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([made.text], { type: 'text/plain' }));
      link.download = made.name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    } catch (thrown) {
      toast(this, CallError.from(thrown).message, { tone: 'danger' });
    }
  }

  async #do(action: string, input: object): Promise<boolean> {
    try {
      await this.#client.value?.call(action, { conversation: this.line?.id, ...input });
    } catch (thrown) {
      this.error = CallError.from(thrown);
      return false;
    }
    this.asking = undefined;
    this.dispatchEvent(new FleetChangedEvent());
    return true;
  }
}

customElements.define('bn-conversation-deeds', BnConversationDeeds);
