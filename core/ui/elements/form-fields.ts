import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { msg, str, worded } from '../language.ts';
import {
  optionsOf,
  resolveSchema,
  titleOf,
  titleOfOption,
  type FieldKind,
  type JsonSchema,
  type Path,
} from './form-schema.ts';

/** One field of a form as it is to be drawn. */
export interface Field {
  readonly path: Path;
  /** The path with dots: `limit.dollars`. */
  readonly key: string;
  readonly kind: FieldKind;
  readonly schema: JsonSchema;
  readonly root: JsonSchema;
  readonly value: unknown;
  readonly isRequired: boolean;
  readonly isLocked: boolean;
  /** What is wrong with it, in words. */
  readonly error: string;
  /** What stands below it beside its description. */
  readonly note: unknown;
  /** Values that are offered beside what may be written. */
  readonly choices: readonly string[];
  /** What was written and is no value yet. */
  readonly text: string | undefined;
  /** Takes another value; undefined takes it out. */
  readonly change: (path: Path, value: unknown) => void;
  /** Takes a text that is no value, and why. */
  readonly refuse: (text: string, why: string) => void;
  /** Gives the focus to what has this id, once it is drawn. */
  readonly focus: (id: string) => void;
  /** Draws what is inside: the fields of a group. */
  readonly inner: (name: string, schema: JsonSchema, isRequired: boolean) => unknown;
}

/** Draws a field with its label, its explanation and what is wrong with it. */
export function drawField(field: Field): unknown {
  if (field.kind === 'group') return drawGroup(field);
  if (field.kind === 'list') return drawList(field);
  const input = drawInput(field);
  const label = html`<label for=${idOf(field)}>${labelOf(field)}</label>`;
  const both = field.kind === 'switch' ? html`<div class="switch">${input}${label}</div>` : html`${label}${input}`;
  return html`<div class="field">${both}${below(field)}</div>`;
}

function drawInput(field: Field): unknown {
  if (field.kind === 'switch') return drawSwitch(field);
  if (field.kind === 'choice') return drawChoice(field);
  if (field.kind === 'json') return drawJson(field);
  if (field.kind === 'long') return drawLong(field);
  return drawLine(field);
}

function drawLine(field: Field): unknown {
  const { kind, schema, value, choices, text } = field;
  const isNumber = kind === 'number';
  const list = choices.length > 0 ? `${idOf(field)}-choices` : undefined;
  return html`<input
      id=${idOf(field)}
      type=${kind === 'secret' ? 'password' : 'text'}
      inputmode=${isNumber ? 'decimal' : nothing}
      autocomplete=${kind === 'secret' ? 'new-password' : 'off'}
      spellcheck="false"
      autocapitalize="none"
      list=${list ?? nothing}
      placeholder=${placeholderOf(schema)}
      ?disabled=${field.isLocked}
      ?required=${field.isRequired}
      aria-invalid=${field.error === '' ? nothing : 'true'}
      aria-describedby=${describedBy(field)}
      .value=${live(text ?? shown(value))}
      @focus=${(event: Event) => kind === 'secret' && (event.target as HTMLInputElement).select()}
      @input=${(event: Event) => written(field, (event.target as HTMLInputElement).value)}
    />${
      list === undefined
        ? nothing
        : html`<datalist id=${list}>${choices.map((choice) => html`<option value=${choice}></option>`)}</datalist>`
    }`;
}

/** A text is taken as it is; of a number only what is one. */
function written({ kind, path, schema, change, refuse }: Field, text: string): void {
  if (text.trim() === '') return change(path, undefined);
  if (kind !== 'number') return change(path, text);
  const number = Number(text.trim().replace(',', '.'));
  if (!Number.isFinite(number)) return refuse(text, msg('Write a number.'));
  if (schema.type === 'integer' && !Number.isInteger(number)) return refuse(text, msg('Write a whole number.'));
  const { minimum, maximum } = schema;
  if (minimum !== undefined && number < minimum) return refuse(text, msg(str`Write ${minimum} or more.`));
  if (maximum !== undefined && number > maximum) return refuse(text, msg(str`Write ${maximum} or less.`));
  return change(path, number);
}

