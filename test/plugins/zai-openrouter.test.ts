import t from 'tap';
import type { Message, ModelFacts } from 'boternity';
import { providerContract } from '../../core/testing.ts';
import { protocols } from '../../plugins/openai/protocols.ts';
import { openRouterKind } from '../../plugins/openrouter/kind.ts';
import { zaiKind } from '../../plugins/zai/kind.ts';
import { accessTo } from '../support/access.ts';
import { chatFrames, frame } from '../support/chat-frames.ts';
import { ask, assistant, hear, toolResult, user } from '../support/hear.ts';
import {
  later,
  openAiRefusals,
  refused,
  stageOver,
  startService,
  type Asked,
  type Refusals,
} from '../support/model-service.ts';

const zai = zaiKind(protocols);
const openRouter = openRouterKind(protocols);
const { signal } = new AbortController();

function unknownField({ json }: Asked, known: string): string | undefined {
  const names = new Set(known.split(' '));
  return Object.keys(json).find((name) => !names.has(name));
}

/** What z.ai refuses with its code 1210. */
function wrongForZai(asked: Asked): string | undefined {
  const { json, headers } = asked;
  const unknown = unknownField(
    asked,
    'model stream stream_options temperature max_tokens stop thinking response_format tools tool_choice messages',
  );
  if (unknown !== undefined) return `Invalid API parameter: ${unknown}`;
  if (headers.authorization !== 'Bearer sk-test') return 'Authentication Failed';
  if (json.tool_choice !== undefined && json.tool_choice !== 'auto') return 'tool_choice only supports auto';
  if (json.stop !== undefined && (json.stop as unknown[]).length > 1) return 'stop only supports one';
  const format = (json.response_format as { type?: string } | undefined)?.type;
  return format === undefined || format === 'json_object' ? undefined : 'response_format: json_object only';
}

const zaiRefusals: Refusals = {
  key: refused(401, { code: '1000', message: 'Authentication Failed' }),
  rate: refused(429, { code: '1302', message: 'Rate limit reached for requests' }, later),
  failure: refused(500, { code: '500', message: 'Internal error' }),
  invalid: refused(400, { code: '1210', message: 'Invalid API parameter, please check the documentation.' }),
  overload: refused(503, { code: '1305', message: 'The service may be temporarily overloaded' }),
  context: refused(400, { code: '1261', message: 'Prompt exceeds max length' }),
};

await t.test('LLMP-08: the provider zai keeps the contract', (t) =>
  providerContract(t, {
    stage: stageOver({
      path: '/api/paas/v4/chat/completions',
      modelAt: (url, patience) =>
        zai.model(accessTo(`${url}/api/paas/v4`, { key: 'sk-test', ...patience }), {
          id: 'glm-5.3-flash',
          abilities: { images: true, thinking: true },
        }),
      frames: chatFrames({ finish: { refused: 'sensitive' } }),
      error: frame({ error: { code: '1305', message: 'The service may be temporarily overloaded' } }),
      refusals: zaiRefusals,
      wrongWith: wrongForZai,
    }),
    lacks: ['toolImages', 'cacheWrite', 'schema'],
  }),
);

await t.test(
  'GLM is told in words what its service does not see to, thinks when it shall, and sees when it can',
  async (t) => {
    const frames = chatFrames();
    await using service = await startService((asked) => {
      if (asked.path === '/api/coding/paas/v4/models') return { json: { data: [{ id: 'glm-4.7', object: 'model' }] } };
      const message = wrongForZai(asked);
      if (message !== undefined) return refused(400, { code: '1210', message });
      return { frames: [...frames({ text: ['{}'] }).spoken, ...frames({}).last] };
    });
    const access = accessTo(`${service.url}/api/paas/v4`, { key: 'sk-test', options: { plan: 'coding' } });
    const facts: ModelFacts = { id: 'glm-4.7', abilities: { tools: true, thinking: true, images: false } };
    const schema = { name: 'capital', schema: { type: 'object', properties: { capital: { type: 'string' } } } };
    const picture = { type: 'image', mediaType: 'image/png', base64: 'iVBORw0KGgo=' } as const;
    const seen: Message = { role: 'user', content: [picture, { type: 'text', text: 'Where is it?' }] };
    const heard = await hear(
      zai.model(access, facts),
      ask([seen], { schema, thinking: 'off', toolChoice: { name: 'find' }, tail: 'It is noon.' }),
    );
    t.equal(heard.text, '{}', heard.end.failure?.message ?? '');
    await hear(zai.model(access, { id: 'glm-4.6v' }), ask([seen], { thinking: 'low' }));
    const [told, vision] = service.asked;
    t.equal(told?.path, '/api/coding/paas/v4/chat/completions', 'a coding plan has an address of its own');
    t.same([told?.json.response_format, told?.json.thinking], [{ type: 'json_object' }, { type: 'disabled' }]);
    t.match(told?.body, 'JSON Schema');
    t.match(told?.body, 'the tool find');
    t.ok((told?.body.indexOf('It is noon') ?? 0) < (told?.body.indexOf('JSON Schema') ?? 0), 'behind the tail');
    t.notMatch(told?.body, picture.base64, 'no image goes to a model that does not see');
    t.match(vision?.body, picture.base64);
    t.same(vision?.json.thinking, { type: 'enabled' });
    t.same(await zai.list?.(access, signal), [{ id: 'glm-4.7' }]);
  },
);

