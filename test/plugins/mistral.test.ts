import t from 'tap';
import { providerContract } from '../../core/testing.ts';
import { mistralKind } from '../../plugins/mistral/kind.ts';
import { protocols } from '../../plugins/openai/protocols.ts';
import { accessTo } from '../support/access.ts';
import { chatFrames, frame } from '../support/chat-frames.ts';
import { ask, assistant, hear, toolResult, user } from '../support/hear.ts';
import { openAiRefusals, stageOver, startService, type Asked, type Refusals } from '../support/model-service.ts';
import { asEvents, playsRecordings } from '../support/recordings.ts';

const kind = mistralKind(protocols);

const FIELDS = new Set(
  'model stream temperature max_tokens stop response_format tools tool_choice reasoning_effort messages'.split(' '),
);

/** What the real service refuses: fields that it does not know, ids of another form, roles out of order. */
function wrongWith({ json, headers }: Asked): string | undefined {
  const unknown = Object.keys(json).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) return `extra_forbidden: body.${unknown}`;
  if (headers.authorization !== 'Bearer sk-test') return 'Unauthorized';
  if (json.tool_choice === 'required') return "tool_choice: Input should be 'auto', 'none' or 'any'";
  const messages = json.messages as Record<string, unknown>[];
  for (const [at, { role, content, tool_calls: calls, tool_call_id: id }] of messages.entries()) {
    const ids = [...((calls ?? []) as { id: string }[]).map((call) => call.id), ...(role === 'tool' ? [id] : [])];
    if (!ids.every((each) => /^[A-Za-z0-9]{9}$/.test(String(each))))
      return 'Tool call id has to be defined and contain only a-z, A-Z, 0-9, with a length of 9.';
    if (role === 'user' && messages[at - 1]?.role === 'tool') return "Unexpected role 'user' after role 'tool'";
    if (role === 'assistant' && !content && !calls) return 'Assistant message must have either content or tool_calls';
  }
  return undefined;
}

/** Content as a list of pieces where it thinks; calls come whole and without a number. */
const frames = chatFrames({
  thought: (text) => ({ content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }] }),
  call: (name, input, index) => [{ tool_calls: [{ id: `abcDEF00${index}`, function: { name, arguments: input } }] }],
  finish: { length: 'model_length' },
});

/** FastAPI's own form for what it does not like. */
const refusals: Refusals = {
  ...openAiRefusals,
  invalid: { status: 422, json: { detail: [{ loc: ['body', 'messages'], msg: 'missing' }] } },
  context: {
    status: 400,
    json: {
      object: 'error',
      message: 'Prompt contains 40000 tokens, too large for model with 32768 maximum context length',
      type: 'invalid_request_error',
      code: null,
    },
  },
};

await t.test('the provider mistral keeps the contract', (t) =>
  providerContract(t, {
    stage: stageOver({
      path: '/v1/chat/completions',
      modelAt: (url, patience) => kind.model(accessTo(`${url}/v1`, { key: 'sk-test', ...patience }), { id: 'm' }),
      frames,
      error: frame({ object: 'error', message: 'Service unavailable.', type: 'internal_server_error', code: '3000' }),
      refusals,
      wrongWith,
    }),
    lacks: ['toolImages', 'cacheWrite'],
  }),
);

await t.test('what Mistral sent is understood', (t) =>
  playsRecordings(t, {
    folder: 'mistral',
    frame: asEvents({ isDone: true }),
    contentType: 'text/event-stream',
    modelAt: (address) => kind.model(accessTo(address), { id: 'recorded' }),
  }),
);

await t.test('a call and its result keep one id, and nobody speaks right after a tool', async (t) => {
  await using service = await startService((asked) => {
    const message = wrongWith(asked);
    return message === undefined
      ? { frames: [...frames({ text: ['Good.'] }).spoken, ...frames({}).last] }
      : { status: 422, json: { message } };
  });
  const model = kind.model(accessTo(`${service.url}/v1`, { key: 'sk-test' }), { id: 'magistral-medium-latest' });
  const calls = ['call_A-foreign-one', 'call_B'].map((id) => ({ id, name: 'time_now', arguments: '{}' }));
  const results = calls.map((call) => toolResult(call, 'noon'));
  const history = [user('Time?'), assistant('', calls), ...results, user('Never mind.')];
  const heard = await hear(model, ask(history, { thinking: 'off', toolChoice: 'required' }));
  t.equal(heard.text, 'Good.', heard.end.failure?.message ?? '');
  const [sent] = service.asked;
  const messages = sent?.json.messages as { tool_calls?: { id: string }[]; tool_call_id?: string; role: string }[];
  const told = messages.flatMap((message) => message.tool_call_id ?? []);
  t.same(
    messages[1]?.tool_calls?.map(({ id }) => id),
    told,
  );
  t.equal(new Set(told).size, 2, 'two calls, two ids');
  t.same(
    messages.map(({ role }) => role),
    ['user', 'assistant', 'tool', 'tool', 'assistant', 'user'],
  );
  t.equal(sent?.json.reasoning_effort, 'none');
});

await t.test('a thought and words may come in one list of pieces', async (t) => {
  const content = [
    { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] },
    { type: 'text', text: 'Four.' },
  ];
  await using service = await startService([
    { frames: [frame({ choices: [{ delta: { content } }] }), ...frames({}).last] },
  ]);
  const heard = await hear(kind.model(accessTo(service.url), { id: 'm' }), ask('2+2?'));
  t.same([heard.thinking, heard.text], ['Hm.', 'Four.']);
});

await t.test('its list tells windows and abilities; vectors come back in the order of the texts', async (t) => {
  const chat = { completion_chat: true, function_calling: true, vision: true };
  const data = [
    { id: 'mistral-large-4', object: 'model', capabilities: chat, max_context_length: 1_048_576 },
    { id: 'mistral-embed', capabilities: { completion_chat: false }, max_context_length: 8192 },
    { id: 'mistral-ocr-latest', capabilities: { completion_chat: false } },
  ];
  const vector = (value: number): number[] => Array.from({ length: 1024 }, () => value);
  await using service = await startService(({ path, headers }) => {
    if (headers.authorization !== 'Bearer sk-test') return { status: 401, json: { message: 'Unauthorized' } };
    if (path === '/v1/models') return { json: { object: 'list', data } };
    const vectors = [1, 0].map((index) => ({ index, embedding: vector(index), object: 'embedding' }));
    return { json: { data: vectors, usage: { prompt_tokens: 9, total_tokens: 9 } } };
  });
  const access = accessTo(`${service.url}/v1`, { key: 'sk-test' });
  const { signal } = new AbortController();
  t.same(await kind.list?.(access, signal), [
    { id: 'mistral-large-4', window: 1_048_576, abilities: { tools: true, images: true } },
    { id: 'mistral-embed', dimensions: 1024 },
  ]);
  const embedder = kind.embedder?.(access, { id: 'mistral-embed', dimensions: 1024 });
  t.same(await embedder?.embed(['a', 'b'], signal), { vectors: [vector(0), vector(1)], tokens: 9 });
  t.same(service.asked.at(-1)?.json, { model: 'mistral-embed', input: ['a', 'b'] });
  const locked = async (): Promise<void> => {
    await kind.list?.(accessTo(`${service.url}/v1`, { key: 'sk-wrong-1' }), signal);
  };
  await t.rejects(locked, { code: 'MODEL_FAILED', message: /refuses the key/ });
});
