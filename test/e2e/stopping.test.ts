import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { until, type Product } from '../support/product.ts';
import { begin, journalOf, say, sees, startTalking } from '../support/talk.ts';

t.setTimeout(120_000);

const words = (count: number): string => Array.from({ length: count }, (_, at) => `word${at}`).join(' ');

await t.test('a server that is told to stop takes nothing new, ends its answers and begins none', async (t) => {
  await using talking = await startTalking();
  const { product, mock } = talking;
  const conversation = await begin(product);
  mock.script({ text: words(30), delayMs: 250 });
  const events = await product.fetch(`/api/v1/conversations/${conversation}/events`);
  const heard = events.text();
  const { reply } = await product.client.call('messages.send', { conversation, text: 'slowly' });
  await product.client.call('messages.send', { conversation, text: 'the next one' });
  await until('the first words', () => journalHas(product, conversation, 'word1'));
  const asked = mock.requests().length;

  const ended = product.stop();
  const refused = await until('a refusal', async () => {
    const answer = await product.fetch('/api/v1/bots');
    return answer.status === 503 && answer;
  });
  t.equal(refused.headers.get('retry-after'), '10');
  t.match(await refused.json(), { errors: [{ code: 'SERVER_STOPPING' }] });
  t.equal((await product.fetch('/healthz')).status, 200, 'who watches is told that it lives');
  const ready = await product.fetch('/readyz');
  t.strictSame([ready.status, await ready.json()], [503, { status: 'stopping' }], 'and that it is no place to go');
  const upgrade = await product.fetch('/api/v1/live');
  t.equal(upgrade.status, 503);
  const ran = await ended;
  t.equal(ran.code, 0, ran.stderr);
  const stream = await heard;
  t.match(stream, 'event: stopping', 'readers of streams are told');
  t.match(stream, /stopping[^]*"from":"running"[^]*"state":"finished"/, 'and see the answer to its end');
  t.equal(mock.requests().length, asked, 'what waited was not begun');

  await product.start();
  using live = product.client.conversation(conversation);
  const page = await sees(live, ({ nodes }) => nodes.filter(({ state }) => state === 'finished').length === 4, 20_000);
  t.match(page.nodes, [
    { text: 'slowly' },
    { id: reply, text: words(30), state: 'finished' },
    { text: 'the next one' },
    { text: 'Mock: the next one', state: 'finished' },
  ]);
});

await t.test('what would take minutes is ended in time, is known as failed and can be tried again', async (t) => {
  await using talking = await startTalking();
  const { product, mock } = talking;
  const conversation = await begin(product);
  mock.script({ text: words(600), delayMs: 200 });
  const { reply } = await product.client.call('messages.send', { conversation, text: 'a book' });
  await until('the first words', () => journalHas(product, conversation, 'word1'));
  const beganMs = performance.now();
  const ran = await product.stop('SIGINT');
  const seconds = (performance.now() - beganMs) / 1_000;
  t.ok(seconds < 10, `gone after ${seconds.toFixed(1)} s`);
  t.equal(ran.code, 0, ran.stderr);
  const written = await journalOf(product, conversation);

  await product.start();
  const { nodes } = await product.client.call('conversations.show', { conversation });
  t.match(nodes[1], {
    id: reply,
    state: 'errored',
    text: /^word0 word1 /,
    run: { state: 'failed', error: { code: 'INTERRUPTED', message: /The server stopped/ } },
  });
  t.strictSame(
    await journalOf(product, conversation),
    written,
    'it was written before the end, not found at the start',
  );
  t.match((await say(product, conversation, 'again')).answer.text, 'Mock: again');

  mock.script({ text: words(600), delayMs: 200 });
  await product.client.call('messages.send', { conversation, text: 'another book' });
  await until('the model is asked', () => mock.requests().length >= 3);
  process.kill(product.pid, 'SIGTERM');
  await until('it has heard that', () => product.heard.stderr.includes('Stopping'));
  // A second signal right behind the first is an echo of it.
  await sleep(400);
  const secondMs = performance.now();
  t.equal((await product.stop()).code, 130);
  t.ok(performance.now() - secondMs < 3_000, 'a second signal ends it at once');
  await product.start();
  const page = await product.client.call('conversations.show', { conversation });
  t.match(page.nodes.at(-1), { state: 'errored', run: { error: { code: 'INTERRUPTED' } } });
});

async function journalHas(product: Product, conversation: string, text: string): Promise<boolean> {
  return JSON.stringify(await journalOf(product, conversation)).includes(text);
}
