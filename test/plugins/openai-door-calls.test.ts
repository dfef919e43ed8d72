import type { OpenAI } from 'openai';
import t from 'tap';
import type { MockAnswer } from '../../plugins/mock/answer.ts';
import { until } from '../support/product.ts';
import { ask, gathered, HEADER, model, refuses, startDoor, textOf } from '../support/openai.ts';

type Message = OpenAI.ChatCompletionMessageParam;

const weather: OpenAI.ChatCompletionTool = {
  type: 'function',
  function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
};
const weatherCall = { name: 'get_weather', arguments: '{"city":"Oslo"}', id: 'call_w' };

t.setTimeout(120_000);

await using door = await startDoor();
const { talking, token, clientWith, pageOf, sound } = door;
const { product, mock } = talking;
const here = clientWith(token);

await t.test('a call of a tool of the client ends the turn, and its result comes with the next request', async (t) => {
  const question: Message = { role: 'user', content: 'What is the weather?' };
  const answers: MockAnswer[] = [{ text: 'Let me see.', calls: [weatherCall] }, { text: 'Rain.' }];
  const result: Message = { role: 'tool', tool_call_id: 'call_w', content: 'rain, 4 °C' };
  mock.script(...answers, ...answers);

  const asked = await here.chat.completions.create({ model, messages: [question], tools: [weather] });
  const [choice] = asked.choices;
  t.equal(choice?.finish_reason, 'tool_calls');
  t.match(choice?.message.tool_calls, [
    { id: 'call_w', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } },
  ]);
  t.ok(talking.bodies()[0]?.tools?.some(({ function: { name } }) => name === 'get_weather'));
  t.ok(
    talking.bodies()[0]?.tools?.some(({ function: { name } }) => name === 'time_now'),
    'beside those of the bot',
  );
  const said = choice?.message ?? { role: 'assistant', content: '' };
  const { data: told, response } = await here.chat.completions
    .create({ model, messages: [question, said, result], tools: [weather] })
    .withResponse();
  t.equal(told.choices[0]?.message.content, 'Rain.');
  t.match(talking.bodies()[1]?.messages.slice(1), [
    { role: 'user', content: 'What is the weather?' },
    { role: 'assistant', content: 'Let me see.', tool_calls: [{ id: 'call_w' }] },
    { role: 'tool', content: /^rain, 4 °C/ },
  ]);
  await sound(t, response.headers.get(HEADER));

  const { data, response: begun } = await here.chat.completions
    .create({ model, messages: [question], tools: [weather], stream: true })
    .withResponse();
  const chunks = await gathered(data);
  t.equal(textOf(chunks), 'Let me see.');
  t.match(chunks.at(-2)?.choices[0]?.delta.tool_calls, [{ index: 0, id: 'call_w', function: { name: 'get_weather' } }]);
  t.equal(chunks.at(-1)?.choices[0]?.finish_reason, 'tool_calls');
  const conversation = begun.headers.get(HEADER) ?? '';
  t.equal((await pageOf(conversation)).state, 'idle', 'nothing waits for a client that may never come back');
  const headers = { [HEADER]: conversation };
  const after = await here.chat.completions.create({ model, messages: [result], tools: [weather] }, { headers });
  t.equal(after.choices[0]?.message.content, 'Rain.');
  t.match((await pageOf(conversation)).nodes, [
    { kind: 'user' },
    { kind: 'agent', text: 'Let me see.' },
    { kind: 'task', tool: { name: 'get_weather', result: 'rain, 4 °C' } },
    { kind: 'agent', text: 'Rain.' },
  ]);
  const twice = here.chat.completions.create({ model, messages: [result] }, { headers });
  await refuses(t, twice, { status: 400, message: /Nobody asked for the result "call_w"/ });
  await refuses(t, here.chat.completions.create({ model, messages: [question, result] }), { status: 400 });
  await sound(t, conversation);
});

