import {
  BnElement,
  CallError,
  clientContext,
  css,
  formatFullTime,
  formatTime,
  html,
  nothing,
  errorNotice,
  msg,
  str,
  slot,
  weave,
  formatCount,
  pathTo,
} from 'boternity/ui';
import type { Answer } from 'boternity/ui';
import { formatBytes, storageStyles } from './storage-styles.ts';
import './storage-versions.ts';
import { upload } from './upload.ts';

type Listed = Answer<'storage.list'>;
type StoredFile = Listed['files'][number];

interface Upload {
  readonly file: File;
  readonly stop: AbortController;
  sent: number;
  error: CallError | undefined;
}

/** How soon files that are being read are looked at again, in milliseconds. */
const SOON_MS = 700;

/** The files of a bot: dropped or chosen, listed, with their versions, deleted and brought back. */
export class BnStorageFiles extends BnElement {
  static override properties = {
    bot: { type: String },
    listed: { state: true },
    uploads: { state: true },
    asked: { state: true },
    shown: { state: true },
    isOver: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    storageStyles,
    css`
      .drop {
        display: grid;
        justify-items: center;
        gap: var(--bn-space-2);
        margin-bottom: var(--bn-space-3);
        padding: var(--bn-space-4);
        border: var(--bn-border) dashed var(--bn-line);
        border-radius: var(--bn-radius-m);
        text-align: center;
      }
      .drop[data-over] {
        border-color: var(--bn-accent);
        background: var(--bn-ground-raised);
      }
      progress {
        width: 100%;
      }
    `,
  ];
  declare bot: string;
  declare listed: Listed | undefined;
  declare uploads: readonly Upload[];
  /** The file that somebody is about to delete. */
  declare asked: string;
  /** The file whose versions are shown. */
  declare shown: string;
  declare isOver: boolean;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.bot = '';
    this.uploads = [];
    this.asked = '';
    this.shown = '';
    this.isOver = false;
    this.whileConnected(() => () => this.uploads.forEach(({ stop }) => stop.abort()));
  }

  override updated(changed: Map<string, unknown>): void {
    if (!changed.has('bot')) return;
    this.listed = undefined;
    void this.#read();
  }

  override render(): unknown {
    return html`<section aria-labelledby="heading">
        <div class="head"><h2 id="heading">${msg('Files')}</h2></div>
        ${errorNotice(this.error)} ${this.#drop()}
        ${
          this.uploads.length === 0
            ? nothing
            : html`<ul class="lines rows" aria-label=${msg('Uploads')}>
                ${this.uploads.map((each) => this.#uploading(each))}
              </ul>`
        }
        ${this.#list()}
      </section>
      <bn-storage-versions
        .bot=${this.bot}
        .file=${this.shown}
        @bn-close=${() => this.#closed()}
      ></bn-storage-versions>`;
  }

  #drop(): unknown {
    return html`<div
      class="drop"
      ?data-over=${this.isOver}
      @dragover=${(event: DragEvent) => {
        event.preventDefault();
        this.isOver = true;
      }}
      @dragleave=${() => (this.isOver = false)}
      @drop=${(event: DragEvent) => {
        event.preventDefault();
        this.isOver = false;
        this.#add(event.dataTransfer?.files);
      }}
    >
      <p class="soft small">${msg('Drop files here. The bot finds what stands in them and says where.')}</p>
      <button @click=${() => this.renderRoot.querySelector('input')?.click()}>
        <bn-icon name="plus"></bn-icon>${msg('Add files')}
      </button>
      <input
        type="file"
        multiple
        hidden
        aria-label=${msg('Files to add')}
        @change=${(event: Event) => {
          const input = event.target as HTMLInputElement;
          this.#add(input.files);
          input.value = '';
        }}
      />
    </div>`;
  }

  #uploading(each: Upload): unknown {
    const { file, sent, error } = each;
    return html`<li>
      <div>
        <strong>${file.name}</strong><br />
        ${
          error
            ? html`<span class="soft small" role="alert">${error.message} ${error.hint}</span>`
            : html`<progress aria-label=${file.name} max=${file.size} value=${sent}></progress>`
        }
      </div>
      <div class="row">
        ${error ? html`<button @click=${() => this.#again(each)}>${msg('Go on')}</button>` : nothing}
        <button aria-label=${msg(str`Stop ${file.name}`)} @click=${() => this.#giveUp(each)}>${msg('Stop')}</button>
      </div>
    </li>`;
  }

  #list(): unknown {
    const { listed } = this;
    if (!listed) return nothing;
    if (listed.files.length === 0 && listed.deleted.length === 0)
      return html`<p class="soft small">${msg('There are no files yet.')}</p>`;
    return html`<ul class="lines rows" aria-label=${msg('Kept files')}>
        ${listed.files.map((file) => this.#line(file))} ${listed.deleted.map((name) => this.#deleted(name))}
      </ul>
      ${
        listed.next === null
          ? nothing
          : html`<button @click=${() => void this.#read(listed.next ?? undefined)}>${msg('Show more')}</button>`
      }`;
  }

  #line({ name, bytes, version, modified_at: at, modified_by: by, text }: StoredFile): unknown {
    const place = pathTo('api', 'v1', 'bots', this.bot, 'storage', 'files', name, 'content');
    const when = html`<time datetime=${at} title=${formatFullTime(at)}>${formatTime(at)}</time>`;
    return html`<li>
      <div>
        <a href=${place} download=${name}><strong>${name}</strong></a
        ><br />
        <span class="soft small"
          >${weave(msg(str`${formatBytes(bytes)}, version ${version}, ${slot(0)} by ${by}`), when)}${textInWords(text)}</span
        >
      </div>
      ${
        this.asked === name
          ? html`<div class="row" role="group" aria-label=${msg(str`Delete ${name}?`)}>
              <button class="danger" @click=${() => void this.#change('storage.delete', name)}>${msg('Delete')}</button>
              <button @click=${() => (this.asked = '')}>${msg('Keep')}</button>
            </div>`
          : html`<div class="row">
              <button aria-label=${msg(str`Versions of ${name}`)} @click=${() => (this.shown = name)}>
                ${msg('Versions')}
              </button>
              <button aria-label=${msg(str`Delete ${name}`)} @click=${() => (this.asked = name)}>
                ${msg('Delete')}
              </button>
            </div>`
      }
    </li>`;
  }

  #deleted(name: string): unknown {
    return html`<li>
      <div><s>${name}</s> <span class="soft small">${msg('deleted')}</span></div>
      ${
        this.asked === name
          ? html`<div class="row" role="group" aria-label=${msg(str`Remove ${name} for good?`)}>
              <button class="danger" @click=${() => void this.#change('storage.purge', name)}>
                ${msg('Remove for good')}
              </button>
              <button @click=${() => (this.asked = '')}>${msg('Keep')}</button>
            </div>`
          : html`<div class="row">
              <button
                aria-label=${msg(str`Restore ${name}`)}
                @click=${() => void this.#change('storage.restore', name)}
              >
                ${msg('Restore')}
              </button>
              <button aria-label=${msg(str`Remove ${name} for good`)} @click=${() => (this.asked = name)}>
                ${msg('Remove')}
              </button>
            </div>`
      }
    </li>`;
  }

  #add(files: FileList | null | undefined): void {
    const added = Array.from(files ?? [], (file): Upload => ({
      file,
      stop: new AbortController(),
      sent: 0,
      error: undefined,
    }));
    this.uploads = [...this.uploads, ...added];
    // One after the other: the line is the same for all of them.
    void added.reduce((before, each) => before.then(() => this.#send(each)), Promise.resolve());
  }

  async #send(each: Upload): Promise<void> {
    const client = this.#client.value;
    const { file, stop } = each;
    if (!client || stop.signal.aborted) return;
    try {
      const onProgress = (sent: number): void => {
        each.sent = sent;
        this.requestUpdate();
      };
      await upload({ client, bot: this.bot, file, signal: stop.signal, onProgress });
      this.uploads = this.uploads.filter((other) => other !== each);
      await this.#read();
    } catch (thrown) {
      if (stop.signal.aborted) return;
      each.error = CallError.from(thrown);
      this.requestUpdate();
    }
  }

  #again(each: Upload): void {
    each.error = undefined;
    void this.#send(each);
    this.requestUpdate();
  }

  #giveUp(each: Upload): void {
    each.stop.abort();
    this.uploads = this.uploads.filter((other) => other !== each);
  }

  #closed(): void {
    this.shown = '';
    void this.#read();
  }

  async #change(action: 'storage.delete' | 'storage.purge' | 'storage.restore', name: string): Promise<void> {
    this.asked = '';
    try {
      await this.#client.value?.call(action, { bot: this.bot, name });
      await this.#read();
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }

  /** Reads the list, or the next page of it, and again while files are being read. */
  async #read(after?: string): Promise<void> {
    const { bot } = this;
    try {
      await this.updateComplete;
      const listed = await this.#client.value?.call('storage.list', { bot, ...(after !== undefined && { after }) });
      if (!listed || bot !== this.bot) return;
      const before = after === undefined ? [] : (this.listed?.files ?? []);
      this.listed = { ...listed, files: [...before, ...listed.files] };
      this.error = undefined;
      const isWaiting = listed.files.some(({ text }) => text.state === 'waiting');
      if (isWaiting && after === undefined && this.isConnected) setTimeout(() => void this.#read(), SOON_MS);
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }
}

function textInWords({ state, words, problem }: StoredFile['text']): string {
  if (state === 'waiting') return msg(', is being read …');
  if (state === 'none') return '';
  if (state === 'failed') return msg(str`. Its text is not searched: ${problem ?? ''}`);
  const held = words === 1 ? msg(', 1 word') : msg(str`, ${formatCount(words)} words`);
  return problem === null ? held : `${held}. ${problem}`;
}

customElements.define('bn-storage-files', BnStorageFiles);
