import { readFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import {
  providerContract,
  RETRY_AFTER_SECONDS,
  type ProviderStage,
  type ServiceAnswer,
  type StageOptions,
} from '../../core/agent/provider-contract.ts';
import type { MockAnswer, MockError } from '../../plugins/mock/handler.ts';
import { createOpenAiCompatibleModel } from '../../plugins/openai-compatible/model.ts';
import { ask, hear, type Heard } from '../support/hear.ts';
import { startMockModel } from '../support/mock-model.ts';

async function stage({ answers, patienceMs }: StageOptions): Promise<ProviderStage> {
  const mock = await startMockModel();
  mock.script(...answers.map(toMock));
  const model = createOpenAiCompatibleModel({
    id: 'mock-model',
    provider: 'mock',
    address: mock.url,
    key: 'sk-test',
    firstTokenTimeoutMs: patienceMs,
    idleTimeoutMs: patienceMs,
  });
  return {
    model,
    requests: () => mock.requests().map((request) => request.body),
    [Symbol.asyncDispose]: () => mock[Symbol.asyncDispose](),
  };
}

/** The contract's words in Chat Completions. Pieces become chunks of their own. */
function toMock(answer: ServiceAnswer): MockAnswer {
  if (answer.refusal) return { error: refusals[answer.refusal] };
  const { text = [], thinking = [], calls = [], trouble, isTrickled } = answer;
  const delta = (value: object): string => JSON.stringify({ choices: [{ index: 0, delta: value }] });
  const spoken = [
    ...thinking.map((piece) => delta({ reasoning_content: piece })),
    ...text.map((piece) => delta({ content: piece })),
    ...calls.flatMap(({ name, arguments: input }, index) => fragments(index, name, JSON.stringify(input)).map(delta)),
  ];
  const usage = answer.usage && {
    prompt_tokens: answer.usage.input,
    completion_tokens: answer.usage.output,
    prompt_tokens_details: { cached_tokens: answer.usage.cacheRead },
  };
  const reason = { end: 'stop', tools: 'tool_calls', length: 'length', refused: 'content_filter' }[
    answer.stop ?? 'end'
  ];
  const last = JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: reason }], usage });
  const count = spoken.length;
  return {
    raw: [...spoken, trouble === 'garbage' ? '{"choices": [oops' : last],
    ...(trouble === 'silence' && { hangAfter: count }),
    ...(trouble === 'cut' && { dropAfter: count }),
    ...(isTrickled && { writeBytes: 1 }),
  };
}

const refusals: Record<NonNullable<ServiceAnswer['refusal']>, MockError> = {
  key: { status: 401, message: 'Incorrect API key provided: sk-test' },
  rate: { status: 429, message: 'Slow down', headers: { 'retry-after': String(RETRY_AFTER_SECONDS) } },
  failure: { status: 500 },
  context: { status: 400, code: 'context_length_exceeded', message: 'maximum context length is 8192 tokens' },
};

/** Name first, then the arguments in two halves, as most services send calls. */
function fragments(index: number, name: string, text: string): object[] {
  const half = Math.ceil(text.length / 2);
  return [
    { tool_calls: [{ index, id: `call_${index}`, type: 'function', function: { name, arguments: '' } }] },
    { tool_calls: [{ index, function: { arguments: text.slice(0, half) } }] },
    { tool_calls: [{ index, function: { arguments: text.slice(half) } }] },
  ];
}

interface Recording {
  readonly file: string;
  readonly starts?: string;
  readonly ends?: string;
  readonly length?: number;
  readonly thinking?: string;
  readonly call?: readonly [name: string, input: Record<string, unknown>];
  readonly usage: readonly [input: number, output: number, cacheRead: number | null];
  readonly stop: Heard['end']['stop'];
}

