import t from 'tap';
import { until } from '../support/product.ts';
import { journalOf, begin, say, startTalking, turnOf, type Talking } from '../support/talk.ts';

t.setTimeout(120_000);

const words = (count: number, word: string): string =>
  Array.from({ length: count }, (_, at) => `${word}${at}`).join(' ');

/** A server whose model takes so many tokens. */
function withWindow(window: number, bot = ''): Promise<Talking> {
  return startTalking({
    files: {
      'bots/ada/SOUL.md': '---\nname: Ada\n---\n\nYou are Ada.\n',
      'bots/ada/bot.yaml': `${bot}tools: { allow: [files_read] }\n`,
    },
    window,
  });
}

await t.test('a conversation that grows too long is summed up by itself; people still see all of it', async (t) => {
  await using talking = await withWindow(4_000);
  const { product, mock } = talking;
  const conversation = await begin(product, 'ada');
  const topics = ['apples', 'pears', 'plums', 'figs'];
  mock.script(...topics);
  for (const topic of topics)
    t.match((await say(product, conversation, words(260, topic))).answer, { state: 'finished', text: topic });
  mock.clear();
  mock.script('The person likes fruit, and apples12 most.', 'Of course.');
  const { page, answer } = await say(product, conversation, `What do I like? ${words(1_000, 'oh')}`);
  t.equal(answer.text, 'Of course.');
  const [summing, asking] = talking.bodies();
  t.match(summing?.messages[0]?.content, /material, not instructions/);
  t.match(summing?.messages[1]?.content, /User: apples0 .*apples259/s, 'the oldest is what is summed up');
  t.equal(summing?.tools, undefined);
  const history = asking?.messages.map(({ content }) => content ?? '') ?? [];
  t.ok(history.some((text) => text.includes('<summary>\nThe person likes fruit, and apples12 most.')));
  t.notOk(
    history.some((text) => text.includes('apples0 ')),
    'the summary stands in its place',
  );
  t.ok(history.some((text) => text.includes('What do I like?')));
  t.ok(
    page.nodes.some(({ text }) => text.includes('apples259')),
    'nothing is gone from the page',
  );
  const run = await product.client.call('runs.show', { conversation, run: answer.id });
  t.ok((run.context?.compacted ?? 0) >= 2 && (run.context?.tokens ?? 0) <= (run.context?.limit ?? 0));
  const changes = (await journalOf(product, conversation, 'ada')).flatMap((line) => line.changes);
  t.equal(changes.filter(({ type }) => type === 'compress').length, 1);
  t.strictSame((await product.client.call('conversations.audit', { conversation })).findings, []);
  await product.stop();
  await product.start();
  const context = await product.client.call('conversations.context', { conversation });
  t.match(context.messages[0]?.text, '<summary>', 'after a restart too');
  mock.clear();
  t.equal((await say(product, conversation, 'And now?')).answer.state, 'finished');
  t.equal(talking.bodies().length, 1, 'a summary that is there is used again');
});

await t.test('a stop while the conversation is summed up is a stop, and nothing is summed up', async (t) => {
  await using talking = await withWindow(2_500);
  const { product, mock } = talking;
  const conversation = await begin(product, 'ada');
  mock.script('1');
  await say(product, conversation, words(300, 'one'));
  mock.clear();
  mock.script({ text: words(200, 'slow'), delayMs: 50 });
  using live = product.client.conversation(conversation);
  const { reply } = await live.send(words(400, 'two'));
  await until('the summing up', () => mock.requests().length === 1);
  t.equal(await live.stop(), true);
  const { nodes } = await live.until((page) => page.state === 'idle' && page.nodes.length === 4);
  t.match(
    nodes.find(({ id }) => id === reply),
    { state: 'stopped', run: { state: 'canceled' } },
  );
  const changes = (await journalOf(product, conversation, 'ada')).flatMap((line) => line.changes);
  t.notOk(changes.some(({ type }) => type === 'compress'));
  t.strictSame((await product.client.call('conversations.audit', { conversation })).findings, []);
});

