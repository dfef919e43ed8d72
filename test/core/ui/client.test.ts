import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { CallError, createClient } from '../../../core/ui/client.ts';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly type: string | undefined;
}

type Handler = (request: IncomingMessage, response: ServerResponse, seen: Seen) => void;

const routes: Record<string, string> = {
  'bots.list': 'GET /bots',
  'bots.start': 'POST /bots/{bot}/start',
  'bots.delete': 'DELETE /bots/{bot}',
  'messages.send': 'POST /conversations/{conversation}/messages',
  'conversations.stop': 'POST /conversations/{conversation}/stop',
};
const truth = 'Once upon a time 🦉 there was a fleet of bots that lived in folders.';

await t.test('a call fills the route from its input and unwraps the answer', async (t) => {
  await using server = await serve((_request, response, seen) => answer(response, { seen }));
  const client = createClient({ url: server.url, headers: { authorization: 'Bearer x' } });
  t.match(await client.call('bots.start', { bot: 'a b/c' }), {
    seen: { method: 'POST', url: '/api/v1/bots/a%20b%2Fc/start', body: '{}', type: 'application/json' },
  });
  const listed = (await client.call('bots.list', { status: 'active', category: undefined })) as unknown;
  t.match(listed, { seen: { method: 'GET', url: '/api/v1/bots?status=active', body: '' } });
  t.match(await client.call('bots.delete', { bot: 'x' }), {
    seen: { method: 'DELETE', type: 'application/json' },
  });
  t.equal(server.count('/api/v1/actions/routes'), 1, 'the table is read once');
});

await t.test('the table is read again for an unknown name, and a name that stays unknown is an error', async (t) => {
  await using server = await serve((_request, response) => answer(response, 'done'));
  const client = createClient({ url: server.url });
  await client.call('bots.list', {});
  routes['late.action'] = 'POST /late';
  t.teardown(() => delete routes['late.action']);
  t.equal(await client.call('late.action', {}), 'done');
  await t.rejects(client.call('no.such', {}), { code: 'ACTION_MISSING', status: 404 });
});

await t.test('failures are CallErrors with the words of the server, or with ours where it has none', async (t) => {
  await using server = await serve((request, response) => {
    if (request.url?.includes('refused')) {
      const details = [{ path: 'bot', message: 'is not known' }];
      const errors = [{ code: 'BOT_MISSING', message: 'There is no bot "refused".', hint: 'List them.', details }];
      return write(response, 404, JSON.stringify({ data: null, errors, meta: { request_id: 'r-1' } }));
    }
    if (request.url?.includes('proxy')) return write(response, 502, '<html>Bad gateway</html>');
    return void response.writeHead(200, { 'content-length': '100' }).write('{"data"', () => response.destroy());
  });
  const client = createClient({ url: server.url });
  const refused = await client.call('bots.start', { bot: 'refused' }).catch((error: unknown) => error);
  t.type(refused, CallError);
  t.match(refused, {
    code: 'BOT_MISSING',
    status: 404,
    hint: 'List them.',
    requestId: 'r-1',
    details: [{ path: 'bot' }],
  });
  await t.rejects(client.call('bots.start', { bot: 'proxy' }), { code: 'INTERNAL', status: 502 });
  await t.rejects(client.call('bots.start', { bot: 'broken' }), { code: 'SERVER_UNREACHABLE' });
  await server[Symbol.asyncDispose]();
  await t.rejects(client.call('bots.list', {}), { code: 'SERVER_UNREACHABLE', status: 0, hint: /bnity serve/ });
  const aborted = client.call('bots.list', {}, { signal: AbortSignal.abort() });
  await t.rejects(aborted, { name: 'AbortError' }, 'the own abort is no failure of the server');
});

