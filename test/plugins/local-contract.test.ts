import t from 'tap';
import { providerContract } from '../../core/testing.ts';
import { ask, hear } from '../support/hear.ts';
import { installLlama } from '../support/llama.ts';
import { localStage } from '../support/local-stage.ts';

t.setTimeout(240_000);
const llama = await installLlama();
const stage = localStage('modules' in llama ? llama.modules : '');

await t.test('the package that runs models is at hand, or nothing below is shown', async (t) => {
  t.notOk('why' in llama, 'why' in llama ? llama.why : '');
});

await t.test('the provider local keeps the contract, over model files that write what the contract says', (t) =>
  providerContract(t, {
    stage,
    lacks: [
      // The worker loads no part of a model that sees; an image is told of in words.
      'images',
      // The templates of models put a result behind its call. They know no ids.
      'callIds',
      // Tokens are counted as they are made (test/plugins/local.test.ts), and a cache is only read.
      'usage',
      'cacheWrite',
      // A model on this machine asks for no key, takes any request that fits, and has no others to serve.
      'key',
      'rate',
      'overload',
      'invalid',
      // It has no reason to stop but its end and its limit.
      'refused',
      // Between the two processes there is nothing to cut or to misread. One that breaks down is the trouble "error".
      'cut',
      'garbage',
    ],
  }),
);

await t.test('what stands before the answer is of the prompt, so that both fit into the window', async (t) => {
  await using staged = await stage({ answers: [{ text: ['On and on.'], stop: 'length' }], patienceMs: 10_000 });
  const { usage, end } = await hear(staged.model, ask('Hello'));
  t.equal(end.stop, 'length');
  const all = (usage?.input ?? 0) + (usage?.output ?? 0);
  t.ok(all > 4000 && all <= 4096, `${all} tokens`);
});
