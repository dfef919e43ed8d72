import { html, nothing, type PropertyValues } from 'lit';
import { msg } from '../language.ts';
import type { CallDetail } from '../live/call-error.ts';
import { BnElement } from './element.ts';
import { FormChangeEvent, FormSubmitEvent } from './form-events.ts';
import { drawField, type Field } from './form-fields.ts';
import {
  kindOf,
  resolveSchema,
  valueAt,
  withoutBlanks,
  withValueAt,
  type JsonSchema,
  type Path,
} from './form-schema.ts';
import { fieldStyles } from './form-styles.ts';
import './icon.ts';
import './notice.ts';

/** What is inside what, at most: schemas may speak of themselves. */
const DEEPEST = 6;

type Values = Readonly<Record<string, unknown>>;

/**
 * A form drawn from a JSON Schema: `<bn-form .schema=${schema} .value=${value} .errors=${error.details} submit="Save">`. What is
 * written stays, whatever the errors say, until another value is given for that field.
 * @slot actions - Buttons before the one that submits. @slot - What stands above the buttons, such as what went wrong.
 * @event bn-form-change - A field was changed. @event bn-form-submit - What stands there is to be kept.
 */
export class BnForm extends BnElement {
  static override properties = {
    schema: { attribute: false },
    value: { attribute: false },
    errors: { attribute: false },
    notes: { attribute: false },
    locked: { attribute: false },
    choices: { attribute: false },
    more: { attribute: false },
    omit: { attribute: false },
    submit: { type: String },
    isBusy: { type: Boolean },
  };
  static override styles = [super.styles, fieldStyles];
  /** JSON Schema of an object. */
  declare schema: unknown;
  declare value: Values;
  /** What the server says is wrong, by path; what belongs to no field is told above the buttons. */
  declare errors: readonly CallDetail[];
  /** What stands below a field beside its description, by path. */
  declare notes: Readonly<Record<string, unknown>>;
  /** Paths of fields that cannot be changed. */
  declare locked: readonly string[];
  /** Values that are offered while one writes, by path. */
  declare choices: Readonly<Record<string, readonly string[]>>;
  /** Names of properties that are folded away. */
  declare more: readonly string[];
  /** Names of properties that are not drawn. */
  declare omit: readonly string[];
  /** Words on the button that submits; there is none without. */
  declare submit: string;
  declare isBusy: boolean;
  #now: Values = {};
  /** The value as it was given last. */
  #given: Values = {};
  /** What was written and is no value, and why: by path. */
  readonly #texts = new Map<string, { readonly text: string; readonly why: string }>();
  #drawn = new Set<string>();
  /** What gets the focus with the next drawing. */
  #wanted = '';

  constructor() {
    super();
    this.schema = {};
    this.value = {};
    this.errors = [];
    this.notes = {};
    this.locked = [];
    this.choices = {};
    this.more = [];
    this.omit = [];
    this.submit = '';
    this.isBusy = false;
  }

  /** What stands in the form. */
  get current(): Values {
    return withoutBlanks(this.#now) as Values;
  }

  /** Begins anew with the value, whatever was written. */
  reset(): void {
    this.#now = this.value;
    this.#texts.clear();
    this.requestUpdate();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('value')) return;
    const before = this.#given;
    this.#given = this.value;
    // Only what differs is taken: hosts make their value anew with every drawing, and somebody may be writing elsewhere.
    const isNew = (name: string): boolean => !isSame(before[name], this.value[name]);
    for (const name of new Set([...Object.keys(before), ...Object.keys(this.value)])) if (isNew(name)) this.#take(name);
  }

