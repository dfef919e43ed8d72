import type { Test } from 'tap';
import { text, type Message, type ToolCall } from './message.ts';
import type { Model, ModelFailure, ModelRequest, Part, StopReason, Usage } from './model.ts';

/** What the service behind a provider shall answer to one request, in words that every protocol can express. */
export interface ServiceAnswer {
  /** Each piece is an event of its own. */
  readonly text?: readonly string[];
  readonly thinking?: readonly string[];
  readonly calls?: readonly { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> }[];
  readonly stop?: Exclude<StopReason, 'aborted' | 'error'>;
  readonly usage?: { readonly input: number; readonly output: number; readonly cacheRead: number };
  /** Refuses instead, with the status and words that the service uses for this. */
  readonly refusal?: 'key' | 'rate' | 'failure' | 'context';
  /** What goes wrong after the text: the connection is cut, something unreadable comes, nothing comes any more. */
  readonly trouble?: 'cut' | 'garbage' | 'silence';
  /** Sends the bytes one by one. */
  readonly isTrickled?: boolean;
}

/** A service that plays answers, and a model that talks to it over a real connection. */
export interface ProviderStage extends AsyncDisposable {
  readonly model: Model;
  /** Bodies that the service received, byte for byte, oldest first. */
  requests(): readonly string[];
}

export interface StageOptions {
  /** One per request, in order. */
  readonly answers: readonly ServiceAnswer[];
  /** Longest silence that the model shall bear, before the first token and between two. */
  readonly patienceMs: number;
}

export interface ProviderUnderTest {
  stage(options: StageOptions): Promise<ProviderStage>;
  /** What the protocol cannot express. Checks of it are left out. */
  readonly lacks?: readonly ('thinking' | 'refused' | 'cacheRead' | 'images')[];
}

/** Seconds to wait that a service tells with a refusal for `rate`. */
export const RETRY_AFTER_SECONDS = 7;

/** Everything the house promises about a model, checked for one provider. */
export async function providerContract(t: Test, provider: ProviderUnderTest): Promise<void> {
  await answersContract(t, provider);
  await requestsContract(t, provider);
  await failuresContract(t, provider);
  await abortsContract(t, provider);
}

const LONG_MS = 10_000;
const SHORT_MS = 120;
/** Promised is 100 ms; a busy machine adds some. */
const ABORT_MS = 100;

async function answersContract(t: Test, provider: ProviderUnderTest): Promise<void> {
  const lacks = new Set(provider.lacks);
  const ask = (answer: ServiceAnswer): Promise<Heard> => askOnce(provider, answer);

  await t.test('text arrives in several parts', async (t) => {
    const heard = await ask({ text: ['Hel', 'lo, ', 'world'] });
    t.equal(heard.text, 'Hello, world');
    t.ok(heard.parts.filter((part) => part.type === 'text').length > 1, 'more than one part');
    t.equal(heard.stop, 'end');
  });
  await t.test('thinking is kept apart from text', { skip: lacks.has('thinking') }, async (t) => {
    const heard = await ask({ thinking: ['Let me ', 'see.'], text: ['It is ', 'four.'] });
    t.equal(heard.thinking, 'Let me see.');
    t.equal(heard.text, 'It is four.');
  });
  await t.test('parallel tool calls arrive whole, in order, with ids of their own', async (t) => {
    const calls = [
      { name: 'bots_list', arguments: { tag: 'né' } },
      { name: 'time_now', arguments: {} },
      { name: 'bots_list', arguments: { tag: 'b', deep: { list: [1, 2, 3] } } },
    ];
    const heard = await ask({ calls, stop: 'tools' });
    t.same(
      heard.calls.map((call) => ({ name: call.name, arguments: JSON.parse(call.arguments) as unknown })),
      calls,
    );
    t.equal(new Set(heard.calls.map((call) => call.id)).size, 3, 'three ids');
    t.equal(heard.stop, 'tools');
  });
  await t.test('text before tool calls is kept', async (t) => {
    const heard = await ask({ text: ['I look.'], calls: [{ name: 'time_now', arguments: {} }], stop: 'tools' });
    t.equal(heard.text, 'I look.');
    t.equal(heard.calls.length, 1);
  });
  await t.test('an empty answer is an answer', async (t) => {
    const heard = await ask({ text: [] });
    t.equal(heard.text, '');
    t.equal(heard.stop, 'end');
  });
  await t.test('an answer of a megabyte arrives whole', async (t) => {
    const piece = 'All work and no play makes a dull bot. '.repeat(256);
    const heard = await ask({ text: Array.from({ length: 110 }, () => piece) });
    t.equal(heard.text.length, piece.length * 110);
    t.ok(heard.text === piece.repeat(110), 'not a character differs');
  });
  await t.test('characters that are cut between packets stay whole', async (t) => {
    const heard = await ask({ text: ['Zoë 🦉 ', '日本語', ' ἀρχή'], isTrickled: true });
    t.equal(heard.text, 'Zoë 🦉 日本語 ἀρχή');
  });
  await t.test('usage is told', async (t) => {
    const { usage } = await ask({ text: ['Hi'], usage: { input: 120, output: 7, cacheRead: 100 } });
    t.match(usage, { input: 120, output: 7, ...(!lacks.has('cacheRead') && { cacheRead: 100 }) });
  });
  for (const stop of ['end', 'length', 'refused'] as const) {
    await t.test(
      `the answer tells that it stopped for "${stop}"`,
      { skip: stop === 'refused' && lacks.has(stop) },
      async (t) => {
        const heard = await ask({ text: ['Once'], stop });
        t.equal(heard.stop, stop);
      },
    );
  }
}