const OPENROUTER_FIELDS =
  'model stream temperature max_tokens stop reasoning response_format tools tool_choice usage messages';

/** OpenRouter passes on to makers that are strict: of Claude, that marks are few and no text is empty. */
function wrongForOpenRouter(asked: Asked): string | undefined {
  const unknown = unknownField(asked, OPENROUTER_FIELDS);
  if (unknown !== undefined) return `Unrecognized key: ${unknown}`;
  if (asked.headers.authorization !== 'Bearer sk-test') return 'No auth credentials found';
  if (asked.headers['http-referer'] !== undefined || asked.headers['x-title'] !== undefined) return 'it told who asks';
  if (asked.body.split('cache_control').length > 5) return 'A maximum of 4 blocks with cache_control may be provided';
  return asked.body.includes('"text":""') ? 'text content blocks must be non-empty' : undefined;
}

const openRouterFrames = chatFrames({
  thought: (text) => ({ reasoning: text, reasoning_details: [{ type: 'reasoning.text', text, index: 0 }] }),
});

await t.test('the provider openrouter keeps the contract, with marks for Claude', (t) =>
  providerContract(t, {
    stage: stageOver({
      path: '/api/v1/chat/completions',
      modelAt: (url, patience) =>
        openRouter.model(accessTo(`${url}/api/v1`, { key: 'sk-test', ...patience }), {
          id: 'anthropic/claude-sonnet-5.5',
        }),
      frames: (answer) => {
        const { spoken, last } = openRouterFrames(answer);
        return { spoken: [': OPENROUTER PROCESSING\n\n', ...spoken], last };
      },
      error: frame({
        error: { code: 502, message: 'Provider disconnected' },
        choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
      }),
      refusals: openAiRefusals,
      wrongWith: wrongForOpenRouter,
    }),
    lacks: ['toolImages'],
    cacheMark: 'cache_control',
  }),
);

