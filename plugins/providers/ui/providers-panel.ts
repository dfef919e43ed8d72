import {
  addWords,
  BnPage,
  css,
  formatTime,
  html,
  msg,
  nothing,
  str,
  worded,
  type Answer,
  type Client,
} from 'boternity/ui';
import 'boternity/ui/menu';
import './provider-form.ts';
import './provider-models.ts';
import { callWords, stateWords, type Kind, type Provider, type ProviderStatus } from './provider-schema.ts';

interface Data {
  readonly providers: readonly Provider[];
  readonly problems: readonly string[];
  readonly status: readonly ProviderStatus[];
  readonly kinds: readonly Kind[];
  readonly schema: Readonly<Record<string, unknown>>;
}

type Tested = Answer<'providers.test'>;

/** Where models come from: add, change, try, fetch models, turn off, and how each does. */
export class BnProvidersPanel extends BnPage<Data> {
  static override properties = { open: { state: true }, tested: { state: true } };
  static override styles = [
    super.styles,
    css`
      .dot {
        display: inline-block;
        width: 0.55em;
        height: 0.55em;
        margin-inline-end: 0.35em;
        border-radius: var(--bn-radius-full);
        background: var(--bn-ink-soft);
      }
      .closed .dot {
        background: var(--bn-accent);
      }
      :is(.open, .half-open) .dot {
        background: var(--bn-warning);
      }
      .unusable .dot {
        background: var(--bn-danger);
      }
      .state {
        margin-inline-start: var(--bn-space-2);
        font-size: var(--bn-text-s);
      }
      li bn-notice {
        flex: 1 0 100%;
      }
    `,
  ];
  /** What is open below which provider; a new one has no name. */
  declare open: { readonly name: string; readonly what: 'edit' | 'models' | 'remove' } | undefined;
  declare tested: Tested | undefined;

  protected heading(): string {
    return msg('Providers');
  }

  protected async read(client: Client): Promise<Data> {
    const [{ providers, problems }, { providers: status }, { kinds }, { actions }] = await Promise.all([
      client.call('providers.list', {}),
      client.call('providers.status', {}),
      client.call('providers.kinds', {}),
      client.call('actions.list', {}),
    ]);
    const schema = actions.find(({ name }) => name === 'providers.add')?.input ?? {};
    return { providers, problems, status, kinds, schema };
  }

