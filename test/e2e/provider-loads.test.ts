import path from 'node:path';
import t from 'tap';
import { homes } from '../support/house-rooms.ts';
import { ending, said, start, streamed } from '../support/anthropic-wire.ts';
import { startService } from '../support/model-service.ts';
import { startProduct, temporaryFolder } from '../support/product.ts';
import { begin, say } from '../support/talk.ts';

t.setTimeout(120_000);

/** Packages that belong to plugins of providers alone. */
const ofProviders = Object.entries(homes)
  .filter(([, rooms]) =>
    rooms.every((room) => /^plugins\/(anthropic|bedrock|codex|gemini|local|mistral|openai)$/.test(room)),
  )
  .map(([name]) => name);

await t.test('LLMP loads: no SDK of a provider is loaded at start, and only its own by a call', async (t) => {
  t.ok(ofProviders.includes('openai') && ofProviders.includes('@anthropic-ai/sdk'), ofProviders.join(', '));
  await using service = await startService(() => streamed(start(), ...said(0, ['Well.']), ...ending('end_turn')));
  const names = ['ANTHROPIC', 'OPENAI', 'GEMINI', 'MISTRAL', 'OPENROUTER', 'ZAI'];
  await using folder = await temporaryFolder({ 'loads.txt': '' });
  const address = `    address: ${service.url}\n    models: [claude-sonnet-5-5]\n`;
  const hook = path.join(import.meta.dirname, '../support/loads.ts');
  await using product = await startProduct({
    files: {
      'settings.yaml': 'model: claude-sonnet-5-5\nplugins: { demo: false }\n',
      'providers.yaml': `providers:\n  anthropic:\n${address}  near:\n    type: openai-compatible\n${address}  bedrock: {}\n`,
    },
    env: {
      ...Object.fromEntries(names.map((name) => [`${name}_API_KEY`, 'a-key-of-a-test'])),
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'a-secret-of-a-test',
      NODE_OPTIONS: `--import=${hook}`,
      LOADS_FILE: path.join(folder.path, 'loads.txt'),
    },
  });
  const loaded = async (): Promise<string[]> => ((await folder.read('loads.txt')) ?? '').split('\n').filter(Boolean);
  const { providers } = await product.client.call('providers.list', {});
  t.ok(providers.length >= 5, providers.map(({ name }) => name).join(', '));
  const before = await loaded();
  t.ok(before.includes('zod') && before.includes('koa'), 'what is loaded is seen');
  t.strictSame(
    before.filter((name) => ofProviders.includes(name)),
    [],
    'none of them is there',
  );
  t.match((await say(product, await begin(product), 'Hi')).answer, { state: 'finished', text: 'Well.' });
  const after = await loaded();
  t.strictSame(
    after.filter((name) => ofProviders.includes(name)),
    ['@anthropic-ai/sdk'],
    'only what the call needs',
  );
});
