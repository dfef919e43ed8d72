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
} from 'boternity/ui';
import type { Answer } from 'boternity/ui';
import { storageStyles } from './storage-styles.ts';

type Listed = Answer<'kv.list'>;

/** The values that a bot keeps under keys, as JSON: listed, changed, added, deleted. */
export class BnStorageValues extends BnElement {
  static override properties = {
    bot: { type: String },
    listed: { state: true },
    edited: { state: true },
    asked: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    storageStyles,
    css`
      form.edit {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        margin-top: var(--bn-space-3);
      }
      textarea {
        width: 100%;
        font-family: var(--bn-font-mono);
      }
      code {
        overflow-wrap: anywhere;
      }
    `,
  ];
  declare bot: string;
  declare listed: Listed | undefined;
  /** The key and the JSON that are being written; an empty key is a new one. */
  declare edited: { readonly key: string; readonly json: string } | undefined;
  declare asked: string;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.bot = '';
    this.asked = '';
  }

  override updated(changed: Map<string, unknown>): void {
    if (changed.has('bot')) {
      this.listed = undefined;
      this.edited = undefined;
      void this.#read();
    }
    if (changed.has('edited') && this.edited)
      this.renderRoot.querySelector<HTMLElement>(this.edited.key === '' ? 'input' : 'textarea')?.focus();
  }

  override render(): unknown {
    const { listed } = this;
    return html`<section aria-labelledby="heading">
      <div class="head">
        <h2 id="heading">${msg('Values')}</h2>
        <button @click=${() => (this.edited = { key: '', json: '' })}>
          <bn-icon name="plus"></bn-icon>${msg('New value')}
        </button>
      </div>
      ${errorNotice(this.error)} ${this.#form()}
      ${
        listed && listed.keys.length > 0
          ? html`<ul class="lines rows" aria-label=${msg('Kept values')}>
              ${listed.keys.map((entry) => this.#line(entry))}
            </ul>`
          : listed
            ? html`<p class="empty">${msg('There are no values yet.')}</p>`
            : nothing
      }
      ${
        listed?.next
          ? html`<button @click=${() => void this.#read(listed.next ?? undefined)}>${msg('Show more')}</button>`
          : nothing
      }
    </section>`;
  }

  #form(): unknown {
    const { edited } = this;
    if (!edited) return nothing;
    return html`<form class="edit" aria-label=${msg('Value')} @submit=${(event: SubmitEvent) => void this.#save(event)}>
      <input
        name="key"
        aria-label=${msg('Key')}
        required
        maxlength="120"
        .value=${edited.key}
        ?readonly=${edited.key !== ''}
      />
      <textarea name="json" aria-label=${msg('Value')} rows="4" .value=${edited.json}></textarea>
      <span class="soft small">${msg('JSON, or plain words.')}</span>
      <div class="row">
        <button>${msg('Save')}</button>
        <button type="button" @click=${() => (this.edited = undefined)}>${msg('Leave it')}</button>
      </div>
    </form>`;
  }

  #line({ key, preview, problem, changed_at: at }: Listed['keys'][number]): unknown {
    return html`<li>
      <div>
        <strong>${key}</strong>
        <span class="soft small"><time datetime=${at} title=${formatFullTime(at)}>${formatTime(at)}</time></span
        ><br />
        ${problem === null ? html`<code>${preview}</code>` : html`<span class="soft small">${problem}</span>`}
      </div>
      ${
        this.asked === key
          ? html`<div class="row" role="group" aria-label=${msg(str`Delete ${key}?`)}>
              <button class="danger" @click=${() => void this.#delete(key)}>${msg('Delete')}</button>
              <button @click=${() => (this.asked = '')}>${msg('Keep')}</button>
            </div>`
          : html`<div class="row">
              <button aria-label=${msg(str`Edit ${key}`)} @click=${() => void this.#edit(key)}>${msg('Edit')}</button>
              <button aria-label=${msg(str`Delete ${key}`)} @click=${() => (this.asked = key)}>${msg('Delete')}</button>
            </div>`
      }
    </li>`;
  }

  async #edit(key: string): Promise<void> {
    await this.#try(async () => {
      const found = await this.#client.value?.call('kv.get', { bot: this.bot, key });
      this.edited = { key, json: JSON.stringify(found?.value ?? null, null, 2) };
    });
  }

  async #save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const key = this.renderRoot.querySelector('input')?.value ?? '';
    const value = valueOf(this.renderRoot.querySelector('textarea')?.value ?? '');
    await this.#try(async () => {
      await this.#client.value?.call('kv.set', { bot: this.bot, key, value });
      this.edited = undefined;
      await this.#read();
    });
  }

  async #delete(key: string): Promise<void> {
    this.asked = '';
    await this.#try(async () => {
      await this.#client.value?.call('kv.delete', { bot: this.bot, key });
      await this.#read();
    });
  }

  async #read(after?: string): Promise<void> {
    const { bot } = this;
    await this.#try(async () => {
      await this.updateComplete;
      const listed = await this.#client.value?.call('kv.list', { bot, ...(after !== undefined && { after }) });
      if (!listed || bot !== this.bot) return;
      this.listed = { ...listed, keys: [...(after === undefined ? [] : (this.listed?.keys ?? [])), ...listed.keys] };
    });
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.error = undefined;
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }
}

/** What parses is JSON, everything else is words. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

customElements.define('bn-storage-values', BnStorageValues);