const sanFrancisco = { location: 'San Francisco' };
const recordings: readonly Recording[] = [
  {
    file: 'openai-chat/openai-text.chunks.txt',
    starts: '**Holiday Name:** Harmony Day',
    ends: 'rough shared human experiences and mutual respect.',
    length: 1724,
    usage: [16, 300, 0],
    stop: 'end',
  },
  {
    file: 'openai-chat/azure-model-router.1.chunks.txt',
    starts: 'Capital of Denmark.',
    usage: [15, 78, 0],
    stop: 'end',
  },
  {
    file: 'openai-chat/deepseek-text.chunks.txt',
    starts: '## **Holiday Name:** Starlight Remembrance',
    length: 1855,
    usage: [13, 400, 0],
    stop: 'length',
  },
  {
    file: 'openai-chat/deepseek-tool-call.chunks.txt',
    thinking: 'The user',
    call: ['weather', sanFrancisco],
    usage: [339, 83, 320],
    stop: 'tools',
  },
  {
    file: 'openai-chat/groq-text.chunks.txt',
    starts: 'Introducing "Luminaria"',
    length: 3189,
    usage: [45, 662, null],
    stop: 'end',
  },
  { file: 'openai-chat/groq-tool-call.chunks.txt', call: ['weather', {}], usage: [210, 15, null], stop: 'tools' },
  {
    file: 'openai-chat/moonshotai-stream.chunks.txt',
    starts: 'Hello!',
    thinking: 'Thinking aloud. ',
    usage: [9, 12, null],
    stop: 'end',
  },
  // xAI leaves 340 tokens of reasoning out of completion_tokens, but not out of the total of 354
  {
    file: 'openai-chat/xai-text.chunks.txt',
    starts: 'Grok',
    length: 4,
    thinking: 'First, the user said',
    usage: [12, 342, 11],
    stop: 'end',
  },
  {
    file: 'openai-chat/xai-tool-call.chunks.txt',
    thinking: 'First, the',
    call: ['weather', sanFrancisco],
    usage: [307, 253, 306],
    stop: 'tools',
  },
  {
    file: 'mistral/mistral-text.chunks.txt',
    starts: 'Hello, world! This is a test response.',
    usage: [13, 8, null],
    stop: 'end',
  },
  {
    file: 'mistral/mistral-tool-call.chunks.txt',
    call: ['weather', sanFrancisco],
    usage: [124, 22, null],
    stop: 'tools',
  },
  {
    file: 'mistral/mistral-incremental-tool-call.chunks.txt',
    call: ['webSearchTool', { query: 'current Berlin weather' }],
    usage: [171, 14, 128],
    stop: 'tools',
  },
];

await t.test('the provider openai-compatible keeps the contract', (t) => providerContract(t, { stage }));

for (const recording of recordings) {
  await t.test(`the recorded stream ${recording.file} is understood`, async (t) => {
    const heard = await replay(recording.file);
    const { starts = '', ends = '', length = starts.length, thinking = '', call, usage } = recording;
    t.ok(heard.text.startsWith(starts), heard.text.slice(0, 60));
    t.ok(heard.text.endsWith(ends), heard.text.slice(-60));
    t.equal(heard.text.length, length);
    t.ok(heard.thinking.startsWith(thinking), heard.thinking.slice(0, 60));
    t.equal(heard.thinking === '', thinking === '', 'thinking comes when there is some, and only then');
    const calls = heard.calls.map((each) => [each.name, JSON.parse(each.arguments) as unknown]);
    t.same(calls, call ? [call] : []);
    t.same([heard.usage?.input, heard.usage?.output, heard.usage?.cacheRead], usage);
    t.equal(heard.end.stop, recording.stop);
    t.equal(heard.end.failure, undefined);
  });
}

async function replay(file: string): Promise<Heard> {
  const text = await readFile(path.join(import.meta.dirname, '../fixtures/provider-streams', file), 'utf8');
  await using mock = await startMockModel();
  mock.script({ raw: text.split('\n').filter((line) => line !== '') });
  const model = createOpenAiCompatibleModel({ id: 'recorded', provider: 'recorded', address: mock.url });
  return await hear(model, ask('Go on'));
}
