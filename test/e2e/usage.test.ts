import t from 'tap';
import { dayOf } from '../../core/files/daily-journal.ts';
import type { Entry } from '../../plugins/usage/ledger.ts';
import { startMockModel } from '../support/mock-model.ts';
import { startProduct, until, type Product } from '../support/product.ts';
import { begin, say } from '../support/talk.ts';

t.setTimeout(180_000);

await using mock = await startMockModel();

t.beforeEach(() => mock.clear());

/** The mock, with a price or without. */
function providers(price = '{ input: 2, output: 10, cacheRead: 0.5 }'): string {
  const facts = price === '' ? '' : `    facts: { mock-model: { price: ${price} } }\n`;
  return `providers:\n  mock:\n    address: ${mock.url}\n    models: [mock-model]\n${facts}`;
}

const quiet = { 'settings.yaml': 'model: mock-model\nplugins: { demo: false }\n', 'providers.yaml': providers() };

async function calls(product: Product, of = {}): Promise<Entry[]> {
  const { calls: latestFirst } = await product.client.call('usage.list', of);
  return latestFirst.toReversed();
}

async function settle(product: Product, count: number): Promise<Entry[]> {
  return until(`${count} calls`, async () => {
    const all = await calls(product);
    return all.length >= count && all;
  });
}

/** No calls but those of the test. */
async function withoutTitles(product: Product, more = ''): Promise<void> {
  const text = `conversation: { title: words }\n${more}`;
  await product.client.call('files.write', { bot: 'assistant', path: 'bot.yaml', text });
}

await t.test('sums are what the provider said, to the token and the cent, with what was done beside', async (t) => {
  await using product = await startProduct({ files: quiet });
  mock.script(
    { calls: [{ name: 'time_now', arguments: {} }], usage: { input: 1_000, output: 20, cached: 600 } },
    { text: 'It is noon.', usage: { input: 1_100, output: 30, cached: 1_000 } },
    { error: { status: 500 } },
  );
  mock.scriptTitles({ text: 'The time of day', usage: { input: 77, output: 5 } });
  const text = 'tools: { allow: [time.now, time_now] }\n';
  await product.client.call('files.write', { bot: 'assistant', path: 'bot.yaml', text });
  const conversation = await begin(product);
  const { answer } = await say(product, conversation, 'What time is it?');
  const [first, second, title] = await settle(product, 3);
  const failed = (await say(product, conversation, 'And now?')).answer;
  const all = await settle(product, 4);
  t.equal(failed.state, 'errored');

  t.match(first, {
    purpose: 'chat',
    provider: 'mock',
    model: 'mock-model',
    outcome: 'tools',
    calls: ['time_now'],
    tools: [],
  });
  t.match(first, { input: 1_000, output: 20, cacheRead: 600, price: 'providers.yaml' });
  t.equal(first?.cost, (400 * 2 + 600 * 0.5 + 20 * 10) / 1_000_000);
  t.match(second, {
    outcome: 'end',
    conversation,
    run: answer.id,
    turn: answer.turn,
    tools: [{ name: 'time_now', outcome: 'ok' }],
  });
  t.ok((second?.tools[0]?.durationMs ?? -1) >= 0, 'how long the tool took');
  t.ok((second?.firstTokenMs ?? Infinity) <= (second?.durationMs ?? 0), 'time to the first token');
  t.match(title, { purpose: 'title', input: 77, output: 5, conversation });
  t.match(all.at(-1), { outcome: 'server', input: null, output: null, cost: null });
  const { total } = await product.client.call('usage.show', {});
  t.match(total, { calls: 4, failed: 1, input: 2_177, output: 55, cacheRead: 1_600, unpriced: 0, silent: 0 });
  const cents = (uncached: number, cached: number, output: number): number => uncached * 2 + cached * 0.5 + output * 10;
  t.equal(total.cost, (cents(400, 600, 20) + cents(100, 1_000, 30) + cents(77, 0, 5)) / 1_000_000);
  t.equal(total.cacheHitRate, 0.735);
  t.equal(answer.run?.usage.cost, second?.cost, 'the bubble says the same');

  for (const [by, keys] of [
    ['bot', ['assistant']],
    ['model', ['mock/mock-model']],
    ['purpose', ['chat', 'title']],
    ['conversation', [conversation]],
  ] as const) {
    const { groups } = await product.client.call('usage.show', { by });
    t.strictSame(groups.map(({ key }) => key).toSorted(), keys, by);
    t.equal(
      groups.reduce((sum, { input }) => sum + input, 0),
      2_177,
      `by ${by} they come to the same`,
    );
  }
  t.match(await product.cliJson(['usage', 'show', '--by', 'purpose']), { total: { calls: 4 } });
  const day = dayOf(new Date(all[0]?.at ?? ''));
  const lines = (await product.files.read(`.boternity/usage/${day}.jsonl`)) ?? '';
  t.equal(lines.trim().split('\n').length, 4, 'a line a call');
  t.notMatch(lines, /noon|time is it/i, 'never a text');

  await product.kill9();
  await product.start();
  t.match(
    await product.client.call('usage.show', {}),
    { total: { calls: 4, input: 2_177 } },
    'kill -9 loses none of it',
  );
});

