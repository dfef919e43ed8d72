import type { DoorCase } from './door-cases.ts';
import { listOf } from './answers.ts';

/** Cases of the actions behind the first page. */
export const dashboardCases: Readonly<Record<string, DoorCase>> = {
  'dashboard.show': {
    wrong: { nonsense: 'x' },
    right: {},
    check: async ({ t, product, output }) => {
      t.strictSame(output.failures, []);
      const { bots } = await product.client.call('bots.list', {});
      const { count } = output.bots as { count: number };
      // Other cases make and delete some meanwhile.
      t.ok(count > 0 && count <= bots.length);
      t.ok(listOf(output.providers).length > 0);
      t.ok(Array.isArray(output.pages) && output.pages.includes('dashboard'));
    },
  },
  'dashboard.models': {
    wrong: { nonsense: 'x' },
    right: {},
    check: ({ t, output }) => t.ok(Array.isArray(output.lists)),
  },
};
