import t from 'tap';
import { testHouse, type TestHouse } from 'boternity/testing';
import { definePlugin } from 'boternity';
import { createClient, type Client } from '../../core/ui/client.ts';
import type { ChosenEmbedder, Models } from '../../plugins/models/index.ts';
import standard from '../../plugins/standard.ts';
import { DIMENSIONS, startEmbeddingService, wordVector, type EmbeddingService } from '../support/embedding-service.ts';
import { refused } from '../support/model-service.ts';
import { until } from '../support/product.ts';

t.setTimeout(120_000);

interface Stage extends AsyncDisposable {
  readonly house: TestHouse;
  readonly service: EmbeddingService;
  readonly client: Client;
  /** The embedder of the house; throws where none is chosen. */
  readonly chosen: () => ChosenEmbedder;
  readonly models: Models;
}

/** A house that has a service of embeddings, and holds a plugin's view of the models. */
async function stage(settings = 'embedder: words\n'): Promise<Stage> {
  await using undo = new AsyncDisposableStack();
  const service = undo.use(await startEmbeddingService());
  let models: Models | undefined;
  const look = definePlugin({ name: 'look', needs: ['models'], setup: (context) => void (models = context.models) });
  const files = { 'providers.yaml': `providers:\n  near:\n    ${service.provider}`, 'settings.yaml': settings };
  const house = undo.use(await testHouse({ plugins: [...standard, look()], files }));
  if (!models) throw new Error('The plugin models did not start.');
  const all = models;
  const kept = undo.move();
  return {
    house,
    service,
    models: all,
    client: createClient({
      url: house.url,
      fetch: (input, init) => house.fetch(input instanceof Request ? input.url : input.toString(), init),
    }),
    chosen() {
      const embedder = all.embedder();
      if (!embedder) throw new Error('No embedder is chosen.');
      return embedder;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const never = new AbortController().signal;

/** As the service makes it, of length 1. */
function unitVector(text: string): number[] {
  const vector = wordVector(text);
  const length = Math.hypot(...vector);
  return vector.map((number) => Math.fround(number / length));
}

await t.test(
  'the house uses no embedder until its owner chooses one; what is chosen is listed and can be tried',
  async (t) => {
    await using staged = await stage('model: demo\n');
    const { client, models, service } = staged;
    t.equal(models.embedder(), undefined);
    t.match(await client.call('embedders.list', {}), {
      embedders: [{ name: 'near/words', dimensions: DIMENSIONS, chosen: false }],
      why: /words alone.*bnity settings set embedder/,
    });
    await t.rejects(client.call('embedders.test', {}), { code: 'MODEL_MISSING', hint: /near\/words/ });
    t.equal(service.asked.length, 0);

    await client.call('settings.set', { key: 'embedder', value: 'near/words' });
    await until('the setting counts', () => models.embedder());
    t.match(await client.call('embedders.list', {}), {
      embedders: [{ chosen: true }],
      why: /setting embedder names it/,
    });
    t.match(models.embedder(), { id: 'near/words', dimensions: DIMENSIONS });
    t.match(await client.call('embedders.test', {}), { name: 'near/words', dimensions: DIMENSIONS, alike: Number });

    await client.call('settings.set', { key: 'embedder', value: 'far/other' });
    await until('one that is not there is not replaced by another', () => !models.embedder());
    t.match(await client.call('embedders.list', {}), { why: /far\/other, which no provider offers/ });
    const { problems } = await client.call('bots.check', {});
    t.match(JSON.stringify(problems), /no provider offers far\/other, so memory finds by words alone/);
    t.equal(models.embedder('words')?.id, 'near/words', 'who names one gets it');
  },
);

await t.test('texts of many callers go in one call, in the usage of their bot, and each gets its own', async (t) => {
  await using staged = await stage();
  const { client, service } = staged;
  const embedder = staged.chosen();
  const texts = ['red apples', 'green pears', '  ', 'blue plums and more', `long ${'x'.repeat(20_000)}`];
  const [first, ...others] = await Promise.all([
    embedder.embed(texts, never, { bot: 'assistant' }),
    ...Array.from({ length: 20 }, (_, at) => embedder.embed([`caller ${at}`], never, { bot: 'assistant' })),
  ]);
  t.equal(service.asked.length, 1, 'one call');
  t.equal(service.calls()[0]?.length, 24, 'an empty text is not sent');
  t.equal(service.calls()[0]?.[3]?.length, 8_000, 'of a long one its beginning');
  t.strictSame(Array.from(first?.[1] ?? []), unitVector('green pears'), 'of length 1');
  t.strictSame(
    Array.from(first?.[2] ?? []),
    Array.from({ length: DIMENSIONS }, () => 0),
  );
  for (const [at, vectors] of others.entries())
    t.strictSame(
      vectors.map((each) => Array.from(each)),
      [unitVector(`caller ${at}`)],
    );
  t.strictSame(await embedder.embed([], never), []);

  await embedder.embed(
    Array.from({ length: 230 }, (_, at) => `text ${at}`),
    never,
  );
  t.strictSame(
    service
      .calls()
      .slice(1)
      .map(({ length }) => length),
    [100, 100, 30],
    'never more than a call may have',
  );
  await Promise.all(['assistant', 'other'].map((bot) => embedder.embed(['one'], never, { bot })));
  const { calls } = await client.call('usage.list', {});
  t.strictSame(
    calls.map(({ purpose, provider, model, bot, input }) => [purpose, provider, model, bot, input]).toReversed(),
    [
      ['embedding', 'near', 'words', 'assistant', 24],
      ['embedding', 'near', 'words', null, 100],
      ['embedding', 'near', 'words', null, 100],
      ['embedding', 'near', 'words', null, 30],
      ['embedding', 'near', 'words', null, 2],
    ],
    'a call for several bots is nobody’s alone',
  );
});

await t.test('who gives up is free at once, and the others still get their answer', async (t) => {
  await using staged = await stage();
  const { service } = staged;
  const embedder = staged.chosen();
  const silence = { frames: [], ending: 'silence' } as const;
  service.script(silence);
  const leave = new AbortController();
  const left = embedder.embed(['one'], leave.signal);
  const behind = embedder.embed(['two'], leave.signal);
  await until('it is asked', () => service.asked.length === 1);
  const patient = embedder.embed(['three'], never);
  const urgent = await embedder.embed(['now'], never, { isUrgent: true });
  t.strictSame(Array.from(urgent[0] ?? []), unitVector('now'), 'a question does not wait behind others');
  leave.abort(new Error('enough'));
  await t.rejects(left, { message: 'enough' });
  await t.rejects(behind, { message: 'enough' });
  t.strictSame(Array.from((await patient)[0] ?? []), unitVector('three'));
  t.strictSame(service.calls(), [['one', 'two'], ['now'], ['three']]);
  await t.rejects(embedder.embed(['four'], leave.signal), { message: 'enough' });
});

await t.test(
  'a service that is overloaded is asked again; one that stays down rests, and callers hear it at once',
  async (t) => {
    await using staged = await stage();
    const { service, client } = staged;
    const embedder = staged.chosen();
    service.script(refused(429, { message: 'Slow down' }, { 'retry-after-ms': '30' }));
    t.strictSame(Array.from((await embedder.embed(['again'], never))[0] ?? []), unitVector('again'));
    const busy = refused(503, { message: 'Busy' });
    service.script(busy, busy);
    t.strictSame(Array.from((await embedder.embed(['and again'], never))[0] ?? []), unitVector('and again'));
    t.equal(service.asked.length, 5);

    const down = refused(500, { message: 'Broken' });
    service.script(down, down, down);
    await t.rejects(embedder.embed(['lost'], never), { code: 'MODEL_FAILED', message: /Broken/ });
    t.equal(service.asked.length, 8);
    await t.rejects(embedder.embed(['lost'], never), { code: 'MODEL_FAILED', message: /near\/words .*rests/ });
    t.equal(service.asked.length, 8, 'it is left alone');
    const { providers } = await client.call('providers.status', {});
    t.match(
      providers.find(({ name }) => name === 'near'),
      { state: 'open', lastFailure: { message: /Broken/ } },
    );
  },
);

await t.test('a text that is refused is nobody else’s trouble', async (t) => {
  await using staged = await stage();
  const { service } = staged;
  const embedder = staged.chosen();
  const wrong = refused(400, { message: 'Your input is wrong', type: 'invalid_request_error' });
  service.script(wrong, undefined, wrong);
  const [good, bad] = await Promise.allSettled([embedder.embed(['good'], never), embedder.embed(['bad'], never)]);
  t.equal(good.status, 'fulfilled');
  t.match(bad, { status: 'rejected', reason: { code: 'MODEL_FAILED', message: /wrong/ } });
  t.strictSame(service.calls(), [['good', 'bad'], ['good'], ['bad']]);
});
