import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { startMockModel, type MockModel } from '../support/mock-model.ts';
import { startProduct, until, type Product } from '../support/product.ts';
import { startKeyService } from '../support/key-service.ts';
import { begin, changesIn, journalOf, say, type Said } from '../support/talk.ts';

t.setTimeout(180_000);

await using first = await startMockModel();
await using second = await startMockModel();
const mocks = [first, second];

interface Entry {
  readonly mock?: MockModel;
  readonly address?: string;
  readonly model: string;
  readonly more?: string;
}

function providers(entries: Readonly<Record<string, Entry>>): string {
  const written = Object.entries(entries).map(
    ([name, { mock, address = mock?.url, model, more = '' }]) =>
      `  ${name}:\n    address: ${address}\n    models: [${model}]\n    timeout: 2\n${more}`,
  );
  return `providers:\n${written.join('')}`;
}

const two = providers({
  one: { mock: first, model: 'big', more: '    facts: { big: { window: 200000, price: { input: 1, output: 2 } } }\n' },
  two: {
    mock: second,
    model: 'small',
    more: '    facts: { small: { window: 8000, price: { input: 5, output: 20 } } }\n',
  },
});
const settings = 'model: big\nfallback: [small]\nplugins: { demo: false }\n';
const files = { 'providers.yaml': two, 'settings.yaml': settings };

t.beforeEach(() => {
  for (const mock of mocks) mock.clear();
});

/** Forgets what is known of the providers. */
async function heal(product: Product): Promise<void> {
  await product.stop();
  await product.files.write('.boternity/health.json', '[]');
  await product.start();
}

async function talk(product: Product, message = 'hi'): Promise<Said> {
  return say(product, await begin(product), message);
}

const failures = [
  ['is down', { address: 'http://127.0.0.1:1/v1' }, 'connection'],
  ['has an error of its own', { error: { status: 500 } }, 'server'],
  ['limits the rate', { error: { status: 429, message: 'Slow down' } }, 'overload'],
  ['is overloaded', { error: { status: 503, message: 'overloaded' } }, 'overload'],
  ['says nothing', { hangMs: 5_000 }, 'timeout'],
] as const;

await t.test('LLMP-10: where a service fails before its first word another one answers the same request', async (t) => {
  for (const [what, how, why] of failures) {
    const broken = 'address' in how ? { ...how, model: 'big' } : { mock: first, model: 'big' };
    const file = providers({ one: broken, two: { mock: second, model: 'small' } });
    await using product = await startProduct({ files: { ...files, 'providers.yaml': file } });
    for (const mock of mocks) mock.clear();
    if (!('address' in how)) first.script(how);
    second.script('I stand in.');
    const { answer } = await talk(product);
    t.match(answer, { state: 'finished', text: 'I stand in.' }, `one ${what}`);
    t.match(answer.run, { model: 'small', provider: 'two', notices: [{ code: 'MODEL_CHANGED' }] });
    t.match(answer.run?.notices[0]?.message, /^Switched to small of two, instead of big of one: one \S.*[^n]\.$/);
    const runs = await product.client.call('runs.list', { limit: 1 });
    const [run] = runs.runs;
    const shown = await product.client.call('runs.show', { conversation: run?.conversation ?? '', run: answer.id });
    t.match(shown.attempts, [{ model: 'big', provider: 'one', why }], 'why it is not the other one');
  }
});

await t.test('LLMP-10: a refusal of the key, of the request or of its length is nobody else’s to answer', async (t) => {
  await using product = await startProduct({ files });
  const refusals = [
    { status: 401, message: 'Incorrect API key' },
    { status: 400, message: 'messages.0: wrong' },
    { status: 400, code: 'context_length_exceeded', message: 'maximum context length is 8192 tokens' },
  ];
  for (const error of refusals) {
    first.script({ error });
    const { answer } = await talk(product);
    t.equal(answer.state, 'errored', error.message);
  }
  t.strictSame(second.requests(), [], 'the other one was never asked');
  const { providers: status } = await product.client.call('providers.status', {});
  t.match(
    status,
    [
      { name: 'one', state: 'closed' },
      { name: 'two', state: 'closed' },
    ],
    'and nothing is wrong with a service',
  );
});

