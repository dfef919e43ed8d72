import path from 'node:path';
import { parseYaml } from '../../core/files/yaml.ts';
import { listOf } from './answers.ts';
import type { DoorCase } from './door-cases.ts';
import { until, type Product } from './product.ts';

const nonsense = { nonsense: 'x' };

const idle = (door: string): string =>
  `import { definePlugin } from 'boternity';\nexport default definePlugin({ name: 'idle-${door}', setup() {} });\n`;

async function stateOf({ client }: Product, name: string): Promise<string | undefined> {
  return (await client.call('plugins.settings', {})).plugins.find((plugin) => plugin.name === name)?.state;
}

/** One case per action about what runs here and its settings. */
export const settingsCases: Readonly<Record<string, DoorCase>> = {
  'settings.schema': {
    wrong: nonsense,
    right: {},
    check: ({ t, output }) => t.match(output, { schema: { properties: { port: { type: 'integer' } } }, locked: [] }),
  },
  'plugins.settings': {
    wrong: nonsense,
    right: {},
    check: ({ t, output }) => {
      const plugins = listOf(output.plugins);
      t.match(
        plugins.find(({ name }) => name === 'storage'),
        { state: 'running', origin: 'product', schema: { type: 'object' } },
      );
      t.match(
        plugins.find(({ name }) => name === 'sign-in'),
        { needed: true },
      );
    },
  },
  'plugins.configure': {
    wrong: { plugin: 'demo', config: 'fast' },
    right: { plugin: 'demo', config: { delayMs: 1 } },
    prepare: async (product, door) => {
      const plugin = `idle-${door}`;
      await product.files.write(`plugins/${plugin}/index.ts`, idle(door));
      await product.client.call('plugins.enable', { plugin, consent: ['everything'] });
      await until('it runs', async () => (await stateOf(product, plugin)) === 'running');
      return { plugin, config: { hours: 8 } };
    },
    check: async ({ t, product, door }) => {
      const written = parseYaml((await product.files.read('settings.yaml')) ?? '');
      t.match(written, { plugins: { [`idle-${door}`]: { hours: 8 } } });
    },
  },
  'plugins.enable': {
    wrong: { plugin: 'no name' },
    right: { plugin: 'time', consent: [] },
    prepare: async (product, door) => {
      await product.files.write(`plugins/idle-${door}-on.ts`, idle(`${door}-on`));
      return { plugin: `idle-${door}-on`, consent: ['everything'] };
    },
    check: async ({ t, product, door }) => {
      const kept = JSON.parse((await product.files.read('.boternity/plugins.json')) ?? '') as object;
      t.match(kept, { plugins: { [`idle-${door}-on`]: { capabilities: ['everything'] } } });
    },
  },
  'plugins.disable': {
    wrong: { plugin: 'no name' },
    right: { plugin: 'mock' },
    check: async ({ t, product }) => t.equal(await stateOf(product, 'mock'), 'off'),
  },
  'plugins.create': {
    wrong: { name: 'Two Words' },
    right: { name: 'fresh' },
    prepare: async (_product, door) => ({ name: `fresh-${door}` }),
    check: async ({ t, product, door }) =>
      t.match(await product.files.read(`plugins/fresh-${door}/index.ts`), `name: 'fresh-${door}'`),
  },
  'plugins.add': {
    wrong: { package: 'two words' },
    right: { package: 'boternity-plugin-nothing' },
    prepare: async (product, door) => {
      const manifest = { name: `boternity-plugin-${door}-shop`, version: '1.0.0', exports: './index.js' };
      await product.files.write(`shop/${door}/package.json`, JSON.stringify(manifest));
      await product.files.write(`shop/${door}/index.js`, 'export default 1;');
      return { package: path.join(product.home, 'shop', door) };
    },
    check: async ({ t, product, door, output }) => {
      t.match(output, { plugin: `${door}-shop`, version: '1.0.0', capabilities: ['everything'] });
      t.match(await product.files.read('package.json'), `boternity-plugin-${door}-shop`);
    },
  },
  'plugins.remove': {
    wrong: { plugin: 'no name' },
    right: { plugin: 'nobody' },
    prepare: async (product, door) => {
      await product.files.write(`plugins/doomed-${door}.ts`, idle(`doomed-${door}`));
      return { plugin: `doomed-${door}` };
    },
    check: async ({ t, product, door }) => t.equal(await product.files.read(`plugins/doomed-${door}.ts`), undefined),
  },
  'plugins.check': {
    wrong: { plugin: 'no name' },
    right: { plugin: 'probe' },
    check: ({ t, output }) => t.match(output, { ok: true, checked: ['probe'], problems: [] }),
  },
  'plugins.costs': {
    wrong: nonsense,
    right: {},
    check: ({ t, output }) => t.match(listOf(output.plugins)[0], { memory: 'unknown', calls: Number }),
  },
  'server.about': {
    wrong: nonsense,
    right: {},
    check: ({ t, product, output }) => {
      t.match(output, { home: product.home, license: 'MIT', node: process.versions.node });
      t.match(
        listOf(output.packages).find(({ name }) => name === 'koa'),
        { license: 'MIT' },
      );
    },
  },
  'home.measure': {
    wrong: nonsense,
    right: {},
    check: ({ t, product, output }) => {
      t.equal(output.path, product.home);
      t.ok(Number(output.bytes) > 1_000 && Number(output.files) > 10, `${String(output.files)} files`);
      t.ok(listOf(output.parts).some(({ name }) => name === 'bots'));
    },
  },
};
