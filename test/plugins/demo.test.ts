import t from 'tap';
import { testHouse } from '../../core/testing.ts';
import demo from '../../plugins/demo/index.ts';
import signIn from '../../plugins/sign-in/index.ts';
import models from '../../plugins/models/index.ts';
import type { Message, ModelRequest, ToolSpec } from 'boternity';
import { createDemoModel } from '../../plugins/demo/model.ts';
import { ask, assistant, hear, toolResult, user } from '../support/hear.ts';

const model = createDemoModel({ delayMs: 0 });

const soul = `tone: warm and brief
traits: curious, honest

# Who I am
You help people think clearly about computers.
- You never pretend to know what you do not know.
- Tea matters: always offer some.

Long silences are fine.`;

function systemFor({ name = 'Ada', text = soul } = {}): string {
  return `<instructions>\nWork carefully.\n</instructions>\n\n<soul>\n${text}\n</soul>\n\n<bot>\nname: ${name}\n</bot>`;
}

const none = { type: 'object', properties: {}, additionalProperties: false };
const tools: readonly ToolSpec[] = [
  {
    name: 'bots_create',
    description: 'Creates a bot from a template.',
    parameters: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
  },
  {
    name: 'bots_list',
    description: 'Lists the bots of this server.',
    parameters: { type: 'object', properties: { status: { type: 'string', enum: ['active', 'archived'] } } },
  },
  {
    name: 'dice_roll',
    description: 'Rolls dice.',
    parameters: {
      type: 'object',
      required: ['sides', 'label'],
      properties: { sides: { type: 'integer' }, label: { type: 'string' } },
    },
  },
  { name: 'time_now', description: 'Tells the current date and time.', parameters: none },
];

async function say(said: string | readonly Message[], rest: Partial<ModelRequest> = {}): Promise<string> {
  const heard = await hear(model, ask(said, { system: systemFor(), ...rest }));
  return heard.text;
}

async function callsFor(said: string): Promise<[name: string, input: unknown][]> {
  const heard = await hear(model, ask(said, { system: systemFor(), tools }));
  if (heard.calls.length > 0) t.equal(heard.end.stop, 'tools');
  return heard.calls.map((call) => [call.name, JSON.parse(call.arguments)]);
}

await t.test('the same request gives the same answer', async (t) => {
  const history = [user('Hello'), assistant('Hi'), user('What about tea?')];
  t.equal(await say(history), await say(history));
  t.not(await say('What about tea?'), await say('What about coffee?'));
});

await t.test('the time in the tail does not change the answer', async (t) => {
  t.equal(await say('Hello', { tail: 'It is noon.' }), await say('Hello', { tail: 'It is one.' }));
});

await t.test('it says plainly that it is a demo, at first, when greeted and when asked', async (t) => {
  const history = [user('Hello'), assistant('Hi')];
  for (const said of ['Explain recursion', 'Hello!']) t.match(await say(said), 'I am a demo');
  for (const said of ['Hi again', 'Who are you?', 'Are you a real person?', 'Is this a demo?']) {
    t.match(await say([...history, user(said)]), 'I am a demo', said);
  }
  t.notMatch(await say([...history, user('Explain recursion')]), 'I am a demo');
});

await t.test('any change of any line of the soul changes the answer', async (t) => {
  const lines = soul.split('\n');
  for (const history of [[user('Hello')], [user('Hello'), assistant('Hi'), user('What of tea?')]]) {
    const before = await say(history);
    for (const [index, line] of lines.entries()) {
      const edits = [`${line} Also.`, line.slice(0, -1), 'Something else.', null];
      for (const edit of edits) {
        const edited = lines.toSpliced(index, 1, ...(edit === null ? [] : [edit])).join('\n');
        if (edited === soul) continue;
        t.not(await say(history, { system: systemFor({ text: edited }) }), before, `line ${index + 1}: ${edit}`);
      }
    }
  }
});

await t.test('name, tone and traits are heard', async (t) => {
  t.match(await say('Hello', { system: systemFor({ name: 'Grace' }) }), 'I am Grace. I try to be curious and honest.');
  const history = [user('Hello'), assistant('Hi'), user('What of tea?')];
  const formal = systemFor({ text: soul.replace('warm and brief', 'formal') });
  t.match(await say(history), 'Lovely that you ask.');
  t.match(await say(history, { system: formal }), 'Thank you for your question.');
  t.match(await say(history, { system: formal }), '· formal ·');
});

await t.test('it quotes the line of the soul that has to do with the message', async (t) => {
  t.match(await say('What about tea?'), '“Tea matters: always offer some.”');
  t.match(await say('Do not pretend, offer tea'), 'on that: “Tea matters: always offer some.”', 'the better one first');
  t.match(await say('Do you like computers?'), '“You help people think clearly about computers.”');
});

await t.test('an earlier message shows in the answer', async (t) => {
  const later = (first: string, answer: string): Message[] => [user(first), assistant(answer), user('And now?')];
  const before = await say(later('I like tea', 'Good.'));
  t.match(before, 'I like tea');
  t.not(await say(later('I like cake', 'Good.')), before, 'another question');
  t.not(await say(later('I like tea', 'Fine.')), before, 'another answer');
  t.match(await say([...later('My cat is Tom', 'Ah.'), assistant('Yes?'), user('What did I say?')]), 'My cat is Tom');
});

