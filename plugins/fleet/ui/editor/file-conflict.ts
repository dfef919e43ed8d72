import { BnElement, clientContext, css, formatFullTime, html, msg, nothing, str, type Answer } from 'boternity/ui';
import type { PropertyValues } from 'lit';
import './code-diff.ts';
import { TextEvent } from './code-editor.ts';
import type { EditedFile } from './edited-file.ts';

/**
 * A file that was changed by two at once: what lies on disk now beside what the person wrote. Nothing is lost: each difference
 * can be taken over, and only then is it saved. @event bn-text - The person's side was changed.
 * @event bn-keep-mine - It shall be saved. @event bn-take-theirs - It shall be thrown away.
 */
export class BnFileConflict extends BnElement {
  static override properties = {
    edited: { attribute: false },
    isBusy: { type: Boolean },
    last: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      :host {
        display: grid;
        flex: 1;
        align-content: start;
        gap: var(--bn-space-3);
        min-height: 0;
        padding: var(--bn-space-4);
        overflow-y: auto;
      }
      bn-code-diff {
        --diff-height: 55dvh;
      }
    `,
  ];
  declare edited: EditedFile | undefined;
  declare isBusy: boolean;
  /** The change that came between. */
  declare last: Answer<'files.history'>['commits'][number] | undefined;
  readonly #client = this.watch(clientContext);

  override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('edited');
    if (changed.has('edited') && before?.theirs?.digest !== this.edited?.theirs?.digest) void this.#readLast();
  }

  override render(): unknown {
    const { edited } = this;
    if (!edited?.theirs) return nothing;
    return html`<bn-notice tone="warning" role="alert">
        <strong>${msg(str`${edited.file} was changed while you wrote.`)}</strong>
        ${
          this.last
            ? msg(str`By ${this.last.author}, ${formatFullTime(this.last.at)}: ${this.last.message.split('\n')[0]}.`)
            : nothing
        }
        ${msg('Nothing of it was overwritten. Take over on the right what shall stay, then save the right side.')}
        <button
          slot="actions"
          class="primary"
          ?disabled=${this.isBusy}
          @click=${() => this.dispatchEvent(new Event('bn-keep-mine'))}
        >
          ${msg('Save the right side')}
        </button>
        <button slot="actions" @click=${() => this.dispatchEvent(new Event('bn-take-theirs'))}>
          ${msg('Throw mine away')}
        </button>
      </bn-notice>
      <bn-code-diff
        .file=${edited.file}
        .oldText=${edited.theirs.text}
        .newText=${edited.text}
        .oldLabel=${msg('As it is now')}
        .newLabel=${msg('Yours')}
        .isEditable=${true}
        @bn-text=${({ text }: TextEvent) => this.dispatchEvent(new TextEvent(text))}
      ></bn-code-diff>`;
  }

  async #readLast(): Promise<void> {
    const { edited } = this;
    if (!edited) return;
    const history = await this.#client.value
      ?.call('files.history', { bot: edited.bot, path: edited.file, limit: 1 })
      .catch(() => undefined);
    this.last = history?.commits[0];
  }
}

customElements.define('bn-file-conflict', BnFileConflict);
