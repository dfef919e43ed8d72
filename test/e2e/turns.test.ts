import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { createEventParser, type ServerEvent } from '../../core/ui/live/event-source.ts';
import type { MockCall } from '../../plugins/mock/answer.ts';
import { until } from '../support/product.ts';
import { begin, changesIn, journalOf, providersFile, say, sees, startTalking, turnOf } from '../support/talk.ts';

t.setTimeout(120_000);

await using talking = await startTalking();
const { product, mock } = talking;
const bodies = () => talking.bodies();

t.beforeEach(() => mock.clear());

await t.test(
  'what stands before the last message is the same bytes in every turn, and each section is accounted',
  async (t) => {
    const conversation = await begin(product);
    const questions = ['What is first?', 'What is second?', 'What is third?'];
    mock.script('One.', 'Two.', 'Three.');
    for (const question of questions) await say(product, conversation, question);
    const raw = mock.requests().map(({ body }) => body);
    for (const [at, question] of questions.slice(0, -1).entries()) {
      const shared = commonStart(raw[at] ?? '', raw[at + 1] ?? '');
      t.ok(
        shared.endsWith(question),
        `turns ${at + 1} and ${at + 2} share everything up to the message: …${shared.slice(-60)}`,
      );
      t.ok(shared.includes('"tools":[') && shared.includes('<soul>'), 'tools, files and history');
      t.notMatch(shared, 'Now it is', 'the time stands behind');
    }
    const { messages = [], tools = [] } = bodies()[2] ?? {};
    t.strictSame(
      tools.map((tool) => tool.function.name),
      [
        'bots_list',
        'memory_forget',
        'memory_search',
        'memory_store',
        'skills_list',
        'skills_load',
        'skills_read_file',
        'time_now',
        'web_fetch',
        'web_search',
      ],
      'sorted by name',
    );
    const accounts = changesIn(await journalOf(product, conversation), 'run')
      .map(({ run }) => (run as { prompt?: { id: string; bytes: number; tokens: number; sha256: string }[] }).prompt)
      .filter((prompt) => prompt !== undefined);
    t.equal(accounts.length, 3);
    for (const account of accounts) {
      t.strictSame(
        account.map(({ id }) => id),
        ['instructions', 'soul', 'bot', 'template', 'skills', 'tools', 'tail'],
      );
      t.strictSame(account.slice(0, -1), accounts[0]?.slice(0, -1), 'nothing before the tail has changed');
    }
    const soul = /<soul>\n([^]*)\n<\/soul>/.exec(messages[0]?.content ?? '')?.[1] ?? '';
    const sha256 = createHash('sha256').update(soul).digest('hex');
    t.match(accounts[0]?.[1], { bytes: Buffer.byteLength(soul), tokens: Math.ceil(soul.length / 4), sha256 });
    t.notMatch(
      JSON.stringify(await journalOf(product, conversation)),
      'You never pretend',
      'the text itself is not kept',
    );
  },
);