await t.test(
  'calls side by side come back together, in any order; one that is missing is told to the model',
  async (t) => {
    const second = { ...weatherCall, id: 'call_2', arguments: '{"city":"Rome"}' };
    mock.script({ calls: [weatherCall, second] }, 'Both.', { calls: [weatherCall, second] }, 'One.');
    for (const [answer, ids] of [
      ['Both.', ['call_2', 'call_w']],
      ['One.', ['call_2']],
    ] as const) {
      const question = { model, messages: [{ role: 'user' as const, content: 'Both cities?' }], tools: [weather] };
      const { data: asked, response } = await here.chat.completions.create(question).withResponse();
      t.strictSame(
        asked.choices[0]?.message.tool_calls?.map(({ id }) => id),
        ['call_w', 'call_2'],
      );
      const conversation = response.headers.get(HEADER);
      const messages: Message[] = ids.map((id) => ({ role: 'tool', tool_call_id: id, content: `sun for ${id}` }));
      const headers = { [HEADER]: conversation ?? '' };
      const told = await here.chat.completions.create(
        { model, messages: [...messages, { role: 'user', content: 'So?' }] },
        { headers },
      );
      t.equal(told.choices[0]?.message.content, answer);
      t.match(talking.bodies().at(-1)?.messages.slice(3), [
        { role: 'tool', content: answer === 'Both.' ? 'sun for call_w' : /not carried out/ },
        { role: 'tool', content: 'sun for call_2' },
        { role: 'user', content: /^So\?/ },
      ]);
      await sound(t, conversation);
    }
  },
);

await t.test('the tools of the bot run on the server, a client’s beside them is asked for again', async (t) => {
  mock.script(
    { text: 'Two at once.', calls: [weatherCall, { name: 'time_now', id: 'call_t' }] },
    { text: 'Now alone.', calls: [{ ...weatherCall, id: 'call_x' }] },
  );
  const { data, response } = await here.chat.completions
    .create({ model, messages: [{ role: 'user', content: 'Weather and time?' }], tools: [weather] })
    .withResponse();
  t.equal(data.choices[0]?.message.content, 'Two at once.\n\nNow alone.');
  t.strictSame(
    data.choices[0]?.message.tool_calls?.map(({ id }) => id),
    ['call_x'],
  );
  t.match((await pageOf(response.headers.get(HEADER))).nodes, [
    { kind: 'user' },
    { kind: 'agent' },
    { kind: 'task', tool: { name: 'get_weather', result: /cannot be called beside others/ } },
    { kind: 'task', tool: { name: 'time_now', result: /utc/i } },
    { kind: 'agent' },
  ]);
  mock.clear();
  mock.script('No tools.');
  await here.chat.completions.create({
    model,
    messages: [{ role: 'user', content: 'hi' }],
    tools: [weather],
    tool_choice: 'none',
  });
  t.strictSame(talking.bodies()[0]?.tools ?? [], []);
});

await t.test('a stream stays open while a person is asked; a request without one gives up in time', async (t) => {
  await product.files.write('bots/assistant/bot.yaml', 'tools:\n  ask: [time_now]\n');
  t.teardown(() => product.files.write('bots/assistant/bot.yaml', 'tools:\n  allow: [bots_list, time_now]\n'));
  const body = JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Time?' }] });
  mock.script({ calls: [{ name: 'time_now' }] }, 'It is late.');
  const response = await fetch(new URL('/v1/chat/completions', product.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body,
  });
  const conversation = response.headers.get(HEADER) ?? '';
  let heard = '';
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    heard += piece;
    // Beats come while nothing else does; then the person approves.
    if (!/(: beat\n\n){2}/.test(heard)) continue;
    const { calls } = await product.client.call('calls.list', { conversation });
    for (const { id } of calls) await product.client.call('calls.approve', { conversation, call: id });
    if (heard.includes('[DONE]')) break;
  }
  t.match(heard, /^: waits until a person approves time_now$/m);
  t.match(heard, /It is late\.[^]*\[DONE\]/);

  mock.script({ calls: [{ name: 'time_now' }] });
  await refuses(t, ask(here, 'Time?'), { status: 403, code: 'approval_late', message: /time_now/ });
  const { conversations } = await product.client.call('conversations.list', { bot: 'assistant', limit: 1 });
  t.equal(conversations[0]?.state, 'idle', 'and nothing is left waiting');

  mock.script({ calls: [{ name: 'time_now' }] }, 'So be it.');
  const pending = here.chat.completions.create({ model, messages: [{ role: 'user', content: 'Time?' }], stream: true });
  const deny = until('the call waits', async () => {
    const { conversations: list } = await product.client.call('conversations.list', { bot: 'assistant', limit: 1 });
    const id = list[0]?.id ?? '';
    const { calls } = await product.client.call('calls.list', { conversation: id });
    return calls[0] && product.client.call('calls.deny', { conversation: id, call: calls[0].id });
  });
  const [chunks] = await Promise.all([gathered(await pending), deny]);
  t.equal(textOf(chunks), 'So be it.', 'a denied call is a result that the model reads');
});

