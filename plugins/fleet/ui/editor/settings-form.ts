import { addWords, BnElement, clientContext, css, html, msg, type FormChangeEvent } from 'boternity/ui';
import 'boternity/ui/form';
import type { PropertyValues } from 'lit';
import { fieldOf } from './fields-event.ts';
import type { FileProblem, FileSchema } from './files.ts';

type Values = Readonly<Record<string, unknown>>;

/**
 * A file of settings as a form, from its schema: what is changed becomes a line of the file, and its comments stay.
 * @event bn-fields - Something was changed.
 */
export class BnSettingsForm extends BnElement {
  static override properties = {
    data: { attribute: false },
    schema: { attribute: false },
    problems: { attribute: false },
    value: { state: true },
    models: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      :host {
        width: min(100%, var(--bn-measure));
        margin-inline: auto;
        padding: var(--bn-space-5) var(--bn-space-4);
      }
    `,
  ];
  /** What the file says; null while it cannot be read, undefined until it is known. */
  declare data: unknown;
  declare schema: FileSchema | undefined;
  declare problems: readonly FileProblem[];
  declare value: Values | undefined;
  /** Names of models, to choose from. */
  declare models: readonly string[];
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.problems = [];
    this.models = [];
    this.whileConnected(() => {
      void this.updateComplete.then(async () => {
        const answer = await this.#client.value?.call('models.list', {}).catch(() => undefined);
        this.models = (answer?.models ?? []).map(({ id }) => id);
      });
      return () => undefined;
    });
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('data') || this.data === undefined) return;
    // The form keeps what is being written as long as the file says the same.
    const data = (this.data ?? {}) as Values;
    if (ordered(data) !== ordered(this.value)) this.value = data;
  }

  override render(): unknown {
    if (this.problems.some(({ level }) => level === 'error') && this.data === null)
      return html`<bn-notice tone="warning"
        >${msg('The file cannot be read as it is. Put it right in its text, then the form comes back.')}</bn-notice
      >`;
    if (!this.value || !this.schema) return html`<p aria-busy="true"></p>`;
    return html`<bn-form
      .schema=${this.schema.schema}
      .value=${this.value}
      .errors=${this.problems.filter(({ level }) => level === 'error').map(detailOf)}
      .choices=${{ 'model.default': this.models, 'model.prefer': this.models, 'model.fallback': this.models }}
      .more=${['capabilities', 'mcp', 'memory', 'skills', 'args']}
      @bn-form-change=${(event: FormChangeEvent) => this.#changed(event)}
    ></bn-form>`;
  }

  #changed({ value, path }: FormChangeEvent): void {
    this.value = value;
    const { key, inner } = settable(value, path.split('.'));
    this.dispatchEvent(fieldOf(key, inner));
  }
}

/** The value that changed, or the whole list in which it did. */
function settable(value: unknown, path: readonly string[]): { key: string; inner: unknown } {
  let inner = value;
  const key: string[] = [];
  for (const part of path) {
    if (Array.isArray(inner)) break;
    inner = typeof inner === 'object' && inner !== null ? (inner as Values)[part] : undefined;
    key.push(part);
  }
  const isList = /^\d+$/.test(key.at(-1) ?? '');
  return { key: (isList ? key.slice(0, -1) : key).join('.'), inner };
}

/** Problems name the value they are about: `model.temperature: too big`. */
function detailOf({ message }: FileProblem): { path: string; message: string } {
  const [, path = '', words = message] = /^([\w.]+): (.*)$/s.exec(message) ?? [];
  return { path, message: words };
}

/** A value as text that is the same for equal values. */
function ordered(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

addWords({ de: () => import('../words-de-fields.ts') });
customElements.define('bn-settings-form', BnSettingsForm);