await t.test(
  'tools are allowed, asked for or denied by bot.yaml, and a refusal is a result the model reads',
  async (t) => {
    await product.files.write('bots/assistant/bot.yaml', 'tools:\n  allow: [time_*]\n  ask: [bots_list]\n');
    t.teardown(() => product.files.write('bots/assistant/bot.yaml', 'tools:\n  allow: [bots_list, time_now]\n'));
    await sleep(100);
    const calls: MockCall[] = [
      { name: 'bots_list' },
      { name: 'Time.Now', arguments: { zone: 'Asia/Tokyo' } },
      { name: 'bots_delete', arguments: { bot: 'assistant' } },
      { name: 'time_now', arguments: '{"zone": ' },
      { name: 'time_now', arguments: { zone: 'Nowhere' } },
    ];
    mock.script({ calls }, 'I cannot put them right.', 'Done.');
    const conversation = await begin(product);
    using live = product.client.conversation(conversation);
    const { turn } = await live.send('Try them all');
    await sees(live, ({ nodes }) => nodes.some(({ state }) => state === 'awaiting_approval'));
    const [waiting] = (await product.client.call('calls.list', { conversation })).calls;
    t.match(waiting, { tool: { name: 'bots_list' }, approval: { required: false } });
    t.equal(bodies().length, 2, 'the model is not asked for more before the person is');
    await product.client.call('calls.deny', { conversation, call: waiting?.id ?? '' });
    const page = await sees(live, ({ state }) => state === 'idle');
    const { nodes, answer } = turnOf(page, turn);
    const [first, , second] = bodies();
    t.strictSame(
      first?.tools?.map((tool) => tool.function.name),
      [
        'bots_list',
        'memory_forget',
        'memory_search',
        'memory_store',
        'skills_list',
        'skills_load',
        'skills_read_file',
        'time_now',
        'web_fetch',
        'web_search',
      ],
      'what is asked for is offered, by bot.yaml or by the tool itself',
    );
    const asked = second?.messages.find((message) => message.tool_calls)?.tool_calls ?? [];
    const results = second?.messages.filter(({ role }) => role === 'tool') ?? [];
    t.equal(asked.length, 5);
    t.equal(results.length, 5, 'every call has its result, in the order of the calls');
    const texts = results.map(({ content }) => content ?? '');
    t.match(texts[0], /A person denied this call/);
    t.match(texts[1], 'Asia/Tokyo');
    t.match(texts[2], /There is no tool "bots_delete". There are: .*time_now/);
    t.match(texts[3], 'are not JSON');
    t.match(texts[4], /INPUT_INVALID.*zone/);
    t.strictSame(
      nodes.filter(({ kind }) => kind === 'task').map(({ tool }) => tool?.isError),
      [false, false, true, true, true],
    );
    t.equal(answer.text, 'Done.');
    t.ok(existsSync(`${product.home}/bots/assistant/SOUL.md`));
  },
);

await t.test('a turn ends after ten steps and after twenty calls, and says so', async (t) => {
  const conversation = await begin(product);
  mock.script(...Array.from({ length: 15 }, () => ({ calls: [{ name: 'time_now' }] })));
  const endless = await say(product, conversation, 'Go on for ever');
  t.equal(mock.requests().length, 10, 'ten calls of the model');
  t.match(endless.answer, { state: 'finished', reason: 'max_steps_exceeded', text: /used all its steps/ });
  t.equal(endless.nodes.filter(({ kind }) => kind === 'task').length, 10);

  mock.clear();
  mock.script(...Array.from({ length: 5 }, () => ({ calls: Array.from({ length: 8 }, () => ({ name: 'time_now' })) })));
  const greedy = await say(product, conversation, 'Call everything');
  t.equal(greedy.nodes.filter(({ kind }) => kind === 'task').length, 20, 'twenty calls of tools');
  t.match(greedy.nodes.map(({ text }) => text).join(''), /4 more tool calls were left out: time_now/);
  t.ok(mock.requests().length <= 4);
  mock.clear();
  t.match((await say(product, conversation, 'And now?')).answer.text, 'Mock: And now?', 'the conversation goes on');
});

await t.test('a stop keeps what has come, ends the call of the model, and lets those that wait go', async (t) => {
  await using service = await startWatchedService();
  await talkWith(service.url);
  t.teardown(() => talkWith(mock.url));
  const conversation = await begin(product);
  using live = product.client.conversation(conversation);
  const running = await live.send('Say a lot');
  const waiting = await live.send('And this');
  await sees(live, ({ nodes }) => nodes.some(({ id, text }) => id === running.reply && text.length > 30));
  const began = performance.now();
  t.equal(await live.stop(), true);
  t.ok(performance.now() - began < 1000, 'at once');
  await until('the end of the call', () => service.aborted() === 1, 1000);
  t.equal(service.requests(), 1, 'what waited was never asked');
  const page = await product.client.call('conversations.show', { conversation });
  const { answer } = turnOf(page, running.turn);
  t.match(answer, { state: 'stopped', text: /^word word/, run: { state: 'canceled' } });
  t.match(turnOf(page, waiting.turn).answer, { state: 'stopped', text: '', reason: /before it began/ });
  t.equal(page.state, 'idle');
  t.equal(await live.stop(), false, 'nothing is left to stop');
  const outputs = changesIn(await journalOf(product, conversation), 'output');
  t.equal(outputs.map(({ text }) => text).join(''), answer.text, 'the part is on disk');

  const next = await live.send('Say more');
  await sees(live, ({ nodes }) => nodes.some(({ id, text }) => id === next.reply && text.length > 30));
  const later = [0, 1, 2, 3, 4, 6].map((ms) => sleep(ms).then(() => live.send('One more')));
  const stopped = await Promise.race([live.stop(), sleep(2_000)]);
  t.equal(stopped, true, 'a stop does not wait for the answers to what is sent after it');
  await Promise.all(later);
  await live.stop();
});

