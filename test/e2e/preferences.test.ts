import t from 'tap';
import { until } from '../support/product.ts';
import { begin, changesIn, journalOf, providersFile, say, startTalking } from '../support/talk.ts';

t.setTimeout(120_000);

await using talking = await startTalking();
const { product, mock } = talking;

t.beforeEach(() => mock.clear());

async function prefer(model: string): Promise<void> {
  await product.client.call('files.write', { bot: 'assistant', path: 'bot.yaml', text: `model: ${model}\n` });
}

await t.test('where nobody offers a preferred model another answers, and everybody is told', async (t) => {
  const conversation = await begin(product);
  await prefer('{ prefer: [gpt-99, mistral-99] }');
  mock.script('I am here.');
  const { answer } = await say(product, conversation, 'hi');
  const notice = {
    code: 'MODEL_REPLACED',
    message: 'No provider offers gpt-99 or mistral-99, which was asked for; mock-model of mock answers instead.',
  };
  t.match(answer, {
    state: 'finished',
    text: 'I am here.',
    run: { model: 'mock-model', provider: 'mock', notices: [notice] },
  });
  const runs = changesIn(await journalOf(product, conversation), 'run').map(({ run }) => run as { notices?: object[] });
  t.strictSame(
    runs.flatMap(({ notices = [] }) => notices),
    [notice],
    'it is in the journal',
  );
  const ran = await product.cli(['chat', 'assistant'], { input: 'hi' });
  t.match(ran.stderr, /notice: No provider offers gpt-99/, 'in a terminal too');

  await prefer('{ prefer: [gpt-99, mock-model] }');
  mock.clear();
  t.strictSame((await say(product, conversation, 'And now?')).answer.run?.notices, [], 'one of them is enough');
  await prefer('{ prefer: [gpt-99], default: mock-model }');
  t.strictSame((await say(product, conversation, 'And now?')).answer.run?.notices, [], 'so is what they named beside');

  await product.files.write('settings.yaml', 'model: nothing-99\n');
  await prefer('{ prefer: [] }');
  await until('the setting', async () =>
    JSON.stringify(await product.client.call('settings.list', {})).includes('nothing-99'),
  );
  const standard = await say(product, conversation, 'And now?');
  t.match(standard.answer.run?.notices, [{ message: /nothing-99/ }], 'the same for the model of settings.yaml');
  t.match(await product.cliJson(['status']), {
    model: { id: 'mock-model', why: /nothing-99, which no provider offers/ },
  });
});

await t.test('without any provider the answer fails with what to do, and the demo stands in for nobody', async (t) => {
  const conversation = await begin(product);
  await prefer('{ prefer: [gpt-98] }');
  await product.files.write('providers.yaml', '');
  await until('no provider', async () => (await product.client.call('providers.list', {})).providers.length === 0);
  const { answer } = await say(product, conversation, 'hi');
  t.match(answer, {
    state: 'errored',
    reason: /No provider offers gpt-98/,
    run: { state: 'failed', error: { code: 'MODEL_MISSING', hint: /bnity provider add/ } },
  });
  const context = await product.fetch(`/api/v1/conversations/${conversation}/context`);
  t.equal(context.status, 422, 'no failure of the server');

  await product.files.write('settings.yaml', 'plugins: { demo: false }\n');
  await prefer('{ prefer: [gpt-97] }');
  await until('no model', async () => (await product.client.call('models.list', {})).models.length === 0);
  t.match((await say(product, conversation, 'hi')).answer.run?.error, { code: 'MODEL_MISSING' });
  await prefer('{}');
  await product.files.write('settings.yaml', '');
  await product.files.write('providers.yaml', providersFile(mock.url));
  await until('the provider', async () => (await product.client.call('providers.list', {})).providers.length === 1);
  t.match((await say(product, conversation, 'And now?')).answer.text, 'Mock: And now?', 'the conversation goes on');
});

await t.test('headers of a provider that are no names and texts are refused, and nothing is changed', async (t) => {
  const put = async (headers: unknown, raw?: string) => {
    const body = raw ?? JSON.stringify({ address: mock.url, models: ['mock-model'], headers });
    const init = { method: 'PUT', headers: { 'content-type': 'application/json' }, body };
    const response = await product.fetch('/api/v1/providers/mock', init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  t.equal((await put({ 'X-Team': 'research' })).status, 200);
  const before = await product.files.read('providers.yaml');
  t.match(before, 'X-Team: research');
  await say(product, await begin(product), 'hi');
  t.equal(mock.requests().at(-1)?.headers['x-team'], 'research', 'they go with every request');

  const wrong: readonly unknown[] = [
    '{"X-Team": ',
    '{"X-Team": "a"}',
    ['a'],
    'text',
    5,
    true,
    { 'X-Team': 5 },
    { 'X-Team': null },
    { 'no name': 'a' },
    { 'X-Team': 'a\nb' },
    { Authorization: 'Bearer 1' },
    { 'X-Api-Key': '1' },
    { Host: 'elsewhere' },
  ];
  for (const headers of wrong) {
    const { status, body } = await put(headers);
    t.equal(status, 422, JSON.stringify(headers));
    t.match(JSON.stringify(body), /"path":"headers/, 'it names the field');
    t.equal(await product.files.read('providers.yaml'), before, 'the record is as it was');
  }
  t.equal((await put(undefined, '{"address": ')).status, 400, 'a body that is no JSON');
  for (const headers of ['{"a": ', '["a"]', '"a"', '5']) {
    const given = ['--address', mock.url, '--models', 'mock-model', '--headers', headers];
    const ran = await product.cli(['provider', 'add', 'mock', ...given]);
    t.equal(ran.code, 5, headers);
    t.match(ran.stderr, /headers: write a JSON object of names and texts/);
    t.equal(await product.files.read('providers.yaml'), before);
  }
  const given = ['--address', mock.url, '--models', 'mock-model', '--headers', '{"X-Team": "sales"}'];
  t.match(await product.cliJson(['provider', 'add', 'mock', ...given]), { headers: { 'X-Team': 'sales' } });
});

await t.test('how much a model thinks and where its answers end is a line of bot.yaml', async (t) => {
  await prefer('{ prefer: [mock-model], thinking: high, stop: [THE END], max_tokens: 300 }');
  mock.clear();
  await say(product, await begin(product), 'Think.');
  const body = JSON.parse(mock.requests()[0]?.body ?? '') as Record<string, unknown>;
  t.match(body, { reasoning_effort: 'high', stop: ['THE END'], max_tokens: 300 });
});