await t.test('without any section it still answers', async (t) => {
  t.match(await say('Hello', { system: '' }), 'I am your bot.');
  t.match(await say('Hello', { system: 'Just text' }), 'SOUL.md');
});

await t.test('it calls tools that are asked for in plain words', async (t) => {
  for (const said of ['which bots are there?', 'List the bots', 'Show me all bots please', 'what bots do you know?']) {
    t.same(await callsFor(said), [['bots_list', {}]], said);
  }
  for (const said of ['what time is it', "What's the time?", 'Tell me the current date', 'please use time_now']) {
    t.same(await callsFor(said), [['time_now', {}]], said);
  }
});

await t.test('it calls two tools at once when both are asked for', async (t) => {
  t.same(await callsFor('Which bots are there, and what time is it?'), [
    ['bots_list', {}],
    ['time_now', {}],
  ]);
});

await t.test('it calls no tool that nobody asked for', async (t) => {
  for (const said of ['Time flies like an arrow', 'I like bots', 'Hello', 'How do I create a bot called Max?']) {
    t.same(await callsFor(said), [], said);
  }
});

await t.test('it fills arguments from quotes, pairs, numbers and names', async (t) => {
  t.same(await callsFor('Create a bot "Night Owl"'), [['bots_create', { name: 'Night Owl' }]]);
  t.same(await callsFor('create a bot called Max.'), [['bots_create', { name: 'Max' }]]);
  t.same(await callsFor('list bots status=archived'), [['bots_list', { status: 'archived' }]]);
  t.same(await callsFor('dice_roll with 20 sides and "luck"'), [['dice_roll', { sides: 20, label: 'luck' }]]);
  t.same(await callsFor('dice_roll sides=6 label="bad luck"'), [['dice_roll', { sides: 6, label: 'bad luck' }]]);
});

await t.test('it says what a tool would need instead of calling it without', async (t) => {
  t.same(await callsFor('Create a bot'), []);
  t.match(await say('Create a bot', { tools }), 'I would call bots_create for that. Tell me name="…".');
});

await t.test('it tells the results of tools in plain words', async (t) => {
  const calls = [
    { id: '1', name: 'bots_list', arguments: '{}' },
    { id: '2', name: 'time_now', arguments: '{}' },
    { id: '3', name: 'dice_roll', arguments: '{}' },
  ] as const;
  const [bots, time, dice] = calls;
  const heard = await hear(
    model,
    ask(
      [
        user('Which bots are there, and what time is it?'),
        assistant('', calls),
        toolResult(bots, JSON.stringify({ bots: [{ slug: 'ada', name: 'Ada', emoji: '🦉' }, { name: 'Max' }] })),
        toolResult(time, JSON.stringify({ iso: '2026-11-21T12:00:00Z', local: 'Saturday noon' })),
        toolResult(dice, 'TOOL_DENIED: not granted', true),
      ],
      { system: systemFor(), tools },
    ),
  );
  t.match(heard.text, 'I used bots_list and time_now and dice_roll.');
  t.match(heard.text, '2 bots: 🦉 Ada, Max.');
  t.match(heard.text, 'Saturday noon');
  t.match(heard.text, 'dice_roll did not work: TOOL_DENIED');
  t.equal(heard.calls.length, 0, 'it does not call again');
});

await t.test('it counts tokens at four characters each', async (t) => {
  const heard = await hear(model, ask('Hello', { system: 'x'.repeat(91) }));
  t.same(heard.usage, { input: 24, output: Math.ceil(heard.text.length / 4), cacheRead: 0, cacheWrite: 0 });
});

await t.test('it keeps to the longest answer that was asked for', async (t) => {
  const heard = await hear(model, ask('Hello', { maxTokens: 5 }));
  t.equal(heard.text.length, 20);
  t.equal(heard.end.stop, 'length');
});

await t.test('it speaks in small pieces, with pauses, and stops when told', async (t) => {
  const slow = createDemoModel({ delayMs: 12 });
  const controller = new AbortController();
  let pieces = 0;
  let stoppedAt = 0;
  const began = performance.now();
  for await (const part of slow.stream(ask('Hello'), controller.signal)) {
    if (part.type === 'text') {
      pieces += 1;
      t.ok(part.text.length <= 12, part.text);
    }
    if (pieces === 5 && stoppedAt === 0) {
      stoppedAt = performance.now();
      t.ok(stoppedAt - began >= 4 * 10, 'four pauses before the fifth piece');
      controller.abort();
    }
    if (part.type === 'end') t.equal(part.stop, 'aborted');
  }
  t.equal(pieces, 5);
  t.ok(performance.now() - stoppedAt < 100);
});

await t.test('as a plugin it is listed among the models', async (t) => {
  await using house = await testHouse({ plugins: [signIn(), models(), demo()] });
  const answer = await house.fetch('/api/v1/models');
  t.match(await answer.json(), { data: { models: [{ id: 'demo', provider: 'demo', tools: true }] } });
});
