import { once } from 'node:events';
import { rename } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import t, { type Test } from 'tap';
import { WebSocket as SocketClient } from 'ws';
import { createClient } from '../../core/ui/client.ts';
import { seldom } from '../../core/base/seldom.ts';
import { Feed, logLines, Wire } from '../support/live.ts';
import { setUpOwner } from '../support/owner.ts';
import { until } from '../support/product.ts';
import { begin, say, startTalking, storedText } from '../support/talk.ts';

t.setTimeout(120_000);

await using talking = await startTalking();
const { product, mock } = talking;
const { streams, webSocket } = await product.client.call('streams.list', {});
const ajv = new Ajv2020({ strict: false, validateFormats: false });
const schemaOf = new Map(streams.map(({ name, event }) => [name, ajv.compile(event)]));
const isMessage = ajv.compile(webSocket.find(({ name }) => name === 'message')?.schema ?? false);

await t.test('OBSV-06: the feed tells of bots, conversations, runs and what waits, to each who may know', async (t) => {
  const { token } = await product.client.call('tokens.create', {
    name: 'one bot',
    scopes: ['bots:use@ada', 'bots:read@ada'],
  });
  const all = await Feed.open(product.client);
  const one = await Feed.open(createClient({ url: product.url, headers: { authorization: `Bearer ${token}` } }));
  await product.client.call('bots.create', { name: 'Ada' });
  await product.client.call('bots.create', { name: 'Bob' });
  await all.has({ type: 'bot', change: 'added', bot: { slug: 'bob' } });
  await product.files.write('bots/ada/USER.md', '# Who\n\nSomebody new.\n');
  await all.has({ type: 'bot', change: 'changed', bot: { slug: 'ada' }, file: 'USER.md' });

  const id = await begin(product, 'bob');
  mock.script({ calls: [{ name: 'bots_list' }] }, 'Listed.');
  await product.files.write('bots/bob/bot.yaml', 'tools:\n  ask: [bots_list]\n');
  await until('the rule', async () =>
    JSON.stringify(await product.client.call('bots.show', { bot: 'bob' })).includes('bots_list'),
  );
  await product.client.call('messages.send', { conversation: id, text: 'Which bots are there?' });
  await all.has({ type: 'waiting', conversation: id, tool: 'bots_list' });
  const { cursor } = all;
  const { nodes } = await product.client.call('conversations.show', { conversation: id });
  const call = nodes.find(({ kind }) => kind === 'task');
  await product.client.call('calls.approve', { conversation: id, call: call?.id ?? '' });
  await all.has({ type: 'conversation', conversation: id, state: 'idle', messages: 1 });
  const runs = all.events.filter(({ type }) => type === 'run');
  const states = new Set(runs.map(({ run }) => (run as { state: string }).state));
  for (const state of ['queued', 'running', 'succeeded']) t.ok(states.has(state), `a run was ${state}`);
  t.match(runs.at(-1), { run: { state: 'succeeded', model: 'mock-model', provider: 'mock', inputTokens: Number } });

  const late = await Feed.open(product.client, cursor);
  await late.has({ type: 'conversation', conversation: id, state: 'idle' });
  const next = Number(cursor.split(':')[1]) + 1;
  t.strictSame(
    late.events[0],
    all.events.find(({ seq }) => seq === next),
    'goes on where it was',
  );
  const lost = await Feed.open(product.client, 'another:7');
  await lost.has({ type: 'reset' });

  await product.client.call('conversations.see', { conversation: id });
  await all.has({ type: 'seen', conversation: id, person: 'owner' });

  await product.client.call('conversations.delete', { conversation: id });
  await all.has({ type: 'conversation', change: 'removed', conversation: id });
  await rename(path.join(product.home, 'bots/ada'), path.join(product.home, 'bots/ada-two'));
  await all.has({ type: 'bot', change: 'renamed', from: 'ada', bot: { slug: 'ada-two' } });
  await product.client.call('bots.delete', { bot: 'bob' });
  await all.has({ type: 'bot', change: 'removed', bot: { slug: 'bob' } });
  await one.has({ type: 'bot', change: 'changed', bot: { slug: 'ada' } });
  t.ok(
    one.events.every(({ bot }) => (bot as { slug: string }).slug.startsWith('ada')),
    'nothing of others',
  );
  for (const event of all.events) valid(t, schemaOf.get('fleet.events'), event);
});

