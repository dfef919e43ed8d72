import t from 'tap';
import type { Message, ModelFacts } from 'boternity';
import { providerContract } from '../../core/testing.ts';
import { openAiKind } from '../../plugins/openai/kind.ts';
import { responsesModel } from '../../plugins/openai/responses/responses.ts';
import { accessTo } from '../support/access.ts';
import { ask, assistant, hear, toolResult, user } from '../support/hear.ts';
import { openAiRefusals, refused, stageOver, startService, type Reply } from '../support/model-service.ts';
import { startProduct } from '../support/product.ts';
import { errorEvent, events, framesOf, wrongWith } from '../support/responses-wire.ts';
import { begin, say } from '../support/talk.ts';
import { asEvents, playsRecordings } from '../support/recordings.ts';

t.setTimeout(180_000);

const thinker: ModelFacts = { id: 'gpt-6-luna', abilities: { images: true, tools: true, thinking: true } };

await t.test('the provider openai keeps the contract with Responses', (t) =>
  providerContract(t, {
    stage: stageOver({
      path: '/v1/responses',
      modelAt: (url, patience) =>
        openAiKind.model(
          accessTo(`${url}/v1`, {
            key: 'sk-test',
            options: { api: 'responses' },
            ...patience,
          }),
          thinker,
        ),
      frames: framesOf,
      error: errorEvent,
      refusals: openAiRefusals,
      wrongWith,
    }),
    lacks: ['stop'],
  }),
);

for (const isNamed of [true, false])
  await t.test(`what OpenAI sent in Responses is understood, events ${isNamed ? 'with' : 'without'} names`, (t) =>
    playsRecordings(t, {
      folder: 'openai-responses',
      frame: asEvents({ isNamed, isDone: !isNamed }),
      contentType: 'text/event-stream',
      modelAt: (address) => responsesModel(accessTo(address), { id: 'recorded' }),
    }),
  );

/** A conversation with a service that plays these lists of events. */
async function talk(replies: readonly Reply[], facts: ModelFacts = thinker) {
  const service = await startService([...replies, { frames: events(done()) }]);
  const access = accessTo(`${service.url}/v1`, { key: 'sk-test', name: 'acme' });
  return { service, model: responsesModel(access, facts), [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() };
}

function done(output: readonly object[] = [], usage: unknown = null): object[] {
  return [
    { type: 'response.created', response: {} },
    ...output.map((item, output_index) => ({ type: 'response.output_item.done', output_index, item })),
    { type: 'response.completed', response: { status: 'completed', usage } },
  ];
}

const thought = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'c2VhbGVk' };
const said = {
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  phase: 'commentary',
  content: [{ type: 'output_text', text: 'I look.' }],
};
const called = { type: 'function_call', id: 'fc_1', call_id: 'call_a', name: 'time_now', arguments: '{}' };

await t.test('what a model thought goes back to it alone, sealed and in its order', async (t) => {
  await using talking = await talk([{ frames: events(done([thought, said, called])) }]);
  const { service, model } = talking;
  const heard = await hear(model, ask('Time?', { thinking: 'high', system: 'Be Ada.' }));
  t.equal(heard.text, 'I look.', 'text that came whole is said once');
  t.equal(heard.end.stop, 'tools');
  const [call = { id: '', name: '', arguments: '' }] = heard.calls;
  const answer: Message = { ...assistant(heard.text, heard.calls), extra: heard.end.extra ?? {} } as Message;
  const history = [user('Time?'), answer, toolResult(call, 'noon')];
  await hear(model, ask(history));
  await hear(responsesModel(accessTo(`${service.url}/v1`, { name: 'other' }), thinker), ask(history));
  await hear(
    responsesModel(accessTo(`${service.url}/v1`, { name: 'acme' }), {
      id: 'gpt-4.1',
      abilities: { images: true, tools: true, thinking: false },
    }),
    ask(history),
  );
  const [first, own, foreign, plain] = service.asked.map(({ json }) => json);
  t.same(first?.reasoning, { effort: 'high', summary: 'auto' });
  t.same(first?.include, ['reasoning.encrypted_content']);
  t.equal(first?.instructions, 'Be Ada.');
  t.match(own?.input, [
    { role: 'user' },
    thought,
    { type: 'message', id: 'msg_1', phase: 'commentary', content: [{ type: 'output_text', text: 'I look.' }] },
    { type: 'function_call', id: 'fc_1', call_id: 'call_a', name: 'time_now', arguments: '{}' },
    { type: 'function_call_output', call_id: 'call_a', output: 'noon' },
  ]);
  for (const body of [foreign, plain]) {
    t.notMatch(JSON.stringify(body), 'c2VhbGVk');
    t.notMatch(JSON.stringify(body), 'msg_1');
    t.match(body?.input, [{}, { role: 'assistant', content: 'I look.' }, { type: 'function_call' }, {}]);
  }
  t.equal(plain?.reasoning, undefined, 'a model that does not think is not told how to');
});

