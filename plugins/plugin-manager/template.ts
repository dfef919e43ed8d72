import type { House } from 'boternity';

/** The files of a new plugin that works, by path from its folder: code, manifest and a test. */
export function templateOf(name: string, house: House): Readonly<Record<string, string>> {
  const [major, minor] = house.version.split('.');
  const manifest = {
    name: `boternity-plugin-${name}`,
    version: '0.1.0',
    private: true,
    type: 'module',
    boternity: {
      api: `^${major}.${minor}`,
      capabilities: ['service:actions'],
      description: 'Greets people.',
    },
  };
  return {
    'package.json': `${JSON.stringify(manifest, null, 2)}\n`,
    'index.ts': code(name),
    'index.test.ts': test(name),
  };
}

const code = (name: string): string => `import { defineAction, definePlugin, z } from 'boternity';

/** At once a route, a command and a tool that bots may be granted. */
const greet = defineAction({
  name: '${name}.greet',
  summary: 'Greets somebody.',
  permission: '${name}:use',
  http: 'POST /${name}/greet',
  cli: '${name} greet <who>',
  examples: ['bnity ${name} greet Ada'],
  doors: ['http', 'cli', 'bot'],
  input: z.strictObject({ who: z.string().min(1).describe('Who is greeted') }),
  output: z.object({ text: z.string() }),
  run: async ({ who }) => ({ text: \`Hello, \${who}.\` }),
});

/** Greets people. */
export default definePlugin({
  name: '${name}',
  needs: ['actions'],
  setup({ actions }) {
    actions.add(greet);
  },
});
`;

const test = (name: string): string => `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testKernel } from 'boternity/testing';
import plugin from './index.ts';

test('it greets by name', async () => {
  await using kernel = await testKernel([plugin()]);
  const actions = await kernel.service('actions');
  const answer = await actions.run('${name}.greet', {
    door: 'http',
    caller: { kind: 'program', id: 'test', name: 'Test', grants: ['${name}:use'] },
    input: { who: 'Ada' },
    signal: AbortSignal.timeout(5_000),
    progress: () => undefined,
  });
  assert.deepEqual(answer, { text: 'Hello, Ada.' });
});
`;
