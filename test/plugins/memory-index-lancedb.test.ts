import t from 'tap';
import { memoryIndexContract, testKernel } from 'boternity/testing';
import memoryIndex from '../../plugins/memory-index/index.ts';
import { installLance } from '../support/lance.ts';
import { open as openLance } from '../support/open-lance.ts';

t.setTimeout(400_000);
const lance = await installLance();
const skip = 'why' in lance ? lance.why : false;

await t.test('the package of the engine "lancedb" is at hand, or nothing below is shown', async (t) => {
  t.equal(skip, false);
});

await t.test('the engine "lancedb" keeps the contract', { skip }, (t) =>
  memoryIndexContract(t, { open: openLance, module: new URL('../support/open-lance.ts', import.meta.url) }),
);

await t.test('without its package it says how to add it', async (t) => {
  await using kernel = await testKernel([memoryIndex({ engine: 'lancedb' })]);
  const indexes = await kernel.service('memoryIndexes');
  await t.rejects(indexes.of('bot/memories').info(), {
    code: 'MEMORY_ENGINE_MISSING',
    message: /npm install --prefix \S+ @lancedb\/lancedb$/,
  });
});
