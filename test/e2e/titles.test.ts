import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { often } from '../support/often.ts';
import { setUpOwner } from '../support/owner.ts';
import { until } from '../support/product.ts';
import { begin, changesIn, journalOf, say, startTalking } from '../support/talk.ts';

t.setTimeout(240_000);

await using talking = await startTalking();
const { product, mock } = talking;
t.beforeEach(() => mock.clear());

const titleOf = async (conversation: string): Promise<string> =>
  (await product.client.call('conversations.show', { conversation })).title;

/** The runs that were made for a title, as the journal has them. */
const tries = async (conversation: string) => changesIn(await journalOf(product, conversation), 'aside');

const configure = async (title: string): Promise<void> => {
  await product.files.write('bots/assistant/bot.yaml', `conversation: { title: ${title} }\n`);
  await until('the setting', async () =>
    JSON.stringify(await product.client.call('bots.show', { bot: 'assistant' })).includes(`"title":"${title}"`),
  );
};

await t.test(
  'OBSV-07: after the first answer the model names a conversation; what that cost is among its runs',
  async (t) => {
    const conversation = await begin(product);
    using live = product.client.conversation(conversation);
    mock.script('The night train.', 'Eight hours.');
    mock.scriptTitles('Trip to Vienna');
    await say(product, conversation, 'How do I get to Vienna?');
    await live.until(({ title }) => title === 'Trip to Vienna');
    t.equal(await titleOf(conversation), 'Trip to Vienna', 'readers are told, the page has it');
    const [asked] = mock.titleRequests();
    t.match(asked?.body, /User: How do I get to Vienna\?[^]*Assistant: The night train\./);
    const { runs } = await product.client.call('runs.list', { conversation });
    t.match(runs, [
      { purpose: 'title', state: 'succeeded', model: 'mock-model', provider: 'mock', usage: { output: 4 } },
      { purpose: 'answer', state: 'succeeded' },
    ]);
    const shown = await product.client.call('runs.show', { conversation, run: runs[0]?.id ?? '' });
    t.equal(shown.turn, runs[1]?.turn);
    t.match(await journalOf(product, conversation).then((lines) => changesIn(lines, 'title')), [
      { title: 'How do I get to Vienna?' },
      { title: 'Trip to Vienna', by: 'model' },
    ]);
    await say(product, conversation, 'How long does it take?');
    await sleep(200);
    t.equal(mock.titleRequests().length, 1, 'once');
    t.strictSame((await product.client.call('conversations.audit', { conversation })).findings, []);
  },
);

await t.test('a title by a person stays, also when it comes while the model writes another', async (t) => {
  const early = await begin(product);
  await product.client.call('conversations.rename', { conversation: early, title: 'Mine' });
  await say(product, early, 'Hello');
  await sleep(200);
  t.equal(mock.titleRequests().length, 0, 'a model is not even asked');
  const late = await begin(product);
  mock.scriptTitles({ text: 'Of the model', hangMs: 600 });
  await say(product, late, 'Hello');
  await until('the request', () => mock.titleRequests().length === 1);
  const ran = await product.cli(['conversation', 'rename', late, 'Mine too']);
  t.equal(ran.code, 0, ran.stderr);
  await until('its end', async () => (await tries(late)).length === 1);
  t.equal(await titleOf(late), 'Mine too');
  await product.stop();
  await product.start();
  t.equal(await titleOf(late), 'Mine too', 'as the journal tells it');
});

await t.test('what a model writes is one short line without decoration, whatever it is', async (t) => {
  const cases: [string, string][] = [
    ['"Trip to Vienna."', 'Trip to Vienna'],
    ['**Title:** „Reise nach Wien“\n\nI chose this because …', 'Reise nach Wien'],
    ['<think>hm\nhm</think>\n\n東京の天気', '東京の天気'],
    ['\u001B[31mRed\u0007 \u202Eevil', '[31mRed evil'],
    [
      'A very long title that goes on and on until nobody wants to read any further words of it',
      'A very long title that goes on and on until nobody wants to…',
    ],
  ];
  for (const [written, title] of cases) {
    const conversation = await begin(product);
    mock.scriptTitles(written);
    await say(product, conversation, 'A question');
    await until('the title', async () => (await titleOf(conversation)) !== 'A question');
    t.equal(await titleOf(conversation), title);
    t.ok(title.length <= 60);
  }
});