  override render(): unknown {
    const root = this.schema as JsonSchema;
    const { properties = {}, required = [] } = resolveSchema(root, root);
    const all = Object.entries(properties).filter(([name]) => !this.omit.includes(name));
    const draw = ([name, schema]: [string, JsonSchema]): unknown =>
      this.#field([name], schema, required.includes(name) && schema.default === undefined);
    this.#drawn = new Set();
    const first = all.filter(([name]) => !this.more.includes(name)).map(draw);
    const folded = all.filter(([name]) => this.more.includes(name));
    return html`<form novalidate @submit=${(event: SubmitEvent) => this.#submit(event)}>
      ${first}
      ${
        folded.length === 0
          ? nothing
          : html`<details ?open=${folded.some(([name]) => this.#isWrong(name))}>
              <summary>${msg('More settings')}</summary>
              <div class="fields">${folded.map(draw)}</div>
            </details>`
      }
      ${this.#elsewhere()}
      <slot></slot>
      <div class="actions" ?hidden=${this.submit === '' && !this.querySelector(':scope > [slot="actions"]')}>
        <slot name="actions"></slot>
        ${this.submit === '' ? nothing : html`<button class="primary" ?disabled=${this.isBusy}>${this.submit}</button>`}
      </div>
    </form>`;
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('errors') && this.errors.length > 0) this.#focusWrong();
    if (this.#wanted === '') return;
    this.renderRoot.querySelector<HTMLElement>(`#${this.#wanted}`)?.focus();
    this.#wanted = '';
  }

  #take(name: string): void {
    if (isSame(this.current[name], this.value[name])) return;
    this.#now = withValueAt(this.#now, [name], this.value[name]) as Values;
    for (const path of this.#texts.keys()) if (path === name || path.startsWith(`${name}.`)) this.#texts.delete(path);
  }

  #field(path: Path, given: JsonSchema, isRequired: boolean): unknown {
    const root = this.schema as JsonSchema;
    const schema = resolveSchema(given, root);
    const key = path.join('.');
    const kind = path.length > DEEPEST ? 'json' : kindOf(schema, root);
    this.#drawn.add(key);
    const field: Field = {
      path,
      key,
      kind,
      schema,
      root,
      isRequired,
      value: valueAt(this.#now, path),
      isLocked: this.locked.includes(key) || schema.readOnly === true,
      error: this.#errorOf(key, kind === 'group'),
      note: this.notes[key],
      choices: this.choices[key] ?? [],
      text: this.#texts.get(key)?.text,
      change: (at, value) => this.#change(at, value, kind === 'json'),
      refuse: (text, why) => this.#refuse(key, text, why),
      focus: (id) => void (this.#wanted = id),
      inner: (name, inside, isNeeded) => this.#field([...path, name], inside, isNeeded),
    };
    return drawField(field);
  }

  /** A text that is JSON stays as it was written, blanks and all. */
  #change(path: Path, value: unknown, isWritten: boolean): void {
    const key = path.join('.');
    if (!isWritten || value === undefined) this.#texts.delete(key);
    this.#now = withValueAt(this.#now, path, value) as Values;
    this.requestUpdate();
    this.dispatchEvent(new FormChangeEvent(this.current, key));
  }

  #refuse(key: string, text: string, why: string): void {
    this.#texts.set(key, { text, why });
    this.requestUpdate();
  }

  /** Of a field that is no group also what is wrong further inside, with the place. */
  #errorOf(key: string, isGroup: boolean): string {
    const own = this.#texts.get(key)?.why ?? '';
    if (own !== '') return own;
    const within = this.errors.filter(({ path }) => path === key || (!isGroup && path.startsWith(`${key}.`)));
    return within
      .map(({ path, message }) => (path === key ? message : `${path.slice(key.length + 1)}: ${message}`))
      .join('; ');
  }

  #isWrong(name: string): boolean {
    const isInside = (path: string): boolean => path === name || path.startsWith(`${name}.`);
    return (
      this.errors.some(({ path }) => isInside(path)) ||
      [...this.#texts].some(([path, { why }]) => why !== '' && isInside(path))
    );
  }

  /** What is wrong and belongs to none of the fields. */
  #elsewhere(): unknown {
    const isShown = (path: string): boolean =>
      path.split('.').some((_, depth, parts) => this.#drawn.has(parts.slice(0, depth + 1).join('.')));
    const others = this.errors.filter(({ path }) => !isShown(path));
    if (others.length === 0) return nothing;
    return html`<bn-notice tone="danger" role="alert">
      ${others.map(({ path, message }) => html`<p>${path === '' ? message : `${path}: ${message}`}</p>`)}
    </bn-notice>`;
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    if (this.isBusy) return;
    const form = event.target as HTMLFormElement;
    if ([...this.#texts.values()].some(({ why }) => why !== '')) return this.#focusWrong();
    // What is folded could not be pointed at.
    for (const wrong of form.querySelectorAll(':invalid')) wrong.closest('details')?.setAttribute('open', '');
    if (!form.reportValidity()) return;
    this.dispatchEvent(new FormSubmitEvent(this.current));
  }

  #focusWrong(): void {
    this.renderRoot.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

customElements.define('bn-form', BnForm);
