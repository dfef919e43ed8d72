import type { Test } from 'tap';
import type { ModelFailure } from './model.ts';
import { requestsContract } from './provider-contract-requests.ts';
import { askOnce, listen, LONG_MS, request, RETRY_AFTER_SECONDS, SHORT_MS, user } from './provider-stage.ts';
import type { Heard, ProviderUnderTest, ServiceAnswer } from './provider-stage.ts';

/** Everything the house promises about a model, checked for one provider. */
export async function providerContract(t: Test, provider: ProviderUnderTest): Promise<void> {
  await answersContract(t, provider);
  await requestsContract(t, provider);
  await failuresContract(t, provider);
  await abortsContract(t, provider);
}

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
  await t.test(
    'parallel tool calls arrive whole, in order, with ids of their own',
    { skip: lacks.has('tools') },
    async (t) => {
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
    },
  );
  await t.test('text before tool calls is kept', { skip: lacks.has('tools') }, async (t) => {
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
  await t.test('usage is told', { skip: lacks.has('usage') }, async (t) => {
    const { usage } = await ask({ text: ['Hi'], usage: { input: 120, output: 7, cacheRead: 100 } });
    t.match(usage, { input: 120, output: 7, ...(!lacks.has('cacheRead') && { cacheRead: 100 }) });
  });
  await t.test(
    'what was written to a cache is told, as a part of the input',
    { skip: lacks.has('cacheWrite') },
    async (t) => {
      const { usage } = await ask({ text: ['Hi'], usage: { input: 120, output: 7, cacheRead: 20, cacheWrite: 90 } });
      t.match(usage, { input: 120, cacheRead: 20, cacheWrite: 90 });
    },
  );
  await t.test('usage is never made up', { skip: lacks.has('usage') }, async (t) => {
    const { usage } = await ask({ text: ['Hi'] });
    for (const value of Object.values(usage ?? {})) t.ok(value === null || value === 0, String(value));
  });
  await t.test('a reader that is slow gets all of it', async (t) => {
    const text = Array.from({ length: 40 }, (_, index) => `piece ${index}, `);
    await using stage = await provider.stage({ answers: [{ text }], patienceMs: SHORT_MS });
    let said = '';
    for await (const part of stage.model.stream(request([user('Hello')]), new AbortController().signal)) {
      if (part.type !== 'text') continue;
      said += part.text;
      // Longer than the service may be silent: the time that the reader takes is not the service's.
      if (said.length < 20) await new Promise((resolve) => setTimeout(resolve, SHORT_MS * 2));
    }
    t.equal(said, text.join(''));
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

async function failuresContract(t: Test, provider: ProviderUnderTest): Promise<void> {
  const lacks = new Set(provider.lacks);
  const refusals: [NonNullable<ServiceAnswer['refusal']>, ModelFailure['kind']][] = [
    ['key', 'auth'],
    ['rate', 'overload'],
    ['failure', 'server'],
    ['context', 'context'],
    ['invalid', 'invalid'],
    ['overload', 'overload'],
  ];
  for (const [refusal, kind] of refusals) {
    await t.test(
      `a refusal for "${refusal}" before the first token is a failure "${kind}"`,
      { skip: lacks.has(refusal) },
      async (t) => {
        const heard = await askOnce(provider, { refusal });
        t.equal(heard.stop, 'error');
        t.equal(heard.failure?.kind, kind);
        t.match(heard.failure?.message, /^\S.*\.$/, 'a sentence');
        t.equal(heard.failure?.retryAfterMs, refusal === 'rate' ? RETRY_AFTER_SECONDS * 1000 : undefined);
      },
    );
  }
  const troubles: [NonNullable<ServiceAnswer['trouble']>, ...ModelFailure['kind'][]][] = [
    ['cut', 'connection'],
    ['garbage', 'garbage'],
    ['silence', 'timeout'],
    ['error', 'overload', 'server'],
  ];
  for (const [trouble, ...kinds] of troubles) {
    await t.test(
      `"${trouble}" in the middle keeps what came and is a failure "${kinds.join('" or "')}"`,
      { skip: lacks.has(trouble) },
      async (t) => {
        const heard = await askOnce(
          provider,
          { text: ['Once ', 'upon'], trouble },
          trouble === 'silence' ? SHORT_MS : LONG_MS,
        );
        t.equal(heard.text, 'Once upon');
        t.equal(heard.stop, 'error');
        t.ok(heard.failure && kinds.includes(heard.failure.kind), heard.failure?.message ?? 'no failure');
        t.match(heard.failure?.message, /^\S.*\.$/, 'a sentence');
      },
    );
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