await t.test('five messages sent at once are answered in order, one at a time', async (t) => {
  const conversation = await begin(product);
  mock.script(...Array.from({ length: 5 }, (_, at) => ({ text: `Answer ${at + 1}.`, delayMs: 10 })));
  using live = product.client.conversation(conversation);
  const sent = await Promise.all([1, 2, 3, 4, 5].map((number) => live.send(`Question ${number}`)));
  const isDone = (reply: string): boolean =>
    live.page?.nodes.some(({ id, state }) => id === reply && state === 'finished') ?? false;
  const page = await sees(live, () => sent.every(({ reply }) => isDone(reply)));
  const said = page.nodes.map(({ text }) => text);
  t.strictSame(
    said.filter((_, at) => at % 2 === 1),
    ['Answer 1.', 'Answer 2.', 'Answer 3.', 'Answer 4.', 'Answer 5.'],
    'each message has its answer behind it',
  );
  t.equal(page.title, said[0], 'the title is that of the first');
  for (const [at, { messages }] of bodies().entries()) {
    t.equal(messages.length, 2 + at * 2, `request ${at + 1} holds the turns before and nothing after`);
    if (at > 0) t.equal(messages.at(-2)?.content, `Answer ${at}.`);
  }
  const lines = await journalOf(product, conversation);
  const order = changesIn(lines, 'node').map(({ node }) => (node as { id: string }).id);
  const edges = changesIn(lines, 'edge').map(({ from, to }) => [from, to]);
  t.strictSame(
    edges,
    order.slice(1).map((id, at) => [order[at], id]),
    'one chain: no message forks off an earlier one',
  );
});

await t.test(
  'events go on where a reader left, without a gap and without doubling; an unknown place is a reset',
  async (t) => {
    const conversation = await begin(product);
    const { cursor } = await product.client.call('conversations.show', { conversation });
    const text = Array.from({ length: 60 }, (_, at) => `piece ${at} of it. `).join('');
    mock.script({ text, delayMs: 10 });
    await product.client.call('messages.send', { conversation, text: 'Tell me' });
    const first = await readEvents(conversation, { cursor }, (events) => events.length >= 12);
    await sleep(100);
    const lastId = first.at(-1)?.id ?? '';
    const isOver = (events: readonly ServerEvent[]): boolean =>
      /"state":"finished".*"kind":"agent"|"kind":"agent","state":"finished"/.test(events.at(-1)?.data ?? '');
    const [rest, other] = await Promise.all([
      readEvents(conversation, { cursor: 'ignored:1', lastEventId: lastId }, isOver),
      readEvents(conversation, { cursor }, isOver),
    ]);
    const all = [...first, ...rest];
    t.strictSame(
      all.map(({ data }) => data),
      other.map(({ data }) => data),
      'another reader, from the start, has the same',
    );
    const seqs = all.map(({ data }) => (JSON.parse(data) as { seq: number }).seq);
    t.strictSame(
      seqs,
      seqs.map((_, at) => at + 1 + Number(cursor.split(':')[1])),
      'numbered without a gap',
    );
    t.equal(
      all
        .map(({ data }) => JSON.parse(data) as { type: string; text?: string })
        .filter(({ type }) => type === 'delta')
        .map((event) => event.text)
        .join(''),
      text,
    );
    const [epoch] = cursor.split(':');
    for (const unknown of [`${epoch}:99999`, 'another:1', 'nonsense', `${epoch}:x`, '']) {
      const [event] = await readEvents(conversation, { cursor: unknown }, (events) => events.length === 1);
      t.equal(event?.type, 'reset', JSON.stringify(unknown));
    }
    const response = await product.fetch('/api/v1/conversations/unknown/events');
    t.equal(response.status, 404);
    await response.body?.cancel();
  },
);

