import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { claudeGeneration, text, type Message, type ModelRequest } from 'boternity';
import { providerContract } from '../../core/testing.ts';
import { listModels } from '../../plugins/anthropic/list.ts';
import { messagesModel } from '../../plugins/anthropic/messages.ts';
import {
  asked,
  block,
  called,
  ending,
  event,
  fine,
  frame,
  OLDER,
  refused,
  said,
  staged,
  start,
  streamed,
  thought,
} from '../support/anthropic-wire.ts';
import { accessTo } from '../support/access.ts';
import { ask, toolResult, user } from '../support/hear.ts';
import { stageOver, startService, type Reply } from '../support/model-service.ts';
import { asEvents, playsRecordings } from '../support/recordings.ts';

await t.test('LLMP-02: the provider anthropic keeps the contract', (t) =>
  providerContract(t, { stage: stageOver(staged), cacheMark: '"cache_control"' }),
);

await t.test('LLMP-02: recorded answers of Anthropic', (t) =>
  playsRecordings(t, {
    folder: 'anthropic',
    frame,
    contentType: 'text/event-stream',
    modelAt: (address) => messagesModel(accessTo(address, { name: 'anthropic', key: 'sk-ant-test' }), { id: OLDER }),
  }),
);

await t.test('recorded answers are understood without names of events too', (t) =>
  playsRecordings(t, {
    folder: 'anthropic',
    frame: asEvents(),
    contentType: 'text/event-stream',
    modelAt: (address) => messagesModel(accessTo(address, { name: 'anthropic' }), { id: OLDER }),
  }),
);

const tools = [{ name: 'time_now', description: 'Tells the time.', parameters: { type: 'object', properties: {} } }];

await t.test('thoughts come back unchanged, where they stood, before the calls they belong to', async (t) => {
  const answer = streamed(
    start(),
    ...thought(0, ['Which ', 'time?'], 'c2lnLTE='),
    ...block(1, { type: 'redacted_thinking', data: 'cmVkYWN0ZWQ=' }, []),
    ...said(2, ['I ', 'look.']),
    ...thought(3, ['And there?'], 'c2lnLTI='),
    ...called(4, 'toolu_A', 'time_now', { zone: 'UTC' }),
    ...called(5, 'toolu_B', 'time_now', {}),
    ...ending('tool_use'),
  );
  const { heard } = await asked([answer], [ask('Time?', { tools })]);
  const [first] = heard;
  const calls = first?.calls ?? [];
  const kept: Message = {
    role: 'assistant',
    text: 'I look.',
    calls,
    ...(first?.end.extra && { extra: first.end.extra }),
  };
  const results = calls.map((call) => toolResult(call, 'Noon'));
  const foreign: Message = { ...kept, extra: { another: first?.end.extra?.anthropic } };
  const changed: Message = { ...kept, text: 'I look there.' };
  const { bodies } = await asked(
    [fine],
    [kept, foreign, changed].map((message) => ask([user('Time?'), message, ...results], { tools })),
  );
  const [back, stranger, edited] = bodies.map(({ messages }) => messages[1]?.content);
  const one = { type: 'thinking', thinking: 'Which time?', signature: 'c2lnLTE=' };
  const hidden = { type: 'redacted_thinking', data: 'cmVkYWN0ZWQ=' };
  const two = { type: 'thinking', thinking: 'And there?', signature: 'c2lnLTI=' };
  const uses = [
    { type: 'tool_use', id: 'toolu_A', name: 'time_now', input: { zone: 'UTC' } },
    { type: 'tool_use', id: 'toolu_B', name: 'time_now', input: {} },
  ];
  t.strictSame(back, [one, hidden, { type: 'text', text: 'I look.' }, two, ...uses]);
  t.strictSame(stranger, [{ type: 'text', text: 'I look.' }, ...uses], 'thoughts of another provider stay away');
  t.strictSame(edited, [one, hidden, two, { type: 'text', text: 'I look there.' }, ...uses]);
  t.strictSame(
    bodies[0]?.messages[2]?.content.map(({ type, tool_use_id }) => [type, tool_use_id]),
    [
      ['tool_result', 'toolu_A'],
      ['tool_result', 'toolu_B'],
    ],
    'results of parallel calls are one message',
  );
});

