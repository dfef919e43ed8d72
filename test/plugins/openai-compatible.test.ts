import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Message, ToolCall } from 'boternity';
import { requestBody } from '../../plugins/openai/chat/request.ts';
import { hearChunks, hearDeltas, modelAt, serve } from '../support/chat-service.ts';
import { ask, assistant, hear, toolResult, user } from '../support/hear.ts';
import { startMockModel } from '../support/mock-model.ts';

await t.test('an id that the conversation already has is replaced', async (t) => {
  await using mock = await startMockModel();
  const taken: ToolCall = { id: 'call_0', name: 'time_now', arguments: '{}' };
  mock.script({ calls: [{ name: 'time_now', id: 'call_0' }] });
  const history = [user('Time?'), assistant('', [taken]), toolResult(taken, 'noon'), assistant('Noon.'), user('Now?')];
  const heard = await hear(modelAt(mock.url), ask(history));
  t.equal(heard.calls.length, 1);
  t.not(heard.calls[0]?.id, 'call_0');
});

await t.test('chunks of unknown form do no harm', async (t) => {
  const heard = await hearChunks([
    null,
    7,
    'ping',
    [],
    { type: 'ping' },
    { choices: null },
    { choices: [{ delta: null }] },
    { choices: [{ delta: { content: 5, tool_calls: 'x', reasoning_content: {} } }] },
    { choices: [{ delta: { content: 'Hello' } }], usage: 'none' },
    { choices: [{ delta: {}, finish_reason: 'stop' }] },
  ]);
  t.equal(heard.text, 'Hello');
  t.equal(heard.thinking, '');
  t.equal(heard.end.stop, 'end');
});

await t.test('thinking is heard under either of its names, once', async (t) => {
  for (const delta of [
    { reasoning: 'Hm.' },
    { reasoning_content: 'Hm.' },
    { reasoning: 'Hm.', reasoning_content: 'Hm.' },
  ]) {
    t.equal((await hearDeltas([delta])).thinking, 'Hm.');
  }
});

await t.test('content in pieces of text and thinking is told apart', async (t) => {
  const thinking = { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] };
  const heard = await hearDeltas([{ content: [thinking] }, { content: [{ type: 'text', text: 'Yes.' }] }]);
  t.equal(heard.thinking, 'Hm.');
  t.equal(heard.text, 'Yes.');
});

await t.test('usage is found wherever a service puts it', async (t) => {
  const usage = { prompt_tokens: 10, completion_tokens: 2, prompt_cache_hit_tokens: 8 };
  const finished = { index: 0, delta: {}, finish_reason: 'stop' };
  const places = [
    [{ choices: [finished], usage }],
    [{ choices: [finished] }, { choices: [], usage }],
    [{ choices: [{ ...finished, usage }] }],
    [{ choices: [finished], x_groq: { usage } }],
    [{ choices: [], usage }, { choices: [finished] }],
  ];
  for (const chunks of places) {
    const heard = await hearChunks(chunks);
    t.same(heard.usage, { input: 10, output: 2, cacheRead: 8, cacheWrite: null });
    t.equal(heard.end.stop, 'end');
  }
});

await t.test('an answer is whole with a reason or with [DONE], else it broke off', async (t) => {
  const chunk = { choices: [{ index: 0, delta: { content: 'Hel' } }] };
  const done = await hearChunks([chunk]);
  t.equal(done.end.stop, 'end');
  const cut = await hearChunks([chunk], { finish: null });
  t.equal(cut.end.stop, 'error');
  t.equal(cut.end.failure?.kind, 'connection');
  t.match(cut.end.failure?.message, 'The answer broke off');
});

await t.test('an error inside the stream is a failure of its kind', async (t) => {
  const errors: [object, string][] = [
    [{ code: 429, message: 'slow down' }, 'overload'],
    [{ type: 'overloaded_error', message: 'Overloaded' }, 'overload'],
    [{ code: 'context_length_exceeded', message: 'too long' }, 'context'],
    [{ message: 'boom' }, 'server'],
  ];
  for (const [error, kind] of errors) {
    const heard = await hearChunks([{ choices: [{ delta: { content: 'Hel' } }] }, { error }]);
    t.equal(heard.text, 'Hel');
    t.equal(heard.end.failure?.kind, kind);
  }
});