async function requestsContract(t: Test, provider: ProviderUnderTest): Promise<void> {
  await t.test('tool results go back to the model', async (t) => {
    const answers = [{ calls: [{ name: 'time_now', arguments: {} }], stop: 'tools' as const }, { text: ['Noon.'] }];
    await using stage = await provider.stage({ answers, patienceMs: LONG_MS });
    const first = await listen(stage.model, request([user('What time is it?')]));
    const [call = { id: 'none', name: 'none', arguments: '' }] = first.calls;
    const result: Message = {
      role: 'tool',
      callId: call.id,
      name: call.name,
      content: [text('It strikes twelve')],
      isError: false,
    };
    const history = [user('What time is it?'), assistant('', [call]), result];
    const second = await listen(stage.model, request(history, 'tail'));
    t.equal(second.text, 'Noon.');
    const body = stage.requests()[1] ?? '';
    t.match(body, 'It strikes twelve');
    t.ok(body.split(call.id).length > 2, 'the id stands with the call and with its result');
    t.ok(body.indexOf('It strikes twelve') < body.indexOf('tail'), 'the tail comes last');
  });
  await t.test('a failed tool is marked as failed', async (t) => {
    await using stage = await provider.stage({ answers: [{}, {}], patienceMs: LONG_MS });
    const call = { id: 'call_1', name: 'time_now', arguments: '{}' };
    for (const isError of [false, true]) {
      const result: Message = { role: 'tool', callId: 'call_1', name: 'time_now', content: [text('Hm')], isError };
      await listen(stage.model, request([user('Time?'), assistant('', [call]), result]));
    }
    const [good, bad] = stage.requests();
    t.not(good, bad, 'success and failure differ in the request');
  });
  await t.test('two turns share their bytes up to the tail', async (t) => {
    await using stage = await provider.stage({ answers: [{}, {}], patienceMs: LONG_MS });
    await listen(stage.model, request([user('First question')], 'tail one'));
    const later = [user('First question'), assistant('First answer'), user('Second question')];
    await listen(stage.model, request(later, 'tail two'));
    const [one = '', two = ''] = stage.requests();
    const shared = commonStart(one, two);
    t.match(shared, 'You are Ada.', 'the system prompt is in the shared part');
    t.match(shared, 'Tells the time.', 'the tools are in the shared part');
    t.match(shared, 'First question', 'the history is in the shared part');
    t.notMatch(shared, 'tail one', 'the tail is not');
    t.ok(two.indexOf('Second question') < two.indexOf('tail two'), 'the tail comes after the history');
  });
  await t.test('the same request gives the same bytes', async (t) => {
    await using stage = await provider.stage({ answers: [{}, {}], patienceMs: LONG_MS });
    await listen(stage.model, request([user('Hello')], 'now'));
    await listen(stage.model, request([user('Hello')], 'now'));
    const [one, two] = stage.requests();
    t.equal(one, two);
  });
  const takesNoImages = provider.lacks?.includes('images') ?? false;
  await t.test('an image travels with the text', { skip: takesNoImages }, async (t) => {
    await using stage = await provider.stage({ answers: [{}], patienceMs: LONG_MS });
    const picture = { type: 'image', mediaType: 'image/png', base64: 'iVBORw0KGgo=' } as const;
    await listen(stage.model, request([{ role: 'user', content: [text('What is this?'), picture] }]));
    t.match(stage.requests()[0], 'iVBORw0KGgo=');
  });
}

async function failuresContract(t: Test, provider: ProviderUnderTest): Promise<void> {
  const refusals: [NonNullable<ServiceAnswer['refusal']>, ModelFailure['kind']][] = [
    ['key', 'auth'],
    ['rate', 'overload'],
    ['failure', 'server'],
    ['context', 'context'],
  ];
  for (const [refusal, kind] of refusals) {
    await t.test(`a refusal for "${refusal}" before the first token is a failure "${kind}"`, async (t) => {
      const heard = await askOnce(provider, { refusal });
      t.equal(heard.stop, 'error');
      t.equal(heard.failure?.kind, kind);
      t.match(heard.failure?.message, /^\S.*\.$/, 'a sentence');
      t.equal(heard.failure?.retryAfterMs, refusal === 'rate' ? RETRY_AFTER_SECONDS * 1000 : undefined);
    });
  }
  const troubles: [NonNullable<ServiceAnswer['trouble']>, ModelFailure['kind']][] = [
    ['cut', 'connection'],
    ['garbage', 'garbage'],
    ['silence', 'timeout'],
  ];
  for (const [trouble, kind] of troubles) {
    await t.test(`"${trouble}" in the middle keeps what came and is a failure "${kind}"`, async (t) => {
      const heard = await askOnce(provider, { text: ['Once ', 'upon'], trouble }, SHORT_MS);
      t.equal(heard.text, 'Once upon');
      t.equal(heard.stop, 'error');
      t.equal(heard.failure?.kind, kind);
    });
  }
  await t.test('a service that never begins is a failure "timeout"', async (t) => {
    const heard = await askOnce(provider, { trouble: 'silence' }, SHORT_MS);
    t.equal(heard.failure?.kind, 'timeout');
  });
}