await t.test('the WebSocket: calls, streams and refusals side by side, each as it is told', async (t) => {
  const socket = await Wire.open(product.url, await product.credentials());
  t.match(await socket.ask({ id: 1, call: 'bots.list' }), {
    status: 200,
    answer: { data: { bots: Array }, errors: [] },
  });
  t.match(await socket.ask({ id: 'made', call: 'bots.create', input: { name: 'By socket' } }), { status: 201 });
  t.ok(await product.files.read('bots/by-socket/SOUL.md'), 'which is on disk');
  const conversation = await begin(product);
  const place = `/conversations/${conversation}/events`;
  t.match(await socket.ask({ id: 2, follow: place }), { id: 2, following: true });
  mock.script('Heard.');
  t.match(await socket.ask({ id: 3, call: 'messages.send', input: { conversation, text: 'Hear me' } }), {
    id: 3,
    status: 202,
  });
  await until('the answer', () => JSON.stringify(socket.heard).includes('"state":"finished"'));
  const events = socket.heard.flatMap(({ id, events: told }) => (id === 2 ? (told ?? []) : []));
  const seqs = events.map((event) => (event as { seq: number }).seq);
  t.strictSame(
    seqs,
    seqs.map((_, at) => at + (seqs[0] ?? 0)),
    'numbered without a gap',
  );
  for (const event of events) valid(t, schemaOf.get('conversations.events'), event);

  const refused = { answer: { data: null, errors: [{ code: String, message: String, hint: String }] } };
  const wrong: readonly (readonly [unknown, number | string | null, number, string])[] = [
    [{ id: 10, call: 'no.such' }, 10, 404, 'ACTION_MISSING'],
    [{ id: 11, call: 'bots.create', input: { nonsense: 1 } }, 11, 422, 'INPUT_INVALID'],
    [{ id: 12, follow: '/conversations/none/events' }, 12, 404, 'CONVERSATION_MISSING'],
    [{ id: 13, follow: '/nothing' }, 13, 404, 'ROUTE_MISSING'],
    [{ id: 2, follow: place }, 2, 422, 'INPUT_INVALID'],
    [{ id: 14 }, 14, 400, 'BODY_UNREADABLE'],
    [{ id: 15, call: 'bots.list', follow: place }, 15, 400, 'BODY_UNREADABLE'],
    [{ call: 'bots.list' }, null, 400, 'BODY_UNREADABLE'],
    ['no JSON', null, 400, 'BODY_UNREADABLE'],
    [[1], null, 400, 'BODY_UNREADABLE'],
    [null, null, 400, 'BODY_UNREADABLE'],
  ];
  for (const [message, id, status, code] of wrong) {
    const answer = await socket.ask(message, id);
    t.match(answer, { id, status, ...refused }, JSON.stringify(message));
    t.match(answer.answer, { errors: [{ code }] }, JSON.stringify(message));
  }
  socket.send({ id: 2, leave: true });
  await socket.ask({ id: 20, call: 'bots.list' });
  const before = socket.heard.length;
  mock.script('Unheard.');
  await product.client.call('messages.send', { conversation, text: 'Not for you' });
  await until('the end', async () => (await storedText(product, conversation)).endsWith('Unheard.'));
  t.strictSame(
    socket.heard.slice(before).filter(({ id }) => id === 2),
    [],
    'who left hears nothing',
  );
  for (const message of socket.heard) valid(t, isMessage, message);

  socket.send('x'.repeat(9 * 1024 * 1024));
  t.equal(await socket.closed, 1009, 'a message that is too big ends the connection');
});

