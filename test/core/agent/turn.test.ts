import { setTimeout as sleep } from 'node:timers/promises';
import { accountFor, plainText, renderSections, runTurn, sortTools, text, toolSpecOf } from 'boternity';
import { defineAction, ruleFor, z } from 'boternity';
import type { ModelRequest, ToolRunner, TurnFact, TurnLimits } from 'boternity';
import { scriptedModel, type ScriptedStep } from 'boternity/testing';
import t from 'tap';

const question: ModelRequest = {
  system: 'Be brief.',
  tools: [],
  messages: [{ role: 'user', content: [text('hello')] }],
  tail: '',
};

interface Played {
  readonly facts: readonly TurnFact[];
  readonly requests: readonly ModelRequest[];
}

async function play(
  steps: readonly ScriptedStep[],
  runTool: ToolRunner,
  limits?: TurnLimits,
  signal = new AbortController().signal,
): Promise<Played> {
  const model = scriptedModel(steps);
  const facts: TurnFact[] = [];
  for await (const fact of runTurn({ model, request: question, runTool, signal, ...(limits && { limits }) }))
    facts.push(fact);
  return { facts, requests: model.requests };
}

const echo: ToolRunner = async (call) => ({ content: [text(`${call.name} ${call.arguments}`)], isError: false });

void t.test('an answer without calls is one step', async (t) => {
  const { facts, requests } = await play(['Hello there'], echo);
  t.equal(facts.map((fact) => (fact.type === 'text' ? fact.text : '')).join(''), 'Hello there');
  t.match(facts.at(-1), { type: 'turn.finished', stop: 'end' });
  t.equal(requests.length, 1);
});

void t.test('calls run side by side, and the next step sees each result behind its call', async (t) => {
  const order: string[] = [];
  const runTool: ToolRunner = async (call) => {
    order.push(`begin ${call.name}`);
    await sleep(call.name === 'slow' ? 40 : 1);
    order.push(`end ${call.name}`);
    return { content: [text(`${call.name} is done`)], isError: call.name === 'slow' };
  };
  const steps = [{ text: 'Looking.', calls: [{ name: 'slow', arguments: { a: 1 } }, { name: 'fast' }] }, 'Both done'];
  const { facts, requests } = await play(steps, runTool);
  t.same(order, ['begin slow', 'begin fast', 'end fast', 'end slow'], 'the fast one does not wait for the slow one');
  const finished = facts.flatMap((fact) => (fact.type === 'tool.finished' ? [fact.call.name] : []));
  t.same(finished, ['fast', 'slow']);
  const seen = requests[1]?.messages.slice(1) ?? [];
  t.match(seen[0], { role: 'assistant', text: 'Looking.' });
  t.same(
    seen
      .slice(1)
      .map((message) => message.role === 'tool' && [message.name, plainText(message.content), message.isError]),
    [
      ['slow', 'slow is done', true],
      ['fast', 'fast is done', false],
    ],
    'in the order of the calls, whatever finished first',
  );
});

void t.test('a turn ends after its last allowed step and says so', async (t) => {
  const endless = Array.from({ length: 20 }, () => ({ calls: [{ name: 'again' }] }));
  const { facts, requests } = await play(endless, echo, { steps: 3, calls: 100 });
  t.equal(requests.length, 3);
  t.match(facts.at(-1), { type: 'turn.finished', stop: 'steps' });
});

void t.test('calls above the limit are left out of the message and of the work, and named', async (t) => {
  const calls = Array.from({ length: 25 }, (_, at) => ({ name: `tool${at}` }));
  let ran = 0;
  const { facts, requests } = await play([{ calls }, 'done'], async () => {
    ran += 1;
    return { content: [text('ok')], isError: false };
  });
  t.equal(ran, 20);
  const step = facts.find((fact) => fact.type === 'step.finished');
  t.match(step, { result: { omitted: { total: 5, names: ['tool20', 'tool21', 'tool22', 'tool23', 'tool24'] } } });
  const assistant = requests[1]?.messages[1];
  t.equal(assistant?.role === 'assistant' && assistant.calls?.length, 20);
});

