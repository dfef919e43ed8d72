import t from 'tap';
import { compatibleKind } from '../../plugins/openai-compatible/kind.ts';
import { usualPlaces } from '../../plugins/openai-compatible/presets.ts';
import { protocols } from '../../plugins/openai/protocols.ts';
import { accessTo } from '../support/access.ts';
import { hearDeltas, modelAt } from '../support/chat-service.ts';
import { ask, hear } from '../support/hear.ts';
import { startLlamaCpp, startLmStudio, startOllama, startVllm } from '../support/local-servers.ts';
import { startMockModel } from '../support/mock-model.ts';
import { startProduct, until, type Product } from '../support/product.ts';

interface Listed {
  readonly models: readonly { readonly id: string; readonly provider: string; readonly window: number | null }[];
}
interface Providers {
  readonly providers: readonly { readonly name: string; readonly source: string; readonly models: readonly string[] }[];
}

t.setTimeout(180_000);

const PATIENCE_MS = 30_000;
const kind = compatibleKind(protocols);
const { signal } = new AbortController();
const price = { input: 0, output: 0, source: 'local' };

async function offered(product: Product): Promise<Record<string, number | null>> {
  const { models } = (await product.cliJson(['model', 'list'])) as Listed;
  const real = models.filter(({ provider }) => provider !== 'demo');
  return Object.fromEntries(real.map(({ id, provider, window }) => [`${provider}/${id}`, window]));
}

async function sources(product: Product): Promise<Record<string, string>> {
  const { providers } = (await product.cliJson(['provider', 'list'])) as Providers;
  return Object.fromEntries(providers.map(({ name, source }) => [name, source]));
}

await t.test(
  'LLMP-V2-01: servers that run on this machine are there by themselves, with the windows that they have',
  async (t) => {
    await using ollama = await startOllama();
    await using lmStudio = await startLmStudio();
    await using vllm = await startVllm();
    await using llamaCpp = await startLlamaCpp();
    const places = [
      ['ollama', ollama],
      ['lm-studio', lmStudio],
      ['vllm', vllm],
      ['llama.cpp', llamaCpp],
    ] as const;
    const lines = places.map(([preset, { url }]) => `      - { preset: ${preset}, address: ${url}/v1 }`);
    const settings = [
      'plugins:',
      '  openai-compatible:',
      '    discover: true',
      '    everySeconds: 1',
      '    places:',
      ...lines,
    ];
    await using product = await startProduct({ files: { 'settings.yaml': `${settings.join('\n')}\n` } });
    await until('the greeting', () => product.heard.stdout.includes('Ctrl+C'));
    t.match(
      product.heard.stdout,
      /model {2}\S+\. The first that is there: .* answers at 127\.0\.0\.1:\d+/,
      'it names what was found',
    );
    const found = await until(
      'all are found',
      async () => {
        const models = await offered(product);
        return Object.keys(models).length >= 6 && models;
      },
      PATIENCE_MS,
    );
    t.same(found, {
      'ollama/llama3.2-vision:11b': 8192,
      'ollama/qwen3:8b': 16_384,
      'lm-studio/qwen2.5-7b-instruct': 4096,
      'lm-studio/gemma-3-12b-it': 131_072,
      'vllm/Qwen/Qwen3-32B': 24_576,
      'llama-cpp//models/gemma-3-4b-it-Q4_K_M.gguf': 6144,
    });
    t.same(await sources(product), { ollama: 'found', 'lm-studio': 'found', vllm: 'found', 'llama-cpp': 'found' });
    const tried = (await product.cliJson(['provider', 'test', 'ollama'])) as { ok: boolean; model: string };
    t.match(tried, { ok: true, model: 'llama3.2-vision:11b' }, 'the one in memory comes first');

    await using mock = await startMockModel();
    await product.cliJson(['provider', 'add', 'own', '--address', mock.url, '--models', 'mock-model']);
    await until(
      'what somebody configured is alone',
      async () => Object.keys(await sources(product)).join() === 'own',
      PATIENCE_MS,
    );
    await product.cliJson(['provider', 'remove', 'own', '--force']);
    await until('they are back', async () => (await sources(product)).ollama === 'found', PATIENCE_MS);
    await ollama[Symbol.asyncDispose]();
    await until('one that has ended is gone', async () => !('ollama' in (await sources(product))), PATIENCE_MS);
  },
);

await t.test("a server of one's own needs no more than its name: where it is and what it has is asked", async (t) => {
  await using ollama = await startOllama();
  const settings = 'plugins:\n  openai-compatible: { discover: true, everySeconds: 1, places: [] }\n';
  const env = { OLLAMA_HOST: new URL(ollama.url).host };
  await using product = await startProduct({ files: { 'settings.yaml': settings }, env });
  await product.cliJson(['provider', 'add', 'ollama']);
  const models = await until(
    'its models are known',
    async () => {
      const known = await offered(product);
      return 'ollama/qwen3:8b' in known && known;
    },
    PATIENCE_MS,
  );
  t.equal(models['ollama/qwen3:8b'], 16_384);
  t.same(await sources(product), { ollama: 'providers.yaml' });
});

await t.test('with discovery off nobody is asked', async (t) => {
  await using ollama = await startOllama();
  const settings = `plugins:\n  openai-compatible: { discover: false, places: [{ preset: ollama, address: "${ollama.url}/v1" }] }\n`;
  await using product = await startProduct({ files: { 'settings.yaml': settings }, env: { LLM_DISCOVERY: undefined } });
  t.same(await offered(product), {});
  t.same(ollama.asked, []);
});

