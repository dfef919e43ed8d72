import {
  addWords,
  BnPage,
  css,
  formatSpan,
  html,
  msg,
  nothing,
  str,
  toast,
  type Answer,
  type Client,
  type FormSubmitEvent,
} from 'boternity/ui';
import 'boternity/ui/form';

type Plugins = Answer<'plugins.settings'>['plugins'];
type Plugin = Plugins[number];

/** How often the page looks whether a change was carried out, in milliseconds, and how many times. */
const LOOK_MS = 250;
const LOOKS = 16;

/** The plugins: state, boot time, what each holds and waits for, on and off, settings. */
export class BnPluginsPanel extends BnPage<Plugins> {
  static override properties = { open: { state: true }, asked: { state: true }, filter: { state: true } };
  static override styles = [
    super.styles,
    css`
      .state {
        margin-inline-start: var(--bn-space-2);
        font-size: var(--bn-text-s);
      }
      .running {
        color: var(--bn-accent);
      }
      .failed {
        color: var(--bn-danger);
      }
      .waiting {
        color: var(--bn-warning);
      }
      bn-form,
      li bn-notice {
        flex: 1 0 100%;
      }
    `,
  ];
  /** Whose settings are open. */
  declare open: string;
  /** Which one is about to be turned off. */
  declare asked: string;
  declare filter: string;

  constructor() {
    super();
    this.open = '';
    this.asked = '';
    this.filter = '';
  }

  protected heading(): string {
    return msg('Plugins');
  }

  protected async read(client: Client): Promise<Plugins> {
    return (await client.call('plugins.settings', {})).plugins;
  }

  protected override notice(): unknown {
    return this.open !== '' && this.error ? nothing : super.notice();
  }

  protected content(plugins: Plugins): unknown {
    const wanted = this.filter.trim().toLowerCase();
    const found = plugins.filter(({ name, state }) => name.includes(wanted) || state === wanted);
    const running = plugins.filter(({ state }) => state === 'running');
    const took = running.reduce((sum, { startedInMs }) => sum + (startedInMs ?? 0), 0);
    return html`<p class="soft">
        ${msg(str`${running.length} of ${plugins.length} run; they took ${formatSpan(took)} to start.`)}
        ${msg('A plugin has the rights of the server: turn on only what you trust.')}
      </p>
      <input
        type="search"
        aria-label=${msg('Search plugins')}
        placeholder=${msg('Search plugins')}
        @input=${(event: Event) => (this.filter = (event.target as HTMLInputElement).value)}
      />
      <ul class="lines rows" aria-label=${msg('Plugins')}>
        ${found.map((plugin) => this.#line(plugin))}
      </ul>
      ${found.length === 0 ? html`<p class="soft" role="status">${msg('No plugin is called so.')}</p>` : nothing}`;
  }

