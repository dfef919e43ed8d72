import path from 'node:path';
import t from 'tap';
import { askFor, startRemembering, stopEncoding, tellAll, told } from '../support/other-words.ts';
import { encoderPlugin, ENCODER_DIMENSIONS, installEncoder, realStaticModel } from '../support/sentence-encoder.ts';
import { writeModel } from '../support/sentence-model.ts';
import { startProduct, until, type Product } from '../support/product.ts';

t.setTimeout(240_000);
const installed = await installEncoder();
const skip = 'why' in installed ? installed.why : false;
const modules = 'modules' in installed ? installed.modules : '';

await t.test('the package with real weights is at hand, or nothing below is shown', async (t) => {
  t.equal(skip, false);
});

/** Each says the same as the other of its pair, in other words. */
const pairs = [
  ['The cat sleeps on the sofa.', 'A kitten naps on the couch.'],
  ['My sister lives in Rome.', 'Her sibling resides in Italy.'],
  ['The invoice is due in March.', 'The bill must be paid by spring.'],
  ['He broke his leg while skiing.', 'A winter sports accident left him injured.'],
  ['We want to buy a new car.', 'The family is shopping for an automobile.'],
  ['She is allergic to peanuts.', 'Nuts make her sick.'],
] as const;

/** How many of the first sentences are nearest to their second, by the vectors of the server. */
async function matched(product: Product, model: string): Promise<number> {
  const vectorsOf = async (input: readonly string[]): Promise<number[][]> => {
    const answer = await product.fetch('/v1/embeddings', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model, input }),
    });
    return ((await answer.json()) as { data: { embedding: number[] }[] }).data.map(({ embedding }) => embedding);
  };
  const [asked, told] = [await vectorsOf(pairs.map(([one]) => one)), await vectorsOf(pairs.map(([, other]) => other))];
  const likeness = (one: number[], other: number[]): number =>
    one.reduce((sum, number, at) => sum + number * (other[at] ?? 0), 0);
  return asked.filter((vector, at) => {
    const all = told.map((other) => likeness(vector, other));
    return all.indexOf(Math.max(...all)) === at;
  }).length;
}

await t.test('static embeddings of real weights put sentences of one meaning together', { skip }, async (t) => {
  await using product = await startProduct();
  await writeModel(path.join(product.home, '.boternity/models/pieces'), await realStaticModel(modules));
  await product.client.call('providers.add', { name: 'sentence-models', models: ['pieces'] });
  const found = await matched(product, 'pieces');
  t.ok(found >= 5, `${found} of ${pairs.length}`);
  const tried = await product.client.call('embedders.test', { name: 'pieces' });
  t.ok(tried.alike > tried.unlike, JSON.stringify(tried));
});

await t.test('a sentence encoder that a plugin of somebody else brings is chosen as any other', { skip }, async (t) => {
  await using product = await startProduct({
    files: {
      'plugins/sentence-encoder/index.ts': encoderPlugin(modules),
      'settings.yaml': 'embedder: encoder/english\nplugins:\n  sentence-encoder: true\n',
    },
  });
  await until('it is there', async () => {
    const { embedders } = await product.client.call('embedders.list', {});
    return embedders.some(({ chosen }) => chosen);
  });
  const tried = await product.client.call('embedders.test', {});
  t.match(tried, { name: 'encoder/english', dimensions: ENCODER_DIMENSIONS });
  t.ok(tried.alike > tried.unlike + 0.2, JSON.stringify(tried));
  const found = await matched(product, 'english');
  t.ok(found >= 5, `${found} of ${pairs.length}`);
});

await t.test(
  'a fact told in one conversation comes to mind in another that asks for it in other words, once; with words alone it does not',
  { skip },
  async (t) => {
    await using talking = await startRemembering(modules, 300);
    await tellAll(talking, 120_000);
    for (const each of told) {
      const { times, others } = await askFor(talking, each);
      t.ok(times <= 1, `${each.noted}: ${times} times`);
      t.strictSame(others, [], 'and nothing else');
    }
    // A question waits for its vector for 400 ms, and this machine may be busy.
    const sure = told.filter(({ asked }) => /thief|physician|operation/.test(asked));
    for (const each of sure)
      await until(`asked: ${each.asked}`, async () => (await askFor(talking, each)).times === 1, 60_000);
    await stopEncoding(talking);
    for (const each of sure) t.equal((await askFor(talking, each)).times, 0, each.asked);
  },
);