await t.test('a reader that does not read is let go, and nobody waits for it', async (t) => {
  const conversation = await begin(product);
  const { cursor } = await product.client.call('conversations.show', { conversation });
  const { port } = new URL(product.url);
  const slow = connect(Number(port), '127.0.0.1');
  t.teardown(() => slow.destroy());
  slow.write(
    `GET /api/v1/conversations/${conversation}/events?cursor=${cursor} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`,
  );
  await sleep(100);
  const piece = 'x'.repeat(64_000);
  mock.script({ raw: [...Array.from({ length: 160 }, () => delta(piece)), delta('the end.', 'stop')] });
  const began = performance.now();
  const { answer } = await say(product, conversation, 'Say ten megabytes', 30_000);
  t.equal(answer.state, 'finished');
  t.equal(answer.text.length, 160 * piece.length + 8, 'the other reader has all of it');
  t.ok(performance.now() - began < 15_000);
  let bytes = 0;
  slow.on('data', (chunk: Buffer) => (bytes += chunk.length)).resume();
  await Promise.race([once(slow, 'end'), sleep(5_000)]);
  t.ok(slow.readableEnded, 'its connection was ended');
  t.ok(bytes < 160 * piece.length, 'the slow one was let go before the end');
  t.match((await say(product, conversation, 'And now?')).answer.text, 'Mock: And now?');
});

await t.test(
  'a bot that is not active does not talk; one that is deleted meanwhile leaves nothing behind',
  async (t) => {
    const { client } = product;
    const { slug } = await client.call('bots.create', { name: 'Short lived' });
    const conversation = await begin(product, slug);
    await client.call('bots.archive', { bot: slug });
    await t.rejects(client.call('messages.send', { conversation, text: 'hi' }), {
      code: 'BOT_INACTIVE',
      status: 409,
      hint: `Start it with: bnity start ${slug}`,
    });
    t.equal((await product.cli(['chat', slug, '--message', 'hi'])).code, 1);
    await client.call('bots.start', { bot: slug });
    mock.script({ text: 'word '.repeat(500), delayMs: 20 });
    using live = client.conversation(conversation);
    const { reply } = await live.send('hi');
    await sees(live, ({ nodes }) => nodes.some(({ id, text }) => id === reply && text.length > 20));
    await client.call('bots.delete', { bot: slug });
    await sleep(400);
    t.notOk(existsSync(`${product.home}/bots/${slug}`));
    t.notOk(existsSync(`${product.home}/data/${slug}`));
    await t.rejects(client.call('conversations.show', { conversation }), { code: 'CONVERSATION_MISSING', status: 404 });
    await t.rejects(
      live.until(() => false),
      { code: 'CONVERSATION_MISSING' },
    );
  },
);

/** Changes the address of the provider and waits until the server has seen it. */
async function talkWith(url: string): Promise<void> {
  await product.files.write('providers.yaml', providersFile(url));
  await until('the other address', async () => {
    const { providers } = await product.client.call('providers.list', {});
    return providers[0]?.address === url;
  });
}

function commonStart(a: string, b: string): string {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return a.slice(0, at);
}

function delta(content: string, finish: string | null = null): string {
  return JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] });
}

/** Reads a conversation's events until they are enough, then leaves. */
async function readEvents(
  conversation: string,
  from: { cursor: string; lastEventId?: string },
  isEnough: (events: readonly ServerEvent[]) => boolean,
): Promise<ServerEvent[]> {
  const { cursor, lastEventId } = from;
  const url = `${product.url}/api/v1/conversations/${conversation}/events?cursor=${encodeURIComponent(cursor)}`;
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const response = await product.fetch(url, { headers, signal: AbortSignal.timeout(10_000) });
  const parse = createEventParser();
  const events: ServerEvent[] = [];
  for await (const bytes of response.body ?? []) {
    for (const event of parse(bytes)) {
      events.push(event);
      if (isEnough(events)) return events;
    }
  }
  return events;
}

/** A model that talks without end and knows whether its callers hung up. */
async function startWatchedService() {
  let aborted = 0;
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const timer = setInterval(() => response.write(`data: ${delta('word ')}\n\n`), 10);
    response.on('close', () => {
      clearInterval(timer);
      if (!response.writableFinished) aborted += 1;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    aborted: () => aborted,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