await t.test('a text that was changed since it was said is one message, without the ids of the old', async (t) => {
  await using talking = await talk([{ frames: events(done([thought, said, called])) }]);
  const heard = await hear(talking.model, ask('Time?'));
  const changed = { ...assistant('I look at …', heard.calls), extra: heard.end.extra ?? {} } as Message;
  await hear(
    talking.model,
    ask([user('Time?'), changed, toolResult(heard.calls[0] ?? { id: '', name: '', arguments: '' }, 'noon')]),
  );
  const body = JSON.stringify(talking.service.asked[1]?.json);
  t.match(body, 'I look at …');
  t.notMatch(body, 'msg_1');
});

await t.test(
  'a result of a program of the model, and of a tool that takes text, is told in its own form',
  async (t) => {
    const byProgram = { ...called, caller: { type: 'program', caller_id: 'call_p' } };
    const custom = { type: 'custom_tool_call', id: 'ct_1', call_id: 'call_b', name: 'sql', input: 'SELECT 1' };
    await using talking = await talk([{ frames: events(done([byProgram, custom])) }]);
    const heard = await hear(talking.model, ask('Go'));
    t.same(
      heard.calls.map((call) => call.arguments),
      ['{}', '"SELECT 1"'],
    );
    const answer = { ...assistant('', heard.calls), extra: heard.end.extra ?? {} } as Message;
    const image = { type: 'image', mediaType: 'image/png', base64: 'aGk=' } as const;
    const results = heard.calls.map((call) => Object.assign(toolResult(call, 'one'), { content: [image] }));
    await hear(talking.model, ask([user('Go'), answer, ...results], { tail: 'now' }));
    t.match(talking.service.asked[1]?.json.input, [
      { role: 'user' },
      { type: 'function_call', caller: { type: 'program' } },
      { type: 'custom_tool_call', input: 'SELECT 1' },
      { type: 'function_call_output', caller: { type: 'program', caller_id: 'call_p' } },
      {
        type: 'custom_tool_call_output',
        call_id: 'call_b',
        output: [{ type: 'input_image', image_url: 'data:image/png;base64,aGk=' }, { text: 'now' }],
      },
    ]);
  },
);

await t.test('what a model refuses is left out, now and later', async (t) => {
  const refusal = (message: string, param: string): Reply => refused(400, { message, param });
  await using talking = await talk([
    refusal("Unsupported parameter: 'temperature' is not supported with this model.", 'temperature'),
    refusal('Your organization must be verified to generate reasoning summaries.', 'reasoning.summary'),
    refusal("Unsupported value: 'none' is not supported. Supported values are: 'minimal', 'low'", 'reasoning.effort'),
  ]);
  for (const turn of ['Hi', 'Again'])
    t.equal((await hear(talking.model, ask(turn, { temperature: 0.5, thinking: 'off' }))).end.stop, 'end');
  const sent = talking.service.asked.map(({ json }) => [json.temperature, json.reasoning]);
  t.same(sent, [
    [0.5, { effort: 'none', summary: 'auto' }],
    [undefined, { effort: 'none', summary: 'auto' }],
    [undefined, { effort: 'none' }],
    [undefined, { effort: 'minimal' }],
    [undefined, { effort: 'minimal' }],
  ]);
});

await t.test('thoughts that the service can no longer open are left out of that request alone', async (t) => {
  const message = 'The encrypted content for item rs_1 could not be verified.';
  await using talking = await talk([
    { frames: events(done([thought, called])) },
    refused(400, { message, code: 'invalid_encrypted_content' }),
  ]);
  const heard = await hear(talking.model, ask('Time?'));
  const answer = { ...assistant('', heard.calls), extra: heard.end.extra ?? {} } as Message;
  const again = await hear(
    talking.model,
    ask([user('Time?'), answer, toolResult(heard.calls[0] ?? { id: '', name: '', arguments: '' }, 'noon')]),
  );
  t.equal(again.end.stop, 'end');
  const [, turnedDown, taken] = talking.service.asked.map(({ body }) => body);
  t.match(turnedDown, 'c2VhbGVk');
  t.notMatch(taken, 'c2VhbGVk');
  t.match(taken, 'reasoning.encrypted_content');
});

