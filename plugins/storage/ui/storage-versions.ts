import {
  BnElement,
  CallError,
  clientContext,
  CloseEvent,
  formatFullTime,
  html,
  type Answer,
  errorNotice,
  msg,
  str,
  pathTo,
} from 'boternity/ui';
import { formatBytes, storageStyles } from './storage-styles.ts';

type Version = Answer<'storage.versions'>['versions'][number];

/** A dialog with the versions of a file; open while there is one. @event bn-close - It was closed. */
export class BnStorageVersions extends BnElement {
  static override properties = {
    bot: { type: String },
    file: { type: String },
    versions: { state: true },
    error: { state: true },
  };
  static override styles = [super.styles, storageStyles];
  declare bot: string;
  /** Empty: none, and the dialog is closed. */
  declare file: string;
  declare versions: readonly Version[];
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.bot = '';
    this.file = '';
    this.versions = [];
  }

  override updated(changed: Map<string, unknown>): void {
    if (changed.has('file') && this.file !== '') void this.#read();
  }

  override render(): unknown {
    return html`<bn-dialog
      heading=${msg(str`Versions of ${this.file}`)}
      .isOpen=${this.file !== ''}
      @bn-close=${(event: Event) => {
        event.stopPropagation();
        this.dispatchEvent(new CloseEvent());
      }}
    >
      ${errorNotice(this.error)}
      <ul class="lines rows">
        ${this.versions.map((version) => this.#line(version))}
      </ul>
    </bn-dialog>`;
  }

  #line({ version, bytes, at, by, is_current: isCurrent, is_kept: isKept }: Version): unknown {
    const place = `${pathTo('api', 'v1', 'bots', this.bot, 'storage', 'files', this.file, 'content')}?version=${version}`;
    const name = msg(str`Version ${version}`);
    return html`<li>
      <div>
        ${isKept ? html`<a href=${place} download=${this.file}>${name}</a>` : name}<br />
        <span class="soft small">${msg(str`${formatFullTime(at)}, ${formatBytes(bytes)}, by ${by}`)}</span>
      </div>
      ${
        isCurrent || !isKept
          ? html`<span class="soft small">${isCurrent ? msg('now') : msg('not kept')}</span>`
          : html`<button aria-label=${msg(str`Restore version ${version}`)} @click=${() => void this.#restore(version)}>
              ${msg('Restore')}
            </button>`
      }
    </li>`;
  }

  async #restore(version: number): Promise<void> {
    try {
      await this.#client.value?.call('storage.restore', { bot: this.bot, name: this.file, version });
      await this.#read();
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }

  async #read(): Promise<void> {
    const { bot, file } = this;
    try {
      const found = await this.#client.value?.call('storage.versions', { bot, name: file });
      if (file === this.file) this.versions = found?.versions ?? [];
      this.error = undefined;
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }
}

customElements.define('bn-storage-versions', BnStorageVersions);
