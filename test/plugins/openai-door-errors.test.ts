import type { OpenAI } from 'openai';
import t from 'tap';
import { until } from '../support/product.ts';
import { ask, gathered, model, refuses, startDoor } from '../support/openai.ts';

type Message = OpenAI.ChatCompletionMessageParam;

t.setTimeout(120_000);

await using door = await startDoor();
const { talking, token, clientWith, pageOf } = door;
const { product, mock } = talking;
await product.client.call('bots.create', { name: 'Ada' });
const here = clientWith(token);

await t.test('what cannot be honoured is refused, and the field is named', async (t) => {
  const fields: Record<string, unknown> = {
    n: 2,
    logprobs: true,
    top_logprobs: 3,
    logit_bias: { 50256: -100 },
    audio: { voice: 'alloy', format: 'mp3' },
    modalities: ['text', 'audio'],
    functions: [{ name: 'old' }],
    tool_choice: 'required',
    temperature: 3,
    max_tokens: 0,
  };
  for (const [param, value] of Object.entries(fields))
    await refuses(t, ask(here, 'hi', { [param]: value }), { status: 400, param, type: 'invalid_request_error' });
  const wrong: Record<string, unknown> = {
    messages: [],
    'messages[0].role': [{ role: 'function', name: 'x', content: 'y' }],
    'messages[0].content[1].type': [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'See' },
          { type: 'image_url', image_url: { url: 'data:,' } },
        ],
      },
    ],
  };
  for (const [param, messages] of Object.entries(wrong))
    await refuses(t, ask(here, '', { messages }), { status: 400, param });
  await refuses(t, ask(here, ' '), { status: 400, code: 'message_empty' });
  await refuses(t, ask(here, 'hi', { tools: [{ type: 'custom', custom: { name: 'x' } }] }), { param: 'tools[0].type' });
  await refuses(t, here.embeddings.create({ model, input: 'hi' }), { status: 404, message: /No embedder is loaded/ });
  const harmless = { n: 1, logprobs: false, response_format: { type: 'text' }, stop: ['x'], seed: 7, top_p: null };
  t.equal(mock.requests().length, 0, 'no model was called');
  t.ok(await ask(here, 'hi', harmless), 'what says nothing else than what is done anyhow is taken');
});

await t.test('stop texts, the shape of an answer and the effort of thinking reach the model', async (t) => {
  const schema = {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  };
  const format = { name: 'place', schema, strict: true };
  mock.clear();
  await ask(here, 'Where?', {
    stop: 'THE END',
    reasoning_effort: 'minimal',
    response_format: { type: 'json_schema', json_schema: format },
  });
  const text = { format: { type: 'json_schema' as const, ...format } };
  await here.responses.create({ model, input: 'Where?', text, reasoning: { effort: 'high' } });
  const [chat, response] = mock.requests().map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  t.match(chat, {
    stop: ['THE END'],
    reasoning_effort: 'low',
    response_format: { json_schema: { name: 'place', schema } },
  });
  t.match(response, { reasoning_effort: 'high', response_format: { type: 'json_schema', json_schema: { schema } } });
  await refuses(t, ask(here, 'Where?', { response_format: { type: 'json_object' } }), {
    param: 'response_format.type',
  });
});

await t.test('what goes wrong has the form that clients know', async (t) => {
  await refuses(t, clientWith('bnity_' + '0'.repeat(64)).models.list(), { status: 401, code: 'invalid_api_key' });
  const broken = await fetch(new URL('/v1/chat/completions', product.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{',
  });
  t.match([broken.status, await broken.json()], [400, { error: { type: 'invalid_request_error' } }]);
  mock.script(
    { error: { status: 400, message: 'no such thing' } },
    { text: 'Half of an answer', dropAfter: 2, chunkSize: 4 },
  );
  await refuses(t, ask(here, 'fail'), { status: 500, type: 'server_error', code: 'model_failed' });
  t.equal(mock.requests().length, 1, 'the client does not try a message again that is in a conversation');
  const stream = await here.chat.completions.create({
    model,
    stream: true,
    messages: [{ role: 'user', content: 'break off' }],
  });
  await t.rejects(gathered(stream), { message: /broke off/ });
  await product.files.write('bots/ada/bot.yaml', 'status: disabled\n');
  await until('she is disabled', async () => (await here.models.list()).data.length === 1);
  await refuses(t, ask(here, 'hi', { model: 'ada' }), { status: 400, code: 'bot_inactive' });
});

await t.test('the first words are there before the last, and who leaves stops the answer', async (t) => {
  for (const way of ['stream', 'whole']) {
    mock.clear();
    mock.script({ text: 'The first words of many.', chunkSize: 9, hangAfter: 2 });
    const leave = new AbortController();
    if (way === 'stream') {
      const messages: Message[] = [{ role: 'user', content: 'Go' }];
      const stream = await here.chat.completions.create({ model, stream: true, messages }, { signal: leave.signal });
      for await (const { choices } of stream) if (choices[0]?.delta.content?.includes('first')) break;
    } else {
      const pending = ask(here, 'Go', {}, {}, leave.signal).catch(() => undefined);
      await until('some of it has come', async () => {
        const { state, nodes } = await last();
        return state === 'running' && nodes.at(-1)?.text.startsWith('The first');
      });
      leave.abort();
      await pending;
    }
    const stopped = await until(`the answer is stopped, ${way}`, async () => {
      const page = await last();
      return page.state === 'idle' && page.nodes.at(-1)?.state === 'stopped' && page;
    });
    t.match(stopped.nodes.at(-1), { text: /^The first/, run: { state: 'canceled' } }, 'what had come stays');
  }
});

await t.test('a stream ends when its token is revoked', async (t) => {
  const { id, token: brief } = await product.client.call('tokens.create', { name: 'brief', scopes: ['bots:use'] });
  mock.script({ text: 'Words and more words.', chunkSize: 6, hangAfter: 2 });
  const stream = await clientWith(brief).chat.completions.create({
    model,
    stream: true,
    messages: [{ role: 'user', content: 'Go' }],
  });
  await t.rejects(async () => {
    for await (const { choices } of stream)
      if (choices[0]?.delta.content) await product.client.call('tokens.revoke', { token: id });
  });
  await refuses(t, clientWith(brief).models.list(), { status: 401, code: 'invalid_api_key' });
});

/** The latest conversation. */
async function last(): ReturnType<typeof pageOf> {
  const { conversations } = await product.client.call('conversations.list', { bot: 'assistant', limit: 1 });
  return pageOf(conversations[0]?.id ?? '');
}