function drawLong(field: Field): unknown {
  return html`<textarea
    id=${idOf(field)}
    placeholder=${placeholderOf(field.schema)}
    ?disabled=${field.isLocked}
    ?required=${field.isRequired}
    aria-invalid=${field.error === '' ? nothing : 'true'}
    aria-describedby=${describedBy(field)}
    .value=${live(shown(field.value))}
    @input=${(event: Event) => field.change(field.path, (event.target as HTMLTextAreaElement).value || undefined)}
  ></textarea>`;
}

function drawJson(field: Field): unknown {
  const text = field.text ?? (field.value === undefined ? '' : JSON.stringify(field.value, null, 2));
  return html`<textarea
    id=${idOf(field)}
    class="code"
    spellcheck="false"
    autocapitalize="none"
    placeholder=${field.schema.default === undefined ? '' : JSON.stringify(field.schema.default)}
    ?disabled=${field.isLocked}
    aria-invalid=${field.error === '' ? nothing : 'true'}
    aria-describedby=${describedBy(field)}
    .value=${live(text)}
    @input=${(event: Event) => writtenJson(field, (event.target as HTMLTextAreaElement).value)}
  ></textarea>`;
}

function writtenJson(field: Field, text: string): void {
  if (text.trim() === '') return field.change(field.path, undefined);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return field.refuse(text, msg(str`This is no JSON: ${error instanceof Error ? error.message : String(error)}`));
  }
  field.refuse(text, '');
  return field.change(field.path, value);
}

function drawSwitch(field: Field): unknown {
  return html`<input
    id=${idOf(field)}
    type="checkbox"
    ?disabled=${field.isLocked}
    aria-invalid=${field.error === '' ? nothing : 'true'}
    aria-describedby=${describedBy(field)}
    .checked=${live((field.value ?? field.schema.default) === true)}
    @change=${(event: Event) => field.change(field.path, (event.target as HTMLInputElement).checked)}
  />`;
}

function drawChoice(field: Field): unknown {
  const options = optionsOf(field.schema) ?? [];
  const standard = field.schema.default;
  const none = standard === undefined ? msg('Not set') : msg(str`As usual: ${shown(standard)}`);
  return html`<select
    id=${idOf(field)}
    ?disabled=${field.isLocked}
    ?required=${field.isRequired}
    aria-invalid=${field.error === '' ? nothing : 'true'}
    aria-describedby=${describedBy(field)}
    @change=${(event: Event) => field.change(field.path, options[(event.target as HTMLSelectElement).selectedIndex - 1])}
  >
    <option .selected=${field.value === undefined}>${none}</option>
    ${options.map((option) => html`<option .selected=${option === field.value}>${titleOfOption(field.schema, option) ?? shown(option)}</option>`)}
  </select>`;
}

function drawList(field: Field): unknown {
  const items = Array.isArray(field.value) ? (field.value as readonly unknown[]) : [];
  const name = worded(titleOf(field.path.at(-1) ?? '', field.schema));
  const set = (next: readonly unknown[]): void => field.change(field.path, next);
  return html`<fieldset class="field" aria-describedby=${describedBy(field)} ?disabled=${field.isLocked}>
    <legend>${labelOf(field)}</legend>
    <ul class="lines">
      ${items.map(
        (item, place) =>
          html`<li>
            ${drawItem(field, item, place, name)}
            ${
              place === 0
                ? nothing
                : html`<button
                    type="button"
                    class="quiet square up"
                    aria-label=${msg(str`Move ${shown(item)} up`)}
                    @click=${() => set(moved(items, place))}
                  >
                    <bn-icon name="down"></bn-icon>
                  </button>`
            }
            <button
              type="button"
              class="quiet square"
              aria-label=${msg(str`Take out ${shown(item)}`)}
              @click=${() => set(items.toSpliced(place, 1))}
            >
              <bn-icon name="close"></bn-icon>
            </button>
          </li>`,
      )}
    </ul>
    <button
      type="button"
      class="add"
      aria-label=${msg(str`Add to ${name}`)}
      @click=${() => {
        set([...items, '']);
        // Whoever adds a line goes on writing in it.
        field.focus(`${idOf(field)}-${items.length}`);
      }}
    >
      <bn-icon name="plus"></bn-icon>${msg('Add')}
    </button>
    ${below(field)}
  </fieldset>`;
}

