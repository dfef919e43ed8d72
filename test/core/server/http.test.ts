import { once } from 'node:events';
import { request as open } from 'node:http';
import { connect } from 'node:net';
import t from 'tap';
import { createEventParser } from '../../../core/ui/live/event-source.ts';
import { send, type Answer } from '../../support/doors.ts';
import { guestConfig, guestPlugin, probePlugin } from '../../support/probe-plugin.ts';
import { bnity, startProduct, temporaryFolder } from '../../support/product.ts';

const json = { 'content-type': 'application/json' };

await using product = await startProduct({
  files: { 'plugins/probe/index.ts': probePlugin, 'settings.yaml': 'plugins:\n  probe: true\n' },
});
const api = '/api/v1';
const { host } = new URL(product.url);
const owner = await product.credentials();

await t.test('every answer has the form of the envelope', async (t) => {
  const before = Date.now();
  const { status, headers, body } = await send(product, `${api}/bots/assistant`);
  t.equal(status, 200);
  t.strictSame(Object.keys(body).toSorted(), ['_links', 'data', 'errors', 'meta']);
  t.strictSame(Object.keys(body.meta).toSorted(), ['request_id', 'response_time_ms', 'timestamp']);
  t.equal(body.meta.request_id, headers.get('x-request-id'));
  const at = Date.parse(String(body.meta.timestamp));
  t.ok(at >= before && at <= Date.now(), 'a time of now');
  t.ok(Number(body.meta.response_time_ms) >= 0);
  t.strictSame(body.errors, []);
  t.strictSame(body._links, { self: '/api/v1/bots/assistant' });
  t.match(headers.get('content-type'), 'application/json');
  t.equal(headers.get('x-content-type-options'), 'nosniff');

  const refused = await send(product, `${api}/bots/nobody`);
  t.equal(refused.status, 404);
  t.equal(refused.body.data, null);
  t.match(refused.body.errors, [{ code: 'BOT_MISSING', message: 'There is no bot "nobody".', hint: /bnity list/ }]);
  t.not(refused.body.meta.request_id, body.meta.request_id);
});

