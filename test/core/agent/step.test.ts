import { accountFor, renderSections, runStep, sortTools, text, toolSpecOf } from 'boternity';
import { defineAction, ruleFor, z } from 'boternity';
import type { Part, StepFact } from 'boternity';
import { scriptedModel, type ScriptedStep } from 'boternity/testing';
import t from 'tap';

async function play(parts: AsyncIterable<Part>, callsLeft = 20): Promise<StepFact[]> {
  const facts: StepFact[] = [];
  for await (const fact of runStep(parts, callsLeft)) facts.push(fact);
  return facts;
}

function answer(step: ScriptedStep): AsyncIterable<Part> {
  const messages = [{ role: 'user' as const, content: [text('hello')] }];
  return scriptedModel([step]).stream({ system: '', tools: [], messages, tail: '' }, new AbortController().signal);
}

void t.test('an answer comes piece by piece and then as a whole', async (t) => {
  const facts = await play(answer('Hello there'));
  t.equal(facts.map((fact) => (fact.type === 'text' ? fact.text : '')).join(''), 'Hello there');
  t.match(facts.at(-1), { type: 'step.finished', result: { message: { text: 'Hello there' }, stop: 'end' } });
});

void t.test('calls above the limit are left out of the message, and named', async (t) => {
  const calls = Array.from({ length: 25 }, (_, at) => ({ name: `tool${at}` }));
  const last = (await play(answer({ calls }))).at(-1);
  t.match(last, { result: { omitted: { total: 5, names: ['tool20', 'tool21', 'tool22', 'tool23', 'tool24'] } } });
  t.equal(last?.type === 'step.finished' && last.result.message.calls?.length, 20);
});

void t.test(
  'a failing model ends the step with its failure, never with a throw, and what had come is kept',
  async (t) => {
    const failure = { code: 'MODEL_FAILED', kind: 'server', message: 'It is down.' } as const;
    const facts = await play(answer({ text: 'Well', failure }));
    t.match(facts.at(-1), { result: { stop: 'error', failure, message: { text: 'Well' } } });
  },
);

void t.test('a stream that stops without an end counts as failed', async (t) => {
  const cut = async function* (): AsyncGenerator<Part> {
    yield { type: 'text', text: 'Half' };
  };
  t.match((await play(cut())).at(-1), { result: { stop: 'error', failure: { kind: 'garbage' } } });
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
  const tools = { allow: ['bots_*', 'time_now'], ask: ['bots_delete'], deny: ['*_create'], required: [] };
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