await t.test('every end of a response is told apart', async (t) => {
  const ends: [object[], string, string | undefined][] = [
    [
      [{ type: 'response.failed', response: { status: 'failed', error: { code: 'server_error', message: 'Oops' } } }],
      'error',
      'server',
    ],
    [
      [
        {
          type: 'response.failed',
          response: { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'Slow' } },
        },
      ],
      'error',
      'overload',
    ],
    [[{ type: 'error', code: 'context_length_exceeded', message: 'too long', param: null }], 'error', 'context'],
    [[{ type: 'response.output_text.delta', delta: 'Hi' }], 'error', 'connection'],
    [[{ type: 'response.refusal.delta', delta: 'I cannot.' }, ...done()], 'refused', undefined],
    [[{ type: 'response.completed', response: { status: 'completed', output: [said] } }], 'end', undefined],
    [[{ type: 'keepalive' }, { type: 'response.unheard_of.done', text: 'x' }, ...done()], 'end', undefined],
  ];
  for (const [list, stop, failure] of ends) {
    await using talking = await talk([{ frames: events(list) }]);
    const heard = await hear(talking.model, ask('Go'));
    t.equal(heard.end.stop, stop, JSON.stringify(list[0]));
    t.equal(heard.end.failure?.kind, failure);
  }
});

await t.test(
  'a bot that answers through Responses calls a tool, and its sealed thoughts survive a restart',
  async (t) => {
    const answer = (list: readonly object[]): Reply => ({ frames: events(list) });
    await using service = await startService(({ json }) => {
      const input = json.input as { type?: string; role?: string; content?: string }[];
      const isTitle = JSON.stringify(input).includes('Give this conversation a title') || json.tools === undefined;
      if (isTitle)
        return answer(done([{ ...said, phase: undefined, content: [{ type: 'output_text', text: 'Time' }] }]));
      if (input.at(-1)?.role === 'user') return answer(done([thought, { ...called, id: `fc_${input.length}` }]));
      return answer([
        { type: 'response.created', response: {} },
        { type: 'response.output_item.added', output_index: 0, item: { ...said, content: [] } },
        { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'It is noon.' },
        {
          type: 'response.completed',
          response: { status: 'completed', usage: { input_tokens: 50, output_tokens: 5 } },
        },
      ]);
    });
    const entry = `    address: ${service.url}/v1\n    models: [gpt-6-luna]\n    options: { api: responses }\n`;
    const files = {
      'providers.yaml': `providers:\n  openai:\n${entry}`,
      'settings.yaml': 'plugins: { demo: false }\n',
    };
    await using product = await startProduct({ files, env: { OPENAI_API_KEY: 'sk-test-0123456789' } });
    const conversation = await begin(product);
    const first = await say(product, conversation, 'What time is it?');
    t.match(first.answer, { state: 'finished', text: 'It is noon.' });
    await product.stop();
    await product.start();
    await say(product, conversation, 'And now?');
    const last = service.asked.findLast(({ json }) => json.tools !== undefined);
    t.equal(last?.headers.authorization, 'Bearer sk-test-0123456789');
    const sent = (last?.json.input ?? []) as { type?: string; encrypted_content?: string; id?: string }[];
    t.same(
      sent.map(({ type = 'user' }) => type),
      [
        'user',
        'reasoning',
        'function_call',
        'function_call_output',
        'message',
        'user',
        'reasoning',
        'function_call',
        'function_call_output',
      ],
    );
    t.equal(sent[1]?.encrypted_content, 'c2VhbGVk');
    t.match(sent[4], { id: 'msg_1', phase: 'commentary', content: [{ text: 'It is noon.' }] });
  },
);

await t.test(
  'which protocol is spoken is said by the entry; its list names what talks and what makes vectors',
  async (t) => {
    const ids = ['gpt-6-luna', 'text-embedding-3-small', 'whisper-1', 'gpt-image-2', 'gpt-4o-mini-tts', 'o4-mini'];
    await using service = await startService(({ path, json }) => {
      if (path === '/v1/models') return { json: { object: 'list', data: ids.map((id) => ({ id, object: 'model' })) } };
      if (path !== '/v1/embeddings') return { frames: ['data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'] };
      const data = (json.input as string[]).map((_, index) => ({ index, embedding: [0.5, 0.5] }));
      return { json: { data, usage: { prompt_tokens: 2 } } };
    });
    const access = accessTo(`${service.url}/v1`, { key: 'sk-test' });
    await hear(openAiKind.model(access, { id: 'm' }), ask('Hi'));
    t.equal(service.asked[0]?.path, '/v1/chat/completions', 'elsewhere than at OpenAI itself it is chat');
    const listed = await openAiKind.list?.(access, new AbortController().signal);
    t.same(listed, [{ id: 'gpt-6-luna' }, { id: 'text-embedding-3-small', dimensions: 1536 }, { id: 'o4-mini' }]);
    const embedder = openAiKind.embedder?.(access, { id: 'text-embedding-3-small', dimensions: 2 });
    t.same(await embedder?.embed(['a'], new AbortController().signal), { vectors: [[0.5, 0.5]], tokens: 2 });
    t.same(service.asked.at(-1)?.json, { model: 'text-embedding-3-small', input: ['a'], dimensions: 2 });
    const lost = openAiKind.embedder?.(accessTo('http://127.0.0.1:1/v1'), { id: 'm', dimensions: 2 });
    await t.rejects(async () => lost?.embed(['a'], new AbortController().signal), { code: 'MODEL_FAILED' });
  },
);