await t.test('a body that is no JSON object, or says that it is something else, is refused', async (t) => {
  const good = JSON.stringify({ name: 'Never' });
  const bodies: [string, Record<string, string>, number, string][] = [
    ['{"name": ', json, 400, 'a broken one'],
    ['[1]', json, 400, 'a list'],
    ['"text"', json, 400, 'a text'],
    [good, { 'content-type': 'text/plain' }, 415, 'one that forms of other pages can send'],
    [good, { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'a form'],
  ];
  for (const [body, headers, wanted, what] of bodies) {
    const { status, body: answer } = await send(product, `${api}/bots`, { method: 'POST', body, headers });
    t.equal(status, wanted, what);
    t.match(answer.errors, [{ code: wanted === 400 ? 'BODY_UNREADABLE' : 'BODY_TYPE_REFUSED', hint: /JSON/ }], what);
  }
  const without = await send(product, `${api}/bots`, { method: 'POST', body: new Blob([good]) });
  t.equal(without.status, 415, 'one of no type');
  const { bots } = await product.client.call('bots.list', {});
  t.strictSame(
    bots.map((bot) => bot.slug),
    ['assistant'],
    'no bot was made',
  );
});

await t.test('a field that nobody knows is named, wherever it stands', async (t) => {
  const inBody = await send(product, `${api}/bots`, {
    method: 'POST',
    body: '{"name":"A","colour":"red"}',
    headers: json,
  });
  const inQuery = await send(product, `${api}/bots?colour=red`);
  for (const { status, body } of [inBody, inQuery]) {
    t.equal(status, 422);
    t.match(body.errors[0]?.message, 'colour');
  }
});

await t.test('what is not there is 404, another method 405, both in the envelope', async (t) => {
  for (const path of ['/api/v1/nothing', '/api/nothing', '/v1/nothing', '/api/v1/bots/assistant/nothing']) {
    const { status, body } = await send(product, path);
    t.equal(status, 404, path);
    t.match(body.errors, [{ code: 'ROUTE_MISSING', hint: /openapi/ }], path);
  }
  const wrong = await send(product, `${api}/bots`, { method: 'DELETE' });
  t.equal(wrong.status, 405);
  t.match(wrong.body.errors, [{ code: 'METHOD_WRONG' }]);
  t.match(wrong.headers.get('allow'), /GET/);
});

await t.test('a body above the limit is refused before it is read, and the server goes on', async (t) => {
  const told = connect(Number(new URL(product.url).port), '127.0.0.1');
  told.write(
    `POST /api/v1/bots HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${owner.authorization}\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n{`,
  );
  const [first] = (await once(told, 'data')) as [Buffer];
  told.destroy();
  t.match(first.toString(), /^HTTP\/1.1 413 /);
  t.match(first.toString(), 'BODY_TOO_LARGE');

  const untold = open(`${product.url}${api}/bots`, { method: 'POST', headers: { ...owner, ...json } });
  untold.on('error', () => undefined);
  const answered = once(untold, 'response') as Promise<[{ statusCode: number }]>;
  const filler = Buffer.alloc(1024 * 1024, 'x');
  for (let mb = 0; mb < 10 && !untold.destroyed; mb += 1) untold.write(filler);
  const [{ statusCode }] = await answered;
  untold.destroy();
  t.equal(statusCode, 413, 'also when no length was told');
  t.equal((await send(product, `${api}/time`)).status, 200);
});

await t.test('an action that takes long tells its progress as events when they are asked for', async (t) => {
  const ask = { method: 'POST', headers: { ...json, accept: 'text/event-stream' } };
  const response = await product.fetch(`${api}/probe/count`, { ...ask, body: '{"to":3}' });
  t.match(response.headers.get('content-type'), 'text/event-stream');
  const events = createEventParser()(new Uint8Array(await response.arrayBuffer()));
  t.strictSame(
    events.map(({ type }) => type),
    ['progress', 'progress', 'progress', 'result'],
  );
  t.strictSame(JSON.parse(events[1]?.data ?? ''), { at: 2 });
  t.match(JSON.parse(events.at(-1)?.data ?? ''), { data: { counted: 3 }, errors: [], meta: { request_id: String } });

  const failed = await product.fetch(`${api}/probe/count`, { ...ask, body: '{"to":1,"fail":true}' });
  const last = createEventParser()(new Uint8Array(await failed.arrayBuffer())).at(-1);
  t.equal(last?.type, 'error', 'a failure after the first event is an event too');
  t.match(JSON.parse(last?.data ?? ''), { data: null, errors: [{ code: 'INTERNAL' }] });

  const refused = await product.fetch(`${api}/probe/count`, { ...ask, body: '{"to":0}' });
  t.equal(refused.status, 422, 'a refusal before anything has begun keeps its status');
  await refused.body?.cancel();
});

await t.test('at the terminal the progress is seen beside the answer', async (t) => {
  const { stdout, stderr } = await product.cli(['probe', 'count', '2', '--json']);
  t.strictSame(JSON.parse(stdout), { counted: 2 });
  t.match(stderr, '{"at":1}');
  t.match(stderr, '{"at":2}');
});

await t.test('an error that nobody expected tells its request, and nothing of its inside', async (t) => {
  const body = '{"to":1,"fail":true}';
  const answer = await send(product, `${api}/probe/count`, { method: 'POST', body, headers: json });
  t.equal(answer.status, 500);
  t.match(answer.body.errors, [{ code: 'INTERNAL' }]);
  t.notMatch(JSON.stringify(answer.body), 'sk-secret-inside');
  t.match(product.heard.stderr, 'unexpected error');
});

await t.test('a page of another site, and a name that points here, cannot drive the server', async (t) => {
  const { id } = await product.client.call('conversations.create', { bot: 'assistant' });
  const foreign: Record<string, string>[] = [
    { host: 'evil.example' },
    { host: `evil.example:${new URL(product.url).port}` },
    { host: `127.0.0.1.evil.example` },
    { host: `localhost.evil.example:80` },
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1:1' },
    { origin: `https://${host}` },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ];
  for (const headers of foreign) {
    const what = JSON.stringify(headers);
    for (const path of ['/api/v1/bots', '/api/openapi.json', `/api/v1/conversations/${id}/events`]) {
      const { status, code } = await ask(path, headers);
      t.equal(status, 403, `${path} ${what}`);
      t.equal(code, 'host' in headers ? 'HOST_REFUSED' : 'ORIGIN_REFUSED');
    }
    t.equal((await ask('/api/v1/bots', { ...headers, ...json }, '{"name":"Evil"}')).status, 403, `POST ${what}`);
  }
  const { port } = new URL(product.url);
  const own: Record<string, string>[] = [
    { host: `localhost:${port}` },
    { host: `[::1]:${port}` },
    { origin: product.url },
    { 'sec-fetch-site': 'same-origin', origin: product.url },
    { 'sec-fetch-site': 'none' },
  ];
  for (const headers of own) t.equal((await ask('/api/v1/bots', headers)).status, 200, JSON.stringify(headers));
  t.equal(await product.files.read('bots/evil/SOUL.md'), undefined);
});

await t.test('before there is an owner account it listens on no address that others can reach', async (t) => {
  for (const address of ['0.0.0.0', '::', '192.168.1.10', 'example.com']) {
    await using home = await temporaryFolder();
    const { code, stderr } = await bnity(['serve', '--port', '0', '--host', address, '--home', home.path]);
    t.equal(code, 1, address);
    t.match(stderr, 'ADDRESS_REFUSED');
    t.match(stderr, `will not listen on ${address}`);
    t.match(stderr, 'start on 127.0.0.1 and open the setup link', 'and what to do');
    t.equal(await home.read('.boternity/server.json'), undefined, 'the home is free again');
  }
});

await t.test('a stop is quick although clients keep connections ready, and one under way is answered', async (t) => {
  await using short = await startProduct({
    files: { 'plugins/probe/index.ts': probePlugin, 'settings.yaml': 'plugins:\n  probe: true\n' },
  });
  const { port } = new URL(short.url);
  const unused = connect(Number(port), '127.0.0.1');
  await once(unused, 'connect');
  unused.on('error', () => undefined);
  await send(short, `/api/v1/time`);
  const slow = send(short, `/api/v1/probe/wait`, { method: 'POST', body: '{"ms":400}', headers: json });
  await short.files.read('settings.yaml');
  await new Promise((resolve) => setTimeout(resolve, 100));
  const began = performance.now();
  const [{ code }, answer] = await Promise.all([short.stop(), slow]);
  t.equal(code, 0);
  t.equal(answer.status, 200, 'what was under way is answered');
  const took = Math.round(performance.now() - began);
  t.ok(took < 1_500, `after ${took} ms`);
});

await t.test('no action runs without a caller', async (t) => {
  await using home = await temporaryFolder({
    'boternity.config.ts':
      "import { defineConfig } from 'boternity';\nexport default defineConfig({ disabled: ['sign-in'] });\n",
  });
  for (const args of [['serve', '--port', '0'], ['list']]) {
    const { code, stderr } = await bnity([...args, '--home', home.path]);
    t.equal(code, 1, 'without a plugin that tells who asks it does not start');
    t.match(stderr, 'callers', 'says what is missing');
    t.notMatch(stderr, 'did not expect', 'in words of its own');
  }
  await using unknown = await startProduct({
    files: {
      'boternity.config.ts': guestConfig,
      'plugins/guest/index.ts': guestPlugin.replace(/identify: .*,/, 'identify: async () => undefined,'),
    },
  });
  for (const path of ['/api/v1/time', '/api/v1/conversations/x/events', '/api/openapi.json']) {
    const { status, body } = await send(unknown, path);
    t.equal(status, 401, path);
    t.match(body.errors, [{ code: 'CALLER_UNKNOWN' }]);
  }
  t.equal((await unknown.cli(['time'])).code, 4);
});

/** A request with headers that fetch would not let through. */
async function ask(
  path: string,
  headers: Record<string, string>,
  body?: string,
): Promise<{ status: number; code: string | undefined }> {
  const request = open(product.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...owner, ...headers },
  });
  request.end(body);
  const [response] = (await once(request, 'response')) as [
    AsyncIterable<Buffer> & { statusCode: number; destroy(): void },
  ];
  if (response.statusCode === 200) {
    response.destroy();
    return { status: 200, code: undefined };
  }
  let text = '';
  for await (const chunk of response) text += chunk.toString();
  return { status: response.statusCode, code: (JSON.parse(text) as Answer['body']).errors[0]?.code };
}
