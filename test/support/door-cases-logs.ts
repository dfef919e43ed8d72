import { listOf } from './answers.ts';
import type { DoorCase } from './door-cases.ts';

export const logCases: Readonly<Record<string, DoorCase>> = {
  'logs.list': {
    wrong: { level: 'loud' },
    right: { limit: 3 },
    prepare: async (product) => {
      const line = { time: '2020-01-01T00:00:00.000Z', level: 'warn', message: 'What was', run: 'old' };
      await product.files.write('.boternity/logs/2020-01-01.jsonl', `${JSON.stringify(line)}\n`);
      return { run: 'old' };
    },
    check: ({ t, output }) => t.match(listOf(output.lines), [{ message: 'What was', level: 'warn' }]),
  },
};

/** Nobody is asked in tests: NO_UPDATE_NOTIFIER is set. */
export const updateCases: Readonly<Record<string, DoorCase>> = {
  'server.updates': {
    wrong: { nonsense: 'x' },
    right: {},
    check: ({ t, output }) =>
      t.match(output, { latest: null, newer: false, off: 'NO_UPDATE_NOTIFIER', how: /bnity backup/ }),
  },
};
