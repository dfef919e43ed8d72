import { parseYaml } from '../../core/files/yaml.ts';
import { until } from './product.ts';
import type { DoorCase } from './door-cases.ts';

/** Cases of the actions that tell what was used. */
export const usageCases: Readonly<Record<string, DoorCase>> = {
  'usage.show': {
    wrong: { by: 'weather' },
    right: {},
    check: ({ t, output }) => t.type((output.total as { calls: number }).calls, 'number'),
  },
  'usage.list': {
    wrong: { from: 'yesterday' },
    right: {},
    check: ({ t, output }) => t.ok(Array.isArray(output.calls)),
  },
  'traces.show': {
    wrong: { run: 'nothing', nonsense: 'x' },
    right: { run: 'nothing' },
    prepare: async (product) => {
      const { id } = await product.client.call('conversations.create', { bot: 'assistant' });
      const { reply } = await product.client.call('messages.send', { conversation: id, text: 'hi' });
      const isDone = async (): Promise<boolean> =>
        (await product.client.call('runs.list', { conversation: id })).runs.some(({ state }) => state === 'succeeded');
      // The demo is slow here, so that others have something to stop.
      await until('the trace', isDone, 30_000);
      return { run: reply };
    },
    check: ({ t, output }) => t.match(output.spans, [{ name: 'invoke_agent assistant' }]),
  },
  'usage.limit': {
    wrong: { tokens: -1 },
    right: { tokens: 1_000_000_000 },
    check: async ({ t, product }) =>
      t.match(parseYaml((await product.files.read('settings.yaml')) ?? ''), { limit: { tokens: 1_000_000_000 } }),
  },
};
