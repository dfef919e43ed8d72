import { once } from 'node:events';
import { request as open, type IncomingMessage } from 'node:http';
import t, { type Test } from 'tap';
import { WebSocket as SocketClient } from 'ws';
import { ownerFetch } from '../../core/cli/owner-fetch.ts';
import { createClient, type Client } from '../../core/ui/client.ts';
import { harmless, rough, startBadProxy } from '../support/bad-proxy.ts';
import { logLines } from '../support/live.ts';
import { often } from '../support/often.ts';
import { until } from '../support/product.ts';
import { begin, sees, startTalking, storedText } from '../support/talk.ts';

t.setTimeout(400_000);

const RUNS = often(20, 8);
const PATIENCE_MS = 60_000;
/** A stream on which nothing comes is given up after 40 s; a reader that takes nothing, after 60 to 75 s. */
const LONG_MS = 120_000;

await using talking = await startTalking();
const { product, mock } = talking;
/** A text in which every piece can be told from every other. */
const story = (pieces: number, name = 'piece'): string =>
  Array.from({ length: pieces }, (_, at) => `${name} ${at} – naïve 🦉 `)
    .join('')
    .trim();

const ways = ['events', 'socket'] as const;

/** The client library, over the transport of that name. */
async function clientOver(way: (typeof ways)[number], url: string, server = product): Promise<Client> {
  const headers = await server.credentials();
  const socket = (address: URL): WebSocket => new SocketClient(address, { headers }) as unknown as WebSocket;
  return createClient({ url, fetch: ownerFetch(server.home), ...(way === 'socket' && { socket }) });
}

// What takes a minute or more by its nature runs beside everything else.
const beside = [stalledReader(), ...ways.map((way) => deadConnection(way))].map((check) =>
  check.catch((error: unknown) => (t: Test) => void t.fail(String(error))),
);

for (const way of ways) {
  await t.test(
    `${RUNS} conversations over ${way} through a proxy that cuts, delays, doubles, swaps and stalls`,
    async (t) => {
      await using proxy = await startBadProxy(product, way.length);
      proxy.mischief = rough;
      const client = await clientOver(way, proxy.url);
      for (let run = 1; run <= RUNS; run += 1) {
        const conversation = await begin(product);
        mock.script({ text: story(50, `run ${run}`), thinking: story(5, 'thought'), delayMs: 4 }, story(20, 'second'));
        using live = client.conversation(conversation);
        await live.until(() => true);
        for (const text of ['Tell me', 'And more']) await product.client.call('messages.send', { conversation, text });
        const page = await sees(live, ({ state, nodes }) => state === 'idle' && nodes.length === 4, PATIENCE_MS);
        const heard = page.nodes
          .filter(({ kind }) => kind === 'agent')
          .map(({ text }) => text)
          .join('|');
        t.equal(heard, `${story(50, `run ${run}`)}|${story(20, 'second')}`, `run ${run}: what the model said`);
        t.equal(heard, await storedText(product, conversation), `run ${run}: as it is stored`);
        t.equal(page.nodes[1]?.thinking, story(5, 'thought'));
        t.strictSame(
          page.nodes.map(({ kind }) => kind),
          ['user', 'agent', 'user', 'agent'],
        );
      }
      const { cut, double, swap, stall, sockets, streams: opened } = proxy.did;
      t.ok(Math.min(cut, double, swap, stall) > 0, JSON.stringify(proxy.did));
      // How often the proxy cuts is chance: a socket is opened again after each.
      t.ok((way === 'socket' ? sockets : opened) > (way === 'socket' ? 1 : RUNS), 'and every one was as it was meant');
    },
  );
}

await t.test('a proxy that lets no WebSocket through: the events come as server-sent events', async (t) => {
  await using proxy = await startBadProxy(product, 3);
  proxy.takesSockets = false;
  const client = await clientOver('socket', proxy.url);
  const conversation = await begin(product);
  mock.script('It came.');
  using live = client.conversation(conversation);
  await live.send('Does it come?');
  await sees(live, ({ state, nodes }) => state === 'idle' && nodes.at(-1)?.text === 'It came.', PATIENCE_MS);
  t.match(proxy.did, { sockets: 0, streams: 1 });
  await t.rejects(
    client.conversation('unknown').until(() => true),
    { code: 'CONVERSATION_MISSING', status: 404 },
  );
});