await t.test(
  'the WebSocket is for whom the server knows, from pages of its own, while the credential is good',
  async (t) => {
    const owner = await product.credentials();
    const { cookie } = await setUpOwner(product);
    const refusal = async (headers: Record<string, string>, place = '/api/v1/live'): Promise<number> => {
      const socket = new SocketClient(new URL(place, product.url.replace('http', 'ws')), { headers });
      const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
      response.destroy();
      return response.statusCode ?? 0;
    };
    t.equal(await refusal({}), 401);
    t.equal(await refusal({ authorization: 'Bearer bnity_0' }), 401);
    t.equal(await refusal({ cookie, origin: 'https://evil.example' }), 403, 'CVE-2026-25253: the page of another site');
    t.equal(await refusal({ ...owner, origin: 'null' }), 403);
    t.equal(await refusal({ ...owner, host: 'rebound.example' }), 403);
    t.equal(await refusal(owner, '/api/v1/other'), 404);
    const { token, id } = await product.client.call('tokens.create', { name: 'small', scopes: ['bots:use@assistant'] });
    const small = await Wire.open(product.url, { authorization: `Bearer ${token}` });
    t.match(await small.ask({ id: 1, call: 'settings.list' }), { status: 403 });
    const others = await begin(product, 'by-socket');
    t.match(await small.ask({ id: 2, follow: `/conversations/${others}/events` }), { status: 403 });
    t.match(await small.ask({ id: 3, follow: `/conversations/${await begin(product)}/events` }), { following: true });
    await product.client.call('tokens.revoke', { token: id });
    t.equal(await small.closed, 4401, 'a token that is revoked ends what it opened');
    const page = await Wire.open(product.url, { cookie, origin: product.url });
    t.match(await page.ask({ id: 1, call: 'bots.list' }), { status: 200 }, 'a page of its own');
    await product.client.call('sessions.revoke_all', {});
    t.equal(await page.closed, 4401);
  },
);

await t.test(
  'who comes back at once to what is being deleted is told that it is gone, and is not kept waiting',
  async (t) => {
    for (let at = 0; at < 10; at += 1) {
      const conversation = await begin(product);
      mock.script({ text: 'Begun and not ended', hangAfter: 2 });
      await product.client.call('messages.send', { conversation, text: 'Begin' });
      await until('the first words', async () => (await storedText(product, conversation)) !== '');
      const come = (): Promise<Response> =>
        product.fetch(`/api/v1/conversations/${conversation}/events`, { signal: AbortSignal.timeout(20_000) });
      let response = await come();
      const deleted = product.client.call('conversations.delete', { conversation });
      for (; response.status === 200; response = await come()) await response.text();
      t.match(await response.json(), { errors: [{ code: 'CONVERSATION_MISSING' }] });
      await deleted;
      await t.rejects(product.client.call('conversations.show', { conversation }), { code: 'CONVERSATION_MISSING' });
    }
  },
);

await t.test('a stop of the server ends streams and sockets at once', async (t) => {
  await using own = await startTalking();
  const wire = await Wire.open(own.product.url, await own.product.credentials());
  await wire.ask({ id: 1, follow: '/fleet/events' });
  const events = await own.product.fetch('/api/v1/fleet/events');
  const began = performance.now();
  await own.product.stop();
  t.equal(await wire.closed, 1001);
  await events.text().catch(() => '');
  t.ok(performance.now() - began < 5_000, 'without waiting for them');
});

