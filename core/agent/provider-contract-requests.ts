import type { Test } from 'tap';
import { text, type Message } from './message.ts';
import type { ModelRequest } from './model.ts';
import { assistant, listen, LONG_MS, request, user } from './provider-stage.ts';
import type { ProviderUnderTest, ServiceAnswer } from './provider-stage.ts';

const picture = { type: 'image', mediaType: 'image/png', base64: 'iVBORw0KGgo=' } as const;

const called: ServiceAnswer = { calls: [{ name: 'time_now', arguments: {} }], stop: 'tools' };

/** What a provider makes of requests. */
export async function requestsContract(t: Test, provider: ProviderUnderTest): Promise<void> {
  const lacks = new Set(provider.lacks);
  await t.test('tool results go back to the model', async (t) => {
    const answers = [lacks.has('tools') ? {} : called, { text: ['Noon.'] }];
    await using stage = await provider.stage({ answers, patienceMs: LONG_MS });
    const first = await listen(stage.model, request([user('What time is it?')]));
    t.equal(first.calls.length, lacks.has('tools') ? 0 : 1);
    const [call = { id: 'call_of_another', name: 'time_now', arguments: '{}' }] = first.calls;
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
    const shown = body.split(call.id).length - 1;
    t.ok(shown > 1 || lacks.has('callIds'), 'the id stands with the call and with its result');
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
    if (!lacks.has('tools')) t.match(shared, 'Tells the time.', 'the tools are in the shared part');
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
  const bodyFor = async (asked: ModelRequest, answer: ServiceAnswer = { text: ['Well.'] }): Promise<string> => {
    await using stage = await provider.stage({ answers: [answer], patienceMs: LONG_MS });
    const heard = await listen(stage.model, asked);
    t.equal(heard.text, answer.text?.join('') ?? '', 'the service took it');
    t.equal(heard.calls.length, answer.calls?.length ?? 0);
    return stage.requests()[0] ?? '';
  };
  await t.test('an image travels with the text', { skip: lacks.has('images') }, async (t) => {
    const body = await bodyFor(request([{ role: 'user', content: [text('What is this?'), picture] }]));
    t.match(body, picture.base64);
  });
  await t.test('a tool may give an image back', async (t) => {
    const call = { id: 'call_1', name: 'time_now', arguments: '{}' };
    const content = [text('The clock:'), picture];
    const result: Message = { role: 'tool', callId: 'call_1', name: 'time_now', content, isError: false };
    const body = await bodyFor(request([user('Show me the time'), assistant('', [call]), result]));
    t.match(body, 'The clock:');
    if (lacks.has('images') || lacks.has('toolImages')) t.match(body, /image/i, 'that there was one is said');
    else t.match(body, picture.base64);
  });
  await t.test('texts that end the answer are sent', { skip: lacks.has('stop') }, async (t) => {
    t.match(await bodyFor({ ...request([user('Count')]), stop: ['THE-END'] }), 'THE-END');
  });
  await t.test('the shape of the answer is sent', { skip: lacks.has('schema') }, async (t) => {
    const shape = { type: 'object', properties: { capital: { type: 'string' } }, required: ['capital'] };
    const schema = { name: 'capital', schema: { ...shape, additionalProperties: false } };
    const answer = { text: ['{"capital": ', '"Paris"}'] };
    t.match(await bodyFor({ ...request([user('Which city?')]), tools: [], schema }, answer), '"capital"');
  });
  await t.test('a call of a tool can be demanded', { skip: lacks.has('tools') }, async (t) => {
    const free = await bodyFor(request([user('Time?')]), called);
    const any = await bodyFor({ ...request([user('Time?')]), toolChoice: 'required' }, called);
    const one = await bodyFor({ ...request([user('Time?')]), toolChoice: { name: 'time_now' } }, called);
    t.equal(new Set([free, any, one]).size, 3, 'three different requests');
  });
  await t.test('limits of length and temperature are sent', { skip: lacks.has('limits') }, async (t) => {
    const body = await bodyFor({ ...request([user('Go')]), maxTokens: 321, temperature: 0.25 });
    t.match(body, '321');
    t.match(body, '0.25');
  });
  await t.test('what a call is for stays in the house', async (t) => {
    const body = await bodyFor({
      ...request([user('Go')]),
      bot: 'secret-slug',
      about: { purpose: 'chat', conversation: 'conversation-77' },
    });
    t.notMatch(body, 'secret-slug');
    t.notMatch(body, 'conversation-77');
  });
  await t.test('a history that another provider has made is understood', async (t) => {
    const call = {
      id: 'call with/odd+characters_and_a_length_that_no_service_would_give_0123456789',
      name: 'time_now',
    };
    const foreign: Message = {
      role: 'assistant',
      text: 'Let me look.',
      thinking: 'A thought of somebody else.',
      calls: [{ ...call, arguments: '{"zone":"UTC"}' }],
      extra: { 'another-provider': { signature: 'c2lnbmVk', reasoning_content: 'A thought of somebody else.' } },
    };
    const result: Message = {
      role: 'tool',
      callId: call.id,
      name: 'time_now',
      content: [text('Noon')],
      isError: false,
    };
    const empty: Message = { role: 'assistant', text: '' };
    const body = await bodyFor(request([user('Time?'), foreign, result, empty, user('Are you sure?')]));
    t.match(body, 'Let me look.');
    t.match(body, 'Noon');
    t.match(body, 'Are you sure?');
    t.notMatch(body, 'c2lnbmVk', 'what another provider signed is not sent');
  });
  await t.test('arguments that are no JSON do no harm later', async (t) => {
    const call = { id: 'call_1', name: 'time_now', arguments: '{"zone": ' };
    const result: Message = { role: 'tool', callId: 'call_1', name: 'time_now', content: [text('?')], isError: true };
    t.ok(await bodyFor(request([user('Time?'), assistant('', [call]), result])));
  });
  await t.test(
    'what may be cached is marked, before the tail',
    { skip: provider.cacheMark === undefined },
    async (t) => {
      const mark = provider.cacheMark ?? '';
      const body = await bodyFor(request([user('One'), assistant('Two'), user('Three')], 'the time is now'));
      t.match(body, mark);
      t.ok(body.split(mark).length - 1 <= 4, 'at most four marks');
      t.ok(body.lastIndexOf(mark) < body.indexOf('the time is now'), 'none behind what varies');
    },
  );
}

function commonStart(one: string, two: string): string {
  let at = 0;
  while (at < one.length && one[at] === two[at]) at += 1;
  return one.slice(0, at);
}
