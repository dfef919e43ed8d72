import { BnElement, css, html, nothing, type CallError, errorNotice, msg } from 'boternity/ui';
import { categories, importances, type Category, type MemoryView } from './words.ts';

/** What a person may say of a memory. */
export type Said = Pick<MemoryView, 'text' | 'category' | 'importance'>;

/** It shall be kept like this. */
export class SaveEvent extends Event {
  readonly said: Said;

  constructor(said: Said) {
    super('bn-save');
    this.said = said;
  }
}

/** Nothing of it shall be kept. */
export class CancelEvent extends Event {
  constructor() {
    super('bn-cancel');
  }
}

/** The fields of a memory. @event bn-save - It shall be kept. @event bn-cancel - It shall not. */
export class BnMemoryForm extends BnElement {
  static override properties = {
    memory: { attribute: false },
    error: { attribute: false },
    isBusy: { type: Boolean },
    label: { type: String },
  };
  static override styles = [
    super.styles,
    css`
      form {
        display: grid;
        gap: var(--bn-space-4);
      }
      label {
        display: grid;
        gap: var(--bn-space-1);
        min-width: 0;
        font-size: var(--bn-text-s);
        font-weight: var(--bn-weight-strong);
      }
      textarea,
      select {
        min-width: 0;
        font-size: max(1rem, var(--bn-text-m));
        font-weight: var(--bn-weight);
      }
      textarea {
        min-height: 5.5rem;
        max-height: 22rem;
        resize: vertical;
        field-sizing: content;
      }
      [aria-invalid='true'] {
        border-color: var(--bn-danger);
      }
      .both {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(10rem, 100%), 1fr));
        gap: var(--bn-space-3);
      }
      .wrong {
        color: var(--bn-danger);
        font-size: var(--bn-text-s);
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        justify-content: end;
        gap: var(--bn-space-2);
      }
    `,
  ];
  /** What the fields begin with. */
  declare memory: Said | undefined;
  declare error: CallError | undefined;
  declare isBusy: boolean;
  /** What the button says; that it saves, if nothing. */
  declare label: string;

  constructor() {
    super();
    this.isBusy = false;
    this.label = '';
  }

  /** Empties the fields, or fills them as they were. */
  reset(): void {
    this.renderRoot.querySelector('form')?.reset();
  }

  override focus(): void {
    void this.updateComplete.then(() => this.renderRoot.querySelector('textarea')?.focus());
  }

  override render(): unknown {
    const { text = '', category = 'fact', importance = 3 } = this.memory ?? {};
    const wrong = this.error?.details.find(({ path }) => path === 'text')?.message;
    return html`<form
      @submit=${(event: SubmitEvent) => this.#submit(event)}
      @keydown=${(event: KeyboardEvent) => this.#key(event)}
    >
      <div>
        <label
          >${msg('What to remember')}
          <textarea
            name="text"
            required
            maxlength="10000"
            placeholder=${msg('One fact, in a sentence that stands alone')}
            aria-invalid=${wrong === undefined ? nothing : 'true'}
            aria-describedby="wrong"
            .defaultValue=${text}
          ></textarea>
        </label>
        <p id="wrong" class="wrong" ?hidden=${wrong === undefined}>${wrong}</p>
      </div>
      <div class="both">
        <label
          >${msg('Category')}
          <select name="category">
            ${Object.entries(categories()).map(
              ([value, words]) => html`<option value=${value} ?selected=${value === category}>${words}</option>`,
            )}
          </select>
        </label>
        <label
          >${msg('Importance')}
          <select name="importance">
            ${importances().map(
              ([value, words]) =>
                html`<option value=${value} ?selected=${value === importance}>${value}, ${words}</option>`,
            )}
          </select>
        </label>
      </div>
      ${wrong === undefined ? errorNotice(this.error) : nothing}
      <div class="row">
        <button type="button" @click=${() => this.dispatchEvent(new CancelEvent())}>${msg('Cancel')}</button>
        <button class="primary" ?disabled=${this.isBusy}>${this.label || msg('Save')}</button>
      </div>
    </form>`;
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    if (this.isBusy) return;
    const value = (name: string): string =>
      this.renderRoot.querySelector<HTMLTextAreaElement | HTMLSelectElement>(`[name=${name}]`)?.value ?? '';
    const category = Object.keys(categories()).find((each) => each === value('category')) as Category | undefined;
    this.dispatchEvent(
      new SaveEvent({
        text: value('text').trim(),
        category: category ?? 'fact',
        importance: Number(value('importance')),
      }),
    );
  }

  #key(event: KeyboardEvent): void {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      (event.currentTarget as HTMLFormElement).requestSubmit();
    }
    if (event.key === 'Escape') this.dispatchEvent(new CancelEvent());
  }
}

customElements.define('bn-memory-form', BnMemoryForm);
