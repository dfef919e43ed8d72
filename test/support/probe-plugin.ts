/** Plugins that tests put into a home's `plugins/`, as text: a third party's folder has nothing installed beside it. */

/** Actions that report progress, fail inside, take their time, and take fields that they do not name. */
export const probePlugin = `import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { defineAction, definePlugin, z } from 'boternity';

const count = (home) =>
  defineAction({
    name: 'probe.count',
    summary: 'Counts and tells how far it is.',
    permission: 'probe:use',
    http: 'POST /probe/count',
    cli: 'probe count <to>',
    input: z.strictObject({ to: z.number().int().min(1), fail: z.boolean().optional() }),
    output: z.object({ counted: z.number() }),
    async run({ to, fail }, { caller, progress }) {
      for (let at = 1; at <= to; at += 1) progress({ at });
      if (fail) throw new Error('sk-secret-inside');
      await appendFile(path.join(home.path, 'counted.txt'), caller.id + ' ' + to + '\\n');
      return { counted: to };
    },
  });

const wait = defineAction({
  name: 'probe.wait',
  summary: 'Takes its time.',
  permission: 'probe:use',
  http: 'POST /probe/wait',
  cli: 'probe wait <ms>',
  input: z.strictObject({ ms: z.number().min(0) }),
  output: z.object({ waited: z.number() }),
  async run({ ms }) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return { waited: ms };
  },
});

const loose = defineAction({
  name: 'probe.loose',
  summary: 'Takes any field.',
  permission: 'bots:read',
  http: 'POST /probe/loose',
  cli: 'probe loose',
  input: z.looseObject({ mark: z.enum(['x', 'y']).optional() }),
  output: z.object({ done: z.literal(true) }),
  run: async () => ({ done: true as const }),
});

/** A provider of a third party: it says back what it hears. */
const echo = {
  type: 'echo',
  title: 'Echo',
  address: '',
  models: ['echo-1'],
  model: ({ name }, facts) => ({
    ...facts,
    provider: name,
    abilities: { tools: false, images: false },
    async *stream({ messages }) {
      yield { type: 'text', text: 'Echo: ' + messages.at(-1).content.map((part) => part.text).join('') };
      yield { type: 'end', stop: 'end' };
    },
  }),
  list: async () => [{ id: 'echo-1' }, { id: 'echo-2', window: 1000 }],
};

export default definePlugin({
  name: 'probe',
  needs: ['home', 'actions', 'providers'],
  setup({ home, actions, providers }) {
    actions.add(count(home), wait, loose);
    providers.addKind(echo);
  },
});
`;

/** Runs every action as a guest with the grants that stand in grants.json of the home at that moment, whoever asked. */
export const maskPlugin = `import { readFileSync } from 'node:fs';
import path from 'node:path';
import { definePlugin } from 'boternity';

export default definePlugin({
  name: 'mask',
  needs: ['home'],
  setup(context) {
    const file = path.join(context.home.path, 'grants.json');
    const guest = () => ({ kind: 'token', id: 'guest', name: 'Guest', grants: JSON.parse(readFileSync(file, 'utf8')) });
    context.wrap('action.run', (next, run) => next({ ...run, caller: guest() }), -1000);
  },
});
`;

/**
 * Answers who asks: whoever it is, with the grants that stand in grants.json of the home at that moment; nobody for a request with a
 * header `x-nobody`.
 */
export const guestPlugin = `import { readFileSync } from 'node:fs';
import path from 'node:path';
import { definePlugin } from 'boternity';

export default definePlugin({
  name: 'guest',
  needs: ['home'],
  provides: ['callers'],
  setup(context) {
    const file = path.join(context.home.path, 'grants.json');
    context.provide('callers', () => ({
      identify: async ({ headers }) => headers['x-nobody'] ? undefined : ({ kind: 'token', id: 'guest', name: 'Guest', grants: JSON.parse(readFileSync(file, 'utf8')) }),
      check: () => undefined,
      checkAddress: () => undefined,
      owner: () => ({ kind: 'person', id: 'owner', name: 'Owner' }),
    }));
  },
});
`;

/** A config that puts the guest in the owner's place. */
export const guestConfig = `import { defineConfig } from 'boternity';
import guest from './plugins/guest/index.ts';

export default defineConfig({ disabled: ['sign-in', 'sign-in-pages'], plugins: [guest()] });
`;