await t.test(
  'a failure leaves the first words, and is tried once more after a later exchange, not again',
  async (t) => {
    const conversation = await begin(product);
    for (const answer of [{ error: { status: 400 } }, { text: ' \n…' }]) mock.scriptTitles(answer);
    for (const [at, said] of ['One', 'Two', 'Three'].entries()) {
      const { answer } = await say(product, conversation, said);
      t.equal(answer.state, 'finished');
      await until('the try', async () => (await tries(conversation)).length === Math.min(2, at + 1));
      await sleep(100);
    }
    t.equal(mock.titleRequests().length, 2);
    t.equal(await titleOf(conversation), 'One');
    const { runs } = await product.client.call('runs.list', { conversation, state: 'failed' });
    t.match(runs, [
      { purpose: 'title', error: { message: 'The model wrote no title.' } },
      { purpose: 'title', error: { code: /./ } },
    ]);
    t.match(product.heard.stderr, /could not be given a title/);
  },
);

await t.test('an answer that fails, a program by the API, and a bot that wants words get no title', async (t) => {
  const conversation = await begin(product);
  mock.script({ error: { status: 400 } });
  await say(product, conversation, 'This fails');
  const { token } = await product.client.call('tokens.create', { name: 'api', scopes: ['bots:use'] });
  const answer = await product.fetch('/v1/chat/completions', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'boternity/assistant', messages: [{ role: 'user', content: 'By the API' }] }),
  });
  t.equal(answer.status, 200);
  await configure('words');
  const plain = await begin(product);
  await say(product, plain, 'Only words');
  await sleep(200);
  t.equal(mock.titleRequests().length, 0);
  t.equal(await titleOf(plain), 'Only words');
  await configure('model');
});

await t.test('neither the next answer nor a delete nor the end of the server waits for a title', async (t) => {
  const conversation = await begin(product);
  for (let at = 0; at < 3; at += 1) mock.scriptTitles({ text: 'Late', hangMs: 30_000 });
  await say(product, conversation, 'First');
  await until('the request', () => mock.titleRequests().length === 1);
  const { answer } = await say(product, conversation, 'Second');
  t.equal(answer.state, 'finished');
  await product.client.call('conversations.delete', { conversation });
  const other = await begin(product);
  await say(product, other, 'First');
  await until('the request', () => mock.titleRequests().length === 2);
  const { code } = await product.stop();
  t.equal(code, 0);
  await product.start();
  t.strictSame(await tries(other), [], 'what was broken off was not a try');
  mock.clear();
  mock.scriptTitles('In the end');
  await say(product, other, 'Second');
  await until('the title', async () => (await titleOf(other)) === 'In the end');
});

await t.test('the demo gives a title too', async (t) => {
  await product.files.write('bots/assistant/bot.yaml', 'model: { default: demo }\n');
  await until('the model', async () =>
    JSON.stringify(await product.client.call('bots.show', { bot: 'assistant' })).includes('"default":"demo"'),
  );
  const conversation = await begin(product);
  await say(product, conversation, 'Hello there! Could you tell me what owls eat at night? I have wondered for years.');
  await until('the title', async () => (await titleOf(conversation)) === 'Tell me what owls eat at night');
  t.ok(true);
  await product.files.write('bots/assistant/bot.yaml', 'model: { default: mock-model }\n');
  await until('the model', async () =>
    JSON.stringify(await product.client.call('bots.show', { bot: 'assistant' })).includes('"default":"mock-model"'),
  );
});