  #line(plugin: Plugin): unknown {
    const { name, state, error, missing } = plugin;
    return html`<li>
      <div>
        <strong>${name}</strong><span class="state ${state}">${stateWords(state)}</span><br />
        <span class="soft small">${factsOf(plugin)}</span>
        ${missing.length === 0 ? nothing : html`<br /><span class="small wrong">${msg(str`Waits for: ${missing.join(', ')}`)}</span>`}
        ${error === null ? nothing : html`<br /><span class="small wrong">${error}</span>`}
      </div>
      <div class="row">${this.#deeds(plugin)}</div>
      ${this.asked === name ? this.#question(plugin) : nothing} ${this.open === name ? this.#form(plugin) : nothing}
    </li>`;
  }

  #deeds({ name, state, schema, locked, needed }: Plugin): unknown {
    if (locked) return html`<span class="soft small">${msg('fixed by boternity.config.ts')}</span>`;
    const isOpen = this.open === name;
    const settings = hasSettings(schema)
      ? html`<button
          aria-label=${msg(str`Settings of ${name}`)}
          aria-expanded=${isOpen}
          @click=${() => this.#openSettings(isOpen ? '' : name)}
        >
          ${msg('Settings')}
        </button>`
      : nothing;
    if (needed) return html`${settings}<span class="soft small">${msg('always on')}</span>`;
    const isOn = state !== 'off';
    return html`${settings}<button
        aria-label=${isOn ? msg(str`Turn off ${name}`) : msg(str`Turn on ${name}`)}
        ?disabled=${this.isBusy}
        @click=${() => (isOn ? (this.asked = name) : void this.#turn(name, 'on'))}
      >
        ${isOn ? msg('Turn off') : msg('Turn on')}
      </button>`;
  }

  #question({ name, provides, config }: Plugin): unknown {
    const plugins = this.data ?? [];
    const dependents = plugins.filter(
      ({ needs, state }) => state === 'running' && needs.some((need) => provides.includes(need)),
    );
    return html`<bn-notice tone="warning">
      ${
        dependents.length === 0
          ? msg('What it does is gone until you turn it on again.')
          : msg(str`These wait until it is on again: ${dependents.map((one) => one.name).join(', ')}`)
      }
      ${config === null ? nothing : msg('Its settings in settings.yaml are forgotten.')}
      <button slot="actions" class="danger" @click=${() => void this.#turn(name, 'off')}>
        ${msg(str`Turn off ${name}`)}
      </button>
      <button slot="actions" @click=${() => (this.asked = '')}>${msg('Leave on')}</button>
    </bn-notice>`;
  }

  #form({ name, schema, config }: Plugin): unknown {
    return html`<bn-form
      .schema=${schema}
      .value=${config ?? {}}
      .errors=${(this.error?.details ?? []).map(({ path, message }) => ({ path: path.replace(/^config\.?/, ''), message }))}
      .isBusy=${this.isBusy}
      submit=${msg('Save')}
      @bn-form-submit=${(event: FormSubmitEvent) => void this.#configure(name, event.value)}
    >
      ${this.error && this.error.details.length === 0 ? super.notice() : nothing}
      <button slot="actions" type="button" @click=${() => this.#openSettings('')}>${msg('Cancel')}</button>
    </bn-form>`;
  }

  #openSettings(name: string): void {
    this.open = name;
    this.error = undefined;
  }

  async #turn(plugin: string, state: 'on' | 'off'): Promise<void> {
    this.asked = '';
    const isDone = await this.act((client) => client.call('plugins.configure', { plugin, state }));
    if (isDone) await this.#settle((now) => ((now?.state ?? 'off') !== 'off') === (state === 'on'), plugin);
  }

  async #configure(plugin: string, config: Readonly<Record<string, unknown>>): Promise<void> {
    const isDone = await this.act((client) => client.call('plugins.configure', { plugin, config }));
    if (!isDone) return;
    this.#openSettings('');
    await this.#settle((now) => now?.state !== 'waiting', plugin);
    toast(this, msg(str`The settings of ${plugin} count now.`));
  }

  /** Changes are carried out after they were written: looks until it is so, and shows what came of it. */
  async #settle(isSo: (plugin: Plugin | undefined) => boolean, name: string): Promise<void> {
    for (let look = 0; look < LOOKS && this.isConnected; look += 1) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      await this.reload();
      if (isSo(this.data?.find((plugin) => plugin.name === name))) return;
    }
  }
}

function hasSettings(schema: Plugin['schema']): boolean {
  return Object.keys(schema?.['properties'] ?? {}).length > 0;
}

function factsOf({ origin, startedInMs, effects, provides, state }: Plugin): string {
  const origins = {
    product: msg('part of the product'),
    shipped: msg('comes with the product'),
    home: msg('from plugins/ of the home'),
    'boternity.config.ts': msg('from boternity.config.ts'),
  };
  if (state === 'off') return origins[origin];
  const facts = [
    origins[origin],
    ...(startedInMs === null ? [] : [msg(str`started in ${formatSpan(startedInMs)}`)]),
    effects === 1 ? msg('1 effect') : msg(str`${effects} effects`),
    ...(provides.length === 0 ? [] : [msg(str`offers ${provides.join(', ')}`)]),
  ];
  return facts.join(' · ');
}

function stateWords(state: Plugin['state']): string {
  const words = { running: msg('runs'), waiting: msg('waits'), failed: msg('failed'), off: msg('off') };
  return words[state];
}

addWords({ de: () => import('./words-de.ts') });
addWords({ de: () => import('./words-de-fields.ts') });
customElements.define('bn-plugins-panel', BnPluginsPanel);