async function abortsContract(t: Test, provider: ProviderUnderTest): Promise<void> {
  const answer: ServiceAnswer = { text: ['Once ', 'upon'], trouble: 'silence' };

  await t.test('an abort in the middle ends the answer at once and keeps what came', async (t) => {
    const { heard, lateMs } = await abortAfter(provider, answer, 'Once upon');
    t.equal(heard.stop, 'aborted');
    t.equal(heard.text, 'Once upon');
    t.ok(lateMs < ABORT_MS, `${lateMs} ms after the signal`);
  });
  await t.test('an abort before the first token ends the answer at once', async (t) => {
    const { heard, lateMs } = await abortAfter(provider, { trouble: 'silence' }, '');
    t.equal(heard.stop, 'aborted');
    t.ok(lateMs < ABORT_MS, `${lateMs} ms after the signal`);
  });
  await t.test('a call that is aborted before it begins ends at once', async (t) => {
    await using stage = await provider.stage({ answers: [answer], patienceMs: LONG_MS });
    const heard = await listen(stage.model, request([user('Go')]), AbortSignal.abort());
    t.equal(heard.stop, 'aborted');
    t.equal(heard.text, '');
  });
}

async function abortAfter(
  provider: ProviderUnderTest,
  answer: ServiceAnswer,
  awaited: string,
): Promise<{ heard: Heard; lateMs: number }> {
  await using stage = await provider.stage({ answers: [answer], patienceMs: LONG_MS });
  const controller = new AbortController();
  let abortedAt = 0;
  const abort = (): void => {
    abortedAt = performance.now();
    controller.abort();
  };
  let text = '';
  if (awaited === '') setTimeout(abort, SHORT_MS);
  const heard = await listen(stage.model, request([user('Go')]), controller.signal, (part) => {
    if (part.type === 'text') text += part.text;
    if (awaited !== '' && text === awaited) setImmediate(abort);
  });
  return { heard, lateMs: performance.now() - abortedAt };
}

async function askOnce(provider: ProviderUnderTest, answer: ServiceAnswer, patienceMs = LONG_MS): Promise<Heard> {
  await using stage = await provider.stage({ answers: [answer], patienceMs });
  return await listen(stage.model, request([user('Hello')]));
}

/** A whole answer, gathered. */
interface Heard {
  readonly parts: readonly Part[];
  readonly text: string;
  readonly thinking: string;
  readonly calls: readonly ToolCall[];
  readonly usage: Usage | undefined;
  readonly stop: StopReason;
  readonly failure: ModelFailure | undefined;
}

/** Reads an answer to its end. Throws when the stream does, or when it has not exactly one `end`, as its last part. */
async function listen(
  model: Model,
  asked: ModelRequest,
  signal: AbortSignal = new AbortController().signal,
  onPart: (part: Part) => void = () => undefined,
): Promise<Heard> {
  const parts: Part[] = [];
  for await (const part of model.stream(asked, signal)) {
    parts.push(part);
    onPart(part);
  }
  const ends = parts.filter((part) => part.type === 'end');
  const [end] = ends;
  if (!end || ends.length > 1 || parts.at(-1) !== end) {
    throw new Error(`An answer has one end, as its last part. This one: ${parts.map((part) => part.type).join(' ')}`);
  }
  return {
    parts,
    text: parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    thinking: parts.map((part) => (part.type === 'thinking' ? part.text : '')).join(''),
    calls: parts.flatMap((part) => (part.type === 'call' ? [part.call] : [])),
    usage: parts.find((part) => part.type === 'usage')?.usage,
    stop: end.stop,
    failure: end.failure,
  };
}

function request(messages: readonly Message[], tail = ''): ModelRequest {
  const parameters = { type: 'object', properties: {} };
  return {
    system: '<soul>\nYou are Ada.\n</soul>',
    tools: [
      { name: 'bots_list', description: 'Lists the bots.', parameters },
      { name: 'time_now', description: 'Tells the time.', parameters },
    ],
    messages,
    tail,
  };
}

function user(words: string): Message {
  return { role: 'user', content: [text(words)] };
}

function assistant(words: string, calls?: readonly ToolCall[]): Message {
  return { role: 'assistant', text: words, ...(calls && { calls }) };
}

function commonStart(one: string, two: string): string {
  let at = 0;
  while (at < one.length && one[at] === two[at]) at += 1;
  return one.slice(0, at);
}