await t.test(
  'away for long: what is still known is told again, what is not makes the reader read everything',
  async (t) => {
    for (const way of ways) {
      await using proxy = await startBadProxy(product, 4);
      const client = await clientOver(way, proxy.url);
      const conversation = await begin(product);
      using live = client.conversation(conversation);
      await live.until(() => true);
      await until('it to be live', () => live.state === 'live');

      const away = async (text: string): Promise<void> => {
        mock.script({ text, chunkSize: 400 });
        proxy.mischief = { ...harmless, isDead: () => true };
        await product.client.call('messages.send', { conversation, text: 'Go on without me' });
        await until(
          'the end',
          async () => (await product.client.call('conversations.show', { conversation })).state === 'idle',
        );
        const readings = live.traffic.readings;
        proxy.cutAll();
        proxy.mischief = harmless;
        await sees(live, ({ nodes, state }) => state === 'idle' && nodes.at(-1)?.text === text, PATIENCE_MS);
        if (text.length < 10_000) t.equal(live.traffic.readings, readings, `${way}: told again, nothing read`);
        else t.ok(live.traffic.readings > readings, `${way}: read again`);
      };
      await away(story(100));
      await away('0123456789'.repeat(300_000));
    }
  },
);

await t.test('after a restart of the server the reader goes on by itself', async (t) => {
  await using own = await startTalking();
  const { product: server } = own;
  const conversation = await begin(server);
  // The server listens elsewhere after each start; in front of it stands something that does not.
  await using front = await startBadProxy(server, 5);
  const { authorization } = await server.credentials();
  const client = createClient({
    url: front.url,
    fetch: ownerFetch(server.home),
    socket: (url) => new SocketClient(url, { headers: { authorization } }) as unknown as WebSocket,
  });
  using live = client.conversation(conversation);
  own.mock.script({ text: story(400), delayMs: 5 }, 'Again.');
  await live.send('Begin');
  await live.until(({ nodes }) => (nodes.at(-1)?.text.length ?? 0) > 4_000);
  await server.kill9();
  await until('the loss to be seen', () => live.state === 'lost');
  await server.start();
  const page = await sees(live, ({ nodes }) => nodes.at(-1)?.state === 'errored', PATIENCE_MS);
  t.ok(page.nodes.at(-1)?.text.startsWith('piece 0'), 'what had come is kept');
  await live.send('Once more');
  await sees(live, ({ state, nodes }) => state === 'idle' && nodes.at(-1)?.text === 'Again.', PATIENCE_MS);
});

await t.test(
  'streams that need a minute: dead connections are noticed, readers that take nothing are let go',
  async (t) => {
    for (const check of await Promise.all(beside)) check(t);
  },
);

/** A connection over which nothing comes any more and that nobody closes: the client notices by the silence and comes back. */
async function deadConnection(way: (typeof ways)[number]): Promise<(t: Test) => void> {
  await using own = await startTalking();
  await using proxy = await startBadProxy(own.product, 9);
  const client = await clientOver(way, proxy.url, own.product);
  const conversation = await begin(own.product);
  using live = client.conversation(conversation);
  await live.until(() => true);
  await until('it to be live', () => live.state === 'live');
  let dead = 1;
  const opened = (): number => proxy.did.sockets + proxy.did.streams;
  const before = opened();
  proxy.mischief = { ...harmless, isDead: () => dead > 0 && opened() === before };
  const { turn } = await own.product.client.call('messages.send', { conversation, text: `!md over ${way}` });
  const page = await sees(
    live,
    ({ nodes }) => nodes.some((node) => node.turn === turn && node.state === 'finished' && node.kind === 'agent'),
    LONG_MS,
  );
  dead = 0;
  const { nodes } = await own.product.client.call('conversations.show', { conversation });
  return (t) => t.strictSame(page.nodes, nodes, `${way}: nothing came for 40 s, then everything`);
}

/** One reader takes nothing while a long answer comes: others get it, the server keeps nothing for the one, and lets it go. */
async function stalledReader(): Promise<(t: Test) => void> {
  await using own = await startTalking();
  const { product: server } = own;
  const conversation = await begin(server);
  const headers = await server.credentials();
  const request = open(new URL(`/api/v1/conversations/${conversation}/events`, server.url), { headers });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.pause();
  const closed = new Promise((resolve) => response.once('close', resolve));
  using live = server.client.conversation(conversation);
  await live.until(() => true);
  // More than the network between two programs holds by itself.
  const text = 'abcdefghij'.repeat(1_600_000);
  own.mock.script({ text, chunkSize: 4_000, delayMs: 1 });
  await server.client.call('messages.send', { conversation, text: 'Much' });
  const page = await sees(live, ({ state, nodes }) => state === 'idle' && nodes.length === 2, LONG_MS);
  // What the network itself holds is not read either, so that the end of the connection is met while it is written to.
  response.on('error', () => undefined);
  const line = await until(
    'the reader to be let go',
    async () =>
      (await logLines(server.home)).find(({ message }) => String(message).includes('took nothing for a minute')),
    LONG_MS,
  );
  response.resume();
  await closed;
  return (t) => {
    t.equal(page.nodes[1]?.text, text, 'the other reader has all of it');
    t.match(line, { level: 'warn', stream: 'conversations.events', over: 'sse' });
  };
}