await t.test('the marks of the cache stand at tools, system and the last two messages of the user', async (t) => {
  const turns: Message[] = [1, 2, 3].flatMap((turn) => [
    user(`Question ${turn}`),
    { role: 'assistant', text: `Answer ${turn}` },
  ]);
  const request = ask([...turns, user('Question 4')], { system: 'You are Ada.', tools, tail: 'It is noon.' });
  const { bodies, service } = await asked([fine], [request]);
  const [body] = bodies;
  const [sent] = service.asked;
  t.equal(sent?.headers['x-api-key'], 'sk-ant-test');
  t.strictSame((body?.tools as object[] | undefined)?.at(-1), {
    name: 'time_now',
    description: 'Tells the time.',
    input_schema: { type: 'object', properties: {} },
    cache_control: { type: 'ephemeral' },
  });
  t.strictSame(body?.system, [{ type: 'text', text: 'You are Ada.', cache_control: { type: 'ephemeral' } }]);
  const marked = body?.messages.flatMap(({ content }) => content).filter((part) => 'cache_control' in part);
  t.strictSame(
    marked?.map((part) => part.text),
    ['Question 3', 'Question 4'],
  );
  t.strictSame(body?.messages.at(-1)?.content.at(-1), { type: 'text', text: 'It is noon.' }, 'the tail is unmarked');
  t.match(sent?.body, /"tools".*"system".*"messages"/);
});

await t.test('a history that the service would refuse is made into one that it takes', async (t) => {
  const call = { id: 'call with/odd ~ characters', name: 'time_now', arguments: '{"zone": ' };
  const picture = { type: 'image', mediaType: 'image/png', base64: 'iVBORw0KGgo=' } as const;
  const failed: Message = {
    role: 'tool',
    callId: call.id,
    name: 'time_now',
    content: [text('Broken:'), picture],
    isError: true,
  };
  const drawing: Message = { role: 'user', content: [{ ...picture, mediaType: 'image/svg+xml' }, text('See')] };
  const history: Message[] = [
    { role: 'assistant', text: 'Hello there.' },
    user('One'),
    { role: 'assistant', text: '  ' },
    user('Two'),
    { role: 'assistant', text: '', calls: [call] },
    failed,
    drawing,
  ];
  const { bodies } = await asked([fine], [ask(history, { tools }), ask(history)]);
  t.match(bodies[1], { tools: [{ name: 'time_now' }], tool_choice: { type: 'none' } }, 'calls have their tool');
  const messages = bodies[0]?.messages ?? [];
  t.strictSame(
    messages.map(({ role }) => role),
    ['user', 'assistant', 'user', 'assistant', 'user'],
  );
  t.strictSame(
    messages[2]?.content.map((part) => part.text),
    ['One', 'Two'],
    'an empty answer is left out and its neighbours are one message',
  );
  const [use] = messages[3]?.content ?? [];
  const [result, image] = messages[4]?.content ?? [];
  t.match(use, { type: 'tool_use', id: /^[a-zA-Z0-9_-]{1,64}$/, input: {} });
  t.equal(result?.tool_use_id, use?.id, 'call and result have the same id');
  t.strictSame(result?.content, [{ type: 'text', text: 'Broken:\n\n(An image cannot be shown here.)' }]);
  t.equal(result?.is_error, true);
  t.match(image, { type: 'text', text: /image/ }, 'an image that the service does not take is told of');
});

