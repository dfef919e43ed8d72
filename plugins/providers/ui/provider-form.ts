import {
  BnElement,
  CallError,
  clientContext,
  CloseEvent,
  css,
  errorNotice,
  html,
  msg,
  nothing,
  str,
  toast,
  worded,
  type Client,
  type FormChangeEvent,
  type FormSubmitEvent,
} from 'boternity/ui';
import 'boternity/ui/form';
import { RARE, schemaFor, type Kind, type Provider } from './provider-schema.ts';

type Values = Readonly<Record<string, unknown>>;

/** Makes a provider, or changes one. What was written stays when the server refuses it. @event bn-close - It was saved, or is not wanted. */
export class BnProviderForm extends BnElement {
  static override properties = {
    kinds: { attribute: false },
    /** The one to change; a new one without. */
    provider: { attribute: false },
    taken: { attribute: false },
    schema: { attribute: false },
    value: { state: true },
    error: { state: true },
    isBusy: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      :host {
        flex: 1 0 100%;
      }
      p {
        margin-block-end: var(--bn-space-4);
      }
    `,
  ];
  declare kinds: readonly Kind[];
  declare provider: Provider | undefined;
  /** Names that are in use. */
  declare taken: readonly string[];
  /** Input of the action that adds a provider. */
  declare schema: Values;
  declare value: Values;
  declare error: CallError | undefined;
  declare isBusy: boolean;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.kinds = [];
    this.taken = [];
    this.schema = { properties: {} };
    this.value = { type: 'openai' };
    this.isBusy = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.provider) this.value = { ...this.provider.settings, type: this.provider.type };
  }

  override render(): unknown {
    const type = typeof this.value['type'] === 'string' ? this.value['type'] : '';
    const kind = this.kinds.find((one) => one.type === type);
    const hasPlace = (this.error?.details.length ?? 0) > 0;
    return html`
      ${kind?.warning ? html`<p><bn-notice tone="warning">${worded(kind.warning)}</bn-notice></p>` : nothing}
      <bn-form
        .schema=${schemaFor(this.schema, this.kinds, type, this.provider === undefined)}
        .value=${this.value}
        .errors=${this.error?.details ?? []}
        .choices=${{ models: kind?.models ?? [] }}
        .notes=${{ models: this.#usual(kind) }}
        .more=${RARE}
        .isBusy=${this.isBusy}
        submit=${this.provider ? msg('Save') : msg('Add provider')}
        @bn-form-change=${(event: FormChangeEvent) => (this.value = event.value)}
        @bn-form-submit=${(event: FormSubmitEvent) => void this.#save(event.value)}
      >
        ${hasPlace ? nothing : errorNotice(this.error)}
        <button slot="actions" type="button" @click=${() => this.dispatchEvent(new CloseEvent())}>
          ${msg('Cancel')}
        </button>
      </bn-form>
    `;
  }

  #usual(kind: Kind | undefined): unknown {
    if (!kind || kind.models.length === 0) return undefined;
    return msg(str`Without any: ${kind.models.join(', ')}`);
  }

  async #save(value: Values): Promise<void> {
    const client = this.#client.value;
    if (!client || this.isBusy) return;
    this.isBusy = true;
    try {
      const name = await this.#send(client, value);
      this.error = undefined;
      toast(this, msg(str`${name} is saved.`));
      this.dispatchEvent(new CloseEvent());
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
    this.isBusy = false;
  }

  /** The entry first: a key of one that is refused would be left behind. */
  async #send(client: Client, { name: given, secret, ...settings }: Values): Promise<string> {
    const type = typeof settings['type'] === 'string' ? settings['type'] : '';
    const name = this.provider?.name ?? (typeof given === 'string' ? given : type);
    if (!this.provider && this.taken.includes(name)) throw takenError(name);
    // The kind that its name says already needs no line.
    const { type: _, ...rest } = settings;
    await client.call('providers.add', { ...(type === name ? rest : settings), name });
    if (typeof secret === 'string') {
      const kind = this.kinds.find((one) => one.type === type);
      const key = typeof settings['key'] === 'string' ? settings['key'] : (kind?.key ?? keyNameOf(name));
      if (settings['key'] === undefined && !kind?.key) await client.call('providers.edit', { name, key });
      await client.call('secrets.set', { name: key, value: secret, check: false });
    }
    return name;
  }
}

function keyNameOf(name: string): string {
  return `${name.toUpperCase().replaceAll('-', '_')}_API_KEY`.replace(/^(?=\d)/, 'KEY_');
}

function takenError(name: string): CallError {
  const message = msg(str`There is a provider ${name} already.`);
  return new CallError({ code: 'INPUT_INVALID', status: 422, message, details: [{ path: 'name', message }] });
}

customElements.define('bn-provider-form', BnProviderForm);
