import {
  BnElement,
  CallError,
  clientContext,
  css,
  errorNotice,
  formStyles,
  html,
  mark,
  msg,
  nothing,
  showTitle,
  str,
  pathTo,
} from 'boternity/ui';

interface Standing {
  readonly id: string | null;
  readonly provider: string | null;
}

interface Kind {
  readonly type: string;
  readonly title: string;
  readonly key: string | null;
  readonly address: string | null;
}

interface Provider {
  readonly name: string;
  readonly models: readonly string[];
  readonly problem: string | null;
  readonly source: string;
}

/** A provider whose models answer at once. */
interface Choice {
  readonly provider: string;
  readonly model: string;
  readonly source: string;
}

const DEMO = 'demo';
/** The bot that comes with every server. */
const FIRST_BOT = 'assistant';

/** The second half of the setup: which model answers. What was found, a key of one's own, or the demo; then the first conversation. */
export class BnSetupModel extends BnElement {
  static override properties = {
    choices: { state: true },
    kinds: { state: true },
    chosen: { state: true },
    kind: { state: true },
    isBusy: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    formStyles,
    css`
      header {
        display: grid;
        justify-items: center;
        gap: var(--bn-space-3);
        margin-block-end: var(--bn-space-5);
        text-align: center;
      }
      .mark {
        width: 3rem;
        height: 3rem;
      }
      h1 {
        font-size: var(--bn-text-xl);
        letter-spacing: -0.01em;
      }
      fieldset {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--bn-space-2);
        margin: 0;
        padding: 0;
        border: 0;
      }
      .choice {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 0 var(--bn-space-3);
        align-items: center;
        min-height: var(--bn-target);
        padding: var(--bn-space-3) var(--bn-space-4);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        cursor: pointer;
      }
      .choice:has(:checked) {
        border-color: var(--bn-accent);
        background: var(--bn-accent-soft);
      }
      .choice input {
        width: auto;
        min-height: 0;
        accent-color: var(--bn-accent);
      }
      .choice .hint {
        grid-column: 2;
        overflow-wrap: anywhere;
      }
      .key {
        display: grid;
        gap: var(--bn-space-3);
        padding-inline-start: var(--bn-space-4);
      }
    `,
  ];
  declare choices: readonly Choice[] | undefined;
  declare kinds: readonly Kind[];
  /** Name of a provider that was found, `key`, or `demo`. */
  declare chosen: string;
  declare kind: string;
  declare isBusy: boolean;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.kinds = [];
    this.chosen = '';
    this.kind = '';
    this.isBusy = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.updateComplete.then(() => this.#look());
  }

  override updated(): void {
    showTitle(msg('Set up'));
  }

  override render(): unknown {
    const { choices } = this;
    if (!choices) return errorNotice(this.error, () => void this.#look());
    return html`<header>
        ${mark}
        <h1>${msg('Which model shall answer?')}</h1>
        <p class="hint">${msg('You can change it at any time, for all bots or for one.')}</p>
      </header>
      <form @submit=${(event: SubmitEvent) => void this.#submit(event)}>
        <fieldset @change=${(event: Event) => this.#choose(event.target as HTMLInputElement)}>
          <legend class="visually-hidden">${msg('Which model shall answer?')}</legend>
          ${choices.map(({ provider, model, source }) =>
            this.#choice(`found:${provider}`, msg(str`${model} via ${provider}`), msg(str`Found: ${source}`)),
          )}
          ${
            this.kinds.length > 0
              ? this.#choice(
                  'key',
                  msg('A key of mine'),
                  msg('Paste the key of a provider. It is kept encrypted on this machine.'),
                )
              : nothing
          }
          ${this.chosen === 'key' ? this.#keyFields() : nothing}
          ${this.#choice(DEMO, msg('The built-in demo'), msg('Answers with simple words of its own, without any key. To look around.'))}
        </fieldset>
        ${errorNotice(this.error)}
        <button class="primary" ?disabled=${this.isBusy}>${this.isBusy ? msg('One moment …') : this.#go()}</button>
      </form>`;
  }

  #go(): string {
    return this.chosen === 'key' ? msg('Test the key and begin') : msg('Begin');
  }

