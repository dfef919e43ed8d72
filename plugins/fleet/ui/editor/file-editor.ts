import {
  BnElement,
  CallError,
  clientContext,
  createHurry,
  errorNotice,
  followNews,
  html,
  msg,
  nothing,
  pathTo,
  str,
  toast,
  type Client,
} from 'boternity/ui';
import type { PropertyValues } from 'lit';
import type { BnCodeEditor, TextEvent } from './code-editor.ts';
import './code-editor.ts';
import { checkText, compareWithDisk, isDirty, keepText, openFile, saveFile, type EditedFile } from './edited-file.ts';
import { editorStyles } from './editor-styles.ts';
import './file-conflict.ts';
import { schemaFor, type Checked, type FileSchema } from './files.ts';
import './identity-form.ts';
import type { FieldsEvent } from './fields-event.ts';
import './preview.ts';
import './settings-form.ts';

/** A file was saved: what lists files reads them again. */
export class SavedEvent extends Event {
  constructor() {
    super('bn-saved', { bubbles: true, composed: true });
  }
}

/** Rest after the last key before a text is checked, in milliseconds. */
const CHECK_AFTER_MS = 400;
/** A program that writes in pieces is not done when the first one is seen: for so long the other text may still change, in milliseconds. */
const SETTLE_MS = 1_500;
/** Files that are also forms. */
const formFiles: ReadonlySet<string> = new Set(['IDENTITY.md', 'bot.yaml']);

/**
 * One file of a bot: its text with what is wrong in it, saved when the person says so, with a line for the history. What others make of
 * the file meanwhile is never written over. @event bn-saved - It was saved.
 */