await t.test('a conversation survives cut connections and resumes with its cursor', async (t) => {
  const log = tellStory(truth);
  await using server = await serve(
    conversationOf(log, (stream, from) => {
      // Each connection lives for seven events, and begins by repeating one that was seen.
      const start = Math.max(0, from - 1);
      for (const event of log.slice(start, start + 7)) stream.write(encode(event));
      if (start + 7 < log.length) setTimeout(() => stream.destroy(), 5);
    }),
  );
  using live = createClient({ url: server.url }).conversation('c');
  const states = new Set<string>();
  live.subscribe(() => states.add(live.state));
  const page = await live.until((page) => page.nodes.some((node) => node.id === 'a' && node.state === 'finished'));
  t.equal(page.nodes[1]?.text, truth);
  t.strictSame(
    page.nodes.map((node) => node.id),
    ['u', 'a'],
  );
  t.equal(page.state, 'idle');
  t.ok(states.has('lost') && states.has('live'));
  t.equal(server.count('/api/v1/conversations/c'), 1, 'the page was read once');
  t.ok(server.count('/events?cursor=e%3A7') > 0, 'resumed where it stopped');
});

await t.test('a gap that stays, a reset and a refused cursor make it read the page again', async (t) => {
  const log = tellStory(truth);
  const modes = ['gap', 'reset', 'refused', 'rest'];
  let mode = '';
  await using server = await serve(
    conversationOf(
      log,
      (stream, from) => {
        mode = modes.shift() ?? 'rest';
        if (mode === 'gap')
          for (const event of log.filter((_, index) => index !== 6).slice(0, 12)) stream.write(encode(event));
        if (mode === 'reset') stream.write(encode({ type: 'reset', seq: 0 }));
        if (mode === 'refused') {
          const errors = [{ code: 'CURSOR_INVALID', message: 'The cursor is not valid.' }];
          stream.end(JSON.stringify({ data: null, errors }));
        }
        if (mode === 'rest') for (const event of log.slice(from)) stream.write(encode(event));
      },
      () => (modes[0] === 'refused' ? 422 : 200),
    ),
  );
  using live = createClient({ url: server.url }).conversation('c');
  const page = await live.until((page) => page.nodes[1]?.state === 'finished');
  t.equal(page.nodes[1]?.text, truth);
  t.equal(mode, 'rest');
  t.equal(server.count('/api/v1/conversations/c'), 4, 'read at first and after each of the three');
});

await t.test(
  'two readers and a sender: the message is posted once, a vanished conversation fails for good',
  async (t) => {
    const log = tellStory(truth);
    let isGone = false;
    await using server = await serve((request, response, seen) => {
      if (isGone) {
        const errors = [{ code: 'CONVERSATION_MISSING', message: 'There is no such conversation.' }];
        return write(response, 404, JSON.stringify({ data: null, errors }));
      }
      if (seen.url.endsWith('/messages'))
        return answer(response, { turn: 't', message: 'u', reply: 'a', cursor: 'e:1' });
      if (seen.url.endsWith('/stop')) return answer(response, { stopped: true });
      conversationOf(log, (stream, from) => {
        for (const event of log.slice(from)) stream.write(encode(event));
        setTimeout(() => stream.destroy(), 30);
      })(request, response, seen);
    });
    const client = createClient({ url: server.url });
    using one = client.conversation('c');
    using two = client.conversation('c');
    t.strictSame(await one.send('Tell me'), { turn: 't', message: 'u', reply: 'a', cursor: 'e:1' });
    t.equal(await one.stop(), true);
    for (const live of [one, two]) {
      const page = await live.until((page) => page.nodes[1]?.state === 'finished');
      t.equal(page.nodes[1]?.text, truth);
    }
    t.equal(server.count('/messages'), 1);
    isGone = true;
    await t.rejects(
      one.until(() => false),
      { code: 'CONVERSATION_MISSING' },
    );
    t.equal(one.state, 'failed');
    const asked = server.count('/api/v1/conversations/c/events');
    two.close();
    await sleep(600);
    t.ok(server.count('/api/v1/conversations/c/events') <= asked + 1, 'nobody asks again');
  },
);

