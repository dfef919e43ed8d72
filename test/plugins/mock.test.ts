import { once } from 'node:events';
import { request as open, type IncomingMessage } from 'node:http';
import path from 'node:path';
import t from 'tap';
import { definePlugin, type Caller } from 'boternity';
import { readCliToken } from '../../core/files/cli-token.ts';
import { testHouse } from '../../core/testing.ts';
import signIn from '../../plugins/sign-in/index.ts';
import mockPlugin from '../../plugins/mock/index.ts';
import { chatModel } from '../../plugins/openai/chat/chat.ts';
import { accessTo } from '../support/access.ts';
import { ask, hear } from '../support/hear.ts';
import { startMockModel, type MockModel } from '../support/mock-model.ts';

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

async function post(mock: MockModel, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
  const answer = await fetch(`${mock.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

interface Chunk {
  readonly choices: readonly {
    readonly delta: { readonly role?: string; readonly content?: string; readonly tool_calls?: unknown };
    readonly finish_reason: string | null;
  }[];
  readonly usage?: Record<string, unknown>;
}

function say(content: string, rest: object = {}): object {
  return { model: 'mock-model', messages: [{ role: 'user', content }], stream: true, ...rest };
}

function payloadsOf(text: string): string[] {
  return text
    .split('\n\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^data: /, ''));
}

async function stream(mock: MockModel, body: object): Promise<Chunk[]> {
  const { text } = await post(mock, body);
  const payloads = payloadsOf(text);
  if (payloads.at(-1) !== '[DONE]') throw new Error('The stream has no [DONE].');
  return payloads.slice(0, -1).map((payload) => JSON.parse(payload) as Chunk);
}

async function textOf(mock: MockModel, body: object): Promise<string> {
  const chunks = await stream(mock, body);
  return chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
}

await t.test('it lists its model', async (t) => {
  await using mock = await startMockModel();
  const answer = await fetch(`${mock.url}/models`);
  t.match(await answer.json(), { object: 'list', data: [{ id: 'mock-model' }] });
  const missing = await fetch(`${mock.url}/nothing`);
  t.equal(missing.status, 404);
});

await t.test('it repeats the last thing the user said, in chunks of 18 characters', async (t) => {
  await using mock = await startMockModel();
  const messages = [
    { role: 'user', content: 'first' },
    { role: 'assistant', content: 'answer' },
    { role: 'user', content: [{ type: 'text', text: 'Hello there🦉about owls' }] },
  ];
  const chunks = await stream(mock, say('', { messages }));
  t.same(chunks[0]?.choices[0]?.delta, { role: 'assistant', content: '' });
  t.same(
    chunks.slice(1, -1).map((chunk) => chunk.choices[0]?.delta.content),
    ['Mock: Hello there🦉', 'about owls'],
  );
  t.equal(chunks.at(-1)?.choices[0]?.finish_reason, 'stop');
  t.equal(chunks.at(-1)?.usage, undefined);
});

await t.test('it tells usage when asked, at four characters a token', async (t) => {
  await using mock = await startMockModel();
  const withUsage = { stream_options: { include_usage: true } };
  const counted = (await stream(mock, say('12345', withUsage))).at(-1)?.usage;
  t.match(counted, { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 });
  const given = (await stream(mock, say('!mock usage=1000,50,900cached -- x', withUsage))).at(-1)?.usage;
  t.match(given, { prompt_tokens: 1000, completion_tokens: 50, prompt_tokens_details: { cached_tokens: 900 } });
});

await t.test('it answers whole when no stream is wanted', async (t) => {
  await using mock = await startMockModel();
  const { text } = await post(mock, say('Hi', { stream: false }));
  t.match(JSON.parse(text), {
    object: 'chat.completion',
    choices: [{ message: { role: 'assistant', content: 'Mock: Hi' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 2 },
  });
});

await t.test('!md gives Markdown with heading, bold, list and code', async (t) => {
  await using mock = await startMockModel();
  const text = await textOf(mock, say('!md Owls'));
  for (const part of ['# Owls', '**bold**', '\n- one', '```js']) t.match(text, part);
});

await t.test('!mock takes its prompt after the dashes and ignores what it does not know', async (t) => {
  await using mock = await startMockModel();
  const said = ['!mock -- Hi', '!mock slow=x foo=bar "a b" \'c\' -- Hi', '!mock error=abc -- Hi', '!mock\nHi'];
  for (const each of said) t.equal(await textOf(mock, say(each)), 'Mock: Hi', each);
  t.equal(await textOf(mock, say('!mock -- one\ntwo')), 'Mock: one\ntwo');
  t.equal(await textOf(mock, say('!mocking')), 'Mock: !mocking', 'another word is no directive');
});

