import {
  addWords,
  BnPage,
  html,
  msg,
  nothing,
  str,
  type Answer,
  type Client,
  type FormSubmitEvent,
} from 'boternity/ui';
import 'boternity/ui/form';
import { differences, keyOf, settingsTree } from './settings-tree.ts';

interface Data {
  readonly settings: Answer<'settings.list'>['settings'];
  readonly schema: Readonly<Record<string, unknown>>;
  readonly locked: readonly string[];
  /** What models and templates there are, to choose from. */
  readonly choices: Readonly<Record<string, readonly string[]>>;
}

/** Plugins have a page of their own. */
const ELSEWHERE = ['plugins'];
const TECHNICAL = ['host', 'port', 'publicUrl', 'trustedProxies', 'allowedOrigins', 'tls', 'watch'];

/** The settings of the server: what counts, which file says so, and the way to change it. Comments of the file stay. */
export class BnDefaultsPanel extends BnPage<Data> {
  protected heading(): string {
    return msg('Defaults');
  }

  protected async read(client: Client): Promise<Data> {
    const [{ settings }, { schema, locked }, models, templates] = await Promise.all([
      client.call('settings.list', {}),
      client.call('settings.schema', {}),
      client.call('models.list', {}).then(({ models: all }) => all.map(({ id }) => id), nobody),
      client.call('templates.list', {}).then(({ templates: all }) => all.map(({ name }) => name), nobody),
    ]);
    const known = [...new Set(models)];
    const choices = { model: known, fallback: known, template: [...new Set(templates)] };
    return { settings, schema, locked, choices };
  }

  protected override notice(): unknown {
    // The form says what is wrong where it is wrong.
    return this.data && this.error && this.error.details.length > 0 ? nothing : super.notice();
  }

  protected content({ settings, schema, locked, choices }: Data): unknown {
    const own = settings.filter(({ key }) => !ELSEWHERE.includes(keyOf(key)));
    const byFile = own.filter(({ source }) => source === 'settings.yaml');
    const standard = own.filter(({ source }) => source === 'default');
    const given = own.filter(({ source }) => source === 'command line').map(({ key }) => key);
    return html`<p class="soft">
        ${msg('What counts for all bots that do not say otherwise. It stands in settings.yaml of the home, where comments are kept.')}
      </p>
      <bn-form
        .schema=${withDefaults(schema, standard)}
        .value=${settingsTree(byFile)}
        .errors=${this.error?.details ?? []}
        .locked=${[...locked, ...given]}
        .notes=${Object.fromEntries(own.map((setting) => [setting.key, this.#note(setting)]))}
        .choices=${choices}
        .omit=${ELSEWHERE}
        .more=${TECHNICAL}
        .isBusy=${this.isBusy}
        submit=${msg('Save')}
        @bn-form-submit=${(event: FormSubmitEvent) => void this.#save(event, byFile)}
      ></bn-form>`;
  }

  #note({ key, value, source }: Data['settings'][number]): unknown {
    const shown = typeof value === 'string' ? value : JSON.stringify(value);
    if (source === 'boternity.config.ts') return msg(str`Fixed by boternity.config.ts: ${shown}`);
    if (source === 'command line') return msg(str`Set where the server was started: ${shown}`);
    if (source === 'default') return nothing;
    return html`${msg('Set in settings.yaml')}
      <button
        type="button"
        class="quiet"
        aria-label=${msg(str`Take out ${key}`)}
        ?disabled=${this.isBusy}
        @click=${() => void this.act((client) => client.call('settings.unset', { key }), msg('The default counts again.'))}
      >
        ${msg('Take out')}
      </button>`;
  }

  async #save(event: FormSubmitEvent, before: Data['settings']): Promise<void> {
    const changes = differences(settingsTree(before), event.value);
    await this.act(async (client) => {
      for (const { key, value } of changes) {
        if (value === undefined) await client.call('settings.unset', { key });
        else await client.call('settings.set', { key, value });
      }
    }, msg('Saved in settings.yaml.'));
  }
}

const nobody = (): string[] => [];

/** The schema with what counts without any file. */
function withDefaults(schema: Data['schema'], standard: Data['settings']): object {
  const properties = schema['properties'] as Record<string, object>;
  const filled = standard
    .filter(({ value, key }) => value !== null && !(Array.isArray(value) && value.length === 0) && properties[key])
    .map(({ key, value }) => [key, { ...properties[key], default: value }]);
  return { ...schema, properties: { ...properties, ...Object.fromEntries(filled) } };
}

addWords({ de: () => import('./words-de.ts') });
addWords({ de: () => import('./words-de-fields.ts') });
customElements.define('bn-defaults-panel', BnDefaultsPanel);
