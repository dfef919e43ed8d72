import {
  BnElement,
  CallError,
  FleetChangedEvent,
  clientContext,
  css,
  formatFullTime,
  formatTime,
  html,
  nothing,
  type Answer,
} from 'boternity/ui';
import type { PropertyValues } from 'lit';
import './bot-diff.ts';

type Commit = Answer<'files.history'>['commits'][number];
type Version = Answer<'soul.history'>['versions'][number];

const SHOWN = 10;

/** Who changed a bot, when and how; each version of its soul can be made the present one again. */
export class BnBotHistory extends BnElement {
  static override properties = {
    slug: { type: String },
    version: { type: String },
    commits: { state: true },
    versions: { state: true },
    diffs: { state: true },
    limit: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      ul {
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        background: var(--bn-ground-raised);
        overflow: hidden;
      }
      li + li {
        border-top: var(--bn-border) solid var(--bn-line);
      }
      summary {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 0 var(--bn-space-3);
        padding: var(--bn-space-3) var(--bn-space-4);
        list-style: none;
        cursor: pointer;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      summary:hover {
        background: var(--bn-ground-hover);
      }
      summary:focus-visible {
        outline-offset: calc(-1 * var(--bn-ring));
      }
      .soft {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
      }
      .open {
        display: grid;
        justify-items: start;
        gap: var(--bn-space-3);
        padding: 0 var(--bn-space-4) var(--bn-space-4);
      }
      bn-bot-diff {
        width: 100%;
      }
    `,
  ];
  declare slug: string;
  /** Changes with the bot, so that its history is read again. */
  declare version: string;
  declare commits: readonly Commit[];
  declare versions: readonly Version[];
  declare diffs: Readonly<Record<string, string>>;
  declare limit: number;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.slug = '';
    this.version = '';
    this.commits = [];
    this.versions = [];
    this.diffs = {};
    this.limit = SHOWN;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (this.#client.value && (changed.has('slug') || changed.has('version') || changed.has('limit')))
      void this.#read();
  }

  override render(): unknown {
    if (this.error) return html`<bn-notice>${this.error.message} ${this.error.hint}</bn-notice>`;
    return html`<ul>
        ${this.commits.map((commit) => this.#line(commit))}
      </ul>
      ${
        this.commits.length < this.limit
          ? nothing
          : html`<button class="quiet" @click=${() => (this.limit += 40)}>Show older ones</button>`
      }`;
  }

  #line(commit: Commit): unknown {
    const version = this.versions.find((each) => each.commit === commit.commit);
    const isOld = version && version.version < this.versions.length;
    return html`<li>
      <details @toggle=${(event: Event) => void this.#open(event, commit)}>
        <summary>
          <span>${commit.message.split('\n')[0]}</span>
          <span class="soft">
            ${version ? `soul ${version.version} · ` : nothing}${commit.author} ·
            <time datetime=${commit.at} title=${formatFullTime(commit.at)}>${formatTime(commit.at)}</time>
          </span>
        </summary>
        <div class="open">
          <bn-bot-diff .diff=${this.diffs[commit.commit] ?? ''}></bn-bot-diff>
          ${
            isOld
              ? html`<button @click=${() => void this.#useAgain(version.version)}>
                  Use this version of the soul again
                </button>`
              : nothing
          }
        </div>
      </details>
    </li>`;
  }

  async #read(): Promise<void> {
    const { slug } = this;
    try {
      const [history, soul] = await Promise.all([
        this.#client.value?.call('files.history', { bot: slug, limit: this.limit }),
        this.#client.value?.call('soul.history', { bot: slug }),
      ]);
      if (slug !== this.slug) return;
      this.commits = history?.commits ?? [];
      this.versions = soul?.versions ?? [];
      this.error = undefined;
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }

  async #open(event: Event, { commit }: Commit): Promise<void> {
    if (!(event.target instanceof HTMLDetailsElement && event.target.open) || commit in this.diffs) return;
    const shown = await this.#client.value?.call('files.diff', { bot: this.slug, to: commit });
    this.diffs = { ...this.diffs, [commit]: shown?.diff ?? '' };
  }

  async #useAgain(version: number): Promise<void> {
    try {
      await this.#client.value?.call('soul.rollback', { bot: this.slug, version });
      await this.#read();
      this.dispatchEvent(new FleetChangedEvent());
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }
}

customElements.define('bn-bot-history', BnBotHistory);