  protected override actions(): unknown {
    if (!this.data || this.#isOpen('', 'edit')) return nothing;
    return html`<button class="primary" @click=${() => (this.open = { name: '', what: 'edit' })}>
      <bn-icon name="plus"></bn-icon>${msg('Add provider')}
    </button>`;
  }

  protected content(data: Data): unknown {
    const { providers, problems } = data;
    return html`<p class="soft">
        ${msg('Services that models come from. They stand in providers.yaml of the home; keys are kept in the vault.')}
      </p>
      ${problems.map((problem) => html`<bn-notice tone="danger">${problem}</bn-notice>`)}
      ${
        this.#isOpen('', 'edit')
          ? html`<section aria-labelledby="new">
              <h2 id="new">${msg('New provider')}</h2>
              ${this.#form(data, undefined)}
            </section>`
          : nothing
      }
      ${
        providers.length === 0
          ? html`<p class="empty">${msg('There is none yet, so that the demo answers.')}</p>`
          : html`<ul class="lines rows" aria-label=${msg('Providers')}>
              ${providers.map((provider) => this.#line(data, provider))}
            </ul>`
      }`;
  }

  #line(data: Data, provider: Provider): unknown {
    const { name, address, models, key, problem, source, enabled } = provider;
    const status = data.status.find((one) => one.name === name);
    const title = worded(data.kinds.find(({ type }) => type === provider.type)?.title ?? provider.type);
    return html`<li>
      <div>
        <strong>${name}</strong>
        <span class="state ${status?.state ?? ''}"><span class="dot"></span>${stateWords(status)}</span><br />
        <span class="soft small">
          ${title}${address === '' ? nothing : html` · ${address}`} ·
          ${models.length === 1 ? msg('1 model') : msg(str`${models.length} models`)} · ${msg('key:')} ${key} ·
          ${source}
        </span>
        ${status ? this.#health(status) : nothing}
      </div>
      <div class="row">
        <button aria-label=${msg(str`Test ${name}`)} ?disabled=${this.isBusy} @click=${() => void this.#test(name)}>
          ${msg('Test')}
        </button>
        ${this.#opener(name, 'models', msg('Models'), msg(str`Models of ${name}`))}
        ${source === 'boternity.config.ts' ? nothing : this.#changes(provider, enabled)}
      </div>
      ${problem === null ? nothing : html`<bn-notice tone="warning">${problem}</bn-notice>`}
      ${this.tested?.provider === name ? this.#result(this.tested) : nothing} ${this.#below(data, provider)}
    </li>`;
  }

  #changes({ name, source }: Provider, isOn: boolean): unknown {
    const turn = { label: isOn ? msg('Turn off') : msg('Turn on'), run: () => void this.#turn(name, !isOn) };
    const remove = {
      label: msg('Remove'),
      icon: 'trash',
      tone: 'danger' as const,
      run: () => void (this.open = { name, what: 'remove' }),
    };
    return html`${this.#opener(name, 'edit', msg('Edit'), msg(str`Edit ${name}`))}
      <bn-menu
        label=${msg(str`More for ${name}`)}
        .items=${source === 'providers.yaml' ? [turn, 'line', remove] : [turn]}
      ></bn-menu>`;
  }

  #opener(name: string, what: 'edit' | 'models', words: string, label: string): unknown {
    const isOpen = this.#isOpen(name, what);
    return html`<button
      aria-label=${label}
      aria-expanded=${isOpen}
      @click=${() => (this.open = isOpen ? undefined : { name, what })}
    >
      ${words}
    </button>`;
  }

  #health(status: ProviderStatus): unknown {
    const { lastFailure } = status;
    return html`<br /><span class="soft small">${callWords(status)}</span> ${
        lastFailure
          ? html`<br /><span class="soft small"
                >${msg(str`Last failure (${formatTime(lastFailure.at)}): ${lastFailure.message}`)}</span
              >`
          : nothing
      }`;
  }

  #result({ ok, message, firstTokenMs }: Tested): unknown {
    return html`<bn-notice tone=${ok ? 'info' : 'danger'} role="status">
      ${message} ${firstTokenMs === null ? nothing : msg(str`First word after ${firstTokenMs} ms.`)}
    </bn-notice>`;
  }

  #below(data: Data, provider: Provider): unknown {
    const { name } = provider;
    if (this.#isOpen(name, 'edit')) return this.#form(data, provider);
    if (this.#isOpen(name, 'models'))
      return html`<bn-provider-models name=${name} @bn-close=${() => void this.#closed()}></bn-provider-models>`;
    if (!this.#isOpen(name, 'remove')) return nothing;
    return html`<bn-notice tone="danger">
      ${msg('Bots that use its models cannot answer until they get another.')}
      <button slot="actions" class="danger" @click=${() => void this.#remove(name)}>${msg(str`Remove ${name}`)}</button>
      <button slot="actions" @click=${() => (this.open = undefined)}>${msg('Keep')}</button>
    </bn-notice>`;
  }

  #form({ kinds, schema, providers }: Data, provider: Provider | undefined): unknown {
    return html`<bn-provider-form
      .kinds=${kinds}
      .schema=${schema}
      .provider=${provider}
      .taken=${providers.map(({ name }) => name)}
      @bn-close=${() => void this.#closed()}
    ></bn-provider-form>`;
  }

  #isOpen(name: string, what: 'edit' | 'models' | 'remove'): boolean {
    return this.open?.name === name && this.open.what === what;
  }

  #closed(): Promise<void> {
    this.open = undefined;
    return this.reload();
  }

  async #test(name: string): Promise<void> {
    this.tested = undefined;
    await this.act(async (client) => {
      this.tested = await client.call('providers.test', { name });
    });
  }

  async #turn(name: string, isOn: boolean): Promise<void> {
    await this.act((client) =>
      client.call('providers.edit', isOn ? { name, unset: ['disabled'] } : { name, disabled: true }),
    );
  }

  async #remove(name: string): Promise<void> {
    this.open = undefined;
    await this.act((client) => client.call('providers.remove', { name }), msg(str`${name} is removed.`));
  }
}

addWords({ de: () => import('./words-de.ts') });
addWords({ de: () => import('./words-de-fields.ts') });
customElements.define('bn-providers-panel', BnProvidersPanel);
