import t from 'tap';
import { scriptedModel } from '../../../core/agent/scripted-model.ts';
import { ask, hear } from '../../support/hear.ts';

await t.test('each request gets the next answer, and is kept', async (t) => {
  const model = scriptedModel(['One two', { text: ['T', 'wo'], thinking: 'Hm.' }]);
  const first = await hear(model, ask('a'));
  t.equal(first.text, 'One two');
  t.equal(first.parts.length, 3, 'two words and the end');
  const second = await hear(model, ask('b'));
  t.equal(second.text, 'Two');
  t.equal(second.thinking, 'Hm.');
  t.match(model.requests, [{ messages: [{ content: [{ text: 'a' }] }] }, { messages: [{ content: [{ text: 'b' }] }] }]);
});

await t.test('calls, usage, reason and failure come as they were written', async (t) => {
  const failure = { code: 'MODEL_FAILED', kind: 'overload', message: 'Too busy.', retryAfterMs: 5 } as const;
  const model = scriptedModel([
    { calls: [{ name: 'a', arguments: { x: 1 } }, { name: 'b', arguments: '{broken' }, { name: 'c' }] },
    { text: 'Hi', usage: { input: 3 }, stop: 'length' },
    { text: 'Hi', failure },
  ]);
  const called = await hear(model, ask('a'));
  t.same(
    called.calls.map((call) => [call.name, call.arguments]),
    [
      ['a', '{"x":1}'],
      ['b', '{broken'],
      ['c', '{}'],
    ],
  );
  t.equal(new Set(called.calls.map((call) => call.id)).size, 3);
  t.equal(called.end.stop, 'tools');
  const counted = await hear(model, ask('b'));
  t.same(counted.usage, { input: 3, output: null, cacheRead: null, cacheWrite: null });
  t.equal(counted.end.stop, 'length');
  t.same((await hear(model, ask('c'))).end, { type: 'end', stop: 'error', failure });
});

await t.test('a function makes the answer from the request', async (t) => {
  const model = scriptedModel([(request) => `You said ${request.messages.length} things.`]);
  t.equal((await hear(model, ask('a'))).text, 'You said 1 things.');
});

await t.test('a list that is used up and a step that throws fail with a sentence', async (t) => {
  const model = scriptedModel([
    () => {
      throw new Error('no such file');
    },
  ]);
  t.equal((await hear(model, ask('a'))).end.failure?.message, 'Step 1 of the script threw: no such file');
  const { end } = await hear(model, ask('b'));
  t.equal(end.stop, 'error');
  t.equal(end.failure?.message, 'Request 2 has no answer: the script ends after step 1.');
});

await t.test('an abort ends a slow answer at once', async (t) => {
  const model = scriptedModel([{ text: 'one two three', delayMs: 50 }]);
  const began = performance.now();
  const heard = await hear(model, ask('a'), AbortSignal.timeout(75));
  t.equal(heard.text, 'one');
  t.equal(heard.end.stop, 'aborted');
  t.ok(performance.now() - began < 175);
});