await t.test('a price that nobody knows is unknown, never zero; the catalogue knows many', async (t) => {
  const known = `${providers('')}  deepseek:\n    type: openai-compatible\n    address: https://api.deepseek.com/v1\n    models: [deepseek-flash]\n`;
  await using product = await startProduct({ files: { ...quiet, 'providers.yaml': known } });
  await withoutTitles(product);
  const { answer } = await say(product, await begin(product), 'hi');
  t.equal(answer.run?.usage.cost, null);
  t.match(await product.client.call('usage.show', {}), { total: { calls: 1, cost: null, unpriced: 1 } });
  const told = await product.cli(['usage', 'show']);
  t.match(told.stdout, /cost\s+–/, 'as such in a terminal too');
  const { models } = await product.client.call('models.list', {});
  const [ours, listed] = models;
  t.match(ours, { id: 'mock-model', price: null, window: null });
  t.match(listed, {
    provider: 'deepseek',
    price: { input: Number, output: Number, source: /^catalogue of \d{4}-\d\d-\d\d$/ },
  });
  t.ok((listed?.window ?? 0) > 50_000);
});

await t.test(
  'OBSV-04: from 80 % of the limit of a day on people are warned; behind it no model is asked',
  async (t) => {
    await using product = await startProduct({ files: quiet });
    await withoutTitles(product, 'model: { max_tokens: 100 }\n');
    t.match(await product.client.call('usage.limit', {}), { limit: { tokens: null, dollars: null } }, 'there is none');
    t.match(await product.cliJson(['usage', 'limit', '--tokens', '20000']), { limit: { tokens: 20_000 } });
    t.match(await product.files.read('settings.yaml'), /limit:\n {2}tokens: 20000/);
    const conversation = await begin(product);
    mock.script({ text: 'Much.', usage: { input: 15_000, output: 100 } });
    t.strictSame((await say(product, conversation, 'one')).answer.run?.notices, []);
    mock.script({ text: 'More.', usage: { input: 1_500, output: 100 } });
    t.strictSame((await say(product, conversation, 'two')).answer.run?.notices, [], '75 % is not near yet');
    mock.script({ text: 'And more.', usage: { input: 3_210, output: 90 } });
    const near = await say(product, conversation, 'three');
    t.match(near.answer.run?.notices, [
      { code: 'LIMIT_NEAR', message: '83 % of what may be used today is used: 16700 of 20000 tokens are used.' },
    ]);
    const before = mock.requests().length;
    const { answer } = await say(product, conversation, 'four');
    t.match(answer, { state: 'errored', run: { error: { code: 'LIMIT_REACHED', hint: /bnity usage limit/ } } });
    t.match(answer.reason, 'No model is asked any more today: 20000 of 20000 tokens are used.');
    t.equal(mock.requests().length, before, 'nobody was asked');
    const ran = await product.cli(['chat', 'assistant', '--message', 'hi']);
    t.match(ran.stderr, /No model is asked any more today/);

    await product.kill9();
    await product.start();
    t.match(
      (await say(product, conversation, 'five')).answer.run?.error,
      { code: 'LIMIT_REACHED' },
      'a restart forgets nothing',
    );
    await product.client.call('usage.limit', { tokens: 50_000 });
    await until('the limit', async () => (await say(product, conversation, 'six')).answer.state === 'finished');
    await product.client.call('usage.limit', { off: true });
    await until('no limit', async () => (await product.client.call('usage.limit', {})).limit.tokens === null);
  },
);

await t.test('calls side by side cannot use more than there is', async (t) => {
  const settings = 'model: mock-model\nplugins: { demo: false }\nlimit: { tokens: 30000 }\n';
  await using product = await startProduct({ files: { ...quiet, 'settings.yaml': settings } });
  await withoutTitles(product, 'model: { max_tokens: 1000 }\n');
  const conversations = await Promise.all(Array.from({ length: 30 }, () => begin(product)));
  mock.script(...conversations.map(() => ({ text: 'Well.', hangMs: 300, usage: { input: 1_200, output: 1_000 } })));
  const answers = await Promise.all(
    conversations.map((conversation) => say(product, conversation, 'Tell me much.', 60_000)),
  );
  const states = answers.map(({ answer }) => answer.run?.error?.code ?? answer.state);
  const finished = states.filter((state) => state === 'finished').length;
  t.equal(states.filter((state) => state === 'LIMIT_REACHED').length, 30 - finished);
  t.ok(finished >= 5 && finished < 30, `${finished} were let in`);
  const { used } = await product.client.call('usage.limit', {});
  t.ok(used.tokens <= 30_000, `${used.tokens} tokens`);
  t.equal(mock.requests().length, finished);
});

await t.test('a limit in money holds, and lets nobody in whose price is unknown', async (t) => {
  const settings = 'model: mock-model\nplugins: { demo: false }\nlimit: { dollars: 0.05 }\n';
  await using product = await startProduct({ files: { ...quiet, 'settings.yaml': settings } });
  await withoutTitles(product, 'model: { max_tokens: 100 }\n');
  const conversation = await begin(product);
  mock.script({ text: 'Dear.', usage: { input: 20_000, output: 1_000 } });
  t.equal((await say(product, conversation, 'one')).answer.state, 'finished');
  const refused = (await say(product, conversation, 'two')).answer;
  t.equal(refused.reason, 'No model is asked any more today: $0.05 of $0.05 are used.');
  await product.files.write('providers.yaml', providers(''));
  await until('no price', async () => (await product.client.call('models.list', {})).models[0]?.price === null);
  const unknown = (await say(product, conversation, 'three')).answer;
  t.match(unknown.reason, /the price of mock-model of mock is not known: write it down under facts in providers\.yaml/);
});