await t.test(
  'a branch is opened by name; older messages come in front and stay when the page is read again',
  async (t) => {
    const nodes = Array.from({ length: 7 }, (_, index) => ({
      id: `n${index}`,
      turn: `t${index}`,
      text: '',
      thinking: '',
    }));
    let tell: ServerResponse | undefined;
    let title = 'Before';
    await using server = await serve((_request, response, { url }) => {
      const { pathname, searchParams } = new URL(url, 'http://x');
      if (pathname.endsWith('/events')) {
        tell = response.writeHead(200, { 'content-type': 'text/event-stream' });
        return response.flushHeaders();
      }
      t.equal(searchParams.get('lane'), 'b');
      const before = searchParams.get('before');
      const end = before === null ? nodes.length : nodes.findIndex(({ id }) => id === before);
      const from = Math.max(0, end - 3);
      const page = { id: 'c', title, lane: 'b', state: 'idle', active: null, cursor: 'e:1' };
      return answer(response, { ...page, nodes: nodes.slice(from, end), hasMore: from > 0 });
    });
    using live = createClient({ url: server.url }).conversation('c', { lane: 'b' });
    const ids = (): string[] => live.page?.nodes.map(({ id }) => id) ?? [];
    await live.until(() => live.state === 'live');
    t.strictSame(ids(), ['n4', 'n5', 'n6']);
    await live.loadOlder();
    t.strictSame(ids(), ['n1', 'n2', 'n3', 'n4', 'n5', 'n6']);
    title = 'After';
    nodes.push({ id: 'n7', turn: 't7', text: '', thinking: '' });
    tell?.write(encode({ type: 'page', seq: 2 }));
    await live.until((page) => 'title' in page && page.title === 'After');
    t.strictSame(ids(), ['n2', 'n3', 'n4', 'n5', 'n6', 'n7'], 'as many as there were');
    await live.loadOlder();
    t.strictSame(ids(), ['n0', 'n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7']);
    t.equal(live.page?.hasMore, false);
    await live.loadOlder();
    t.equal(live.page?.nodes.length, 8, 'there is nothing before the first');
    t.match(live.traffic, { last: 'page', readings: 2, cursor: 'e:1' });
    t.equal(live.traffic.counts.get('page'), 1);
  },
);

interface Told {
  readonly type: string;
  readonly seq: number;
}

/** The events of one turn whose answer is `text`, one delta per word. */
function tellStory(text: string): Told[] {
  const log: Told[] = [];
  const tell = (event: object): void => void log.push({ ...event, seq: log.length + 1 } as Told);
  const agent = (state: string, length: number): void =>
    tell({ type: 'node', node: { id: 'a', kind: 'agent', state }, length: { text: length, thinking: 0 } });
  tell({
    type: 'node',
    node: { id: 'u', kind: 'user', state: 'finished' },
    length: { text: 7, thinking: 0 },
    text: 'Tell me',
  });
  agent('running', 0);
  let offset = 0;
  for (const word of text.split(/(?<= )/)) {
    tell({ type: 'delta', node: 'a', channel: 'text', offset, text: word });
    offset += word.length;
  }
  agent('finished', text.length);
  return log;
}

/** The page, empty as before the first event, and a stream of events that the test writes. */
function conversationOf(
  log: readonly Told[],
  stream: (response: ServerResponse, from: number) => void,
  status: () => number = () => 200,
): Handler {
  return (_request, response, seen) => {
    if (!seen.url.includes('/events'))
      return answer(response, { id: 'c', state: 'idle', nodes: [], active: null, cursor: 'e:0' });
    response.writeHead(status(), { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    const cursor = new URL(seen.url, 'http://x').searchParams.get('cursor') ?? '';
    return stream(response, Math.min(Number(cursor.split(':')[1]), log.length));
  };
}

function encode(event: Told): string {
  return `id: e:${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** A server on the loopback that answers the table of actions itself and hands everything else to the test. */
async function serve(handle: Handler): Promise<AsyncDisposable & { url: string; count: (part: string) => number }> {
  const log: string[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    log.push(url);
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (url === '/api/v1/actions/routes') return answer(response, { routes });
      return handle(request, response, { method, url, body, type: request.headers['content-type'] });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    count: (part) => log.filter((url) => url === part || (!part.startsWith('/api') && url.includes(part))).length,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(response: ServerResponse, data: unknown): void {
  write(response, 200, JSON.stringify({ data, errors: [], meta: { request_id: 'r' }, _links: {} }));
}

function write(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}