await t.test(
  'where it may not be summed up, or one message alone is too long, the model is never called',
  async (t) => {
    await using talking = await withWindow(2_000, 'conversation: { compact: off }\n');
    const { product, mock } = talking;
    const conversation = await begin(product, 'ada');
    await say(product, conversation, words(400, 'one'));
    await say(product, conversation, words(300, 'two'));
    mock.clear();
    const { answer } = await say(product, conversation, words(300, 'three'));
    t.match(answer, { state: 'errored', run: { state: 'failed', error: { code: 'CONTEXT_FULL', hint: /compact/ } } });
    t.equal(mock.requests().length, 0);
    mock.script('A summary.');
    const { text } = await product.client.call('conversations.compact', { conversation, keep: 1 });
    t.equal(text, 'A summary.');
    const again = await product.client.call('messages.retry', { conversation, message: answer.id });
    t.ok(again.message);
    const huge = await say(product, conversation, words(3_000, 'huge'));
    t.match(huge.answer, { state: 'errored', run: { error: { code: 'CONTEXT_FULL' } } });
  },
);

await t.test('old results of tools are cut first, and every call keeps one', async (t) => {
  await using talking = await withWindow(8_000);
  const { product, mock } = talking;
  await product.files.write('bots/ada/AGENT.md', `Begin. ${words(1_500, 'line')} The end.`);
  const conversation = await begin(product, 'ada');
  mock.clear();
  const read = { calls: [{ name: 'files_read', arguments: { path: 'AGENT.md' } }] };
  mock.script(read, 'Read.', 'One.', 'Two.', 'Three.', 'Four.');
  for (const message of ['Read it.', 'a', 'b', words(700, 'c'), words(700, 'd')]) {
    const { page } = await say(product, conversation, message);
    t.equal(turnOf(page, page.nodes.at(-1)?.turn ?? '').answer.state, 'finished', message.slice(0, 10));
  }
  const last = talking.bodies().at(-1)?.messages ?? [];
  const result = last.find(({ role }) => role === 'tool')?.content ?? '';
  t.match(result, /Begin\..*characters are left out here.*The end\./s);
  t.ok(result.length < 4_000);
  t.equal(last.filter(({ tool_calls: calls }) => calls).length, last.filter(({ role }) => role === 'tool').length);
  const whole = await product.client.call('messages.list', { conversation, limit: 100 });
  t.ok(
    whole.messages.some(({ tool }) => (tool?.result ?? '').length > 8_000),
    'the journal has it whole',
  );
});

await t.test(
  'where cutting is not enough, old results are left out whole, oldest first, no more than is needed',
  async (t) => {
    await using talking = await withWindow(10_000);
    const { product, mock } = talking;
    await product.files.write('bots/ada/AGENT.md', `Begin. ${words(400, 'line')} The end.`);
    const conversation = await begin(product, 'ada');
    mock.clear();
    const read = { name: 'files_read', arguments: { path: 'AGENT.md' } };
    mock.script({ calls: Array.from({ length: 8 }, () => read) }, 'Read.', 'One.', 'Two.', 'Three.', 'Four.');
    for (const message of ['Read it, often.', 'a', 'b', words(900, 'c'), words(900, 'd')]) {
      const { page } = await say(product, conversation, message);
      t.equal(turnOf(page, page.nodes.at(-1)?.turn ?? '').answer.state, 'finished', message.slice(0, 10));
    }
    const last = talking.bodies().at(-1)?.messages ?? [];
    const results = last.filter(({ role }) => role === 'tool').map(({ content }) => content ?? '');
    const isOut = results.map((result) => result.startsWith('[The result of files_read is left out'));
    const out = isOut.filter(Boolean).length;
    t.equal(results.length, 8, 'every call keeps one');
    t.ok(out > 0 && out < 8, `${out} of 8 are out`);
    t.ok(isOut.slice(0, out).every(Boolean), 'the oldest');
    t.notMatch(JSON.stringify(last), 'characters are left out here', 'none of them is long enough to be cut');
  },
);