await t.test('what breaks off in the middle is not begun anew elsewhere', async (t) => {
  await using product = await startProduct({ files });
  first.script({ text: 'This much has come, and then the line was cut.', dropAfter: 2 });
  const { answer } = await talk(product);
  t.equal(answer.state, 'errored');
  t.match(answer.text, /^This much/);
  t.strictSame(second.requests(), []);
});

await t.test(
  'notices: another provider, a smaller window, a much higher price; in the journal, in the chat',
  async (t) => {
    await using product = await startProduct({ files });
    first.script({ error: { status: 500 } });
    const conversation = await begin(product);
    const { answer } = await say(product, conversation, 'hi');
    t.strictSame(
      answer.run?.notices.map(({ code }) => code),
      ['MODEL_CHANGED', 'MODEL_SMALLER', 'MODEL_DEARER'],
    );
    t.match(answer.run?.notices.at(-1)?.message, /costs 7\.0 times as much/);
    const told = changesIn(await journalOf(product, conversation), 'run').map(
      ({ run }) => run as { notices?: object[] },
    );
    t.ok(
      told.some(({ notices = [] }) => notices.length === 3),
      'they are in the journal',
    );
    first.script({ error: { status: 500 } });
    const ran = await product.cli(['chat', 'assistant'], { input: 'hi' });
    t.match(ran.stderr, /notice: Switched to small of two/);
    t.match(await talk(product), { answer: { run: { model: 'big', notices: [] } } }, 'it is back: nothing to tell');
  },
);

await t.test(
  'LLMP-10: after three failures a circuit is open for all, over a restart, until one request has tried',
  async (t) => {
    await using product = await startProduct({ files });
    // A title would be one more call that goes well.
    const text = 'conversation: { title: words }\n';
    await product.client.call('files.write', { bot: 'assistant', path: 'bot.yaml', text });
    first.script(...Array.from({ length: 3 }, () => ({ error: { status: 500 } })));
    for (let time = 0; time < 3; time += 1) t.equal((await talk(product)).answer.run?.model, 'small');
    t.equal(first.requests().length, 3);
    const both = await Promise.all([talk(product), talk(product)]);
    for (const { answer } of both) t.equal(answer.run?.model, 'small', 'nobody asks it');
    t.equal(first.requests().length, 3);
    const open = (await product.client.call('providers.status', {})).providers[0];
    t.match(open, { name: 'one', state: 'open', failures: 3, calls: 3, failed: 3, lastFailure: { kind: 'server' } });

    await product.stop();
    await product.start();
    t.match(
      (await product.client.call('providers.status', {})).providers[0],
      { state: 'open' },
      'a restart forgets nothing',
    );
    t.equal((await talk(product)).answer.run?.model, 'small');
    t.equal(first.requests().length, 3);

    // Thirty seconds later.
    await product.stop();
    const health = (await product.files.read('.boternity/health.json')) ?? '';
    await product.files.write(
      '.boternity/health.json',
      health.replaceAll(/"openUntil":"[^"]*"/g, '"openUntil":"2026-01-01T00:00:00.000Z"'),
    );
    await product.start();
    t.match((await product.client.call('providers.status', {})).providers[0], { state: 'half-open' });
    first.script({ error: { status: 500 } });
    t.equal((await talk(product)).answer.run?.model, 'small', 'the one that tries fails');
    t.match((await product.client.call('providers.status', {})).providers[0], { state: 'open' });

    await product.stop();
    await product.files.write(
      '.boternity/health.json',
      health.replaceAll(/"openUntil":"[^"]*"/g, '"openUntil":"2026-01-01T00:00:00.000Z"'),
    );
    await product.start();
    t.equal((await talk(product)).answer.run?.model, 'big', 'the one that tries is answered');
    t.match((await product.client.call('providers.status', {})).providers[0], { state: 'closed', failures: 0 });
  },
);

await t.test(
  'where everything fails the answer names all of it; where everything rests the first is asked all the same',
  async (t) => {
    await using product = await startProduct({ files });
    for (let time = 0; time < 3; time += 1) {
      for (const mock of mocks) mock.script({ error: { status: 500 } });
      const { answer } = await talk(product);
      t.equal(answer.state, 'errored');
      t.match(answer.reason, /^None of 2 models answered\. one\/big: .* two\/small: .* See: bnity provider status$/);
    }
    t.match((await talk(product)).answer, { state: 'finished', run: { model: 'big' } });
  },
);

