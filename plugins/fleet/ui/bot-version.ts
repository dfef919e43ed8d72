import {
  BnElement,
  CallError,
  clientContext,
  css,
  errorNotice,
  FleetChangedEvent,
  formatFullTime,
  html,
  msg,
  nothing,
  str,
  toast,
  type Answer,
  type Client,
} from 'boternity/ui';
import type { PropertyValues } from 'lit';
import './editor/code-diff.ts';

type Commit = Answer<'files.history'>['commits'][number];

interface Changed {
  readonly file: string;
  readonly before: string;
  readonly after: string;
  readonly now: string;
}

/** Files of one change that are shown; one that brings a whole bot has many. */
const SHOWN = 12;

/** One change of a bot: each of its files before and after, or beside what it is now; to be made again what it was. */
export class BnBotVersion extends BnElement {
  static override properties = {
    slug: { type: String },
    commit: { attribute: false },
    only: { type: String },
    isLatest: { type: Boolean },
    files: { state: true },
    isBesideNow: { state: true },
    asked: { state: true },
    isBusy: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      :host {
        display: grid;
        gap: var(--bn-space-4);
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--bn-space-2);
        margin-block-end: var(--bn-space-2);
      }
      h2 {
        font-family: var(--bn-font-mono);
        font-size: var(--bn-text-s);
        overflow-wrap: anywhere;
      }
      button {
        font-size: var(--bn-text-s);
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        justify-content: end;
        gap: var(--bn-space-2);
        margin-block-start: var(--bn-space-4);
      }
    `,
  ];
  declare slug: string;
  declare commit: Commit | undefined;
  /** Only this file of the change; all without. */
  declare only: string;
  declare isLatest: boolean;
  declare files: readonly Changed[] | undefined;
  declare isBesideNow: boolean;
  /** The file that somebody is about to make what it was. */
  declare asked: string;
  declare isBusy: boolean;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.slug = '';
    this.only = '';
    this.isLatest = false;
    this.isBesideNow = false;
    this.asked = '';
    this.isBusy = false;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('commit') || changed.has('only')) void this.#read();
  }

  override render(): unknown {
    const { files, commit } = this;
    if (!files || !commit) return errorNotice(this.error);
    return html`${errorNotice(this.error)}
      ${
        this.isLatest
          ? nothing
          : html`<label
              ><input
                type="checkbox"
                .checked=${this.isBesideNow}
                @change=${() => (this.isBesideNow = !this.isBesideNow)}
              />
              ${msg('Beside what it is now')}</label
            >`
      }
      ${files.map((each) => this.#file(each, commit))}
      <bn-dialog
        heading=${msg(str`Make ${this.asked} what it was?`)}
        .isOpen=${this.asked !== ''}
        @bn-close=${() => (this.asked = '')}
      >
        <p>
          ${msg(str`It becomes what it was on ${formatFullTime(commit.at)}, as a new change: what it is now stays in the history.`)}
        </p>
        <div class="row">
          <button autofocus @click=${() => (this.asked = '')}>${msg('Cancel')}</button>
          <button class="primary" ?disabled=${this.isBusy} @click=${() => void this.#rollBack(this.asked, commit)}>
            ${msg('Roll back')}
          </button>
        </div>
      </bn-dialog>`;
  }

  #file({ file, before, after, now }: Changed, commit: Commit): unknown {
    return html`<section aria-label=${file}>
      <div class="head">
        <h2>${file}</h2>
        ${
          now === after
            ? nothing
            : html`<button @click=${() => (this.asked = file)}>
                <bn-icon name="undo"></bn-icon>${msg('Make it this again')}
              </button>`
        }
      </div>
      <bn-code-diff
        .file=${file}
        .oldText=${this.isBesideNow ? after : before}
        .newText=${this.isBesideNow ? now : after}
        .oldLabel=${this.isBesideNow ? formatFullTime(commit.at) : msg('Before')}
        .newLabel=${this.isBesideNow ? msg('Now') : msg('After')}
      ></bn-code-diff>
    </section>`;
  }

  async #read(): Promise<void> {
    const { slug, commit, only } = this;
    const client = this.#client.value;
    if (!client || !commit) return;
    try {
      const path = only === '' ? {} : { path: only };
      const { from, diff } = await client.call('files.diff', { bot: slug, to: commit.commit, ...path });
      const files = only === '' ? filesIn(diff).slice(0, SHOWN) : [only];
      const read = files.map(async (file) => {
        const [before, after, now] = await Promise.all([
          from === null ? '' : textAt(client, slug, file, from),
          textAt(client, slug, file, commit.commit),
          textAt(client, slug, file),
        ]);
        return { file, before, after, now };
      });
      this.files = await Promise.all(read);
      this.error = undefined;
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }

  async #rollBack(file: string, commit: Commit): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      await this.#client.value?.call('files.rollback', { bot: this.slug, path: file, to: commit.commit });
      toast(this, msg(str`${file} is what it was.`));
      this.dispatchEvent(new FleetChangedEvent());
      await this.#read();
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
    this.asked = '';
    this.isBusy = false;
  }
}

/** The files that a unified diff is about. */
function filesIn(diff: string): string[] {
  const names = diff.matchAll(/^diff --git a\/.* b\/(.*)$/gm);
  return [...new Set(Array.from(names, ([, name = '']) => name))];
}

/** The text of a file in a commit, or now; empty where there is none, a word where it is no text. */
async function textAt(client: Client, bot: string, path: string, at?: string): Promise<string> {
  try {
    const { text } = await client.call('files.read', { bot, path, ...(at !== undefined && { at }) });
    return text ?? msg('(no text)');
  } catch (thrown) {
    if (CallError.from(thrown).code === 'FILE_MISSING') return '';
    throw thrown;
  }
}

customElements.define('bn-bot-version', BnBotVersion);
