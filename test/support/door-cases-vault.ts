import type { DoorCase } from './door-cases.ts';

const nonsense = { nonsense: 'x' };

/** How the actions of plugins/vault are tried at every door. */
export const vaultCases: Readonly<Record<string, DoorCase>> = {
  'secrets.list': {
    wrong: nonsense,
    right: {},
    check: ({ t, output }) => t.ok(Array.isArray(output.secrets)),
  },
  'secrets.set': {
    wrong: { name: 'not a name', value: 'x' },
    right: { name: 'DOOR_KEY', value: 'x' },
    prepare: async (_product, door) => ({
      name: `SET_BY_${door.toUpperCase()}`,
      value: `value of 16 or more by ${door}`,
    }),
    check: async ({ t, product, input, output }) => {
      t.match(output, { scope: 'global', backend: 'file', preview: `****${String(input.value).slice(-4)}` });
      const text = (await product.files.read('.boternity/vault.json')) ?? '';
      t.match(text, `global/${String(input.name)}`);
      t.notMatch(text, String(input.value));
    },
  },
  'secrets.delete': {
    wrong: { name: 'X', ...nonsense },
    right: { name: 'DOOR_KEY' },
    prepare: async (product, door) => {
      const name = `SHORT_LIVED_${door.toUpperCase()}`;
      await product.client.call('secrets.set', { name, value: 'soon gone' });
      return { name };
    },
    check: async ({ t, product, input, output }) => {
      t.strictSame(output.from, ['file']);
      t.notMatch(await product.files.read('.boternity/vault.json'), String(input.name));
    },
  },
  'secrets.rotate_key': {
    wrong: { password: '' },
    right: {},
    prepare: async (product, door) => {
      await product.client.call('secrets.set', { name: `KEPT_BY_${door.toUpperCase()}`, value: 'still there' });
      return {};
    },
    check: async ({ t, product, output }) => {
      t.ok(Number(output.secrets) > 0);
      const { key } = JSON.parse((await product.files.read('.boternity/vault.json')) ?? '') as {
        key: { from: string };
      };
      t.equal(key.from, 'file');
    },
  },
};
