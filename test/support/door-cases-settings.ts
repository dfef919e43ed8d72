import { parseYaml } from '../../core/files/yaml.ts';
import { listOf } from './answers.ts';
import type { DoorCase } from './door-cases.ts';

const nonsense = { nonsense: 'x' };

const idle = (door: string): string =>
  `import { definePlugin } from 'boternity';\nexport default definePlugin({ name: 'idle-${door}', setup() {} });\n`;

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
    wrong: { plugin: 'tapes', state: 'perhaps' },
    right: { plugin: 'tapes', state: 'on' },
    prepare: async (product, door) => {
      await product.files.write(`plugins/idle-${door}/index.ts`, idle(door));
      return { plugin: `idle-${door}`, config: { hours: 8 } };
    },
    check: async ({ t, product, door }) => {
      const written = parseYaml((await product.files.read('settings.yaml')) ?? '');
      t.match(written, { plugins: { [`idle-${door}`]: { hours: 8 } } });
    },
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
