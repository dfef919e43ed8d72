import { BnElement, css, html } from 'boternity/ui';
import type { PropertyValues } from 'lit';
import type { Code } from './code.ts';
import type { FileProblem, FileSchema } from './files.ts';

/** Somebody typed. */
export class TextEvent extends Event {
  readonly text: string;

  constructor(text: string) {
    super('bn-text');
    this.text = text;
  }
}

/** Somebody wants to save, by the keyboard. */
export class SaveEvent extends Event {
  constructor() {
    super('bn-save');
  }
}

/**
 * A text to edit: an editor of code, which loads when the first one is shown; a plain field where it cannot.
 * @event bn-text - It was changed by a person. @event bn-save - Ctrl+S or Cmd+S.
 */
export class BnCodeEditor extends BnElement {
  static override properties = {
    text: { attribute: false },
    file: { type: String },
    label: { type: String },
    problems: { attribute: false },
    schema: { attribute: false },
    isPlain: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      :host {
        display: grid;
        min-height: 0;
        overflow: hidden;
      }
      .code {
        min-height: 0;
        min-width: 0;
        overflow: hidden;
      }
      textarea {
        height: 100%;
        padding: var(--bn-space-3) var(--bn-space-4);
        border: 0;
        border-radius: 0;
        background: transparent;
        direction: ltr;
        unicode-bidi: plaintext;
        font-family: var(--bn-font-mono);
        font-size: max(1rem, var(--bn-text-s));
        line-height: 1.65;
        resize: none;
      }
      textarea:focus-visible {
        outline-offset: calc(-1 * var(--bn-ring));
      }
    `,
  ];
  declare text: string;
  /** Path of the file. */
  declare file: string;
  declare label: string;
  declare problems: readonly FileProblem[];
  declare schema: FileSchema | undefined;
  /** No editor of code can be had, as where the page comes from its sources. */
  declare isPlain: boolean;
  #code: Code | undefined;
  #wanted: { readonly line: number; readonly column: number } | undefined;

  constructor() {
    super();
    this.text = '';
    this.file = '';
    this.label = '';
    this.problems = [];
    this.isPlain = false;
    this.whileConnected(() => {
      void this.updateComplete.then(() => this.#open());
      return () => {
        this.#code?.close();
        this.#code = undefined;
      };
    });
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('file') && changed.get('file') && this.#code) {
      this.#code.close();
      this.#code = undefined;
      void this.#open();
      return;
    }
    if (changed.has('text')) this.#code?.setText(this.text);
    if (changed.has('problems')) this.#code?.showProblems(this.problems);
  }

  override render(): unknown {
    if (!this.isPlain) return html`<div class="code"></div>`;
    return html`<textarea
      aria-label=${this.label}
      spellcheck="false"
      autocapitalize="off"
      .value=${this.text}
      @input=${(event: InputEvent) => this.#typed((event.target as HTMLTextAreaElement).value)}
      @keydown=${(event: KeyboardEvent) => this.#key(event)}
    ></textarea>`;
  }

  /** Brings a line into view, now or as soon as the text is there. */
  goTo(line: number, column: number): void {
    if (this.#code) return this.#code.goTo(line, column);
    this.#wanted = { line, column };
    if (this.isPlain) this.#goToPlainly(line, column);
  }

  async #open(): Promise<void> {
    const { openCode } = await import('./code.ts').catch(() => ({ openCode: undefined }));
    const parent = this.renderRoot.querySelector<HTMLElement>('.code');
    if (!openCode || !parent || !(this.renderRoot instanceof ShadowRoot)) {
      this.isPlain = !openCode || this.isPlain;
      await this.updateComplete;
      if (this.#wanted) this.#goToPlainly(this.#wanted.line, this.#wanted.column);
      return;
    }
    if (!this.isConnected || this.#code) return;
    this.#code = openCode({
      parent,
      root: this.renderRoot,
      text: this.text,
      file: this.file,
      label: this.label,
      schema: () => this.schema,
      onChange: (text) => this.#typed(text),
      onSave: () => this.dispatchEvent(new SaveEvent()),
    });
    this.#code.showProblems(this.problems);
    if (this.#wanted) this.#code.goTo(this.#wanted.line, this.#wanted.column);
    this.#wanted = undefined;
  }

  #typed(text: string): void {
    this.text = text;
    this.dispatchEvent(new TextEvent(text));
  }

  #key(event: KeyboardEvent): void {
    if (event.key !== 's' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    this.dispatchEvent(new SaveEvent());
  }

  #goToPlainly(line: number, column: number): void {
    const field = this.renderRoot.querySelector('textarea');
    if (!field) return;
    this.#wanted = undefined;
    const before = this.text.split('\n').slice(0, line - 1);
    const at = before.reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
    field.focus();
    field.setSelectionRange(at, at);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'bn-code-editor': BnCodeEditor;
  }
}

customElements.define('bn-code-editor', BnCodeEditor);
