import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import { parseYaml } from '../../core/files/yaml.ts';
import { listOf } from './answers.ts';
import { chatCases } from './door-cases-chat.ts';
import { conversationCases, journalOf } from './door-cases-conversations.ts';
import { movingCases } from './door-cases-moving.ts';
import { settingsCases } from './door-cases-settings.ts';
import { usageCases } from './door-cases-usage.ts';
import { vaultCases } from './door-cases-vault.ts';
import { until, type Product } from './product.ts';

export type Input = Readonly<Record<string, unknown>>;
export type Door = 'http' | 'cli';

/** What one success has to show. */
export interface Success {
  readonly t: Test;
  readonly product: Product;
  readonly door: Door;
  readonly input: Input;
  /** The data of the answer. */
  readonly output: Record<string, unknown>;
}

/** How one action is tried at every door. */
export interface DoorCase {
  /** Refused as input, at the terminal too. A field that nobody knows is a wrong flag there. */
  readonly wrong: Input;
  /** An input of the right form. */
  readonly right: Input;
  /** Makes what the action needs and gives the input for a success; `right` when absent. */
  readonly prepare?: (product: Product, door: Door) => Promise<Input>;
  /** Looks for the effect: on disk where the action has one. */
  readonly check: (success: Success) => unknown;
}

const nonsense = { nonsense: 'x' };
const assistant = { bot: 'assistant' };

const bots: Record<string, DoorCase> = {
  'bots.list': {
    wrong: { status: 'asleep' },
    right: { status: 'active' },
    check: ({ t, output, product }) => {
      const found = listOf(output.bots).find((bot) => bot.slug === 'assistant');
      t.equal(found?.folder, path.join(product.home, 'bots/assistant'), 'it says where the bot really lies');
    },
  },
  'bots.show': {
    wrong: { ...assistant, ...nonsense },
    right: assistant,
    check: ({ t, output }) => t.match(output, { slug: 'assistant', soul: { tone: 'warm and plain' } }),
  },
  'bots.create': {
    wrong: { name: '   ' },
    right: { name: 'Ada' },
    prepare: async (_product, door) => ({ name: `Ada of ${door}` }),
    check: async ({ t, output, product, door }) => {
      t.equal(output.slug, `ada-of-${door}`);
      t.match(await product.files.read(`bots/ada-of-${door}/SOUL.md`), `name: "Ada of ${door}"`);
      t.match(await product.files.read('.boternity/bots.json'), String(output.id));
    },
  },
  'bots.configure': {
    wrong: { ...assistant, temperature: 'hot' },
    right: { ...assistant, temperature: 1 },
    prepare: async (product, door) => ({ bot: await newBot(product, door, 'configured'), temperature: 0.5 }),
    check: async ({ t, product, input }) => {
      const settings = await product.files.read(`bots/${String(input.bot)}/bot.yaml`);
      t.match(parseYaml(settings ?? ''), { model: { temperature: 0.5 }, status: 'active' });
      t.match(settings, '# Settings of this bot', 'comments stay');
    },
  },
  'bots.clone': {
    wrong: { ...assistant, name: '' },
    right: assistant,
    prepare: async (_product, door) => ({ ...assistant, name: `Twin by ${door}` }),
    check: async ({ t, product, door, output }) => {
      const [soul = '', original = ''] = await Promise.all([
        product.files.read(`bots/twin-by-${door}/SOUL.md`),
        product.files.read('bots/assistant/SOUL.md'),
      ]);
      t.match(soul, `Twin by ${door}`);
      t.equal(bodyOf(soul), bodyOf(original));
      const { id } = await product.client.call('bots.show', assistant);
      t.not(output.id, id, 'the id does not travel');
    },
  },
  'bots.start': statusCase('active', 'stopped'),
  'bots.stop': statusCase('disabled'),
  'bots.archive': statusCase('archived'),
  'bots.delete': {
    wrong: { ...assistant, ...nonsense },
    right: assistant,
    prepare: async (product, door) => {
      const bot = await newBot(product, door, 'doomed');
      const { id } = await product.client.call('conversations.create', { bot });
      await until('the journal', () => existsSync(journalOf(product, bot, id)));
      return { bot };
    },
    check: async ({ t, product, input, output }) => {
      t.notOk(existsSync(path.join(product.home, `bots/${String(input.bot)}`)), 'the folder is gone');
      t.notOk(existsSync(path.join(product.home, `data/${String(input.bot)}`)), 'and its conversations');
      t.notMatch(await product.files.read('.boternity/bots.json'), String(output.id));
    },
  },
  'bots.check': {
    wrong: { ...assistant, ...nonsense },
    right: assistant,
    check: ({ t, output }) => t.same(output, { ok: true, problems: [] }),
  },
  'schemas.write': {
    wrong: nonsense,
    right: {},
    check: async ({ t, product, output }) => {
      t.ok(listOf(output.schemas).length >= 6);
      for (const { file } of listOf(output.schemas)) {
        t.match(JSON.parse((await product.files.read(String(file))) ?? ''), { type: 'object' }, String(file));
      }
    },
  },
};