await t.test('CHAT-03: a conversation is unread for whom something new came, until they have seen it', async (t) => {
  const isUnread = async (id: string): Promise<boolean | undefined> =>
    (await product.client.call('conversations.list', {})).conversations.find((each) => each.id === id)?.unread;
  const conversation = await begin(product);
  t.equal(await isUnread(conversation), false, 'nothing has been said');
  mock.script({ text: 'A slow answer', delayMs: 300 }, { calls: [{ name: 'bots_list' }] }, 'Denied.', 'By terminal.');
  await product.client.call('messages.send', { conversation, text: 'Hello' });
  t.equal(await isUnread(conversation), false, 'nor been answered');
  await until('the answer', () => isUnread(conversation));
  t.strictSame(await product.client.call('conversations.see', { conversation }), { conversation, unread: false });
  t.equal(await isUnread(conversation), false);
  await product.client.call('conversations.rename', { conversation, title: 'A title is no news' });
  t.equal(await isUnread(conversation), false);
  await product.files.write('bots/assistant/bot.yaml', 'tools: { ask: [bots_list] }\n');
  await until('the rule', async () =>
    JSON.stringify(await product.client.call('bots.show', { bot: 'assistant' })).includes('"bots_list"'),
  );
  await product.client.call('messages.send', { conversation, text: 'Which bots?' });
  await until('a question to a person', () => isUnread(conversation));
  await product.client.call('conversations.see', { conversation });
  t.equal(await isUnread(conversation), false);
  const { calls } = await product.client.call('calls.list', { conversation });
  await product.client.call('calls.deny', { conversation, call: calls[0]?.id ?? '' });
  await until('the answer behind it', () => isUnread(conversation));
  await product.stop();
  const file = `data/assistant/conversations/${conversation}/read.json`;
  t.match(JSON.parse((await product.files.read(file)) ?? ''), { v: 1, people: { owner: Number } });
  await product.start();
  t.equal(await isUnread(conversation), true, 'after a restart too');
  const { cookie } = await setUpOwner(product);
  const seen = await fetch(new URL(`/api/v1/conversations/${conversation}/see`, product.url), {
    method: 'POST',
    headers: { cookie, origin: product.url, 'content-type': 'application/json' },
    body: '{}',
  });
  t.equal(seen.status, 200);
  t.equal(await isUnread(conversation), false, 'the owner is one person, on the page and at the terminal');
  const ran = await product.cli(['chat', 'assistant', '--resume', conversation, '--message', 'Hello again']);
  t.match(ran.stdout, 'By terminal.', ran.stderr);
  t.equal(await isUnread(conversation), false, 'who reads the answer at the terminal has seen it');
  await product.client.call('conversations.delete', { conversation });
  await sleep(1_200);
  t.equal(await product.files.read(file), undefined, 'it goes with the conversation');
});

await t.test('old conversations, those of programs and callers that are no people: nothing is unread', async (t) => {
  const conversation = await begin(product);
  await say(product, conversation, 'Hello');
  const file = `data/assistant/conversations/${conversation}/read.json`;
  const unread = async (headers: Record<string, string> = {}): Promise<boolean | undefined> => {
    const answer = await product.fetch('/api/v1/conversations', { headers });
    const { data } = (await answer.json()) as { data: { conversations: { id: string; unread: boolean }[] } };
    return data.conversations.find(({ id }) => id === conversation)?.unread;
  };
  t.equal(await unread(), true);
  const { token } = await product.client.call('tokens.create', { name: 'reader', scopes: ['bots:use'] });
  const asToken = await fetch(new URL('/api/v1/conversations', product.url), {
    headers: { authorization: `Bearer ${token}` },
  });
  t.notMatch(await asToken.text(), /"unread":true/);
  await product.stop();
  for (const content of ['{"v":1,"people":{}}', 'broken {', '{"people":{"owner":"x"}}']) {
    await product.files.write(file, content);
    await product.start();
    t.equal(await unread(), false, content);
    await product.stop();
  }
});

await t.test(
  'what was read of conversations is written beside their deletion, and none comes back by it',
  async (t) => {
    await using talking = await startTalking();
    const { product } = talking;
    const one = async (): Promise<void> => {
      const conversation = await begin(product);
      await product.client.call('conversations.rename', { conversation, title: 'Soon gone' });
      await sleep(Math.random() * 40);
      await product.client.call('conversations.delete', { conversation });
    };
    for (let time = 0; time < often(100, 25); time += 1) await Promise.all(Array.from({ length: 8 }, one));
    // Marks are written a second later.
    await sleep(1_500);
    t.strictSame(await readdir(path.join(product.home, 'data/assistant/conversations')), []);
  },
);
