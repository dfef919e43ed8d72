import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { startKeyService, type KeyService } from '../support/key-service.ts';
import { failingPlugin, leakyPlugin } from '../support/leaky-plugin.ts';
import { startProduct, until, type Product, type Ran } from '../support/product.ts';
import { startMockModel } from '../support/mock-model.ts';
import { begin, say } from '../support/talk.ts';

t.setTimeout(120_000);

/** Planted in four places, with characters that encodings change. */
const planted = {
  PLANTED_IN_VAULT: 'va\\ult "quoted"/ü+ 4711-ABCDEF',
  PLANTED_FOR_BOT: 'bot-secret-öäü?&=%-0815-GHIJKL',
  PLANTED_API_KEY: 'environment-secret~!*()_99-MNOPQR',
  KEYED_API_KEY: 'sk-provider-key-1234567890-STUVWX',
} as const;

const encoders: Readonly<Record<string, (text: string) => string[]>> = {
  plain: (text) => [text],
  json: (text) => [JSON.stringify(text).slice(1, -1), JSON.stringify(JSON.stringify(text)).slice(3, -3)],
  url: (text) => [encodeURIComponent(text), new URLSearchParams({ a: text }).toString().slice(2)],
  hex: (text) => [Buffer.from(text).toString('hex')],
  // Inside of other bytes, without the characters that these share with it.
  base64: (text) =>
    ['', 'x', 'xx'].flatMap((before) => {
      const inside = Buffer.from(`${before}${text}yyy`).toString('base64').slice(4, -8);
      return [inside, inside.replaceAll('+', '-').replaceAll('/', '_')];
    }),
};

/** Every planted value that stands in a text, and how it is written there. */
function leaksIn(text: string): string[] {
  return Object.entries(planted).flatMap(([name, value]) =>
    Object.entries(encoders).flatMap(([encoding, encode]) =>
      encode(value).some((form) => text.toLowerCase().includes(form.toLowerCase())) ? [`${name} as ${encoding}`] : [],
    ),
  );
}

/** All that the server and its commands said, by where it was said. */
class Heard {
  readonly said = new Map<string, string>();

  keep(where: string, text: string): string {
    this.said.set(where, `${this.said.get(where) ?? ''}${text}`);
    return text;
  }

