import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { toolResult, ask, assistant, hear, user } from '../support/hear.ts';
import type { Model } from 'boternity';
import { grammarSchema } from '../../plugins/local/grammar.ts';
import { LocalModels } from '../../plugins/local/model.ts';
import { accessTo, type AccessOptions } from '../support/access.ts';
import { sha256Of, startFileServer } from '../support/file-server.ts';
import { homeWithModel, installLlama, tinyModel } from '../support/llama.ts';
import { workersOf } from '../support/local-stage.ts';
import { startProduct, until } from '../support/product.ts';

t.setTimeout(240_000);
const llama = await installLlama();
const skip = 'why' in llama ? llama.why : false;
const modules = 'modules' in llama ? llama.modules : undefined;
const options = { gpu: false, threads: 1 };

await t.test('the package that runs models is at hand, or nothing below is shown', async (t) => {
  t.equal(skip, false);
});

interface Stage extends AsyncDisposable {
  readonly model: Model;
  readonly home: string;
}

async function stage(facts: { id?: string; window?: number } = {}, rest: AccessOptions = {}): Promise<Stage> {
  const home = await homeWithModel(modules);
  const models = new LocalModels(home.path);
  return {
    home: home.path,
    model: models.model(accessTo('', { name: 'local', options, ...rest }), { id: 'tiny', ...facts }),
    async [Symbol.asyncDispose]() {
      models[Symbol.dispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

const longest = { temperature: 0, maxTokens: 400 };
const turnOn = {
  name: 'lamp_set',
  description: 'Sets the lamp.',
  parameters: {
    type: 'object',
    properties: { on: { type: 'boolean' }, room: { enum: ['hall', 'cellar'] } },
    required: ['on', 'room'],
    additionalProperties: false,
  },
};

await t.test(
  'a model file is loaded in a process of its own and streams, and its tokens are counted',
  { skip },
  async (t) => {
    await using staged = await stage();
    const { model, home } = staged;
    t.match(model, { window: 512, price: { input: 0, output: 0, source: 'local' }, abilities: { images: false } });
    const first = await hear(model, ask('Hello', { temperature: 0, maxTokens: 30, system: 'You are Ada.' }));
    t.equal(first.end.stop, 'length', first.end.failure?.message ?? '');
    t.ok(first.parts.filter((part) => part.type === 'text').length > 5, 'in pieces');
    t.equal(first.usage?.output, 30);
    t.equal(first.usage?.cacheRead, 0);
    t.ok((first.usage?.input ?? 0) > 20);
    const history = [user('Hello'), assistant(first.text), user('Again')];
    const second = await hear(model, ask(history, { temperature: 0, maxTokens: 5, system: 'You are Ada.' }));
    t.ok((second.usage?.cacheRead ?? 0) > 20, 'what it has read it need not read again');
    const workers = await workersOf(home);
    t.equal(workers.length, 1, 'one process for all calls');
    t.not(workers[0], process.pid);
  },
);

await t.test('two that ask at once are answered one after the other', { skip }, async (t) => {
  await using staged = await stage();
  const both = ['One', 'Two'].map((said) => hear(staged.model, ask(said, { temperature: 0, maxTokens: 10 })));
  for (const heard of await Promise.all(both)) t.equal(heard.usage?.output, 10);
});

await t.test('an abort ends the answer within 100 ms, and the model answers the next', { skip }, async (t) => {
  await using staged = await stage();
  await hear(staged.model, ask('Warm up', { maxTokens: 1 }));
  const controller = new AbortController();
  let text = '';
  let abortedAt = 0;
  for await (const part of staged.model.stream(ask('Hello', longest), controller.signal)) {
    if (part.type === 'text') text += part.text;
    if (part.type === 'end') t.equal(part.stop, 'aborted');
    if (text === '' || abortedAt > 0) continue;
    abortedAt = performance.now();
    controller.abort();
  }
  t.ok(performance.now() - abortedAt < 100, `${performance.now() - abortedAt} ms`);
  t.ok(text.length > 0);
  t.equal((await hear(staged.model, ask('Hello', { maxTokens: 3 }))).usage?.output, 3);
});

await t.test('an answer ends where the window does, and a prompt that is larger is refused', { skip }, async (t) => {
  await using staged = await stage({ window: 128 });
  t.equal(staged.model.window, 128);
  const full = await hear(staged.model, ask('Hello', { temperature: 0 }));
  t.equal(full.end.stop, 'length');
  t.ok((full.usage?.input ?? 0) + (full.usage?.output ?? 0) <= 128, JSON.stringify(full.usage));
  t.ok((full.usage?.output ?? 0) > 30);
  const over = await hear(staged.model, ask('Hello '.repeat(200)));
  t.equal(over.end.failure?.kind, 'context');
});

await t.test(
  'a call that is demanded is written under a grammar: its arguments are JSON of the right shape',
  { skip },
  async (t) => {
    await using staged = await stage();
    for (const toolChoice of ['required', { name: 'lamp_set' }] as const) {
      const heard = await hear(
        staged.model,
        ask('Light!', { tools: [turnOn], toolChoice, temperature: 0, maxTokens: 200 }),
      );
      t.equal(heard.end.stop, 'tools', heard.end.failure?.message ?? '');
      t.equal(heard.text, '');
      t.equal(heard.calls[0]?.name, 'lamp_set');
      const input = JSON.parse(heard.calls[0]?.arguments ?? '') as { on: unknown; room: string };
      t.type(input.on, 'boolean');
      t.ok(['hall', 'cellar'].includes(input.room));
    }
  },
);

await t.test('vectors of texts are made in that process too, of long texts of their beginning', { skip }, async (t) => {
  await using home = await homeWithModel(modules);
  using models = new LocalModels(home.path);
  const embedder = models.embedder(accessTo('', { name: 'local', options }), { id: 'tiny', dimensions: 64 });
  const { signal } = new AbortController();
  const texts = ['The owl sleeps.', 'The owl sleeps.', 'Rivers run to the sea.', 'word '.repeat(2_000)];
  const { vectors, tokens } = await embedder.embed(texts, signal);
  t.strictSame(
    vectors.map(({ length }) => length),
    [64, 64, 64, 64],
  );
  t.strictSame(vectors[0], vectors[1], 'of one text always the same');
  t.notSame(vectors[0], vectors[2]);
  t.ok((tokens ?? 0) > 10);
  t.match(embedder, { price: { input: 0, source: 'local' } });
  const stop = new AbortController();
  const stopped = embedder.embed(['Once more.'], stop.signal);
  stop.abort();
  await t.rejects(stopped);
  t.equal((await embedder.embed(['And again.'], signal)).vectors.length, 1);
  const missing = models.embedder(accessTo('', { name: 'local', options }), { id: 'none', dimensions: 64 });
  await t.rejects(missing.embed(['Hm.'], signal), { code: 'MODEL_FILE_MISSING' });
});

await t.test('an answer of a shape is JSON of it', { skip }, async (t) => {
  await using staged = await stage();
  const schema = { name: 'lamp', schema: turnOn.parameters };
  const heard = await hear(staged.model, ask('Light?', { schema, temperature: 0, maxTokens: 200 }));
  t.match(JSON.parse(heard.text), { on: Boolean, room: /^(hall|cellar)$/ });
});

await t.test('a history with tools of another provider is taken', { skip }, async (t) => {
  await using staged = await stage();
  const call = { id: 'c 1', name: 'lamp_set', arguments: '{"on": ' };
  const history = [user('Light!'), assistant('I try.', [call]), toolResult(call, 'dark', true)];
  const heard = await hear(staged.model, ask(history, { tail: 'It is noon.', maxTokens: 5 }));
  t.equal(heard.usage?.output, 5, heard.end.failure?.message ?? '');
});

await t.test('a text that ends the answer ends it', { skip }, async (t) => {
  await using staged = await stage();
  const whole = await hear(staged.model, ask('Hello', { temperature: 0, maxTokens: 30 }));
  const stop = whole.text.slice(8, 12);
  const cut = await hear(staged.model, ask('Hello', { temperature: 0, maxTokens: 30, stop: [stop] }));
  t.equal(cut.text, whole.text.slice(0, whole.text.indexOf(stop)));
  t.equal(cut.end.stop, 'end');
});

await t.test('a broken file is a failure that says so, and so is one that is gone', { skip }, async (t) => {
  await using staged = await stage();
  const models = new LocalModels(staged.home);
  await writeFile(path.join(staged.home, '.boternity/models/broken.gguf'), 'GGUF and then nothing of use');
  const modelOf = (id: string): Model => models.model(accessTo('', { name: 'local', options }), { id });
  const broken = await hear(modelOf('broken'), ask('Hello'));
  t.equal(broken.end.stop, 'error');
  t.match(broken.end.failure?.message, /^local .*\.$/);
  t.match((await hear(modelOf('gone'), ask('Hello'))).end.failure?.message, 'There is no file gone.gguf');
  t.throws(() => modelOf('../../etc/passwd'), { code: 'MODEL_FILE_INVALID' });
  models[Symbol.dispose]();
});

await t.test('a process that crashes fails its answer alone, and the next call has a new one', { skip }, async (t) => {
  await using staged = await stage();
  await hear(staged.model, ask('Warm up', { maxTokens: 1 }));
  const [worker = 0] = await workersOf(staged.home);
  let isKilled = false;
  const parts = [];
  for await (const part of staged.model.stream(ask('Hello', longest), new AbortController().signal)) {
    parts.push(part);
    if (part.type !== 'text' || isKilled) continue;
    isKilled = true;
    process.kill(worker, 'SIGSEGV');
  }
  t.match(parts.at(-1), { type: 'end', stop: 'error', failure: { kind: 'server', message: /ended with SIGSEGV/ } });
  t.equal((await hear(staged.model, ask('Hello', { maxTokens: 3 }))).usage?.output, 3);
});

await t.test('a model that nobody asks is unloaded', { skip }, async (t) => {
  await using staged = await stage({}, { options: { ...options, idle: 0.05 } });
  await hear(staged.model, ask('Hello', { maxTokens: 1 }));
  await until('its process is gone', async () => (await workersOf(staged.home)).length === 0);
  t.equal(
    (await hear(staged.model, ask('Hello', { maxTokens: 1 }))).usage?.output,
    1,
    'and loaded again when it is asked',
  );
});

await t.test('without the package the failure names the command that adds it', async (t) => {
  await using home = await homeWithModel(undefined);
  using models = new LocalModels(home.path);
  const model = models.model(accessTo('', { name: 'local', options }), { id: 'tiny' });
  const { end } = await hear(model, ask('Hello'));
  t.match(end.failure?.message, `npm install --prefix ${home.path} node-llama-cpp`);
});

await t.test('what a grammar cannot express becomes something that it can', (t) => {
  const schema = {
    type: 'object',
    properties: {
      a: { anyOf: [{ type: 'string', pattern: 'x' }, { type: 'null' }] },
      b: { type: ['integer', 'null'], minimum: 3 },
      c: { $ref: '#/$defs/tree' },
      d: { const: 'k' },
      e: {},
    },
    required: ['a'],
    $defs: { tree: { type: 'array', items: { $ref: '#/$defs/tree' } } },
  };
  t.match(grammarSchema(schema), {
    type: 'object',
    required: ['a'],
    properties: {
      a: { oneOf: [{ type: 'string' }, { type: 'null' }] },
      b: { oneOf: [{ type: 'integer' }, { type: 'null' }] },
      c: { type: 'array', items: { type: 'array' } },
      d: { const: 'k' },
      e: { type: 'string' },
    },
  });
  t.end();
});

await t.test('a download says what it would be, asks, goes on after a break and is held to its checksum', async (t) => {
  const bytes = await readFile(tinyModel);
  await using server = await startFileServer({ '/tiny.gguf': bytes, '/page.gguf': Buffer.from('<html>') });
  await using product = await startProduct();
  const place = path.join(product.home, '.boternity/models/tiny.gguf');
  const wanted = { url: `${server.url}/tiny.gguf`, sha256: sha256Of(bytes) };
  const folder = path.dirname(place);
  const left = async (): Promise<string[]> => readdir(folder).catch(() => []);

  const told = await product.client.call('models.download', wanted);
  t.match(told, { id: 'tiny', bytes: bytes.length, from: wanted.url, sha256: wanted.sha256, downloaded: false });
  t.strictSame(server.requests, ['HEAD /tiny.gguf'], 'nothing but its size was asked');

  await t.rejects(product.client.call('models.download', { ...wanted, sha256: '0'.repeat(64), consent: true }), {
    code: 'MODEL_CHECKSUM_WRONG',
  });
  t.strictSame(await left(), [], 'what is another file is removed');
  await t.rejects(
    product.client.call('models.download', { ...wanted, url: `${server.url}/page.gguf`, consent: true }),
    {
      code: 'MODEL_FILE_INVALID',
    },
  );
  t.strictSame(await left(), []);

  server.breakAfter(500_000);
  await t.rejects(product.client.call('models.download', { ...wanted, consent: true }), {
    code: 'MODEL_DOWNLOAD_FAILED',
  });
  t.match(await left(), [/\.part$/], 'what came is kept');
  const ran = await product.cli(['model', 'download', wanted.url, '--sha256', wanted.sha256, '--consent']);
  t.equal(ran.code, 0, ran.stderr);
  t.match(ran.stderr, '1.0 MB of 1.0 MB', 'it tells how far it is');
  t.match(server.requests.at(-1), /^GET \/tiny\.gguf bytes=\d+-$/, 'only the rest was asked for');
  t.ok(bytes.equals(await readFile(place)));
  t.strictSame(await left(), ['tiny.gguf']);
  await t.rejects(product.client.call('models.download', { ...wanted, consent: true }), { code: 'MODEL_FILE_EXISTS' });

  await product.client.call('providers.add', { name: 'local', models: ['tiny'], options });
  const { models } = await product.client.call('models.list', {});
  t.match(
    models.find(({ id }) => id === 'tiny'),
    { provider: 'local', window: 512 },
  );
  t.strictSame((await product.client.call('models.files', {})).files, [{ id: 'tiny', bytes: bytes.length }]);
  await product.client.call('models.remove', { name: 'tiny' });
  t.notOk(existsSync(place));
});

await t.test('the server runs a local model, and takes its process along when it ends', { skip }, async (t) => {
  await using home = await homeWithModel(modules);
  const yaml = 'providers:\n  local: { key: SPARE, models: [tiny], options: { gpu: false, threads: 1 } }\n';
  await home.write('providers.yaml', yaml);
  await using product = await startProduct({ home: home.path });
  t.strictSame(await workersOf(home.path), [], 'nothing is loaded before the first call');
  const { checks } = await product.client.call('secrets.set', { name: 'SPARE', value: 'not needed here' });
  t.match(checks, [{ provider: 'local', ok: true, message: 'local takes it: tiny answered.' }]);
  t.equal((await workersOf(home.path)).length, 1);
  await product.kill9();
  await until('its process is gone', async () => (await workersOf(home.path)).length === 0);
});
