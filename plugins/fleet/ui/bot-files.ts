import {
  BnElement,
  CallError,
  clientContext,
  css,
  errorNotice,
  formStyles,
  html,
  msg,
  navigate,
  pathTo,
  type Answer,
} from 'boternity/ui';
import type { PropertyValues } from 'lit';
import type { BnFileDeeds, FileDeedEvent, FileGoneEvent } from './editor/file-deeds.ts';
import './editor/file-deeds.ts';
import './editor/file-editor.ts';
import './editor/file-tree.ts';
import { mainFiles, type FileSchema } from './editor/files.ts';

type Listed = Answer<'files.list'>['files'];

const narrow = globalThis.matchMedia('(width < 52rem)');

/** The files of a bot: a tree of them beside the one that is open. */
export class BnBotFiles extends BnElement {
  static override properties = {
    slug: { type: String },
    file: { type: String },
    line: { type: Number },
    wrong: { attribute: false },
    files: { state: true },
    schemas: { state: true },
    isAsking: { state: true },
    isNarrow: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    formStyles,
    css`
      :host {
        display: grid;
        grid-template: minmax(0, 1fr) / 16rem minmax(0, 1fr);
        min-height: 0;
      }
      .side {
        padding: var(--bn-space-3);
        border-inline-end: var(--bn-border) solid var(--bn-line);
        overflow-y: auto;
      }
      .side > button {
        width: 100%;
        margin-block-start: var(--bn-space-3);
      }
      summary {
        min-height: var(--bn-target);
        padding: var(--bn-space-2);
        font-size: var(--bn-text-s);
        font-weight: var(--bn-weight-strong);
        cursor: pointer;
      }
      @media (width < 52rem) {
        :host {
          grid-template: auto minmax(0, 1fr) / minmax(0, 1fr);
        }
        .side {
          max-height: 45dvh;
          padding-block: var(--bn-space-1);
          border-inline-end: 0;
          border-block-end: var(--bn-border) solid var(--bn-line);
        }
      }
    `,
  ];
  declare slug: string;
  /** The one that is open; SOUL.md where the address names none. */
  declare file: string;
  declare line: number;
  /** Paths of those with errors. */
  declare wrong: ReadonlySet<string>;
  declare files: Listed;
  declare schemas: readonly FileSchema[];
  declare isAsking: boolean;
  declare isNarrow: boolean;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);
  #readFor = '';

  constructor() {
    super();
    this.slug = '';
    this.file = '';
    this.line = 0;
    this.wrong = new Set();
    this.files = [];
    this.schemas = [];
    this.isAsking = false;
    this.isNarrow = narrow.matches;
    this.whileConnected(() => {
      const change = (): void => void (this.isNarrow = narrow.matches);
      narrow.addEventListener('change', change);
      return () => narrow.removeEventListener('change', change);
    });
  }

  override willUpdate(_changed: PropertyValues<this>): void {
    if (!this.#client.value || this.#readFor === this.slug) return;
    this.#readFor = this.slug;
    this.files = [];
    void this.#read();
    void this.#readSchemas();
  }

  override render(): unknown {
    const open = this.file || 'SOUL.md';
    const tree = html`<bn-file-tree
        .slug=${this.slug}
        .files=${this.files}
        .file=${open}
        .wrong=${this.wrong}
        @bn-file-deed=${({ deed, path }: FileDeedEvent) => this.#deeds()?.ask(deed, path)}
      ></bn-file-tree>
      <button @click=${() => (this.isAsking = true)}><bn-icon name="plus"></bn-icon>${msg('New file')}</button>`;
    return html`<div class="side">
        ${errorNotice(this.error)}
        ${
          this.isNarrow
            ? html`<details>
                <summary>${msg('Files of the bot')}</summary>
                ${tree}
              </details>`
            : tree
        }
      </div>
      <bn-file-editor
        .slug=${this.slug}
        .file=${open}
        .line=${this.line}
        .schemas=${this.schemas}
        @bn-saved=${() => void this.#read()}
      ></bn-file-editor>
      <bn-file-deeds
        .slug=${this.slug}
        @bn-file-gone=${({ path, to }: FileGoneEvent) => this.#gone(path, to)}
      ></bn-file-deeds>
      <bn-dialog heading=${msg('New file')} .isOpen=${this.isAsking} @bn-close=${() => (this.isAsking = false)}>
        <form @submit=${(event: SubmitEvent) => this.#begin(event)}>
          <label
            >${msg('Path')}<input
              name="path"
              required
              maxlength="400"
              autocomplete="off"
              placeholder="skills/mail/SKILL.md"
            />
            <span class="hint">${msg('From the folder of the bot. It is there when you save it.')}</span></label
          >
          <div class="row"><button class="primary">${msg('Begin')}</button></div>
        </form>
      </bn-dialog>`;
  }

  #begin(event: SubmitEvent): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const path = form.querySelector('input')?.value.trim().replace(/^\/+/, '') ?? '';
    if (path === '') return;
    this.isAsking = false;
    form.reset();
    navigate(pathTo('agents', this.slug, 'files', ...path.split('/')));
  }

  #deeds(): BnFileDeeds | null {
    return this.renderRoot.querySelector<BnFileDeeds>('bn-file-deeds');
  }

  /** A file is elsewhere now, or nowhere: whoever looks at it is led on. */
  #gone(path: string, to: string | undefined): void {
    void this.#read();
    if (path !== (this.file || 'SOUL.md')) return;
    const next = to === undefined ? [] : to.split('/');
    navigate(pathTo('agents', this.slug, 'files', ...next), { replace: true });
  }

  async #read(): Promise<void> {
    const { slug } = this;
    try {
      const { files } = (await this.#client.value?.call('files.list', { bot: slug })) ?? { files: [] };
      if (slug === this.slug) this.files = files;
      this.error = undefined;
    } catch (thrown) {
      // Without git nobody lists them; those that most bots have can be edited all the same.
      this.files = mainFiles.map((path) => ({ path, sealed: false }));
      this.error = CallError.from(thrown);
    }
  }

  async #readSchemas(): Promise<void> {
    this.schemas = (await this.#client.value?.call('schemas.list', {}).catch(() => undefined))?.schemas ?? [];
  }
}

customElements.define('bn-bot-files', BnBotFiles);
