import { existsSync } from 'node:fs';
import { readdir, readFile, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import t, { type Test } from 'tap';
import type { Embedder } from 'boternity';
import { SentenceModels } from '../../plugins/sentence-models/sentence-models.ts';
import { accessTo } from '../support/access.ts';
import { sha256Of, startFileServer } from '../support/file-server.ts';
import { startProduct, temporaryFolder, until, type Folder, type Product } from '../support/product.ts';
import {
  DIMENSIONS,
  embeddings,
  installTransformers,
  matrix,
  rowOf,
  safetensors,
  staticModel,
  transformerModel,
  withHead,
  writeModel,
  type Tensor,
} from '../support/sentence-model.ts';

t.setTimeout(300_000);
const never = new AbortController().signal;
const installed = await installTransformers();
const skip = 'why' in installed ? installed.why : false;

await t.test('the package that runs transformers is at hand, or what it does is not shown', async (t) => {
  t.equal(skip, false);
});

interface Stage extends AsyncDisposable {
  readonly home: Folder;
  /** Writes a model and gives its embedder. */
  readonly embedderOf: (
    files: Readonly<Record<string, Buffer>>,
    options?: object,
    firstMs?: number,
  ) => Promise<Embedder>;
}

async function stage(withLibrary = false): Promise<Stage> {
  const home = await temporaryFolder();
  const models = new SentenceModels(home.path);
  if (withLibrary && 'modules' in installed) await symlink(installed.modules, path.join(home.path, 'node_modules'));
  let count = 0;
  return {
    home,
    async embedderOf(files, options = {}, firstMs = 60_000) {
      const id = `model-${(count += 1)}`;
      await writeModel(path.join(home.path, '.boternity/models', id), files);
      const access = accessTo('', { name: 'here', options: { ...options }, firstMs });
      return models.embedder(access, { id, dimensions: models.look(access, id).dimensions });
    },
    async [Symbol.asyncDispose]() {
      models[Symbol.dispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

/** The mean of the vectors of these pieces, by hand. */
function meanOf(...pieces: readonly string[]): number[] {
  const rows = pieces.map(rowOf);
  return Array.from(
    { length: DIMENSIONS },
    (_, at) => rows.reduce((sum, row) => sum + (row[at] ?? 0), 0) / rows.length,
  );
}

function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return vector.map((number) => number / length);
}

function near(t: Test, found: Iterable<number> | undefined, wanted: readonly number[], what: string): void {
  const numbers = [...(found ?? [])];
  const isNear = wanted.every((number, at) => Math.abs(number - (numbers[at] ?? Number.NaN)) < 1e-5);
  t.ok(numbers.length === wanted.length && isNear, `${what}: ${numbers.join(' ')} is ${wanted.join(' ')}`);
}

/** Asks the server for vectors as any program does. */
async function vectorsOf(product: Product, model: string, input: readonly string[]): Promise<number[][]> {
  const headers = { 'content-type': 'application/json' };
  const answer = await product.fetch('/v1/embeddings', {
    method: 'POST',
    headers,
    body: JSON.stringify({ model, input }),
  });
  const { data } = (await answer.json()) as { data?: { embedding: number[] }[] };
  return (data ?? []).map(({ embedding }) => embedding);
}

await t.test('static embeddings give the mean of the vectors of a text’s tokens, at the front door', async (t) => {
  await using product = await startProduct();
  await writeModel(path.join(product.home, '.boternity/models/tiny'), staticModel());
  const added = await product.cli(['provider', 'add', 'sentence-models', '--models', 'tiny']);
  t.equal(added.code, 0, added.stderr);
  await product.client.call('settings.set', { key: 'embedder', value: 'sentence-models/tiny' });
  const listed = await until('the setting counts', async () => {
    const found = await product.client.call('embedders.list', {});
    return found.embedders.some(({ chosen }) => chosen) && found;
  });
  t.match(listed, { embedders: [{ name: 'sentence-models/tiny', dimensions: DIMENSIONS, chosen: true }] });
  t.match(await product.cliJson(['embedder', 'test']), { name: 'sentence-models/tiny', dimensions: DIMENSIONS });
  t.match(await product.cliJson(['embedder', 'files']), { models: [{ id: 'tiny', form: 'static', dimensions: 4 }] });

  const texts = ['Owls sleeping!', 'CAFÉ', '水owl', 'unheard river', 'nothing known'];
  const vectors = await vectorsOf(product, 'sentence-models/tiny', texts);
  near(t, vectors[0], unit(meanOf('owl', '##s', 'sleep', '##ing', '!')), 'words in pieces');
  near(t, vectors[1], unit(meanOf('cafe')), 'without case and accents');
  near(t, vectors[2], unit(meanOf('水', 'owl')), 'Chinese signs stand alone');
  near(t, vectors[3], unit(meanOf('river')), 'what is unknown does not count');
  near(t, vectors[4], [0, 0, 0, 0], 'and where all is, there is nothing');
  const { calls } = await product.client.call('usage.list', {});
  t.match(calls[0], { purpose: 'embedding', provider: 'sentence-models', model: 'tiny', input: 9, cost: 0 });

  t.equal((await product.cli(['embedder', 'remove', 'tiny', '--force'])).code, 0);
  t.notOk(existsSync(path.join(product.home, '.boternity/models/tiny')));
  const { embedders } = await product.client.call('embedders.list', {});
  t.strictSame(embedders, []);
  const { problems } = await product.client.call('providers.list', {});
  t.match(problems, [/There is no folder tiny in .*models/], 'what is missing is named');
});

await t.test('all forms in which such models are written are read', async (t) => {
  await using staged = await stage();
  const { embedderOf } = staged;
  const first = async (files: Record<string, Buffer>, text = 'owls'): Promise<Iterable<number> | undefined> =>
    (await (await embedderOf(files)).embed([text], never)).vectors[0];
  const raw = JSON.stringify({ normalize: false });
  for (const dtype of ['F64', 'F32', 'F16', 'I8'] as const) {
    const written = safetensors({ embeddings: embeddings(dtype) });
    near(
      t,
      await first(staticModel({ 'model.safetensors': written, 'config.json': raw })),
      meanOf('owl', '##s'),
      dtype,
    );
  }
  near(
    t,
    await first(
      staticModel({ 'model.safetensors': safetensors({ 'embedding.weight': embeddings() }), 'config.json': undefined }),
    ),
    unit(meanOf('owl', '##s')),
    'as sentence-transformers names it, without config.json',
  );
  const tokens = matrix.map((_, at) => at);
  const two: Tensor = { dtype: 'F32', shape: [2, DIMENSIONS], numbers: [1, 0, 0, 0, 0, 2, 0, 0] };
  const weights: Tensor = { dtype: 'F64', shape: [tokens.length], numbers: tokens.map((at) => at / 2) };
  const mapping: Tensor = { dtype: 'I64', shape: [tokens.length], numbers: tokens.map((at) => at % 2) };
  near(
    t,
    await first(
      staticModel({ 'model.safetensors': safetensors({ embeddings: two, weights, mapping }), 'config.json': raw }),
    ),
    [1, 2.5, 0, 0],
    'with a weight for each token, and rows that tokens share: owl is 4, ##s is 5',
  );
  const unigram = {
    version: '1.0',
    added_tokens: [],
    normalizer: { type: 'NFKC' },
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
    post_processor: null,
    decoder: null,
    model: { type: 'Unigram', unk_id: 0, vocab: ['<unk>', '▁owl', 's', '▁o', 'wl'].map((piece, at) => [piece, -at]) },
  };
  const plain = staticModel({ 'tokenizer.json': JSON.stringify(unigram), 'config.json': raw });
  const mean = (matrix[1] ?? []).map((number, at) => (number + (matrix[2]?.[at] ?? 0)) / 2);
  near(t, await first(plain), mean, 'with pieces by likelihood');
});

await t.test('wrong files are named, with what is wrong about them', async (t) => {
  await using staged = await stage();
  const broken = (files: Record<string, string | Buffer | undefined>) => async () =>
    (await staged.embedderOf(staticModel(files))).embed(['owls'], never);
  const tensor = (entry: object): Buffer => withHead(JSON.stringify({ embeddings: entry }), Buffer.alloc(16));
  const sound = embeddings();
  const cases: [Record<string, string | Buffer | undefined>, string, RegExp][] = [
    [
      { 'model.safetensors': undefined },
      'MODEL_FILE_MISSING',
      /no model\.safetensors .* and no onnx\/model_quantized\.onnx/,
    ],
    [{ 'tokenizer.json': undefined }, 'MODEL_FILE_MISSING', /no tokenizer\.json in .*model-/],
    [{ 'model.safetensors': '' }, 'MODEL_FILE_INVALID', /head is no head/],
    [{ 'model.safetensors': '<!doctype html><html></html>' }, 'MODEL_FILE_INVALID', /head is no head/],
    [{ 'model.safetensors': withHead('{"embeddings": ') }, 'MODEL_FILE_INVALID', /head is no JSON/],
    [{ 'model.safetensors': withHead('[]') }, 'MODEL_FILE_INVALID', /no matrix of embeddings/],
    [{ 'model.safetensors': withHead('{"embeddings":null}') }, 'MODEL_FILE_INVALID', /embeddings has no shape/],
    [
      { 'model.safetensors': tensor({ dtype: 'F32', shape: [2, 2], data_offsets: [0, 1_000] }) },
      'MODEL_FILE_INVALID',
      /embeddings lies outside of the file/,
    ],
    [
      { 'model.safetensors': tensor({ dtype: 'F32', shape: [4], data_offsets: [0, 16] }) },
      'MODEL_FILE_INVALID',
      /embeddings .*is no matrix: its shape is 4/,
    ],
    [
      { 'model.safetensors': tensor({ dtype: 'F32', shape: [400, 4], data_offsets: [0, 16] }) },
      'MODEL_FILE_INVALID',
      /has 16 bytes, which are not 400 × 4 numbers/,
    ],
    [
      { 'model.safetensors': tensor({ dtype: 'BF16', shape: [2, 4], data_offsets: [0, 16] }) },
      'MODEL_FILE_INVALID',
      /type BF16; F64, F32, F16, I8.* can be read/,
    ],
    [{ 'tokenizer.json': '{' }, 'MODEL_FILE_INVALID', /tokenizer\.json in .* is no JSON/],
    [{ 'tokenizer.json': '{"model":{"type":"Odd"}}' }, 'MODEL_FILE_INVALID', /tokenizer\.json cannot be used/],
    [{ 'config.json': 'normalize' }, 'MODEL_FILE_INVALID', /config\.json in .* is no JSON/],
    [
      {
        'model.safetensors': safetensors({
          embeddings: { ...sound, shape: [2, 4], numbers: sound.numbers.slice(0, 8) },
        }),
      },
      'MODEL_FILE_INVALID',
      /tokenizer\.json has 12 tokens, and model\.safetensors vectors for 2/,
    ],
    [
      {
        'model.safetensors': safetensors({
          embeddings: sound,
          mapping: { dtype: 'I32', shape: [12], numbers: matrix.map(() => 99) },
        }),
      },
      'MODEL_FILE_INVALID',
      /mapping in model\.safetensors leads to rows/,
    ],
    [
      { 'model.safetensors': safetensors({ embeddings: sound, weights: { dtype: 'F32', shape: [1], numbers: [1] } }) },
      'MODEL_FILE_INVALID',
      /weights in model\.safetensors has 1 numbers for 12 tokens/,
    ],
  ];
  for (const [files, code, message] of cases) await t.rejects(broken(files), { code, message }, String(message));
  const other = await staged.embedderOf(staticModel());
  t.equal((await other.embed(['owls'], never)).vectors.length, 1, 'and others go on');
});

await t.test(
  'a model is downloaded once, with consent, its size and checksums shown, and held to the checksum',
  async (t) => {
    const files = staticModel();
    const weights = files['model.safetensors'] ?? Buffer.alloc(0);
    await using server = await startFileServer(
      Object.fromEntries(Object.entries(files).map(([file, bytes]) => [`/tiny/${file}`, bytes])),
    );
    await using product = await startProduct();
    const wanted = { url: `${server.url}/tiny/`, name: 'tiny', sha256: sha256Of(weights) };
    const total = Object.values(files).reduce((sum, { length }) => sum + length, 0);
    const models = path.join(product.home, '.boternity/models');
    const left = async (): Promise<string[]> => readdir(models).catch(() => []);

    const told = await product.client.call('embedders.download', wanted);
    t.match(told, { id: 'tiny', bytes: total, downloaded: false, next: /--consent/ });
    t.match(told.files.at(-1), { file: 'model.safetensors', bytes: weights.length, sha256: wanted.sha256 });
    t.ok(
      server.requests.every((each) => each.startsWith('HEAD')),
      'nothing but sizes was asked',
    );
    t.strictSame(await left(), []);

    const wrong = { ...wanted, sha256: '0'.repeat(64), consent: true };
    await t.rejects(product.client.call('embedders.download', wrong), { code: 'MODEL_CHECKSUM_WRONG' });
    t.strictSame(await left(), [], 'what is another file is removed');
    const lost = { ...wanted, url: `${server.url}/gone` };
    await t.rejects(product.client.call('embedders.download', lost), { code: 'MODEL_DOWNLOAD_FAILED', message: /404/ });

    const flags = ['--name', 'tiny', '--sha256', wanted.sha256, '--consent'];
    const ran = await product.cli(['embedder', 'download', wanted.url, ...flags, '--json']);
    t.equal(ran.code, 0, ran.stderr);
    const done = JSON.parse(ran.stdout) as typeof told;
    t.match(done, { downloaded: true, bytes: total, next: /bnity provider add sentence-models --models tiny/ });
    for (const { file, sha256 } of done.files) {
      const bytes = await readFile(path.join(models, 'tiny', file));
      t.equal(sha256, sha256Of(bytes), `${file} is whole`);
    }
    t.strictSame(await left(), ['tiny']);
    await t.rejects(product.client.call('embedders.download', wanted), { code: 'MODEL_FILE_EXISTS' });
    await product.client.call('providers.add', { name: 'sentence-models', models: ['tiny'] });
    const asked = server.requests.length;
    near(t, (await vectorsOf(product, 'tiny', ['river']))[0], unit(meanOf('river')), 'it works');
    t.equal(server.requests.length, asked, 'and asks nobody');
  },
);

await t.test('who gives up is free at once; an idle model is unloaded and comes back', async (t) => {
  await using staged = await stage();
  const embedder = await staged.embedderOf(staticModel(), { idle: 0.05 });
  const leave = new AbortController();
  const left = embedder.embed(
    Array.from({ length: 256 }, () => 'owls sleeping '.repeat(200)),
    leave.signal,
  );
  leave.abort(new Error('enough'));
  await t.rejects(left, { message: 'enough' });
  near(t, (await embedder.embed(['river'], never)).vectors[0], unit(meanOf('river')), 'the next is answered');
  await new Promise((resolve) => setTimeout(resolve, 200));
  near(t, (await embedder.embed(['river'], never)).vectors[0], unit(meanOf('river')), 'after a rest too');
});

/** Ids of the processes that run a transformer of a home. */
async function workersOf(home: string): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return ids
    .filter((_, index) => lines[index]?.includes(home) && lines[index]?.includes('transformer-worker'))
    .map(Number);
}

await t.test(
  'a transformer makes vectors in a process of its own, batched, with what lies in its folder',
  { skip },
  async (t) => {
    await using staged = await stage(true);
    const embedder = await staged.embedderOf(transformerModel(), { threads: 1 });
    t.match(embedder, { dimensions: DIMENSIONS, mostTexts: 32, price: { input: 0 } });
    const texts = ['Owls sleeping!', 'river', 'owl '.repeat(100)];
    const { vectors, tokens } = await embedder.embed(texts, never);
    near(t, vectors[0], unit(meanOf('[CLS]', 'owl', '##s', 'sleep', '##ing', '!', '[SEP]')), 'the mean of all tokens');
    near(t, vectors[1], unit(meanOf('[CLS]', 'river', '[SEP]')), 'padding does not count');
    near(
      t,
      vectors[2],
      unit(meanOf('[CLS]', ...Array.from({ length: 15 }, () => 'owl'))),
      'of a text that is too long its beginning',
    );
    t.equal(tokens, 7 + 3 + 16);
    const firsts = await staged.embedderOf(transformerModel(), { threads: 1, pooling: 'cls' });
    near(t, (await firsts.embed(['river'], never)).vectors[0], unit(rowOf('[CLS]')), 'or that of the first token');
  },
);

await t.test(
  'a transformer that crashes fails its texts alone; it stops when asked, and rests when idle',
  { skip },
  async (t) => {
    await using staged = await stage(true);
    const embedder = await staged.embedderOf(transformerModel(), { threads: 1, idle: 1 });
    const { path: home } = staged.home;
    const crashing = embedder.embed(['river'], never);
    crashing.catch(() => undefined);
    const [pid = 0] = await until('it runs', async () => {
      const ids = await workersOf(home);
      return ids.length > 0 && ids;
    });
    process.kill(pid, 'SIGKILL');
    await t.rejects(crashing, { code: 'MODEL_FAILED', message: /broke down.*SIGKILL/ });
    const leave = new AbortController();
    const left = embedder.embed(['owl'], leave.signal);
    left.catch(() => undefined);
    leave.abort(new Error('enough'));
    await t.rejects(left, { message: 'enough' });
    near(t, (await embedder.embed(['river'], never)).vectors[0], unit(meanOf('[CLS]', 'river', '[SEP]')), 'a new one');
    await until('nobody asks it, so it ends', async () => (await workersOf(home)).length === 0);
  },
);

await t.test(
  'what a transformer lacks is said: its package with the command that adds it, and its files',
  async (t) => {
    await using staged = await stage();
    const embedder = await staged.embedderOf(transformerModel());
    await t.rejects(embedder.embed(['river'], never), {
      code: 'TRANSFORMERS_MISSING',
      hint: `Add it with: npm install --prefix ${staged.home.path} @huggingface/transformers`,
    });
    await t.rejects(staged.embedderOf(transformerModel({ 'config.json': undefined })), {
      code: 'MODEL_FILE_MISSING',
      message: /no config\.json/,
    });
    await t.rejects(staged.embedderOf(transformerModel({ 'config.json': '{}' })), {
      code: 'MODEL_FILE_INVALID',
      message: /hidden_size/,
    });
  },
);

await t.test('a network that cannot be read is a failure that says so', { skip }, async (t) => {
  await using staged = await stage(true);
  const odd = await staged.embedderOf(transformerModel({ 'onnx/model_quantized.onnx': 'no network' }), { threads: 1 });
  await t.rejects(odd.embed(['river'], never), { code: 'MODEL_FAILED', message: /here .*/ });
  const config = JSON.stringify({ model_type: 'bert', hidden_size: 5 });
  const other = await staged.embedderOf(transformerModel({ 'config.json': config }), { threads: 1 });
  await t.rejects(other.embed(['river'], never), { code: 'MODEL_FILE_INVALID', message: /4 numbers.*says 5/ });
  const late = await staged.embedderOf(transformerModel(), { threads: 1 }, 1);
  await t.rejects(late.embed(['river'], never), { code: 'MODEL_FAILED', message: /timed out/ });
  await rm(path.join(staged.home.path, '.boternity/models'), { recursive: true });
  await t.rejects(other.embed(['river'], never), { code: 'MODEL_FILE_MISSING', message: /no folder model-2/ });
});