await t.test('thoughts that a maker signed or sealed go back through OpenRouter as they came', async (t) => {
  const deltas = [
    {
      reasoning: 'The cl',
      reasoning_details: [{ type: 'reasoning.text', text: 'The cl', index: 0, format: 'anthropic-claude-v1' }],
    },
    { reasoning: 'ock.', reasoning_details: [{ type: 'reasoning.text', text: 'ock.', index: 0 }] },
    { reasoning_details: [{ type: 'reasoning.text', signature: 'c2lnbmVk', index: 0 }] },
    { reasoning_details: [{ type: 'reasoning.encrypted', data: 'c2VhbGVk', id: 'rs_1', index: 1 }] },
    { tool_calls: [{ index: 0, id: 'toolu_1', function: { name: 'time_now', arguments: '{}' } }] },
  ];
  const usage = {
    prompt_tokens: 100,
    completion_tokens: 20,
    cost: 0.00123,
    prompt_tokens_details: { cached_tokens: 64 },
  };
  const last = { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }], usage };
  await using service = await startService([
    { frames: [...deltas.map((delta) => frame({ choices: [{ index: 0, delta }] })), frame(last)] },
    { frames: [frame({ choices: [{ delta: {}, finish_reason: 'stop' }] })] },
  ]);
  const access = accessTo(`${service.url}/api/v1`, {
    key: 'sk-test',
    name: 'openrouter',
    headers: { 'x-title': 'Ours' },
  });
  const model = openRouter.model(access, { id: 'google/gemini-3-pro' });
  const heard = await hear(model, ask('Time?', { thinking: 'high' }));
  t.equal(heard.thinking, 'The clock.', 'thoughts that are told twice are heard once');
  t.same(heard.usage, { input: 100, output: 20, cacheRead: 64, cacheWrite: null, cost: 0.00123 });
  const [call = { id: '', name: '', arguments: '' }] = heard.calls;
  const answer = { ...assistant('', heard.calls), extra: heard.end.extra ?? {} } as Message;
  await hear(model, ask([user('Time?'), answer, toolResult(call, 'noon')], { thinking: 'off' }));
  await hear(
    openRouter.model({ ...access, name: 'elsewhere' }, { id: 'm' }),
    ask([user('Time?'), answer, toolResult(call, 'noon')]),
  );
  const [asked, again, foreign] = service.asked;
  t.same([asked?.json.reasoning, again?.json.reasoning], [{ effort: 'high' }, { effort: 'none' }]);
  t.same(asked?.json.usage, { include: true });
  t.notMatch(asked?.body, 'cache_control', 'marks are for Claude alone');
  t.equal(asked?.headers['x-title'], 'Ours', 'what the owner wants to be told is told');
  const [, told] = (again?.json.messages ?? []) as { reasoning_details?: unknown }[];
  t.same(told?.reasoning_details, [
    { type: 'reasoning.text', text: 'The clock.', index: 0, format: 'anthropic-claude-v1', signature: 'c2lnbmVk' },
    { type: 'reasoning.encrypted', data: 'c2VhbGVk', id: 'rs_1', index: 1 },
  ]);
  t.notMatch(foreign?.body, 'c2lnbmVk');
});

await t.test('an error in the middle of an answer is told by its code', async (t) => {
  const error = { code: 502, message: 'Provider disconnected' };
  const ways = [{ error, choices: [{ delta: {}, finish_reason: 'error' }] }, { choices: [{ delta: {}, error }] }];
  for (const way of ways) {
    await using service = await startService([
      { frames: [frame({ choices: [{ delta: { content: 'Once' } }] }), frame(way)] },
    ]);
    const heard = await hear(openRouter.model(accessTo(service.url), { id: 'm' }), ask('Go'));
    t.same([heard.text, heard.end.stop, heard.end.failure?.kind], ['Once', 'error', 'server']);
    t.match(heard.end.failure?.message, 'Provider disconnected');
  }
});

await t.test('its list tells windows, abilities and prices', async (t) => {
  const data = [
    {
      id: 'anthropic/claude-sonnet-5.5',
      context_length: 1_000_000,
      architecture: { input_modalities: ['text', 'image'], output_modalities: ['text'] },
      pricing: {
        prompt: '0.000002',
        completion: '0.00001',
        input_cache_read: '0.0000001',
        input_cache_write: '0.0000025',
      },
      top_provider: { context_length: 1_000_000, max_completion_tokens: 128_000 },
      supported_parameters: ['tools', 'reasoning', 'temperature'],
    },
    {
      id: 'openrouter/auto',
      context_length: 2_000_000,
      pricing: { prompt: '-1', completion: '-1' },
      supported_parameters: ['temperature'],
    },
    { id: 'some/free', pricing: { prompt: '0', completion: '0' } },
    { id: 'some/painter', architecture: { output_modalities: ['image'] } },
    ...Array.from({ length: 400 }, (_, at) => ({ id: `filler/${at}`, description: 'words '.repeat(60) })),
  ];
  await using service = await startService([{ json: { data } }]);
  const listed = (await openRouter.list?.(accessTo(`${service.url}/api/v1`), signal)) ?? [];
  const source = "OpenRouter's list";
  t.same(listed.slice(0, 3), [
    {
      id: 'anthropic/claude-sonnet-5.5',
      window: 1_000_000,
      output: 128_000,
      abilities: { tools: true, images: true, thinking: true },
      price: { input: 2, output: 10, cacheRead: 0.1, cacheWrite: 2.5, source },
    },
    { id: 'openrouter/auto', window: 2_000_000, abilities: { tools: false, images: false, thinking: false } },
    {
      id: 'some/free',
      price: { input: 0, output: 0, source },
    },
  ]);
  t.equal(listed.length, 403, 'all of a long list, without what only paints');
});