await t.test('responses are given whole and as a stream, and go on by previous_response_id', async (t) => {
  mock.script({ text: 'Good day.', usage: { input: 9, output: 2 } }, 'You said Hello.', 'Another way.');
  const first = await here.responses.create({ model, input: 'Hello', instructions: 'Be kind.' });
  t.match(first, { status: 'completed', output_text: 'Good day.', usage: { input_tokens: 9, total_tokens: 11 } });
  t.match(talking.bodies()[0]?.messages[1]?.content, /Be kind\./);
  const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: [{ type: 'input_text', text: 'What?' }] }];
  const stream = here.responses.stream({ model, input, previous_response_id: first.id });
  const events = await gathered(stream);
  const second = await stream.finalResponse();
  t.equal(second.output_text, 'You said Hello.');
  t.equal(
    events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : '')).join(''),
    'You said Hello.',
  );
  t.strictSame(
    events.map(({ sequence_number }) => sequence_number),
    events.map((_, at) => at),
  );
  t.match(talking.bodies()[1]?.messages.slice(2), [
    { content: 'Hello' },
    { content: 'Good day.' },
    { content: /^What/ },
  ]);
  const fork = await here.responses.create({ model, input: 'And else?', previous_response_id: first.id });
  t.equal(fork.output_text, 'Another way.', 'behind an earlier one it is a branch');
  t.match(talking.bodies()[2]?.messages.slice(2), [
    { content: 'Hello' },
    { content: 'Good day.' },
    { content: /^And/ },
  ]);
  const conversation = first.id.split('_')[1] ?? '';
  t.equal((await pageOf(conversation)).lanes.length, 2);
  await sound(t, conversation);
  const gone = { model, input: 'x', previous_response_id: `${first.id.slice(0, -12)}000000000000` };
  await refuses(t, here.responses.create(gone), { status: 404, param: 'previous_response_id' });
  const strange = { model, input: 'x', previous_response_id: 'resp_123' };
  await refuses(t, here.responses.create(strange), { status: 400, param: 'previous_response_id' });
  await refuses(t, here.responses.create({ model, input: 'x', tools: [{ type: 'web_search' }] }), {
    param: 'tools[0].type',
  });
  const format = { format: { type: 'json_object' as const } };
  await refuses(t, here.responses.create({ model, input: 'x', text: format }), { param: 'text' });
});

await t.test('a tool of the client makes its round through responses', async (t) => {
  const tools: OpenAI.Responses.Tool[] = [
    { type: 'function', name: 'get_weather', parameters: { type: 'object', properties: {} }, strict: false },
  ];
  const result = { type: 'function_call_output' as const, call_id: 'call_w', output: 'sun' };
  mock.script({ calls: [weatherCall] }, 'Sunny.', { calls: [weatherCall] }, 'Sunny again.');
  const asked = await here.responses.create({ model, input: 'Weather?', tools });
  t.match(asked.output, [{ type: 'function_call', call_id: 'call_w', name: 'get_weather' }]);
  const told = await here.responses.create({ model, input: [result], tools, previous_response_id: asked.id });
  t.equal(told.output_text, 'Sunny.');
  const stream = here.responses.stream({ model, input: 'Weather?', tools });
  const streamed = await stream.finalResponse();
  t.match(streamed.output, [{ type: 'function_call', arguments: '{"city":"Oslo"}' }]);
  const [call] = streamed.output;
  const input = [{ role: 'user' as const, content: 'Weather?' }, ...(call ? [call] : []), result];
  const again = await here.responses.create({ model, input: input as OpenAI.Responses.ResponseInput, tools });
  t.equal(again.output_text, 'Sunny again.', 'without a previous response the items are the history');
});