await t.test('an open quote is refused', async (t) => {
  await using mock = await startMockModel();
  for (const said of ['!mock message="oops -- Hi', "!mock 'oops", '!mock tool=x args={"a":1 -- Hi']) {
    const { status, text } = await post(mock, say(said));
    t.equal(status, 400);
    t.match(text, 'invalid mock directive');
  }
});

await t.test('error gives that status as JSON even for a stream', async (t) => {
  await using mock = await startMockModel();
  const types: [number, string][] = [
    [429, 'rate_limit_error'],
    [401, 'authentication_error'],
    [403, 'permission_error'],
    [404, 'invalid_request_error'],
    [500, 'server_error'],
    [529, 'server_error'],
  ];
  for (const [code, type] of types) {
    const { status, headers, text } = await post(
      mock,
      say(`!mock error=${code} retry_after=3 message="it is \\"so\\"" -- Hi`),
    );
    t.equal(status, code);
    t.match(headers.get('content-type'), 'application/json');
    t.equal(headers.get('retry-after'), '3');
    t.match(JSON.parse(text), { error: { type, message: 'it is "so"' } });
  }
});

await t.test('slow pauses before every chunk, within its limit', async (t) => {
  await using mock = await startMockModel({ maxSlowSeconds: 0.02 });
  const began = performance.now();
  await textOf(mock, say(`!mock slow=60 -- ${'x'.repeat(12)}`));
  const took = performance.now() - began;
  t.ok(took >= 3 * 18 && took < 2000, `${took} ms for three chunks`);
});

await t.test('what is no chat request is refused with a fixed sentence', async (t) => {
  await using mock = await startMockModel();
  const wrong: [body: unknown, message: string][] = [
    ['{oops', 'the body is not valid JSON'],
    ['"text"', 'the body is not valid JSON'],
    [{ messages: [{ role: 'user', content: 'Hi' }] }, 'model is required'],
    [{ model: '', messages: [{ role: 'user', content: 'Hi' }] }, 'model is required'],
    [{ model: 'm' }, 'messages must be a list'],
    [{ model: 'm', messages: [] }, 'messages must not be empty'],
  ];
  for (const [body, message] of wrong) {
    const { status, text } = await post(mock, body);
    t.equal(status, 400);
    t.match(JSON.parse(text), { error: { message, type: 'invalid_request_error' } });
  }
});

await t.test('tool calls a tool, then answers with its result', async (t) => {
  await using mock = await startMockModel();
  const said = '!mock tool=weather args={"city": "San Francisco"} -- Weather?';
  const chunks = await stream(mock, say(said));
  const calls = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []) as {
    index: number;
    id?: string;
    function: { name?: string; arguments: string };
  }[];
  t.equal(calls[0]?.function.name, 'weather');
  t.equal(calls.map((call) => call.function.arguments).join(''), '{"city": "San Francisco"}');
  t.equal(chunks.at(-1)?.choices[0]?.finish_reason, 'tool_calls');
  const messages = [
    { role: 'user', content: said },
    { role: 'assistant', content: null, tool_calls: [] },
    { role: 'tool', tool_call_id: calls[0]?.id, content: 'sunny' },
  ];
  t.equal(await textOf(mock, say('', { messages })), 'Mock: Weather? [sunny]');
});

await t.test('tools calls several at once, badargs spoils their arguments', async (t) => {
  await using mock = await startMockModel();
  const tools = ['a', 'b', 'c'].map((name) => ({ type: 'function', function: { name } }));
  const named = async (said: string): Promise<string> => {
    const { text } = await post(mock, say(said, { tools, stream: false }));
    const { choices } = JSON.parse(text) as {
      choices: { message: { tool_calls: { id: string; function: { name: string; arguments: string } }[] } }[];
    };
    const calls = choices[0]?.message.tool_calls ?? [];
    t.equal(new Set(calls.map((call) => call.id)).size, calls.length, 'ids of their own');
    return calls.map((call) => `${call.function.name} ${call.function.arguments}`).join(', ');
  };
  t.equal(await named('!mock tools=2 -- Go'), 'a {}, b {}');
  t.equal(await named('!mock tool=b tools=2 -- Go'), 'b {}, b {}');
  t.equal(await named('!mock tool=b badargs -- Go'), 'b {"broken": ');
});

await t.test('empty says nothing, badjson sends garbage', async (t) => {
  await using mock = await startMockModel();
  t.equal(await textOf(mock, say('!mock empty -- Hi')), '');
  const { text } = await post(mock, say('!mock badjson -- Hi'));
  t.throws(() =>
    payloadsOf(text)
      .slice(0, -1)
      .map((payload) => JSON.parse(payload) as unknown),
  );
});

