import path from 'node:path';
import t from 'tap';
import { startMockModel } from '../support/mock-model.ts';
import { startProduct, temporaryFolder, until, type Product, type ProductOptions } from '../support/product.ts';
import { begin, say } from '../support/talk.ts';

t.setTimeout(180_000);

await using mock = await startMockModel();

interface Standard {
  readonly id: string | null;
  readonly provider: string | null;
  readonly why: string;
}

async function standardOf(product: Product): Promise<Standard> {
  return (await product.client.call('server.status', {})).model;
}

async function firstRun(options: ProductOptions): Promise<Product> {
  const product = await startProduct(options);
  await until('its greeting', () => product.heard.stdout.includes('Ctrl+C'));
  return product;
}

await t.test('without anything the demo answers, and it is said how to change that', async (t) => {
  await using product = await firstRun({});
  t.match(product.heard.stdout, /model {2}demo\. There is no other provider.*bnity provider add/);
  t.match(await product.files.read('.env.example'), /^# ANTHROPIC_API_KEY=$/m);
  t.match(await product.files.read('.gitignore'), /^\.env$/m);
});

await t.test('a key in the environment brings its provider; where it comes from is named', async (t) => {
  for (const [variable, provider] of [
    ['OPENAI_API_KEY', 'openai'],
    ['ANTHROPIC_API_KEY', 'anthropic'],
    ['OPENROUTER_API_KEY', 'openrouter'],
    ['GEMINI_API_KEY', 'gemini'],
    ['MISTRAL_API_KEY', 'mistral'],
    ['ZAI_API_KEY', 'zai'],
    ['AWS_BEARER_TOKEN_BEDROCK', 'bedrock'],
  ] as const) {
    await using product = await firstRun({
      env: { [variable]: 'sk-a-key-that-nobody-has', AWS_REGION: 'eu-central-1' },
    });
    const standard = await standardOf(product);
    t.equal(standard.provider, provider, variable);
    t.match(standard.why, `The first that is there: ${variable} is in the environment.`);
    t.match(
      product.heard.stdout,
      `${standard.id}. The first that is there: ${variable} is in the environment. Change it with: bnity settings set model`,
    );
    t.match((await product.client.call('providers.list', {})).providers, [
      { name: provider, source: 'environment', problem: null },
    ]);
    t.notMatch(product.heard.stdout + product.heard.stderr, 'sk-a-key');
  }
});

await t.test('LLM_PROVIDER_* describe a service of their own, and a bot talks through it', async (t) => {
  const env = { LLM_PROVIDER_BASE_URL: mock.url, LLM_PROVIDER_NAME: 'house', LLM_PROVIDER_MODELS: 'mock-model, other' };
  await using product = await firstRun({ env: { ...env, LLM_PROVIDER_API_KEY: 'sk-in-the-environment' } });
  t.match(await standardOf(product), { id: 'mock-model', provider: 'house' });
  t.match((await say(product, await begin(product), 'hi')).answer, { text: 'Mock: hi', run: { provider: 'house' } });
});

await t.test(
  'a .env of the home and of the working folder are read; what is set wins, what steers programs is left',
  async (t) => {
    await using working = await temporaryFolder({
      '.env': `LLM_PROVIDER_NAME=of-the-folder\nLLM_PROVIDER_MODELS=mock-model\nNODE_OPTIONS=--nonsense\nPATH=/nowhere\nGIT_SSH_COMMAND=evil\n`,
    });
    const home = {
      '.env': `LLM_PROVIDER_BASE_URL=${mock.url}\nLLM_PROVIDER_NAME=of-the-home\nLLM_PROVIDER_MODELS=wrong\n`,
    };
    {
      await using product = await firstRun({ files: home, cwd: working.path });
      t.match(
        await standardOf(product),
        { id: 'mock-model', provider: 'of-the-folder' },
        'the folder goes before the home',
      );
      t.equal((await product.cli(['check', 'assistant'])).code, 0);
    }
    await using product = await firstRun({ files: home, cwd: working.path, env: { LLM_PROVIDER_NAME: 'set' } });
    t.match(await standardOf(product), { id: 'mock-model', provider: 'set' }, 'what is set goes before both');
  },
);

await t.test(
  'a secret may stand in a file that NAME_FILE names; one that is not there is told, without a value',
  async (t) => {
    await using mounted = await temporaryFolder({ key: 'sk-in-a-file\n' });
    const env = {
      MISTRAL_API_KEY_FILE: path.join(mounted.path, 'key'),
      OPENAI_API_KEY_FILE: path.join(mounted.path, 'none'),
    };
    await using product = await firstRun({ env });
    t.match(await standardOf(product), { provider: 'mistral', why: /MISTRAL_API_KEY is in the environment/ });
    t.match(product.heard.stderr, /warning: OPENAI_API_KEY_FILE names .*none, which cannot be read: it is not there\./);
    t.notMatch(JSON.stringify(await product.client.call('secrets.list', {})) + product.heard.stderr, 'sk-in-a-file');
  },
);

await t.test('a key in the vault brings its provider too, at once, and takes it along when it goes', async (t) => {
  await using product = await firstRun({});
  const set = ['secret', 'set', 'MISTRAL_API_KEY', '--json'];
  t.equal((await product.cli([...set, '--no-check'], { input: 'sk-kept' })).code, 0);
  const { why } = await until('the provider', async () => {
    const standard = await standardOf(product);
    return standard.provider === 'mistral' && standard;
  });
  t.match(why, /MISTRAL_API_KEY is in the vault\. Change it with: /);
  await product.cli(['provider', 'add', 'openai', '--models', 'gpt-5-mini', '--priority', '3']);
  await until('the order', async () => (await standardOf(product)).provider === 'openai');
  await product.cli(['provider', 'remove', 'openai', '--force']);
  await product.cli(['secret', 'delete', 'MISTRAL_API_KEY', '--force']);
  await until('nothing of it', async () => (await standardOf(product)).provider === 'demo');
});
