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
import { bring } from './bring.ts';
import { costsTable } from './costs-table.ts';

type Listed = Answer<'plugins.settings'>;
type Plugin = Listed['plugins'][number];
/** What a line asks before it does it. */
type Asked = 'on' | 'off' | 'remove';

interface Seen {
  readonly safe: boolean;
  readonly plugins: readonly Plugin[];
  readonly costs: Answer<'plugins.costs'>;
}

/** How often the page looks whether a change was carried out, in milliseconds, and how many times. */
const LOOK_MS = 250;
const LOOKS = 16;

/** The plugins: state, what each asks for, holds and waits for, on and off, settings, what they cost. */
export class BnPluginsPanel extends BnPage<Seen> {
  static override properties = {
    open: { state: true },
    asked: { state: true },
    deed: { state: true },
    checked: { state: true },
    filter: { state: true },
  };
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
      .waiting,
      .asking {
        color: var(--bn-warning);
      }
      .wide {
        overflow-x: auto;
      }
      td,
      th {
        padding-inline-end: var(--bn-space-3);
        text-align: start;
        white-space: nowrap;
      }
      bn-form,
      li bn-notice {
        flex: 1 0 100%;
      }
    `,
  ];
  /** Whose settings are open. */
  declare open: string;
  /** Which one is about to be turned on or off, or removed. */
  declare asked: string;
  declare deed: Asked;
  declare checked: Answer<'plugins.check'> | undefined;
  declare filter: string;

  constructor() {
    super();
    this.open = '';
    this.asked = '';
    this.deed = 'off';
    this.filter = '';
  }

  protected heading(): string {
    return msg('Plugins');
  }

  protected async read(client: Client): Promise<Seen> {
    const [{ safe, plugins }, costs] = await Promise.all([
      client.call('plugins.settings', {}),
      client.call('plugins.costs', {}),
    ]);
    return { safe, plugins, costs };
  }

  protected override notice(): unknown {
    return this.open !== '' && this.error ? nothing : super.notice();
  }

  protected content({ safe, plugins, costs }: Seen): unknown {
    const wanted = this.filter.trim().toLowerCase();
    const found = plugins.filter(({ name, state }) => name.includes(wanted) || state === wanted);
    const running = plugins.filter(({ state }) => state === 'running');
    const took = running.reduce((sum, { startedInMs }) => sum + (startedInMs ?? 0), 0);
    return html`${safe ? safeNotice() : nothing}
      <p class="soft">
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
      ${found.length === 0 ? html`<p class="soft" role="status">${msg('No plugin is called so.')}</p>` : nothing}
      ${bring({
        isBusy: this.isBusy,
        checked: this.checked,
        add: (spec) => void this.#bring((client) => client.call('plugins.add', { package: spec })),
        create: (name) => void this.#bring((client) => client.call('plugins.create', { name })),
        check: () => void this.act(async (client) => (this.checked = await client.call('plugins.check', {}))),
      })}
      ${costsTable(costs)}`;
  }

  #line(plugin: Plugin): unknown {
    const { name, state, error, missing, description } = plugin;
    const isAsked = this.asked === name;
    return html`<li>
      <div>
        <strong>${name}</strong><span class="state ${classOf(state)}">${stateWords(state)}</span><br />
        ${description === null ? nothing : html`<span class="small">${description}</span><br />`}
        <span class="soft small">${factsOf(plugin)}</span>
        ${missing.length === 0 ? nothing : html`<br /><span class="small wrong">${msg(str`Waits for: ${missing.join(', ')}`)}</span>`}
        ${error === null ? nothing : html`<br /><span class="small wrong">${error}</span>`}
      </div>
      <div class="row">${this.#deeds(plugin)}</div>
      ${isAsked && this.deed === 'off' ? this.#offQuestion(plugin) : nothing}
      ${isAsked && this.deed === 'remove' ? this.#removeQuestion(plugin) : nothing}
      ${(isAsked && this.deed === 'on') || isAsking(plugin) ? this.#consentQuestion(plugin) : nothing}
      ${this.open === name ? this.#form(plugin) : nothing}
    </li>`;
  }

  #deeds({ name, state, schema, locked, needed, place, capabilities }: Plugin): unknown {
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
    const mayAtOnce = capabilities.length === 0;
    const removal = html`<button aria-label=${msg(str`Remove ${name}`)} @click=${() => this.#ask(name, 'remove')}>
      ${msg('Remove')}
    </button>`;
    return html`${settings}${place === null ? nothing : removal}<button
        aria-label=${isOn ? msg(str`Turn off ${name}`) : msg(str`Turn on ${name}`)}
        ?disabled=${this.isBusy}
        @click=${() => (isOn || !mayAtOnce ? this.#ask(name, isOn ? 'off' : 'on') : void this.#enable(name, []))}
      >
        ${isOn ? msg('Turn off') : msg('Turn on')}
      </button>`;
  }

  #ask(name: string, deed: Asked): void {
    this.asked = name;
    this.deed = deed;
  }

  #offQuestion({ name, provides, config }: Plugin): unknown {
    const plugins = this.data?.plugins ?? [];
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
      <button slot="actions" class="danger" @click=${() => void this.#disable(name)}>
        ${msg(str`Turn off ${name}`)}
      </button>
      <button slot="actions" @click=${() => (this.asked = '')}>${msg('Leave on')}</button>
    </bn-notice>`;
  }

  #removeQuestion({ name, place }: Plugin): unknown {
    return html`<bn-notice tone="warning">
      ${msg(str`It is deleted, with its settings: ${place ?? ''}`)}
      <button slot="actions" class="danger" @click=${() => void this.#remove(name)}>${msg(str`Remove ${name}`)}</button>
      <button slot="actions" @click=${() => (this.asked = '')}>${msg('Keep')}</button>
    </bn-notice>`;
  }

  /** What it asks for, before any of its code runs. */
  #consentQuestion({ name, capabilities, state }: Plugin): unknown {
    const isAll = capabilities.includes('everything');
    const isOff = state === 'off';
    return html`<bn-notice tone="warning">
      ${
        isAll
          ? msg('It says nothing of what it uses, so it counts as asking for everything.')
          : capabilities.length === 0
            ? msg('It asks for nothing.')
            : msg(str`It asks for: ${capabilities.join(', ')}`)
      }
      ${msg('It runs with the rights of the server.')}
      <button
        slot="actions"
        class="danger"
        ?disabled=${this.isBusy}
        @click=${() => void this.#enable(name, capabilities)}
      >
        ${isOff ? msg(str`Consent and turn on ${name}`) : msg(str`Consent to ${name}`)}
      </button>
      ${isOff ? html`<button slot="actions" @click=${() => (this.asked = '')}>${msg('Leave off')}</button>` : nothing}
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

  async #bring(work: (client: Client) => Promise<{ readonly plugin: string }>): Promise<void> {
    let name = '';
    const isDone = await this.act(async (client) => ({ plugin: name } = await work(client)));
    if (isDone) toast(this, msg(str`${name} is there. Turn it on above.`));
  }

  async #enable(plugin: string, consent: readonly string[]): Promise<void> {
    this.asked = '';
    const isDone = await this.act((client) => client.call('plugins.enable', { plugin, consent: [...consent] }));
    if (isDone)
      await this.#settle((now) => !['off', 'waits for consent'].includes(now?.state ?? 'off') && !now?.asks, plugin);
  }

  async #disable(plugin: string): Promise<void> {
    this.asked = '';
    const isDone = await this.act((client) => client.call('plugins.disable', { plugin }));
    if (isDone) await this.#settle((now) => (now?.state ?? 'off') === 'off', plugin);
  }

  async #remove(plugin: string): Promise<void> {
    this.asked = '';
    const isDone = await this.act((client) => client.call('plugins.remove', { plugin }));
    if (isDone) await this.#settle((now) => now === undefined, plugin);
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
      if (isSo(this.data?.plugins.find((plugin) => plugin.name === name))) return;
    }
  }
}

function hasSettings(schema: Plugin['schema']): boolean {
  return Object.keys(schema?.['properties'] ?? {}).length > 0;
}

/** It is on, and asks for something else than what was consented to. */
function isAsking({ state, asks }: Plugin): boolean {
  return asks && state !== 'off';
}

function safeNotice(): unknown {
  return html`<bn-notice tone="warning">
    ${msg('Safe mode: plugins of the home, of packages and of boternity.config.ts do not run until the server is started without it.')}
  </bn-notice>`;
}

function factsOf({ origin, startedInMs, effects, provides, state, version, consent }: Plugin): string {
  const origins = {
    product: msg('part of the product'),
    shipped: msg('comes with the product'),
    home: msg('from plugins/ of the home'),
    package: msg(str`package ${version ?? ''}`),
    'boternity.config.ts': msg('from boternity.config.ts'),
  };
  if (state === 'off') return origins[origin];
  const facts = [
    origins[origin],
    ...(startedInMs === null ? [] : [msg(str`started in ${formatSpan(startedInMs)}`)]),
    effects === 1 ? msg('1 effect') : msg(str`${effects} effects`),
    ...(provides.length === 0 ? [] : [msg(str`offers ${provides.join(', ')}`)]),
    ...(consent === null ? [] : [msg(str`let in by ${consent.by}`)]),
  ];
  return facts.join(' · ');
}

function stateWords(state: Plugin['state']): string {
  const words = {
    running: msg('runs'),
    waiting: msg('waits'),
    failed: msg('failed'),
    off: msg('off'),
    'waits for consent': msg('waits for consent'),
  };
  return words[state];
}

function classOf(state: Plugin['state']): string {
  return state === 'waits for consent' ? 'asking' : state;
}

addWords({ de: () => import('./words-de.ts') });
addWords({ de: () => import('./words-de-fields.ts') });
customElements.define('bn-plugins-panel', BnPluginsPanel);
