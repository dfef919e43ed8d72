import { chmod, stat } from 'node:fs/promises';
import path from 'node:path';
import { listOf } from './answers.ts';
import type { DoorCase } from './door-cases.ts';

export const doctorCases: Readonly<Record<string, DoorCase>> = {
  'doctor.plan': {
    wrong: { nonsense: 'x' },
    right: {},
    check: ({ t, output }) => {
      t.equal(output.ok, true);
      t.ok(listOf(output.findings).every(({ level }) => level !== 'error'));
    },
  },
  'doctor.apply': {
    wrong: { ids: ['no id'] },
    right: {},
    prepare: async (product) => {
      await chmod(path.join(product.home, '.boternity'), 0o755);
      return {};
    },
    check: async ({ t, product, output }) => {
      const found = listOf(output.applied).find(({ about }) => about === '.boternity');
      t.match(found, { id: 'HOME_PERMISSIONS', done: true });
      t.equal((await stat(path.join(product.home, '.boternity'))).mode & 0o777, 0o700);
    },
  },
};