void t.test('an abort while tools run ends the turn at once, without another model call', async (t) => {
  const stop = new AbortController();
  const began = performance.now();
  const deaf: ToolRunner = async () => {
    setTimeout(() => stop.abort(), 10);
    await sleep(5_000, undefined, { ref: false });
    return { content: [], isError: false };
  };
  const { facts, requests } = await play([{ calls: [{ name: 'deaf' }] }, 'never'], deaf, undefined, stop.signal);
  t.ok(performance.now() - began < 1_000, 'a tool that does not heed the signal is not waited for');
  t.match(facts.at(-1), { type: 'turn.finished', stop: 'aborted' });
  t.equal(requests.length, 1);
});

void t.test('a failing model ends the turn with its failure, never with a throw', async (t) => {
  const failure = { code: 'MODEL_FAILED', kind: 'server', message: 'It is down.' } as const;
  const { facts } = await play([{ text: 'Well', failure }], echo);
  t.match(facts.at(-1), { type: 'turn.finished', stop: 'error', failure });
  t.match(
    facts.find((fact) => fact.type === 'step.finished'),
    { result: { message: { text: 'Well' } } },
    'what had come is kept',
  );
});

void t.test('a stream that stops without an end counts as failed', async (t) => {
  const model = scriptedModel([]);
  const cut = {
    ...model,
    stream: async function* () {
      yield { type: 'text' as const, text: 'Half' };
    },
  };
  const facts: TurnFact[] = [];
  for await (const fact of runTurn({
    model: cut,
    request: question,
    runTool: echo,
    signal: new AbortController().signal,
  }))
    facts.push(fact);
  t.match(facts.at(-1), { type: 'turn.finished', stop: 'error', failure: { kind: 'garbage' } });
});

void t.test(
  'sections are wrapped in their order, empty ones are left out, and each is accounted for without its text',
  async (t) => {
    const sections = [
      { id: 'instructions', text: 'Be kind.' },
      { id: 'soul', text: '  ' },
      { id: 'user', text: 'Grüße' },
    ];
    t.equal(renderSections(sections), '<instructions>\nBe kind.\n</instructions>\n\n<user>\nGrüße\n</user>');
    const accounts = accountFor(sections, [], 'now');
    t.same(
      accounts.map(({ id, bytes }) => [id, bytes]),
      [
        ['instructions', 8],
        ['user', 7],
        ['tail', 3],
      ],
    );
    t.notMatch(JSON.stringify(accounts), /kind|Grüße/);
  },
);

void t.test('tools are the same bytes whatever order they were added in, and their schemas are closed', async (t) => {
  const action = (name: string) =>
    defineAction({
      name,
      summary: name,
      permission: 'x:read',
      input: z.object({ deep: z.object({ a: z.string() }).optional(), list: z.array(z.object({ b: z.number() })) }),
      output: z.object({}),
      run: async () => ({}),
    });
  const specs = ['b.two', 'a.one', 'c.three'].map((name) => toolSpecOf(action(name)));
  t.equal(JSON.stringify(sortTools(specs)), JSON.stringify(sortTools(specs.toReversed())));
  t.same(
    sortTools(specs).map(({ name }) => name),
    ['a_one', 'b_two', 'c_three'],
  );
  t.match(specs[0]?.parameters, {
    additionalProperties: false,
    properties: { deep: { additionalProperties: false }, list: { items: { additionalProperties: false } } },
  });
});

void t.test('deny wins over ask, ask over allow, and what nobody named is denied', async (t) => {
  const tools = { allow: ['bots_*', 'time_now'], ask: ['bots_delete'], deny: ['*_create'] };
  t.equal(ruleFor('bots_list', tools), 'allow');
  t.equal(ruleFor('bots_delete', tools), 'ask');
  t.equal(ruleFor('bots_create', tools), 'deny');
  t.equal(ruleFor('time_now', tools), 'allow');
  t.equal(ruleFor('time_nowhere', tools), 'deny', 'a pattern without a star is the whole name');
  t.equal(ruleFor('secrets_read', tools), 'deny');
  t.equal(ruleFor('web_fetch', tools, 'ask'), 'ask', 'what the action says holds where the settings name it nowhere');
  t.equal(ruleFor('web_create', tools, 'ask'), 'deny', 'and nowhere else');
  t.equal(ruleFor('bots_list', tools, 'ask'), 'allow');
});