function drawItem(field: Field, item: unknown, place: number, name: string): unknown {
  const schema = resolveSchema(field.schema.items ?? {}, field.root);
  const options = optionsOf(schema);
  const path = [...field.path, place];
  const list = field.choices.length > 0 ? `${idOf(field)}-choices` : undefined;
  const label = msg(str`${name}, line ${place + 1}`);
  if (options)
    return html`<select
      id="${idOf(field)}-${place}"
      aria-label=${label}
      @change=${(event: Event) => field.change(path, options[(event.target as HTMLSelectElement).selectedIndex - 1] ?? '')}
    >
      <option></option>
      ${options.map((option) => html`<option .selected=${option === item}>${shown(option)}</option>`)}
    </select>`;
  return html`<input
      id="${idOf(field)}-${place}"
      type="text"
      autocomplete="off"
      autocapitalize="none"
      spellcheck="false"
      list=${list ?? nothing}
      aria-label=${label}
      aria-invalid=${field.error === '' ? nothing : 'true'}
      .value=${live(shown(item))}
      @input=${(event: Event) => field.change(path, itemFrom(schema, (event.target as HTMLInputElement).value))}
    />${
      list === undefined || place > 0
        ? nothing
        : html`<datalist id=${list}>
            ${field.choices.map((choice) => html`<option value=${choice}></option>`)}
          </datalist>`
    }`;
}

function itemFrom({ type }: JsonSchema, text: string): unknown {
  const isNumber = (type === 'number' || type === 'integer') && text.trim() !== '';
  return isNumber && Number.isFinite(Number(text)) ? Number(text) : text;
}

function moved(items: readonly unknown[], place: number): unknown[] {
  return items.with(place, items[place - 1]).with(place - 1, items[place]);
}

function drawGroup(field: Field): unknown {
  const { properties = {}, description } = field.schema;
  // A group that may be left out asks for nothing before something of it is there.
  const required = field.isRequired || field.value !== undefined ? (field.schema.required ?? []) : [];
  return html`<fieldset class="group" aria-describedby=${describedBy(field)}>
    <legend>${labelOf(field)}</legend>
    ${description === undefined && field.error === '' && field.note === undefined ? nothing : below(field)}
    <div class="fields">
      ${Object.entries(properties).map(([name, schema]) => field.inner(name, schema, required.includes(name)))}
    </div>
  </fieldset>`;
}

function labelOf({ path, schema, isRequired }: Field): unknown {
  const title = worded(titleOf(path.at(-1) ?? '', schema));
  return isRequired ? html`${title} <span class="must">(${msg('needed')})</span>` : title;
}

function below(field: Field): unknown {
  const { description } = field.schema;
  return html`${
    description === undefined ? nothing : html`<p class="hint" id="${idOf(field)}-hint">${worded(description)}</p>`
  }${
    field.note === undefined ? nothing : html`<div class="hint">${field.note}</div>`
  }${field.error === '' ? nothing : html`<p class="error" id="${idOf(field)}-error">${field.error}</p>`}`;
}

function describedBy(field: Field): unknown {
  const ids = [
    ...(field.schema.description === undefined ? [] : [`${idOf(field)}-hint`]),
    ...(field.error === '' ? [] : [`${idOf(field)}-error`]),
  ];
  return ids.length === 0 ? nothing : ids.join(' ');
}

function placeholderOf({ default: standard }: JsonSchema): string {
  return standard === undefined ? '' : shown(standard);
}

function idOf({ key }: Field): string {
  return `field-${key.replaceAll(/[^\w-]/g, '-')}`;
}

/** A value as people write it. */
function shown(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