await t.test('models of a server are told with what they can and cost; which server it is is found out', async (t) => {
  await using ollama = await startOllama();
  const named = accessTo(`${ollama.url}/v1`, { name: 'box', options: { preset: 'ollama' } });
  const all = await kind.list?.(named, signal);
  const [vision, qwen, embedder, cloud] = all ?? [];
  t.same(vision, {
    id: 'llama3.2-vision:11b',
    window: 8192,
    abilities: { tools: false, images: true, thinking: false },
    price,
  });
  t.same(qwen?.abilities, { tools: true, images: false, thinking: true });
  t.same(embedder, { id: 'nomic-embed-text:latest', dimensions: 4 });
  t.equal(cloud?.price, undefined, 'what the cloud runs is not free');
  t.same(await kind.list?.(accessTo(`${ollama.url}/v1`), signal), all, 'without a preset the same');
  const vectors = await kind
    .embedder?.(named, { id: 'nomic-embed-text:latest', dimensions: 4 })
    .embed(['a', 'b'], signal);
  t.same(vectors, {
    vectors: [
      [0, 0, 0, 1],
      [1, 0, 0, 1],
    ],
    tokens: 3,
  });
  await using llamaCpp = await startLlamaCpp();
  const abilities = { tools: true, images: true };
  t.same(await kind.list?.(accessTo(`${llamaCpp.url}/v1`), signal), [
    { id: '/models/gemma-3-4b-it-Q4_K_M.gguf', window: 6144, abilities, price },
  ]);
  t.same(kind.model(named, { id: 'qwen3:8b' }).price, price);
  t.equal(kind.model(named, { id: 'gpt-oss:120b-cloud' }).price, undefined);
  t.equal(kind.model(accessTo('https://models.example/v1', { name: 'ollama' }), { id: 'm' }).price, undefined);
});

await t.test('OLLAMA_HOST is read as Ollama reads it', (t) => {
  const at = (host: string): string | undefined => usualPlaces({ OLLAMA_HOST: host })[0]?.address;
  t.same(
    ['', '0.0.0.0', '0.0.0.0:8888', ':9999', 'box', 'box:80', 'https://box.example', 'http://10.0.0.7:1234/'].map(at),
    [
      'http://127.0.0.1:11434/v1',
      'http://127.0.0.1:11434/v1',
      'http://127.0.0.1:8888/v1',
      'http://127.0.0.1:9999/v1',
      'http://box:11434/v1',
      'http://box/v1',
      'https://box.example/v1',
      'http://10.0.0.7:1234/v1',
    ],
  );
  t.end();
});

await t.test('thinking between tags is taken out of the text, wherever the tags are cut', async (t) => {
  const whole = '<think>\nTwo and two…\n</think>\n\nFour. Not <think>five</think>.';
  for (const size of [whole.length, 7, 3, 1]) {
    const pieces = whole.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
    const heard = await hearDeltas(pieces.map((content) => ({ content })));
    t.equal(heard.text, 'Four. Not <think>five</think>.', `in pieces of ${size}`);
    t.equal(heard.thinking, 'Two and two…\n');
  }
  const plain: [string[], string, string][] = [
    [['<', 'thin'], '<thin', ''],
    [['Once <think>x</think>'], 'Once <think>x</think>', ''],
    [['<think>never ', 'done'], '', 'never done'],
    [['<think></think>Yes'], 'Yes', ''],
    [['<thinking about it'], '<thinking about it', ''],
  ];
  for (const [pieces, text, thinking] of plain) {
    const heard = await hearDeltas(pieces.map((content) => ({ content })));
    t.same([heard.text, heard.thinking], [text, thinking], pieces.join('|'));
  }
});

await t.test('a server that knows no schemas is asked for JSON, then told in words; it learns this once', async (t) => {
  await using mock = await startMockModel();
  const refuse = (message: string) => ({ error: { status: 400, message } });
  mock.script(
    refuse("response_format of type 'json_schema' is not supported"),
    refuse("'response_format.type' must be 'text'"),
    '{"capital":"Oslo"}',
    '{"capital":"Rome"}',
  );
  const model = modelAt(mock.url);
  const schema = { name: 'capital', schema: { type: 'object', properties: { capital: { type: 'string' } } } };
  for (const city of ['Oslo', 'Rome']) t.match((await hear(model, ask('Which?', { schema, tail: 'Now.' }))).text, city);
  const formats = mock
    .requests()
    .map(({ body }) => (JSON.parse(body) as { response_format?: { type: string } }).response_format?.type);
  t.same(formats, ['json_schema', 'json_object', undefined, undefined]);
  t.match(mock.requests()[2]?.body, 'JSON Schema');
});

await t.test('how much to think is told, and taken back from a server that does not know it', async (t) => {
  await using mock = await startMockModel();
  mock.script('One', { error: { status: 422, message: 'Extra inputs are not permitted: reasoning_effort' } });
  const model = modelAt(mock.url);
  for (const thinking of ['high', 'off'] as const) await hear(model, ask('Hi', { thinking }));
  const efforts = mock
    .requests()
    .map(({ body }) => (JSON.parse(body) as { reasoning_effort?: string }).reasoning_effort);
  t.same(efforts.slice(0, 3), ['high', 'none', 'minimal']);
});
