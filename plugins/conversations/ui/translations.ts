import { BnElement, css, html, nothing, msg, str, languageNow } from 'boternity/ui';
import type { NodeView } from '../views.ts';
import { DeedEvent } from './events.ts';
import './markdown.ts';

type Translation = NodeView['translations'][number];

/**
 * The translations of a message, each to be folded away, and the form that asks for another one.
 * @event bn-deed - A translation is wanted, or wanted no more. @event bn-close - The form is not wanted.
 */
export class BnTranslations extends BnElement {
  static override properties = { node: { attribute: false }, isAsked: { type: Boolean }, isFixed: { type: Boolean } };
  static override styles = [
    super.styles,
    css`
      :host {
        display: grid;
        gap: var(--bn-space-2);
        width: 100%;
        text-align: start;
      }
      details,
      p {
        font-size: var(--bn-text-s);
      }
      details > div {
        display: grid;
        gap: var(--bn-space-2);
        justify-items: start;
        padding-inline-start: var(--bn-space-3);
        border-inline-start: var(--bn-ring) solid var(--bn-line);
      }
      bn-markdown {
        width: 100%;
      }
      summary {
        min-height: var(--bn-space-5);
        color: var(--bn-ink-soft);
        cursor: pointer;
      }
      form {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: var(--bn-space-2);
      }
      label {
        display: grid;
        gap: var(--bn-space-1);
        font-size: var(--bn-text-s);
      }
    `,
  ];
  declare node: NodeView | undefined;
  /** The form is shown. */
  declare isAsked: boolean;
  /** Nothing can be changed, only read. */
  declare isFixed: boolean;

  constructor() {
    super();
    this.isAsked = false;
    this.isFixed = false;
  }

  override render(): unknown {
    return html`${this.node?.translations.map((each) => this.#translation(each))}
    ${this.isAsked ? this.#form() : nothing}`;
  }

  override updated(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('isAsked') && this.isAsked) this.renderRoot.querySelector('input')?.select();
  }

  #translation({ language, state, text, error }: Translation): unknown {
    if (state === 'pending') return html`<p role="status">${msg(str`Translating into ${language} …`)}</p>`;
    const remove = this.isFixed
      ? nothing
      : html`<button slot="actions" aria-label=${msg(str`Remove: ${language}`)} @click=${() => this.#remove(language)}>
          ${msg('Remove')}
        </button>`;
    if (state === 'failed')
      return html`<bn-notice tone="danger"
        >${msg(str`It could not be translated into ${language}: ${error}`)} ${remove}</bn-notice
      >`;
    return html`<details open>
      <summary>${msg(str`In this language: ${language}`)}</summary>
      <div><bn-markdown .text=${text}></bn-markdown>${remove}</div>
    </details>`;
  }

  #form(): unknown {
    return html`<form @submit=${(event: SubmitEvent) => this.#submit(event)}>
      <label
        >${msg('Language')}<input name="language" required minlength="2" maxlength="40" .value=${ownLanguage()}
      /></label>
      <button class="primary">${msg('Translate')}</button>
      <button type="button" @click=${() => this.#close()}>${msg('Cancel')}</button>
    </form>`;
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    const language = this.renderRoot.querySelector('input')?.value.trim() ?? '';
    if (language === '' || !this.node) return;
    this.dispatchEvent(new DeedEvent({ action: 'messages.translate', message: this.node.id, language }));
    this.#close();
  }

  #remove(language: string): void {
    if (this.node)
      this.dispatchEvent(new DeedEvent({ action: 'messages.untranslate', message: this.node.id, language }));
  }

  #close(): void {
    this.dispatchEvent(new Event('bn-close'));
  }
}

/** What the reader's browser speaks, by its name in the language of the page. */
function ownLanguage(): string {
  try {
    return new Intl.DisplayNames(languageNow(), { type: 'language' }).of(navigator.language) ?? navigator.language;
  } catch {
    return navigator.language;
  }
}

customElements.define('bn-translations', BnTranslations);