  #choice(value: string, title: string, hint: string): unknown {
    return html`<label class="choice">
      <input type="radio" name="choice" value=${value} .checked=${this.chosen === value} />
      <span>${title}</span><span class="hint">${hint}</span>
    </label>`;
  }

  #keyFields(): unknown {
    return html`<div class="key">
      <label>
        ${msg('Provider')}
        <select name="kind" @change=${(event: Event) => (this.kind = (event.target as HTMLSelectElement).value)}>
          ${this.kinds.map(({ type, title }) => html`<option value=${type} ?selected=${type === this.kind}>${title}</option>`)}
        </select>
      </label>
      <label>
        ${msg('Key')}
        <input name="key" type="password" required autocomplete="off" spellcheck="false" maxlength="5000" />
      </label>
    </div>`;
  }

  #choose({ name, value }: HTMLInputElement): void {
    if (name !== 'choice') return;
    this.chosen = value;
    this.error = undefined;
  }

  async #look(): Promise<void> {
    try {
      const client = this.#client.value;
      const [status, list, kinds] = await Promise.all([
        client?.call('server.status', {}) as Promise<{ model: Standing } | undefined>,
        client?.call('providers.list', {}) as Promise<{ providers: Provider[] } | undefined>,
        client?.call('providers.kinds', {}) as Promise<{ kinds: Kind[] } | undefined>,
      ]);
      this.kinds = kinds?.kinds.filter(({ key, address }) => key !== null && address !== null) ?? [];
      this.kind = this.kinds[0]?.type ?? '';
      this.choices = choicesFrom(list?.providers ?? [], status?.model);
      const [first] = this.choices;
      this.chosen = first ? `found:${first.provider}` : DEMO;
      this.error = undefined;
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.isBusy) return;
    this.isBusy = true;
    this.error = undefined;
    try {
      const fields = new FormData(event.target as HTMLFormElement);
      const key = fields.get('key');
      if (this.chosen === 'key') await this.#takeKey(typeof key === 'string' ? key : '');
      else await this.#take(this.chosen);
      await this.#begin();
    } catch (thrown) {
      this.error = CallError.from(thrown);
      this.isBusy = false;
    }
  }

  /** Keeps the key, has its provider tried, and forgets both where it does not answer. */
  async #takeKey(value: string): Promise<void> {
    const kind = this.kinds.find(({ type }) => type === this.kind);
    const client = this.#client.value;
    if (!kind?.key || !client) return;
    await client.call('secrets.set', { name: kind.key, value: value.trim(), check: false });
    try {
      await client.call('providers.add', { name: kind.type, type: kind.type });
      const tried = (await client.call('providers.test', { name: kind.type })) as {
        ok: boolean;
        message: string;
        model: string;
      };
      if (!tried.ok) throw refused(kind.title, tried.message);
      await client.call('settings.set', { key: 'model', value: tried.model });
    } catch (thrown) {
      await Promise.allSettled([
        client.call('providers.remove', { name: kind.type }),
        client.call('secrets.delete', { name: kind.key }),
      ]);
      throw thrown;
    }
  }

  async #take(chosen: string): Promise<void> {
    const found = this.choices?.find(({ provider }) => chosen === `found:${provider}`);
    const [first] = this.choices ?? [];
    // The first one answers by itself; and where nothing is found, the demo does.
    if (found === first) return;
    await this.#client.value?.call('settings.set', { key: 'model', value: found?.model ?? DEMO });
  }

  /** Into a conversation with the first bot, which says the first words. */
  async #begin(): Promise<void> {
    const client = this.#client.value;
    if (!client) return;
    const { bots } = (await client.call('bots.list', {})) as { bots: { slug: string; status: string }[] };
    const awake = bots.filter(({ status }) => status === 'active');
    const bot = awake.find(({ slug }) => slug === FIRST_BOT) ?? awake[0];
    if (!client || !bot) return location.replace(pathTo());
    const { id } = (await client.call('conversations.create', { bot: bot.slug })) as { id: string };
    await client.call('conversations.greet', { conversation: id }).catch(() => undefined);
    location.replace(pathTo('conversations', id));
  }
}

/** Providers that can answer, the one that does so by itself first; without the demo, which has a line of its own. */
function choicesFrom(providers: readonly Provider[], standing: Standing | undefined): Choice[] {
  const usable = providers.filter(
    ({ name, problem, models }) => name !== DEMO && problem === null && models.length > 0,
  );
  const choices = usable.map(({ name, models, source }) => {
    const own = standing?.provider === name ? standing.id : undefined;
    return { provider: name, model: own ?? models[0] ?? '', source };
  });
  return choices.toSorted(
    (a, b) => Number(b.provider === standing?.provider) - Number(a.provider === standing?.provider),
  );
}

function refused(title: string, message: string): CallError {
  return new CallError({
    code: 'PROVIDER_UNUSABLE',
    status: 422,
    message: msg(str`${title} did not take the key: ${message}`),
    hint: msg('See that it is whole and still good, or choose the demo for now.'),
  });
}

customElements.define('bn-setup-model', BnSetupModel);
