import {
  BnElement,
  CallError,
  clientContext,
  css,
  html,
  nothing,
  type Answer,
  errorNotice,
  msg,
  str,
} from 'boternity/ui';
import { storageStyles } from './storage-styles.ts';

type Found = Answer<'storage.search'>;

/** A search in the texts of a bot's files, as the bot itself searches them. */
export class BnStorageSearch extends BnElement {
  static override properties = {
    bot: { type: String },
    found: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    storageStyles,
    css`
      form {
        margin-bottom: var(--bn-space-3);
      }
      .lines p {
        max-height: 12em;
        overflow-y: auto;
        white-space: pre-wrap;
      }
    `,
  ];
  declare bot: string;
  declare found: Found | undefined;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.bot = '';
  }

  override updated(changed: Map<string, unknown>): void {
    if (changed.has('bot')) this.found = undefined;
  }

  override render(): unknown {
    const { found } = this;
    return html`<section aria-labelledby="heading">
      <div class="head"><h2 id="heading">${msg('Search in files')}</h2></div>
      <form role="search" @submit=${(event: SubmitEvent) => void this.#search(event)}>
        <input name="query" type="search" aria-label=${msg('What to look for')} required maxlength="1000" />
        <button><bn-icon name="search"></bn-icon>${msg('Search')}</button>
      </form>
      ${errorNotice(this.error)}
      <div role="status">${found ? this.#said(found) : nothing}</div>
      ${
        found && found.passages.length > 0
          ? html`<ul class="lines rows" aria-label=${msg('Passages')}>
              ${found.passages.map(
                ({ cite, heading, text }) =>
                  html`<li>
                    <div>
                      <strong>${cite}</strong> <span class="soft small">${heading ?? ''}</span>
                      <p>${text}</p>
                    </div>
                  </li>`,
              )}
            </ul>`
          : nothing
      }
    </section>`;
  }

  #said({ passages, waiting }: Found): unknown {
    const late = waiting.length > 0 ? msg(str`Still being read: ${waiting.join(', ')}.`) : '';
    return html`<p class="soft small">${passages.length === 0 ? msg('Nothing was found.') : nothing} ${late}</p>`;
  }

  async #search(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const query = this.renderRoot.querySelector('input')?.value ?? '';
    const { bot } = this;
    try {
      const found = await this.#client.value?.call('storage.search', { bot, query });
      if (bot === this.bot) this.found = found;
      this.error = undefined;
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }
}

customElements.define('bn-storage-search', BnStorageSearch);