await t.test(
  'what was missed comes in batches of at most 200, each event once and in order, and then what is new',
  async (t) => {
    const conversation = await begin(product);
    const { cursor } = await product.client.call('conversations.show', { conversation });
    const numberOf = (place: string): number => Number(place.split(':')[1]);
    const missed = async (): Promise<number> =>
      numberOf((await product.client.call('conversations.show', { conversation })).cursor) - numberOf(cursor);
    while ((await missed()) <= 450) {
      mock.script({ text: 'x'.repeat(60), chunkSize: 1, delayMs: 1 });
      await say(product, conversation, 'Go on');
    }
    const wire = await Wire.open(product.url, await product.credentials());
    wire.send({ id: 1, follow: `/conversations/${conversation}/events`, cursor });
    const batches = (): (readonly unknown[])[] => wire.heard.flatMap(({ events }) => (events ? [events] : []));
    const seqs = (): number[] => batches().flatMap((events) => events.map((event) => (event as { seq: number }).seq));
    const count = await missed();
    await until('all that was missed', () => seqs().length >= count);
    t.ok(batches().every(({ length }) => length <= 200));
    t.ok(batches().length < count / 10, `${count} events in ${batches().length} batches`);
    await product.client.call('messages.send', { conversation, text: 'And now?' });
    await until(
      'what is new',
      async () => seqs().length >= (await missed()) && JSON.stringify(batches().at(-1)).includes('finished'),
    );
    t.strictSame(
      seqs(),
      seqs().map((_, at) => numberOf(cursor) + 1 + at),
    );
  },
);

await t.test(
  'OBSV-06: a warning that would be told again and again is told once, and then how many were left out',
  async (t) => {
    const told: [message: string, more: number | undefined][] = [];
    const warn = seldom<object>(300, (message, { more }) => told.push([message, more]));
    for (const kind of ['slow', 'slow', 'gone', 'slow']) warn(kind, kind, {});
    t.strictSame(
      told.splice(0),
      [
        ['slow', undefined],
        ['gone', undefined],
      ],
      'each kind by itself',
    );
    const began = performance.now();
    await until('the pause is over', () => performance.now() - began > 310);
    warn('slow', 'slow', {});
    t.strictSame(told, [['slow', 2]]);
  },
);

await t.test('after a restart the feed tells of runs what happens now, and nothing of those of before', async (t) => {
  await using own = await startTalking();
  const { product: server } = own;
  const conversation = await begin(server);
  const { answer } = await say(server, conversation, 'Once');
  await server.stop();
  await server.start();
  const feed = await Feed.open(server.client);
  await server.client.call('messages.translate', { conversation, message: answer.id, language: 'German' });
  await say(server, conversation, 'Once more');
  await feed.has({ type: 'run', run: { state: 'succeeded' } });
  const runs = feed.events.filter(({ type }) => type === 'run');
  t.strictSame(
    runs.map(({ run }) => (run as { state: string }).state),
    ['queued', 'running', 'succeeded'],
  );
  t.notOk(runs.some(({ node }) => node === answer.id));
});

await t.test('the log tells who came, with which cursor, and what they were given', async (t) => {
  const conversation = await begin(product);
  const { cursor } = await product.client.call('conversations.show', { conversation });
  mock.script('piece 1 of a story');
  await product.client.call('messages.send', { conversation, text: 'Log this secret sentence' });
  await until('the end', async () => (await storedText(product, conversation)) !== '');
  const leaving = new AbortController();
  const place = `/api/v1/conversations/${conversation}/events?cursor=${encodeURIComponent(cursor)}`;
  const response = await product.fetch(place, { signal: leaving.signal });
  await response.body?.getReader().read();
  leaving.abort();
  const lines = await until('the lines', async () => {
    const found = (await logLines(product.home)).filter(
      (line) => line['conversation'] === conversation && line['plugin'] === 'web',
    );
    return found.some(({ message }) => message === 'A reader left') ? found : undefined;
  });
  t.match(lines, [
    { message: 'A reader came', level: 'info', stream: 'conversations.events', over: 'sse', cursor, caller: String },
    {
      message: 'A reader left',
      replayed: Number,
      isCursorKnown: true,
      resets: 0,
      events: { node: Number, delta: Number },
    },
  ]);
  t.notMatch(JSON.stringify(lines), /secret sentence|piece 1/, 'and nothing of what was said');
});

function valid(t: Test, validate: ValidateFunction | undefined, value: unknown): void {
  if (!validate?.(value)) t.fail(`${JSON.stringify(value)} is not as told: ${JSON.stringify(validate?.errors)}`);
}