await t.test('drop_after cuts the connection after so many chunks', async (t) => {
  await using mock = await startMockModel();
  const body = JSON.stringify(say(`!mock drop_after=2 -- ${'x'.repeat(40)}`));
  const request = open(`${mock.url}/chat/completions`, { method: 'POST' }).end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  await t.rejects(async () => {
    for await (const piece of response) text += String(piece);
  });
  t.equal(payloadsOf(text).length, 2);
});

await t.test('hang waits before it answers', async (t) => {
  await using mock = await startMockModel();
  const began = performance.now();
  t.equal(await textOf(mock, say('!mock hang=0.1 -- Hi')), 'Mock: Hi');
  t.ok(performance.now() - began >= 98);
});

await t.test('script takes the answers of a turn from a file', async (t) => {
  const steps = JSON.stringify([{ calls: [{ name: 'time_now' }] }, 'Noon.']);
  const folder = t.testdir({ 'outside.json': steps, scripts: { 'two-steps.json': steps } });
  await using mock = await startMockModel({ scripts: path.join(folder, 'scripts') });
  const said = '!mock script=two-steps -- Go';
  t.equal((await stream(mock, say(said))).at(-1)?.choices[0]?.finish_reason, 'tool_calls');
  const messages = [
    { role: 'user', content: said },
    { role: 'assistant', content: null },
    { role: 'tool', content: 'noon' },
  ];
  t.equal(await textOf(mock, say('', { messages })), 'Noon.');
  for (const name of ['missing', '../outside', '/etc/passwd']) {
    t.equal((await post(mock, say(`!mock script=${name} -- Go`))).status, 400, name);
  }
});

await t.test('a test gives the answers to the next requests', async (t) => {
  await using mock = await startMockModel();
  mock.script('One', { text: 'Two', finish: 'length' }, { error: { status: 503 } });
  t.equal(await textOf(mock, say('Hi')), 'One');
  t.equal((await stream(mock, say('Hi'))).at(-1)?.choices[0]?.finish_reason, 'length');
  t.equal((await post(mock, say('Hi'))).status, 503);
  t.equal(await textOf(mock, say('Hi')), 'Mock: Hi');
});

await t.test('it keeps requests byte for byte, but no credentials', async (t) => {
  await using mock = await startMockModel();
  const body = '{ "model":"m",\n "messages":[{"role":"user","content":"né 🦉"}] }';
  await post(mock, body, { authorization: 'Bearer sk-secret', 'x-trace': 'abc' });
  const [captured] = mock.requests();
  t.equal(captured?.body, body);
  t.equal(captured?.headers['x-trace'], 'abc');
  t.notMatch(JSON.stringify(captured), 'sk-secret');
  t.ok(Math.abs(Date.now() - (captured?.at ?? 0)) < 10_000);
  mock.clear();
  t.equal(mock.requests().length, 0);
});

await t.test('as a plugin it answers below /mock and shows what was asked', async (t) => {
  await using house = await testHouse({ plugins: [signIn(), mockPlugin({ delayMs: 0 })] });
  const key = (await readCliToken(house.home)) ?? '';
  const address = `${house.url}/mock/v1`;
  const model = chatModel(accessTo(address, { key }), { id: 'mock-model' });
  const heard = await hear(model, ask('Hello'));
  t.equal(heard.text, 'Mock: Hello');
  t.match(await (await house.fetch('/mock/v1/models')).json(), { data: [{ id: 'mock-model' }] });
  const { requests } = (await (await house.fetch('/mock/requests')).json()) as { requests: { body: string }[] };
  t.match(requests[0]?.body, '"content":"Hello"');
});

await t.test('as a plugin it answers those who may use models, and shows requests to those who run them', async (t) => {
  const caller: Caller = { kind: 'token', id: 'guest', name: 'Guest', grants: ['models:use'] };
  const guests = definePlugin({
    name: 'guests',
    provides: ['callers'],
    setup: (context) =>
      context.provide('callers', () => ({
        identify: async ({ headers }) => (headers.authorization === undefined ? undefined : caller),
        check: () => undefined,
        checkAddress: () => undefined,
        owner: () => caller,
      })),
  });
  await using house = await testHouse({ plugins: [guests(), mockPlugin()] });
  const status = async (path: string, headers: Record<string, string> = {}): Promise<number> =>
    (await house.fetch(path, { headers })).status;
  const known = { authorization: 'Bearer guest' };
  t.equal(await status('/mock/v1/models'), 401);
  t.equal(await status('/mock/v1/models', known), 200);
  t.equal(await status('/mock/requests', known), 403);
});