await t.test('the words of an error are found in every wrapping that services use', async (t) => {
  const message = "This model's maximum context length is 4096 tokens";
  const bodies = [
    { error: { message } },
    { error: message },
    { object: 'error', message, code: 400 },
    { detail: message },
    { detail: [{ msg: message }] },
  ];
  for (const body of bodies) {
    await using server = await serve((_request, response) => {
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    const { end } = await hear(modelAt(server.url), ask('Hi'));
    t.equal(end.failure?.kind, 'context', JSON.stringify(body));
    t.match(end.failure?.message, 'maximum context length is 4096 tokens');
  }
});

await t.test('what a model thought before a call goes back to its own provider only', async (t) => {
  await using mock = await startMockModel();
  mock.script({ thinking: 'Look at the clock.', calls: [{ name: 'time_now' }] }, 'Noon.', 'Noon.');
  const first = await hear(modelAt(mock.url), ask('Time?'));
  const [made] = first.calls;
  if (!made) throw new Error('no call came');
  const answered: Message = {
    role: 'assistant',
    text: '',
    calls: [made],
    ...(first.end.extra && { extra: first.end.extra }),
  };
  const history = ask([user('Time?'), answered, toolResult(made, 'noon')]);
  await hear(modelAt(mock.url), history);
  await hear(modelAt(mock.url, { name: 'other' }), history);
  const [, own = '', foreign = ''] = mock.requests().map((request) => request.body);
  t.match(own, '"reasoning_content":"Look at the clock."');
  t.notMatch(foreign, 'Look at the clock.');
});

await t.test('the request has the form that strict services want', (t) => {
  const service = {
    provider: 'acme',
    model: 'm',
    address: 'http://localhost/v1',
    headers: {},
    options: {},
    key: undefined,
  };
  const broken: ToolCall = { id: 'c1', name: 'time_now', arguments: '{"broken' };
  const history = [user('Time?'), assistant('', [broken]), toolResult(broken, 'not JSON', true)];
  const asked = ask(history, { system: 'Be Ada.', tail: 'Noon', maxTokens: 5 });
  const body = requestBody(service, asked, { id: 'm' }, {}, new Set());
  t.same(body.messages, [
    { role: 'system', content: 'Be Ada.' },
    { role: 'user', content: 'Time?' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'time_now', arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: 'c1', content: 'Error: not JSON\n\nNoon' },
  ]);
  t.equal(body.max_tokens, 5);
  t.equal(Object.keys(body).at(-1), 'messages', 'what grows comes last');
  const openAi = { ...service, address: 'https://api.openai.com/v1' };
  const official = requestBody(openAi, ask('Hi', { maxTokens: 5 }), { id: 'm' }, {}, new Set());
  t.equal(official.max_completion_tokens, 5);
  t.equal(official.max_tokens, undefined);
  t.end();
});

await t.test('a service that refuses stream_options is asked without', async (t) => {
  await using mock = await startMockModel();
  const refusal = { error: { status: 422, message: 'extra_forbidden: body.stream_options' } };
  mock.script(refusal, 'Hello', 'Again');
  const model = modelAt(mock.url);
  t.equal((await hear(model, ask('Hi'))).text, 'Hello');
  t.equal((await hear(model, ask('Hi'))).text, 'Again');
  t.same(
    mock.requests().map((request) => request.body.includes('stream_options')),
    [true, false, false],
  );
});

await t.test('a model that refuses a temperature is asked without, and answers', async (t) => {
  await using mock = await startMockModel();
  const words =
    "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.";
  mock.script({ error: { status: 400, message: words } }, { text: 'One.' }, { text: 'Two.' });
  const model = modelAt(mock.url);
  t.equal((await hear(model, ask('Go', { temperature: 0.2 }))).text, 'One.');
  t.equal((await hear(model, ask('Go on', { temperature: 0.2 }))).text, 'Two.');
  t.strictSame(
    mock.requests().map((request) => request.body.includes('"temperature"')),
    [true, false, false],
  );
});

await t.test('only the key that was given is sent', async (t) => {
  const names = ['OPENAI_API_KEY', 'OPENAI_ORG_ID', 'OPENAI_PROJECT_ID', 'OPENAI_ADMIN_KEY', 'OPENAI_CUSTOM_HEADERS'];
  for (const name of names) process.env[name] = 'x-other: from-environment';
  t.teardown(() => names.forEach((name) => delete process.env[name]));
  const seen: string[] = [];
  await using server = await serve((request, response) => {
    seen.push(JSON.stringify(request.headers));
    response.end('data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
  });
  await hear(modelAt(server.url), ask('Hi'));
  await hear(modelAt(server.url, { key: ' sk-mine\n' }), ask('Hi'));
  t.notMatch(seen[0], /authorization|from-environment/);
  t.match(seen[1], '"authorization":"Bearer sk-mine"');
  t.notMatch(seen[1], 'from-environment');
});

await t.test('a failure never repeats the key', async (t) => {
  await using mock = await startMockModel();
  const key = 'sk-secret-123';
  for (const status of [400, 401, 429, 500]) {
    mock.script({ error: { status, message: `Bad key ${key}` } });
    const { end } = await hear(modelAt(mock.url, { key }), ask('Hi'));
    t.equal(end.stop, 'error');
    t.notMatch(end.failure?.message, key, String(status));
  }
  const unusable = await hear(modelAt(mock.url, { key: 'sk-ключ' }), ask('Hi'));
  t.equal(unusable.end.failure?.kind, 'auth');
  t.notMatch(unusable.end.failure?.message, 'ключ');
});

await t.test('an address where no such service is gives a failure that says so', async (t) => {
  await using page = await serve((_request, response) => response.end('<html>Hello</html>'));
  const places: [address: string, kind: string, words: RegExp][] = [
    ['http://127.0.0.1:1/v1', 'connection', /does not answer at 127\.0\.0\.1:1/],
    ['http://no-such-host.invalid/v1', 'connection', /no-such-host\.invalid/],
    ['nowhere', 'invalid', /is no http or https URL/],
    ['ftp://user:pass@localhost/v1', 'invalid', /is no http or https URL/],
    [page.url, 'garbage', /is no model service as acme should be/],
  ];
  for (const [address, kind, words] of places) {
    const { end } = await hear(modelAt(address), ask('Hi'));
    t.equal(end.failure?.kind, kind, address);
    t.match(end.failure?.message, words);
    t.notMatch(end.failure?.message, 'pass');
  }
});

await t.test('calls share a connection, and one that went stale is replaced', async (t) => {
  const sockets = new Set<Socket>();
  let requests = 0;
  await using server = await serve((request, response) => {
    requests += 1;
    if (requests === 3) {
      request.socket.destroy();
      return;
    }
    sockets.add(request.socket);
    response.end('data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
  });
  const model = modelAt(server.url);
  for (const turn of ['first', 'on the same connection', 'on a new one']) {
    t.equal((await hear(model, ask('Hi'))).text, 'Hi', turn);
    await sleep(10);
  }
  t.equal(requests, 4, 'one was sent twice');
  t.equal(sockets.size, 2, 'over two connections');
});

await t.test('a slow reader is no silent service', async (t) => {
  await using mock = await startMockModel({ delayMs: 5 });
  mock.script({ text: 'word '.repeat(20), chunkSize: 5 });
  const model = modelAt(mock.url, { firstMs: 150, idleMs: 150 });
  let text = '';
  for await (const part of model.stream(ask('Hi'), new AbortController().signal)) {
    if (part.type === 'text') text += part.text;
    if (part.type === 'text' && text.length === 25) await sleep(400);
    if (part.type === 'end') t.equal(part.stop, 'end');
  }
  t.equal(text, 'word '.repeat(20));
});

await t.test('a slow reader gets all that came before the connection broke', async (t) => {
  const chunk = (text: string): string => `data: {"choices":[{"delta":{"content":"${text}"}}]}\n\n`;
  await using server = await serve((_request, response) => {
    response.write(chunk('one '));
    setTimeout(() => response.write(chunk('two'), () => response.destroy()), 20);
  });
  let text = '';
  for await (const part of modelAt(server.url).stream(ask('Hi'), new AbortController().signal)) {
    if (part.type === 'text') text += part.text;
    if (text === 'one ') await sleep(100);
    if (part.type === 'end') t.equal(part.failure?.kind, 'connection');
  }
  t.equal(text, 'one two');
});

await t.test('a reader that leaves early ends the call', async (t) => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  await using server = await serve((_request, response) => {
    response.on('close', resolve);
    response.write('data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n');
  });
  for await (const part of modelAt(server.url).stream(ask('Hi'), new AbortController().signal)) {
    if (part.type === 'text') break;
  }
  const outcome = await Promise.race([closed.then(() => 'closed'), sleep(2000, 'open', { ref: false })]);
  t.equal(outcome, 'closed');
});