  ran(words: string, { stdout, stderr }: Ran): void {
    this.keep(`bnity ${words}`, stdout + stderr);
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

async function plant(product: Product, heard: Heard): Promise<void> {
  const set = async (words: string[], input: string): Promise<void> =>
    heard.ran(words.join(' '), await product.cli(['secret', 'set', ...words], { input }));
  await set(['PLANTED_IN_VAULT'], planted.PLANTED_IN_VAULT);
  await set(['PLANTED_FOR_BOT', '--bot', 'assistant'], planted.PLANTED_FOR_BOT);
  await set(['KEYED_API_KEY', '--json'], planted.KEYED_API_KEY);
}

function providers(service: KeyService, mockUrl: string): string {
  return `providers:
  keyed:
    type: openai-compatible
    address: ${service.url}
    key: KEYED_API_KEY
    models: [keyed-model]
  mock:
    type: openai-compatible
    address: ${mockUrl}
    models: [mock-model]
`;
}

await using service = await startKeyService();
await using mock = await startMockModel();
const files = {
  'providers.yaml': providers(service, mock.url),
  'plugins/leaky/index.ts': leakyPlugin,
  'plugins/failing/index.ts': failingPlugin,
  'settings.yaml': 'model: keyed-model\nplugins: { leaky: true }\n',
};
const env = { PLANTED_API_KEY: planted.PLANTED_API_KEY };
await using product = await startProduct({ files, env });
const heard = new Heard();
const everything = Object.values(planted).join(' and ');

const get = async (place: string): Promise<string> =>
  heard.keep(`GET ${place}`, await (await product.fetch(place)).text());
const send = async (place: string, body: unknown, headers: Record<string, string> = {}): Promise<string> => {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
  return heard.keep(`POST ${place}`, await (await product.fetch(`/api/v1${place}`, init)).text());
};

await t.test(
  'secrets are planted in the vault, for a bot, in the environment and as the key of a provider',
  async (t) => {
    await plant(product, heard);
    const { secrets } = await product.client.call('secrets.list', {});
    t.equal(secrets.length, 3);
    t.strictSame(leaksIn(everything).length >= 4, true, 'and would be found');
  },
);

await t.test('a chat about secrets: pasted by a person, echoed by the model in small pieces', async (t) => {
  const conversation = await begin(product);
  const events = await product.fetch(`/api/v1/conversations/${conversation}/events`);
  const reading = (async () => {
    for await (const bytes of events.body ?? []) heard.keep('SSE', Buffer.from(bytes).toString());
  })().catch(() => undefined);
  for (const chunk of [1, 3, 7, 1000]) {
    service.chunk = chunk;
    service.answer = `You said: ${everything}, or ${Buffer.from(everything).toString('base64')}. That is all.`;
    const { answer } = await say(product, conversation, `My keys are ${everything}; keep them.`);
    t.match(answer.text, /^You said: \[secret:PLANTED_IN_VAULT\] and .*\[secret:KEYED_API_KEY\].* That is all\.$/);
    heard.keep('page', JSON.stringify(answer));
  }
  t.ok(service.bodies.length > 0);
  for (const body of service.bodies.splice(0)) heard.keep('prompts', body);
  const page = await get(`/api/v1/conversations/${conversation}`);
  t.match(page, 'My keys are [secret:PLANTED_IN_VAULT] and [secret:PLANTED_FOR_BOT]');
  heard.ran('conversation show', await product.cli(['conversation', 'show', conversation]));
  heard.ran('conversation list', await product.cli(['conversation', 'list', '--json']));
  heard.ran('chat', await product.cli(['chat', 'assistant', '--json'], { input: everything }));
  const told = [...(heard.said.get('SSE') ?? '').matchAll(/^event: node\ndata: (.*)$/gm)]
    .map(([, data = '']) => JSON.parse(data) as { text?: string; length: { text: number } })
    .filter(({ text }) => text !== undefined);
  t.ok(told.length >= 4);
  for (const { text, length } of told) t.equal(text?.length, length.text, 'lengths are those of what is told');
  await events.body?.cancel().catch(() => undefined);
  void reading;
});

await t.test('a tool gives secrets back, and a file of the bot holds one: the model sees neither', async (t) => {
  await product.client.call('bots.create', { name: 'Toolbox' });
  await product.cli(['configure', 'toolbox', '--model', 'mock-model', '--set', 'tools.allow=["leaks_*"]']);
  const user = 'bots/toolbox/USER.md';
  const before = (await product.files.read(user)) ?? '';
  const version = await versionOf('toolbox');
  await product.files.write(
    user,
    `# About me\n\nMy key is ${planted.PLANTED_IN_VAULT} and ${planted.PLANTED_API_KEY}.\n`,
  );
  await until('the file as it is now', async () => (await versionOf('toolbox')) !== version);
  mock.script(
    {
      calls: [
        { name: 'leaks_tell', arguments: { name: 'PLANTED_API_KEY' } },
        { name: 'leaks_fail', arguments: {} },
      ],
    },
    { calls: [{ name: 'leaks_tell', arguments: { name: planted.KEYED_API_KEY } }] },
    { thinking: `Hm, ${everything}`, text: `It is ${everything}.` },
  );
  const { nodes, answer } = await say(product, await begin(product, 'toolbox'), 'Tell me');
  t.match(answer, { state: 'finished', text: /^It is \[secret:/, thinking: /^Hm, \[secret:/ });
  t.equal(nodes.filter(({ tool }) => tool).length, 3);
  t.match(mock.requests().at(-1)?.body, 'My key is [secret:PLANTED_IN_VAULT] and [secret:PLANTED_API_KEY]');
  for (const { body } of mock.requests()) heard.keep('prompts', body);
  heard.keep('page', JSON.stringify(nodes));
  await get('/api/v1/bots/toolbox');
  await product.files.write(user, before);
});

await t.test('a provider that refuses and repeats the Authorization header', async (t) => {
  service.takes = ['another key'];
  const { answer } = await say(product, await begin(product), 'hi');
  t.match(answer.reason, /keyed does not accept the request \(400\)/);
  heard.keep('page', JSON.stringify(answer));
  heard.ran('chat', await product.cli(['chat', 'assistant', '--message', 'hi']));
  heard.ran(
    'secret set',
    await product.cli(['secret', 'set', 'KEYED_API_KEY', '--json'], { input: planted.KEYED_API_KEY }),
  );
  service.takes = undefined;
});

await t.test('a plugin that answers, tells, prints, logs and throws what it was given', async (t) => {
  for (const name of Object.keys(planted)) {
    const whose = { name, ...(name === 'PLANTED_FOR_BOT' && { bot: 'assistant' }) };
    t.match(await send('/leaks/tell', whose), '[secret:', name);
    t.match(await send('/leaks/progress', whose, { accept: 'text/event-stream' }), 'event: progress');
    await send('/leaks/fail', whose);
    await send('/leaks/fail', whose, { accept: 'text/event-stream' });
    await send('/leaks/print', whose);
    await send('/leaks/forget', whose);
  }
  heard.ran('leak tell', await product.cli(['leak', 'tell']));
  heard.ran('leak tell --json', await product.cli(['leak', 'tell', '--json']));
  heard.ran('leak fail', await product.cli(['leak', 'fail', '--json']));
  await until('the log', async () => /nobody cares|rejected/.test((await logOf()) ?? ''));
});

await t.test('wrong inputs, routes and files that hold secrets', async (t) => {
  for (const value of Object.values(planted)) {
    await send(`/bots`, { name: value, template: value });
    await send(`/conversations`, { bot: value });
    await send(`/conversations/${encodeURIComponent(value)}/messages`, { text: value });
    await send(`/${encodeURIComponent(value)}`, {});
    await get(`/api/v1/bots?status=${encodeURIComponent(value)}`);
    const raw = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: `{"value":"${value}` };
    heard.keep('PUT', await (await product.fetch('/api/v1/secrets/X', raw)).text());
    heard.ran('wrong', await product.cli(['show', value]));
    heard.ran('wrong', await product.cli(['secret', 'set', 'X', `--vlaue=${value}`], { env }));
    heard.ran('wrong', await product.cli(['secret', 'set', 'x', '--value', value, '--json']));
  }
  await product.client.call('settings.set', { key: 'plugins.failing', value: true });
  await until('the failing plugin', async () => (await get('/api/v1/plugins')).includes('cannot log in as [secret:'));
  const told = await get('/api/v1/plugins');
  t.match(told, 'cannot log in as [secret:', 'why it failed is told');
  t.strictSame(leaksIn(told), [], 'and nothing else of it');
});

await t.test('whatever else can be asked', async (t) => {
  const { actions } = await product.client.call('actions.list', {});
  for (const { http } of actions) {
    const [method = '', place = ''] = (http ?? '').split(' ');
    if (method === 'GET')
      await get(`/api/v1${place.replaceAll(/\{bot\}/g, 'assistant').replaceAll(/\{\w+\+?\}/g, 'x')}`);
  }
  await get('/api/openapi.json');
  await get('/');
  for (const words of [
    'status',
    'list',
    'check',
    'settings list',
    'provider list',
    'plugin list',
    'secret list',
    'model list',
    '--help',
  ])
    heard.ran(words, await product.cli(words.split(' ')));
  t.match(await get('/api/v1/secrets'), '****');
});

await t.test('a crash', async (t) => {
  await send('/leaks/crash', {});
  const { code, stdout, stderr } = await until(
    'the end',
    async () => (await hasEnded(product)) && (await product.kill9()),
  );
  t.equal(code, 1);
  t.match(stderr, /crashed with \[secret:PLANTED_IN_VAULT\]/);
  heard.keep('server', stdout + stderr);
  t.match(await logOf(), /an error that nobody caught/);
});

await t.test('OBSV-07: nothing that was written or answered holds one of them, in any encoding', async (t) => {
  t.ok(heard.said.size > 40, `${heard.said.size} sources`);
  for (const [where, text] of heard.said) t.strictSame(leaksIn(text), [], where);
  const log = (await logOf()) ?? '';
  t.match(log, /logged \[secret:PLANTED_IN_VAULT\]/);
  t.ok(
    log.split('\n').every((line) => line === '' || JSON.parse(line)),
    'the log is JSON lines',
  );
  const written = await filesIn(product.home);
  t.ok(written.some((file) => file.endsWith('journal.jsonl')));
  t.ok(written.some((file) => file.endsWith('vault.json')));
  for (const file of written)
    t.strictSame(leaksIn(await readFile(file, 'latin1')), [], path.relative(product.home, file));
  for (const file of written)
    t.strictSame(leaksIn(await readFile(file, 'utf8')), [], path.relative(product.home, file));
});

async function versionOf(bot: string): Promise<string> {
  return (await product.client.call('bots.show', { bot })).version;
}

async function logOf(): Promise<string> {
  const folder = path.join(product.home, '.boternity/logs');
  const names = await readdir(folder);
  return (await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')))).join('');
}

async function hasEnded({ pid }: Product): Promise<boolean> {
  try {
    process.kill(pid, 0);
    return (await readFile(`/proc/${pid}/stat`, 'utf8')).includes(') Z');
  } catch {
    return true;
  }
}