export class BnFileEditor extends BnElement {
  static override properties = {
    slug: { type: String },
    file: { type: String },
    line: { type: Number },
    schemas: { attribute: false },
    edited: { state: true },
    checked: { state: true },
    mode: { state: true },
    isBusy: { state: true },
    error: { state: true },
  };
  static override styles = [super.styles, editorStyles];
  declare slug: string;
  declare file: string;
  /** The line that a link leads to; 0 for none. */
  declare line: number;
  declare schemas: readonly FileSchema[];
  declare edited: EditedFile | undefined;
  declare checked: Checked | undefined;
  declare mode: 'text' | 'form' | 'preview';
  declare isBusy: boolean;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);
  #checking: ReturnType<typeof setTimeout> | undefined;
  #isKept = true;
  #setting: Promise<void> = Promise.resolve();
  #pending = 0;
  #confrontedMs = 0;
  #data: unknown;
  #openedFor = '';

  constructor() {
    super();
    this.slug = '';
    this.file = '';
    this.line = 0;
    this.schemas = [];
    this.mode = 'text';
    this.isBusy = false;
    this.whileConnected(() => this.#follow());
  }

  override willUpdate(_changed: PropertyValues<this>): void {
    const wanted = `${this.slug}/${this.file}`;
    const client = this.#client.value;
    if (!client || wanted === this.#openedFor || this.file === '') return;
    this.#openedFor = wanted;
    this.edited = undefined;
    this.checked = undefined;
    this.mode = formFiles.has(this.file) && this.line === 0 ? 'form' : 'text';
    void this.#run(async () => this.#take(await openFile(client, this.slug, this.file)));
  }

  override updated(changed: PropertyValues<this>): void {
    if (this.edited && this.line > 0 && (changed.has('line') || (changed.has('edited') && !changed.get('edited'))))
      this.#goTo(this.line, 1);
  }

  override render(): unknown {
    const { edited } = this;
    return html`${this.#head(edited)} ${errorNotice(this.error)}
    ${edited ? this.#body(edited) : html`<div class="body" aria-busy="true"></div>`}`;
  }

  #head(edited: EditedFile | undefined): unknown {
    const modes: (typeof this.mode)[] = ['text'];
    if (formFiles.has(this.file)) modes.unshift('form');
    if (this.file.endsWith('.md')) modes.push('preview');
    const words = { text: msg('Text'), form: msg('Form'), preview: msg('Preview') };
    return html`<header>
      <h1>${this.file}</h1>
      ${edited?.isSealed ? html`<span class="badge">${msg('Only people change it')}</span>` : nothing}
      ${edited?.isNew ? html`<span class="badge">${msg('New')}</span>` : nothing}
      <div class="ways">
        ${
          modes.length > 1 && !edited?.theirs && !edited?.isBinary
            ? html`<div class="modes" role="group" aria-label=${msg('How the file is shown')}>
                ${modes.map(
                  (each) =>
                    html`<button aria-pressed=${this.mode === each} @click=${() => (this.mode = each)}>
                      ${words[each]}
                    </button>`,
                )}
              </div>`
            : nothing
        }
        <a class="button quiet" href="${pathTo('agents', this.slug, 'history')}?file=${encodeURIComponent(this.file)}"
          >${msg('History')}</a
        >
      </div>
    </header>`;
  }

  #body(edited: EditedFile): unknown {
    if (edited.isBinary)
      return html`<p class="soft">${msg('This file is no text. It is changed with git, or on disk.')}</p>`;
    if (edited.theirs)
      return html`<bn-file-conflict
        .edited=${edited}
        .isBusy=${this.isBusy}
        @bn-text=${({ text }: TextEvent) => this.#typed(text)}
        @bn-keep-mine=${() => void this.#save('')}
        @bn-take-theirs=${() => this.#discard()}
      ></bn-file-conflict>`;
    return html`${
        edited.isRestored && isDirty(edited)
          ? html`<bn-notice role="status"
              >${msg('What you had not saved earlier is back.')}
              <button slot="actions" @click=${() => this.#discard()}>${msg('Throw it away')}</button></bn-notice
            >`
          : nothing
      }
      <div class="body">${this.#view(edited)}</div>
      ${this.#problems()} ${this.#foot(edited)}`;
  }

  #view(edited: EditedFile): unknown {
    if (this.mode === 'preview') return html`<bn-preview .text=${edited.text}></bn-preview>`;
    if (this.mode === 'form') return this.#form(edited);
    return html`<bn-code-editor
      .text=${edited.text}
      .file=${edited.file}
      .label=${msg(str`Text of ${edited.file}`)}
      .problems=${this.checked?.problems ?? []}
      .schema=${schemaFor(this.schemas, edited.file)}
      @bn-text=${({ text }: TextEvent) => this.#typed(text)}
      @bn-save=${() => void this.#save()}
    ></bn-code-editor>`;
  }

  #form({ file }: EditedFile): unknown {
    // While changes are on their way the form is ahead of the text.
    if (this.#pending === 0) this.#data = this.checked?.data;
    const change = (event: FieldsEvent): void => this.#set(event);
    if (file === 'IDENTITY.md')
      return html`<bn-identity-form
        .slug=${this.slug}
        .data=${this.#data}
        .isReadable=${this.#data !== null}
        @bn-fields=${change}
      ></bn-identity-form>`;
    return html`<bn-settings-form
      .data=${this.#data}
      .schema=${schemaFor(this.schemas, file)}
      .problems=${this.checked?.problems ?? []}
      @bn-fields=${change}
    ></bn-settings-form>`;
  }

  #problems(): unknown {
    const problems = this.checked?.problems ?? [];
    if (problems.length === 0) return nothing;
    return html`<ul class="problems" aria-label=${msg('Problems')}>
      ${problems.map(
        ({ line, column, level, message }) =>
          html`<li>
            <button class="quiet ${level}" @click=${() => this.#goTo(line, column)}>
              <bn-icon name="alert"></bn-icon><span>${msg(str`Line ${line}`)}</span><span>${message}</span>
            </button>
          </li>`,
      )}
    </ul>`;
  }

  #foot(edited: EditedFile): unknown {
    const dirty = isDirty(edited) || edited.isNew;
    return html`<form
      class="foot"
      @submit=${(event: SubmitEvent) => {
        event.preventDefault();
        void this.#save();
      }}
    >
      <span class="state soft" role="status">${dirty ? msg('Not saved yet') : msg('Saved')}</span>
      <input
        name="why"
        maxlength="200"
        autocomplete="off"
        aria-label=${msg('What you changed, for the history')}
        placeholder=${msg('What did you change? (optional)')}
        ?disabled=${!dirty}
      />
      ${
        isDirty(edited)
          ? html`<button type="button" class="quiet" @click=${() => this.#discard()}>${msg('Discard')}</button>`
          : nothing
      }
      <button class="primary" ?disabled=${!dirty || this.isBusy}>${msg('Save')}</button>
    </form>`;
  }

  #take(edited: EditedFile): void {
    if (edited.theirs && !this.edited?.theirs) this.#confrontedMs = performance.now();
    this.edited = edited;
    this.#checkSoon(0);
  }

  #typed(text: string): void {
    if (!this.edited) return;
    this.edited = { ...this.edited, text };
    this.#isKept = keepText(this.edited);
    this.#checkSoon(CHECK_AFTER_MS);
  }

  #discard(): void {
    if (!this.edited) return;
    const { base, theirs } = this.edited;
    const now = theirs ?? base;
    this.#take({ ...this.edited, base: now, text: now.text, theirs: undefined, isRestored: false });
    if (this.edited) keepText(this.edited);
  }

  #goTo(line: number, column: number): void {
    this.mode = 'text';
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<BnCodeEditor>('bn-code-editor')?.goTo(line, column),
    );
  }

  /** Fields of the form become lines of the text, one after the other; what stands beside them stays. */
  #set({ set, unset }: FieldsEvent): void {
    this.#pending += 1;
    this.#setting = this.#setting.then(async () => {
      await this.#run(async (client, edited) => {
        const checked = await checkText(client, edited, { set, unset });
        this.checked = checked;
        this.#typed(checked.text);
      });
      this.#pending -= 1;
      this.requestUpdate();
    });
  }

  async #save(
    why = this.renderRoot.querySelector<HTMLInputElement>('input[name=why]')?.value.trim() ?? '',
  ): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    await this.#setting;
    await this.#run(async (client, edited) => {
      const saved = await saveFile(client, edited, why);
      // Whoever went on typing meanwhile has changed what is saved now.
      const text = this.edited?.text === edited.text ? saved.text : (this.edited?.text ?? saved.text);
      const next = { ...saved, text };
      this.#isKept = keepText(next);
      this.#take(next);
      this.renderRoot.querySelector('form')?.reset();
      toast(this, msg(str`${edited.file} is saved.`));
      this.dispatchEvent(new SavedEvent());
    });
    this.isBusy = false;
  }

  /** Runs something with the file; when somebody else was faster, shows what they made. */
  async #run(work: (client: Client, edited: EditedFile) => Promise<void>): Promise<void> {
    const client = this.#client.value;
    if (!client) return;
    this.error = undefined;
    try {
      await work(client, this.edited ?? none);
    } catch (thrown) {
      const error = CallError.from(thrown);
      if (error.code === 'FILE_CHANGED' && this.edited) return this.#look(client, this.edited);
      this.error = error;
    }
  }

  async #look(client: Client, before: EditedFile): Promise<void> {
    const now = await compareWithDisk(client, before).catch(() => undefined);
    const { edited } = this;
    if (!now || !edited || edited.file !== before.file || edited.bot !== before.bot) return;
    // Something was typed or saved while the disk was asked.
    if (edited !== before) return this.#look(client, edited);
    if (now.base.digest !== edited.base.digest || now.theirs?.digest !== edited.theirs?.digest) this.#take(now);
  }

  #checkSoon(ms: number): void {
    clearTimeout(this.#checking);
    this.#checking = setTimeout(() => void this.#check(), ms);
  }

  async #check(): Promise<void> {
    const { edited } = this;
    const client = this.#client.value;
    if (!client || !edited || edited.isBinary) return;
    const checked = await checkText(client, edited).catch(() => undefined);
    if (checked && this.edited?.text === edited.text && this.edited.file === edited.file) this.checked = checked;
  }

  /** Others may change the file on disk, in another tab, by a push; the browser tells of files that it knows, focus of the others. */
  #follow(): () => void {
    const leaving = new AbortController();
    const look = createHurry(() => {
      // What a person is putting together stays as they see it: who was faster once more is told when it is saved.
      const { edited } = this;
      const isFixed = edited?.theirs && performance.now() - this.#confrontedMs > SETTLE_MS;
      if (this.#client.value && edited && !isFixed && !this.isBusy) void this.#look(this.#client.value, edited);
    });
    const { signal } = leaving;
    globalThis.addEventListener('focus', look, { signal });
    globalThis.addEventListener('beforeunload', (event) => !this.#isKept && event.preventDefault(), { signal });
    void this.updateComplete.then(() => {
      if (this.#client.value)
        void followNews(this.#client.value, signal, {
          news: (events) => {
            if (events.some((event) => concerns(event, this.slug, this.file))) look();
          },
        });
    });
    return () => {
      leaving.abort();
      clearTimeout(this.#checking);
    };
  }
}

const none: EditedFile = {
  bot: '',
  file: '',
  base: { text: '', digest: '' },
  text: '',
  theirs: undefined,
  isBinary: false,
  isSealed: false,
  isNew: false,
  isRestored: false,
};

/** Whether an event of the feed tells that a file of a bot may be another now. */
function concerns(event: unknown, slug: string, file: string): boolean {
  const { type, bot, file: changed } = event as { type: string; bot?: { slug: string }; file?: string };
  return type === 'reset' || (type === 'bot' && bot?.slug === slug && (changed === undefined || changed === file));
}

customElements.define('bn-file-editor', BnFileEditor);