await t.test('thinking is asked for as the generation of the model wants it', async (t) => {
  const wish = async (id: string, more: Partial<ModelRequest>): Promise<unknown> => {
    const { bodies } = await asked([fine], [ask('Go', more)], id);
    const { thinking, output_config, temperature, max_tokens } = bodies[0] ?? { messages: [] };
    return [thinking, output_config, temperature, max_tokens];
  };
  const adaptive = { type: 'adaptive', display: 'summarized' };
  t.strictSame(await wish('claude-sonnet-5-5', {}), [adaptive, undefined, undefined, 32_000]);
  t.strictSame(await wish('claude-opus-4-6', { thinking: 'high', temperature: 1 }), [
    adaptive,
    { effort: 'high' },
    undefined,
    32_000,
  ]);
  t.strictSame(await wish('claude-sonnet-4-6', { temperature: 0.3 }), [undefined, undefined, 0.3, 32_000]);
  t.strictSame(await wish('claude-opus-4-8', { temperature: 0.3 }), [undefined, undefined, undefined, 32_000]);
  t.strictSame(await wish(OLDER, { thinking: 'low', maxTokens: 9000 }), [
    { type: 'enabled', budget_tokens: 2048 },
    undefined,
    undefined,
    9000,
  ]);
  t.strictSame(await wish(OLDER, { thinking: 'high', maxTokens: 1500 }), [undefined, undefined, undefined, 1500]);
  t.strictSame(await wish('claude-sonnet-5', { thinking: 'off' }), [
    { type: 'disabled' },
    undefined,
    undefined,
    32_000,
  ]);
  t.strictSame(await wish('claude-sonnet-5-5', { thinking: 'off' }), [
    { type: 'between_tools' },
    { effort: 'low' },
    undefined,
    32_000,
  ]);
  t.strictSame(await wish('claude-opus-5-5', { thinking: 'off' }), [undefined, { effort: 'low' }, undefined, 32_000]);
  t.strictSame(claudeGeneration('claude-haiku-4-5-20251001'), [4, 5]);
  t.strictSame(claudeGeneration('claude-opus-5-20260901'), [5, 0]);
  t.strictSame(claudeGeneration('claude-3-7-sonnet-20250219'), [3, 7]);
  t.equal(claudeGeneration('minimax-m2'), undefined);
});

await t.test('what a model refuses is left out, at once and from then on', async (t) => {
  const refusal = (message: string): Reply => refused(400, 'invalid_request_error', message);
  const { heard, bodies } = await asked(
    [
      refusal('`temperature` is deprecated for this model.'),
      refusal('tool_choice: forced tool use is not supported for this model.'),
      fine,
      fine,
    ],
    [1, 2].map(() => ask('Go', { tools, temperature: 0.5, toolChoice: { name: 'time_now' } })),
  );
  t.strictSame(
    heard.map(({ text }) => text),
    ['Well.', 'Well.'],
  );
  t.strictSame(
    bodies.map(({ temperature, tool_choice }) => [temperature, (tool_choice as { type?: string } | undefined)?.type]),
    [
      [0.5, 'tool'],
      [undefined, 'tool'],
      [undefined, undefined],
      [undefined, undefined],
    ],
  );
  t.match(bodies[3]?.messages.at(-1)?.content.at(-1), { text: 'Answer with a call of the tool time_now.' });
  const other = await asked([refusal('messages.0.content: Field required')], [ask('Go', { temperature: 0.5 })]);
  t.equal(other.heard[0]?.end.failure?.kind, 'invalid');
  t.equal(other.bodies.length, 1, 'other refusals are final');
});

await t.test('thoughts that no longer fit their conversation cost a second request, not the answer', async (t) => {
  const extra = { anthropic: { content: [{ type: 'thinking', thinking: 'Hm', signature: 'c2ln' }] } };
  const history: Message[] = [user('One'), { role: 'assistant', text: 'Two', extra }, user('Three')];
  const refusal = refused(
    400,
    'invalid_request_error',
    'messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a different conversation. Remove the block, or set `thinking.block_binding.prefix_mismatch_behavior` to "drop_block".',
  );
  const later = await asked([refusal, fine], [ask(history)], 'claude-opus-5-5');
  t.match(later.bodies[1], { thinking: { block_binding: { prefix_mismatch_behavior: 'drop_block' } } });
  t.match(later.service.asked[1]?.headers['anthropic-beta'], /thinking-binding/);
  t.match(later.bodies[1]?.messages[1]?.content[0], { type: 'thinking', signature: 'c2ln' });
  const modified = refused(
    400,
    'invalid_request_error',
    'messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified.',
  );
  const { heard, bodies } = await asked([modified, fine, fine], [ask(history), ask(history)]);
  t.strictSame(
    heard.map(({ text }) => text),
    ['Well.', 'Well.'],
  );
  t.strictSame(
    bodies.map(({ messages }) => messages[1]?.content.map(({ type }) => type)),
    [['thinking', 'text'], ['text'], ['thinking', 'text']],
    'the next call tries again',
  );
});