const server: Record<string, DoorCase> = {
  'actions.list': {
    wrong: nonsense,
    right: {},
    check: ({ t, output }) => t.ok(listOf(output.actions).length > 20),
  },
  'actions.routes': {
    wrong: nonsense,
    right: {},
    check: ({ t, output }) => t.match(output.routes, { 'bots.show': 'GET /bots/{bot}', 'actions.routes': String }),
  },
  'panels.list': {
    wrong: nonsense,
    right: {},
    check: ({ t, output }) => t.ok(Array.isArray(output.panels)),
  },
  'streams.list': {
    wrong: nonsense,
    right: {},
    check: ({ t, output }) => {
      const streams = listOf(output.streams);
      t.match(streams, [{ name: 'fleet.events' }, { name: 'conversations.events' }]);
      for (const { event } of streams) t.match(event, { oneOf: Array });
      t.match(output, { version: 1, webSocket: [{ name: 'command', schema: { anyOf: Array } }, { path: '/live' }] });
    },
  },
  'server.status': {
    wrong: nonsense,
    right: {},
    check: ({ t, output, product }) => t.match(output, { home: product.home, url: product.url, model: { id: 'demo' } }),
  },
  'plugins.list': {
    wrong: nonsense,
    right: {},
    check: ({ t, output }) => {
      t.ok(listOf(output.plugins).every((plugin) => plugin.state === 'running' && plugin.error === null));
    },
  },
  'time.now': {
    wrong: { zone: 'Nowhere/Land' },
    right: { zone: 'Asia/Tokyo' },
    check: ({ t, output }) => t.match(output, { zone: 'Asia/Tokyo', iso: new Date().toISOString().slice(0, 10) }),
  },
  'templates.list': {
    wrong: nonsense,
    right: {},
    check: ({ t, output }) => t.match(listOf(output.templates)[0], { name: 'assistant', description: /companion/ }),
  },
  'models.list': {
    wrong: nonsense,
    right: {},
    check: ({ t, output }) => t.match(listOf(output.models)[0], { id: 'demo', provider: 'demo', tools: true }),
  },
  'settings.list': {
    wrong: nonsense,
    right: {},
    check: ({ t, output }) => t.ok(listOf(output.settings).some(({ key, source }) => key === 'port' && source)),
  },
  'settings.set': {
    wrong: { key: 'port', value: 'abc' },
    right: { key: 'watch', value: true },
    check: async ({ t, product }) => {
      const text = (await product.files.read('settings.yaml')) ?? '';
      t.match(parseYaml(text), { watch: true });
      t.match(text, '# Settings of this server', 'comments stay');
    },
  },
  'settings.unset': {
    wrong: { key: 'nonsense' },
    right: { key: 'model' },
    prepare: async (product, door) => {
      const key = `plugins.none-of-${door}`;
      await product.client.call('settings.set', { key, value: false });
      return { key };
    },
    check: async ({ t, product, door }) => t.notMatch(await product.files.read('settings.yaml'), `none-of-${door}`),
  },
  'providers.list': {
    wrong: nonsense,
    right: {},
    check: ({ t, output }) => t.ok(Array.isArray(output.providers)),
  },
  'providers.kinds': {
    wrong: nonsense,
    right: {},
    check: ({ t, output }) => t.match(JSON.stringify(output), 'openai-compatible'),
  },
  'providers.status': {
    wrong: nonsense,
    right: {},
    check: ({ t, output }) => t.ok(Array.isArray(output.providers)),
  },
  'providers.edit': {
    wrong: { name: 'far', priority: 'high' },
    right: { name: 'far', priority: 1 },
    prepare: async (product, door) => {
      const name = `edited-${door}`;
      await product.client.call('providers.add', { name, address: 'http://127.0.0.1:1/v1', models: ['m'] });
      return { name, priority: 7, timeout: 9 };
    },
    check: async ({ t, product, input }) =>
      t.match(parseYaml((await product.files.read('providers.yaml')) ?? ''), {
        providers: { [String(input.name)]: { models: ['m'], priority: 7, timeout: 9 } },
      }),
  },
  'providers.fetch': {
    wrong: { name: 'NOT A NAME' },
    right: { name: 'far' },
    prepare: async (product, door) => {
      const name = `fetched-${door}`;
      await product.client.call('providers.add', { name, type: 'echo' });
      return { name, add: ['echo-2'] };
    },
    check: async ({ t, product, input, output }) => {
      t.match(output, { models: [{ id: 'echo-1' }, { id: 'echo-2', window: 1000 }], added: ['echo-2'] });
      const written = parseYaml((await product.files.read('providers.yaml')) ?? '');
      t.match(written, { providers: { [String(input.name)]: { models: ['echo-1', 'echo-2'] } } });
    },
  },
  'providers.test': {
    wrong: { name: 'NOT A NAME' },
    right: { name: 'far' },
    prepare: async (product, door) => {
      const name = `tested-${door}`;
      await product.client.call('providers.add', { name, type: 'echo' });
      return { name };
    },
    check: ({ t, output }) => t.match(output, { ok: true, model: 'echo-1', message: /echo-1 answered/ }),
  },
  'providers.add': {
    wrong: { name: 'far', address: 'nowhere', models: ['m'] },
    right: { name: 'far', address: 'http://127.0.0.1:1/v1', models: ['m'] },
    prepare: async (_product, door) => ({ name: `of-${door}`, address: 'http://127.0.0.1:1/v1', models: ['a', 'b'] }),
    check: async ({ t, product, door }) => {
      const text = (await product.files.read('providers.yaml')) ?? '';
      t.match(parseYaml(text), { providers: { [`of-${door}`]: { models: ['a', 'b'] } } });
      t.match(text, '# Where models come from', 'comments stay');
    },
  },
  'providers.remove': {
    wrong: { name: 'NOT A NAME' },
    right: { name: 'far' },
    prepare: async (product, door) => {
      const name = `short-lived-${door}`;
      await product.client.call('providers.add', { name, address: 'http://127.0.0.1:1/v1', models: ['m'] });
      return { name };
    },
    check: async ({ t, product, input }) => t.notMatch(await product.files.read('providers.yaml'), String(input.name)),
  },
};

/** One case per action that the product registers; those of a test's own plugins come beside them. */
export const doorCases: Readonly<Record<string, DoorCase>> = {
  ...bots,
  ...conversationCases,
  ...chatCases,
  ...server,
  ...usageCases,
  ...vaultCases,
  ...movingCases,
  ...settingsCases,
};

function statusCase(status: string, before = ''): DoorCase {
  return {
    wrong: { ...assistant, ...nonsense },
    right: assistant,
    prepare: async (product, door) => {
      const bot = await newBot(product, door, `${before}to-be-${status}`);
      if (before !== '') await product.client.call('bots.stop', { bot });
      return { bot };
    },
    check: async ({ t, product, input, output }) => {
      const settings = await product.files.read(`bots/${String(input.bot)}/bot.yaml`);
      t.match(parseYaml(settings ?? ''), { status });
      t.equal(output.status, status);
    },
  };
}

async function newBot(product: Product, door: Door, what: string): Promise<string> {
  const { slug } = await product.client.call('bots.create', { name: `${what} ${door}` });
  return slug;
}

function bodyOf(markdown: string): string {
  return markdown.slice(markdown.indexOf('\n---', 3));
}