await t.test(
  'a service that says when it takes requests again, and soon, is waited for where nobody else is',
  async (t) => {
    const file = providers({ one: { mock: first, model: 'big' } });
    await using product = await startProduct({ files: { ...files, 'providers.yaml': file } });
    first.script({ error: { status: 429, headers: { 'retry-after': '1' } } }, 'Now then.');
    const beganMs = performance.now();
    t.match((await talk(product)).answer, { state: 'finished', text: 'Now then.' });
    t.ok(performance.now() - beganMs >= 990, 'after the second it asked for');
    await heal(product);
    first.clear();
    first.script({ error: { status: 429, headers: { 'retry-after': '6' } } });
    t.match((await talk(product)).answer, { state: 'errored', reason: /limits the rate/ }, 'six seconds are too long');
    t.equal(first.requests().length, 1);
  },
);

await t.test(
  'LLMP-09: a bot’s own list of stand-ins goes before that of the house, and an empty one lets nobody',
  async (t) => {
    const file = providers({
      one: { mock: first, model: 'big' },
      two: { mock: second, model: 'small' },
      three: { mock: second, model: 'own' },
    });
    await using product = await startProduct({ files: { ...files, 'providers.yaml': file } });
    const write = (text: string): Promise<unknown> =>
      product.client.call('files.write', { bot: 'assistant', path: 'bot.yaml', text });
    const fail = (): void => first.script({ error: { status: 500 } });
    await write('model: { prefer: [big], fallback: [own, small] }\n');
    fail();
    t.equal((await talk(product)).answer.run?.model, 'own');
    await write('model: { prefer: [big] }\n');
    fail();
    t.equal((await talk(product)).answer.run?.model, 'small', 'without one that of the house counts');
    await heal(product);
    await write('model: { prefer: [big], fallback: [] }\n');
    fail();
    t.equal((await talk(product)).answer.state, 'errored');
  },
);

await t.test('LLMP-09: of providers that serve one model the one of the highest priority is asked first', async (t) => {
  const file = providers({
    one: { mock: first, model: 'big' },
    two: { mock: second, model: 'big', more: '    priority: 5\n' },
  });
  await using product = await startProduct({ files: { 'providers.yaml': file, 'settings.yaml': 'model: big\n' } });
  t.equal((await talk(product)).answer.run?.provider, 'two');
  second.script({ error: { status: 500 } });
  t.equal((await talk(product)).answer.run?.provider, 'one', 'the other one stands in');
  await product.cli(['provider', 'edit', 'one', '--priority', '9']);
  await until('the order', async () => (await talk(product)).answer.run?.provider === 'one');
});

await t.test('a bot stopped while a service keeps silent stays stopped', async (t) => {
  await using product = await startProduct({ files });
  first.script({ hangMs: 400 });
  const conversation = await begin(product);
  using live = product.client.conversation(conversation);
  await live.send('hi');
  await sleep(100);
  await product.client.call('conversations.stop', { conversation });
  t.strictSame(second.requests(), [], 'nobody else was asked');
});

await t.test('several keys are used in turn; one that is refused rests, and nobody notices', async (t) => {
  await using service = await startKeyService();
  const file = `providers:\n  keyed:\n    address: ${service.url}\n    keys: [KEY_ONE, KEY_TWO, KEY_THREE]\n    models: [m]\n`;
  const env = { KEY_ONE: 'sk-number-one', KEY_TWO: 'sk-number-two', KEY_THREE: 'sk-number-three' };
  const house = { 'providers.yaml': file, 'settings.yaml': 'model: m\nplugins: { demo: false }\n' };
  await using product = await startProduct({ files: house, env });
  for (let time = 0; time < 6; time += 1) t.equal((await talk(product)).answer.state, 'finished');
  t.strictSame(new Set(service.keys), new Set(Object.values(env)), 'each had its turn');
  service.refusal = 401;
  service.takes = ['sk-number-two'];
  service.keys.length = 0;
  for (let time = 0; time < 6; time += 1)
    t.equal((await talk(product)).answer.state, 'finished', 'another key is taken');
  const refused = service.keys.filter((key) => key !== 'sk-number-two');
  t.ok(refused.length <= 2, `a refused key is left alone: ${refused.length} were asked in vain`);
  service.takes = [];
  t.match(
    (await talk(product)).answer,
    { state: 'errored', reason: /refuses the key/ },
    'where all are refused it is told',
  );
});
