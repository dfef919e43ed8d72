import {
  BnElement,
  CallError,
  clientContext,
  css,
  errorNotice,
  formatFullTime,
  formatTime,
  html,
  msg,
  navigate,
  nothing,
  pathTo,
  sectionStyles,
  type Answer,
} from 'boternity/ui';
import type { PropertyValues } from 'lit';
import './bot-version.ts';

type Commit = Answer<'files.history'>['commits'][number];

const SHOWN = 30;
const MORE = 100;

/** Who changed a bot, when and how; each change can be looked at side by side, and each file made again what it was. */
export class BnBotHistory extends BnElement {
  static override properties = {
    slug: { type: String },
    version: { type: String },
    file: { type: String },
    commits: { state: true },
    files: { state: true },
    open: { state: true },
    isMore: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    sectionStyles,
    css`
      :host {
        display: grid;
        gap: var(--bn-space-4);
      }
      label {
        display: flex;
        align-items: center;
        gap: var(--bn-space-2);
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
      }
      select {
        width: auto;
        max-width: 100%;
      }
      ol {
        margin: 0;
        padding: 0;
        list-style: none;
      }
      ol > li {
        position: relative;
        padding-inline-start: var(--bn-space-5);
        padding-block-end: var(--bn-space-2);
      }
      ol > li::before {
        position: absolute;
        inset-block: 0;
        inset-inline-start: 0.4rem;
        border-inline-start: var(--bn-border) solid var(--bn-line);
        content: '';
      }
      ol > li::after {
        position: absolute;
        inset-block-start: 1rem;
        inset-inline-start: 0.15rem;
        width: 0.55rem;
        height: 0.55rem;
        border: var(--bn-ring) solid var(--bn-accent);
        border-radius: var(--bn-radius-full);
        background: var(--bn-ground);
        content: '';
      }
      .commit {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 0 var(--bn-space-3);
        width: 100%;
        padding-block: var(--bn-space-2);
        text-align: start;
        white-space: normal;
      }
      .commit span:first-child {
        color: var(--bn-ink);
        overflow-wrap: anywhere;
      }
      .commit .soft {
        font-size: var(--bn-text-s);
        font-weight: var(--bn-weight);
      }
      bn-bot-version {
        margin: var(--bn-space-2) 0 var(--bn-space-4);
      }
    `,
  ];
  declare slug: string;
  /** Changes with the bot, so that its history is read again. */
  declare version: string;
  /** Only changes of this file; all without. */
  declare file: string;
  declare commits: readonly Commit[] | undefined;
  declare files: readonly string[];
  /** The change that is looked at. */
  declare open: string;
  declare isMore: boolean;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.slug = '';
    this.version = '';
    this.file = '';
    this.files = [];
    this.open = '';
    this.isMore = false;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('slug') || changed.has('file')) this.commits = undefined;
    if (this.#client.value && (changed.has('slug') || changed.has('version') || changed.has('file'))) void this.#read();
  }

  override render(): unknown {
    const { commits } = this;
    return html`<h1 class="visually-hidden">${msg('History')}</h1>
      <label
        >${msg('Changes of')}
        <select
          @change=${(event: Event) => this.#choose((event.target as HTMLSelectElement).value)}
          aria-label=${msg('Changes of')}
        >
          <option value="" ?selected=${this.file === ''}>${msg('all files')}</option>
          ${this.files.map((file) => html`<option value=${file} ?selected=${file === this.file}>${file}</option>`)}
        </select></label
      >
      ${errorNotice(this.error, () => void this.#read())}
      ${
        commits
          ? html`<ol aria-label=${msg('History')}>
              ${commits.map((commit) => this.#line(commit))}
            </ol>`
          : nothing
      }
      ${
        this.isMore
          ? html`<button class="quiet" @click=${() => void this.#more()}>${msg('Show older ones')}</button>`
          : nothing
      }`;
  }

  #line(commit: Commit): unknown {
    const isOpen = this.open === commit.commit;
    return html`<li>
      <button class="commit quiet" aria-expanded=${isOpen} @click=${() => (this.open = isOpen ? '' : commit.commit)}>
        <span>${commit.message.split('\n')[0]}</span>
        <span class="soft"
          >${commit.author} ·
          <time datetime=${commit.at} title=${formatFullTime(commit.at)}>${formatTime(commit.at)}</time></span
        >
      </button>
      ${
        isOpen
          ? html`<bn-bot-version
              .slug=${this.slug}
              .commit=${commit}
              .only=${this.file}
              .isLatest=${commit === this.commits?.[0]}
            ></bn-bot-version>`
          : nothing
      }
    </li>`;
  }

  #choose(file: string): void {
    const place = pathTo('agents', this.slug, 'history');
    navigate(file === '' ? place : `${place}?file=${encodeURIComponent(file)}`, { replace: true });
  }

  async #read(): Promise<void> {
    const { slug, file } = this;
    const client = this.#client.value;
    if (!client) return;
    try {
      const limit = Math.max(SHOWN, this.commits?.length ?? 0);
      const path = file === '' ? {} : { path: file };
      const [{ commits }, { files }] = await Promise.all([
        client.call('files.history', { bot: slug, limit, ...path }),
        client.call('files.list', { bot: slug }),
      ]);
      if (slug !== this.slug || file !== this.file) return;
      this.commits = commits;
      this.files = [...new Set([...files.map((each) => each.path), ...(file === '' ? [] : [file])])];
      this.isMore = commits.length >= limit;
      this.error = undefined;
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }

  async #more(): Promise<void> {
    const { slug, file, commits = [] } = this;
    const before = commits.at(-1)?.commit;
    if (before === undefined) return;
    try {
      const path = file === '' ? {} : { path: file };
      const older = await this.#client.value?.call('files.history', { bot: slug, limit: MORE, before, ...path });
      this.commits = [...commits, ...(older?.commits ?? [])];
      this.isMore = (older?.commits.length ?? 0) >= MORE;
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }
}

customElements.define('bn-bot-history', BnBotHistory);