await t.test('an error inside the stream keeps what came and is named by its kind', async (t) => {
  const kinds = {
    overloaded_error: 'overload',
    api_error: 'server',
    rate_limit_error: 'overload',
    timeout_error: 'timeout',
  };
  for (const [type, kind] of Object.entries(kinds)) {
    const broken = streamed(start(), ...said(0, ['Once']), event({ type: 'error', error: { type, message: 'Sorry' } }));
    const { heard } = await asked([broken], [ask('Go')]);
    t.equal(heard[0]?.text, 'Once');
    t.equal(heard[0]?.end.failure?.kind, kind, type);
    t.match(heard[0]?.end.failure?.message, /Sorry/);
  }
});

await t.test('every reason to stop has its name here', async (t) => {
  const reasons = {
    end_turn: 'end',
    stop_sequence: 'end',
    max_tokens: 'length',
    model_context_window_exceeded: 'length',
    pause_turn: 'end',
    compaction: 'end',
    refusal: 'refused',
    something_new: 'end',
  };
  for (const [reason, stop] of Object.entries(reasons)) {
    const { heard } = await asked([streamed(start(), ...said(0, ['So']), ...ending(reason))], [ask('Go')]);
    t.equal(heard[0]?.end.stop, stop, reason);
  }
});

await t.test('the shape of an answer is sent in the form that the service takes', async (t) => {
  const schema = {
    type: 'object',
    properties: { city: { type: 'string', minLength: 2 }, at: { type: 'object', properties: {}, required: [] } },
    required: ['city', 'at'],
  };
  const { bodies } = await asked([fine], [ask('City?', { schema: { name: 'place', schema } })]);
  t.match(bodies[0]?.output_config, {
    format: {
      type: 'json_schema',
      schema: { additionalProperties: false, properties: { at: { additionalProperties: false } } },
    },
  });
  t.notMatch(JSON.stringify(bodies[0]), '"minLength"', 'what the service refuses is said in words');
});

await t.test('models are listed page by page', async (t) => {
  const page = (ids: readonly string[], more: boolean): Reply => ({
    json: {
      data: ids.map((id) => ({ type: 'model', id, display_name: id, max_input_tokens: 200_000, max_tokens: 64_000 })),
      has_more: more,
      last_id: ids.at(-1),
    },
  });
  await using service = await startService([page(['a', 'b'], true), page(['c'], false)]);
  const listed = await listModels(accessTo(service.url, { key: 'sk-ant-test' }), AbortSignal.timeout(5000));
  t.strictSame(
    listed,
    ['a', 'b', 'c'].map((id) => ({ id, window: 200_000, output: 64_000 })),
  );
  t.match(service.asked[1]?.path, /^\/v1\/models\?limit=1000&after_id=b$/);
  t.match(service.asked[0]?.headers, { 'x-api-key': 'sk-ant-test', 'anthropic-version': '2023-06-01' });
});

await t.test('the SDK is loaded at the first call, and what its environment says is not sent', async (t) => {
  await using service = await startService([fine]);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [path.join(import.meta.dirname, '../support/anthropic-environment.ts'), service.url],
    {
      env: {
        ...process.env,
        ANTHROPIC_API_KEY: 'sk-of-the-environment',
        ANTHROPIC_AUTH_TOKEN: 'token-of-the-environment',
        ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
        ANTHROPIC_CUSTOM_HEADERS: 'x-custom: of-the-environment',
        ANTHROPIC_LOG: 'debug',
        ANTHROPIC_PROFILE: 'nobody',
      },
    },
  );
  t.strictSame(JSON.parse(stdout), { before: [], after: ['@anthropic-ai/sdk'], text: 'Well.', variable: true });
  const [request] = service.asked;
  t.equal(request?.path, '/v1/messages');
  t.notMatch(JSON.stringify(request), /of-the-environment/);
  t.equal(request?.headers['x-api-key'], undefined, 'no key, no header');
  t.equal(request?.headers.authorization, undefined);
});
