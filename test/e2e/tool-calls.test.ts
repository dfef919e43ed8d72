import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { NodeView } from '../../plugins/conversations/views.ts';
import { until } from '../support/product.ts';
import { begin, changesIn, journalOf, say, sees, startTalking, turnOf } from '../support/talk.ts';

t.setTimeout(120_000);

/** A plugin of somebody else: one tool that wants a city and a number, one that nobody is given. */
const weather = `
import { defineAction, definePlugin, z } from 'boternity';
const action = (name) => defineAction({
  name, summary: 'Tells the weather of a city.', permission: 'weather:read', doors: ['bot'],
  input: z.strictObject({ city: z.string(), days: z.number() }), output: z.looseObject({}),
  run: async (input) => ({ heard: name, ...input }),
});
export default definePlugin({
  name: 'weather', needs: ['actions'],
  setup({ actions }) { actions.add(action('weather.tell'), action('weather.erase')); },
});
`;

/** Forty tools. */
const lights = `
import { defineAction, definePlugin, z } from 'boternity';
const rooms = ['kitchen', 'bath', 'hall', 'attic', 'cellar', 'garage', 'garden', 'office', 'nursery', 'balcony'];
const deeds = { on: 'Turns on the lamp of the', off: 'Turns off the lamp of the', dim: 'Dims the lamp of the', read: 'Measures the brightness in the' };
const action = (room, deed) => defineAction({
  name: 'lights.' + room + '_' + deed, summary: deeds[deed] + ' ' + room + '.', permission: 'lights:use', doors: ['bot'],
  input: z.strictObject({ percent: z.number().optional() }), output: z.looseObject({}),
  run: async (input) => ({ heard: room + ' ' + deed, ...input }),
});
export default definePlugin({
  name: 'lights', needs: ['actions'],
  setup({ actions }) { for (const room of rooms) for (const deed of Object.keys(deeds)) actions.add(action(room, deed)); },
});
`;

/** Its one tool is called almost as one that is there. */
const double = weather
  .replaceAll('weather', 'time')
  .replace('time.tell', 'ti.me-NOW')
  .replace('time.erase', 'times.erase');

const bot = (tools: string): string => `tools:\n  allow: [time_now, weather_tell]\n  deny: [weather_erase]\n${tools}`;

await using talking = await startTalking({
  files: {
    'plugins/weather/index.ts': weather,
    'plugins/lights/index.ts': lights,
    'plugins/double/index.ts': double.replace("name: 'time', needs", "name: 'double', needs"),
    'settings.yaml': 'plugins: { weather: true, double: true, lights: true }\n',
  },
});
const { product, mock } = talking;
const bodies = () => talking.bodies();

async function settle(tools = ''): Promise<void> {
  await product.files.write('bots/assistant/bot.yaml', bot(tools));
  await sleep(100);
}

const toolsOf = (nodes: readonly NodeView[]) => nodes.filter(({ kind }) => kind === 'task').map(({ tool }) => tool);

/** What a model answers when it is asked to put calls right. */
const repaired = (...calls: object[]): string => JSON.stringify({ calls });

t.beforeEach(() => mock.clear());

await settle();

await t.test(
  'tool names: exact, alias, normalised, else unknown; what was found is told and the words stay',
  async (t) => {
    mock.script(
      {
        calls: [
          { name: 'time_now' },
          { name: 'time.now' },
          { name: 'time-now' },
          { name: 'Time.Now' },
          { name: 'timeNow' },
          { name: 'clock' },
        ],
      },
      'I cannot.',
      'Done.',
    );
    const conversation = await begin(product);
    const { nodes, answer } = await say(product, conversation, 'What time is it?');
    const tools = toolsOf(nodes);
    t.strictSame(
      tools.map((tool) => tool?.resolution?.name),
      ['exact', 'alias', 'alias', 'normalized', 'normalized', 'unknown'],
    );
    t.strictSame(
      tools.map((tool) => tool?.name),
      [...Array.from({ length: 5 }, () => 'time_now'), 'clock'],
    );
    t.strictSame(
      tools.map((tool) => tool?.isError),
      [false, false, false, false, false, true],
    );
    t.strictSame(tools[3]?.written, { name: 'Time.Now', arguments: '{}' });
    const [first] = changesIn(await journalOf(product, conversation), 'answer');
    const { calls } = first as unknown as { calls: { name: string }[] };
    t.equal(calls[3]?.name, 'Time.Now', 'the journal has it as it was written');
    t.equal(answer.text, 'Done.');

    const status = (await product.cliJson(['status'])) as {
      plugins: { name: string; state: string; error?: string }[];
    };
    const refused = status.plugins.find(({ name }) => name === 'double');
    t.match(refused, { state: 'failed', error: /"ti.me-NOW" of "double" and "time.now" of "time" differ only by/ });
  },
);

await t.test(
  'arguments that no tool can read are put right by one more call of the model, for all of them',
  async (t) => {
    mock.script(
      {
        text: 'Let me look.',
        calls: [
          { name: 'weather_tell', arguments: '{"city": "Bern", "days": ' },
          { name: 'weather_tell', arguments: { city: 'Basel', days: 'two' } },
          { name: 'weather_tell', arguments: { city: 'Chur', days: 1 } },
          { name: 'wether', arguments: { town: 'Genf' } },
          { name: 'weather_tell', arguments: '[]' },
        ],
        usage: { input: 100, output: 10 },
      },
      {
        text: `Here: ${repaired(
          { index: 0, arguments: { city: 'Bern', days: 3 } },
          { index: 1, name: 'time_now', arguments: { city: 'Basel', days: 2 } },
          { index: 2, name: 'weather_tell', arguments: { city: 'Genf', days: 1 } },
          { index: 3, arguments: { city: 'Nowhere' } },
          { index: 9, arguments: {} },
        )}`,
        usage: { input: 40, output: 20 },
      },
      'Sunny.',
    );
    const conversation = await begin(product);
    const { nodes, answer } = await say(product, conversation, 'Weather?');
    t.equal(answer.text, 'Sunny.');
    const tools = toolsOf(nodes);
    t.strictSame(
      tools.map((tool) => [tool?.name, tool?.arguments, tool?.isError]),
      [
        ['weather_tell', '{"city":"Bern","days":3}', false],
        ['weather_tell', '{"city":"Basel","days":2}', false],
        ['weather_tell', '{"city":"Chur","days":1}', false],
        ['weather_tell', '{"city":"Genf","days":1}', false],
        ['weather_tell', '[]', true],
      ],
      'each is the tool that was meant, and what was not put right failed',
    );
    t.strictSame(
      tools.map((tool) => tool?.resolution),
      [
        { name: 'exact', arguments: 'repaired' },
        { name: 'exact', arguments: 'repaired' },
        { name: 'exact', arguments: 'given' },
        { name: 'repaired', arguments: 'repaired' },
        { name: 'exact', arguments: 'invalid' },
      ],
    );
    t.strictSame(tools[0]?.written, { name: 'weather_tell', arguments: '{"city": "Bern", "days": ' });
    t.match(tools[4]?.result, /no JSON object/);
    t.match(nodes[0]?.run, {
      usage: { input: 140, output: 30 },
      repair: { calls: 4, repaired: 3, usage: { input: 40, output: 20 } },
    });

    const raw = mock.requests().map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    t.equal(raw.length, 3, 'one call more than without');
    t.match(raw[1], { temperature: 0 });
    t.notOk(raw[1]?.tools, 'without tools');
    t.ok(Number(raw[1]?.max_tokens) < 2_000, 'briefly');
    const asked = JSON.stringify(raw[1]?.messages);
    t.match(asked, 'Basel');
    t.notMatch(asked, 'Chur', 'what could be read is not asked about');
    t.notMatch(asked, 'weather_erase', 'a tool that it may not have is not named');
    const sent = raw[2]?.messages as readonly { tool_calls?: { function: object }[] }[];
    const again = sent.flatMap((message) => message.tool_calls ?? []).map((call) => call.function);
    t.match(
      again[1],
      { name: 'weather_tell', arguments: '{"city":"Basel","days":"two"}' },
      'the model sees again what it wrote',
    );
    t.match(again[3], { name: 'wether' });
    const [first] = changesIn(await journalOf(product, conversation), 'answer');
    t.equal((first as { calls?: { arguments: string }[] }).calls?.[0]?.arguments, '{"city": "Bern", "days": ');
  },
);

await t.test('what is not put right is a result that the model reads, and nothing is carried out', async (t) => {
  const bad = { calls: [{ name: 'weather_tell', arguments: { city: 5 } }] };
  for (const answer of ['No JSON at all', '{"calls": "none"}', { error: { status: 500 } }, { text: '' }]) {
    mock.clear();
    mock.script(bad, answer, 'Then not.');
    const { nodes, answer: last } = await say(product, await begin(product), 'Weather?');
    t.equal(last.text, 'Then not.');
    t.match(toolsOf(nodes)[0], { isError: true, result: /INPUT_INVALID: weather_tell .*city/ });
    t.match(nodes[0], { state: 'finished', run: { state: 'succeeded', repair: { calls: 1, repaired: 0 } } });
    t.equal(mock.requests().length, 3, 'tried once');
  }
  mock.clear();
  await settle('  repair: false\n');
  mock.script(bad, 'Then not.');
  const { nodes } = await say(product, await begin(product), 'Weather?');
  t.match(toolsOf(nodes)[0], { isError: true, resolution: { arguments: 'invalid' } });
  t.equal(mock.requests().length, 2, 'bot.yaml turns it off');
  t.equal(nodes[0]?.run?.repair, null);
  await settle();
});

await t.test('no repair leads to a tool that the bot does not have', async (t) => {
  mock.script(
    { calls: [{ name: 'weather_erase', arguments: { city: 'Bern', days: 1 } }, { name: 'remove' }] },
    repaired(
      { index: 0, name: 'weather_erase', arguments: { city: 'Bern', days: 1 } },
      { index: 1, name: 'weather_erase', arguments: { city: 'Bern', days: 1 } },
    ),
    'Not possible.',
  );
  const { nodes } = await say(product, await begin(product), 'Erase the weather');
  for (const tool of toolsOf(nodes))
    t.match(tool, { isError: true, result: /There is no tool/, resolution: { name: 'unknown' } });
  t.match(nodes[0]?.run?.repair, { calls: 2, repaired: 0 });
});

await t.test('a call that was put right is asked for like any other, and shown as it would be made', async (t) => {
  await product.files.write('bots/assistant/bot.yaml', 'tools:\n  ask: [weather_*]\n  required: [weather_tell]\n');
  await sleep(100);
  mock.script(
    { calls: [{ name: 'Weather.Tell', arguments: '{"city": "Bern", days}' }] },
    repaired({ index: 0, arguments: { city: 'Bern', days: 3 } }),
    'Sunny.',
  );
  const conversation = await begin(product);
  using live = product.client.conversation(conversation);
  const { turn } = await live.send('Weather?');
  await sees(live, ({ nodes }) => nodes.some(({ state }) => state === 'awaiting_approval'));
  const [waiting] = (await product.client.call('calls.list', { conversation })).calls;
  t.match(waiting, {
    approval: { required: true },
    tool: {
      name: 'weather_tell',
      arguments: '{"city":"Bern","days":3}',
      written: { name: 'Weather.Tell', arguments: '{"city": "Bern", days}' },
    },
  });
  t.match((await product.cli(['call', 'list', conversation])).stdout, /weather_tell.*"Bern","days":3/);
  await product.client.call('calls.approve', { conversation, call: waiting?.id ?? '', for: 'conversation' });
  const { nodes } = turnOf(await sees(live, ({ state }) => state === 'idle'), turn);
  t.match(toolsOf(nodes)[0]?.result, '"heard":"weather.tell","city":"Bern","days":3');

  mock.script({ calls: [{ name: 'weather-tell', arguments: { city: 'Chur', days: 1 } }] }, 'Rain.');
  t.equal((await say(product, conversation, 'And Chur?')).answer.text, 'Rain.', 'allowed by whichever name');
  await settle();
});

await t.test(
  'a stop while calls are put right is a stop, and a crash there is a failure that can be tried again',
  async (t) => {
    const bad = { text: 'Let me look.', calls: [{ name: 'weather_tell', arguments: '{' }] };
    const conversation = await begin(product);
    using live = product.client.conversation(conversation);
    mock.script(bad, { text: repaired({ index: 0, arguments: { city: 'Bern', days: 1 } }), hangMs: 60_000 });
    const { turn } = await live.send('Weather?');
    await until('the second call of the model', () => bodies().length === 2);
    const began = performance.now();
    t.equal(await live.stop(), true);
    t.ok(performance.now() - began < 2_000);
    const { nodes } = turnOf(await sees(live, ({ state }) => state === 'idle'), turn);
    t.match(nodes, [{ state: 'stopped', text: 'Let me look.', run: { state: 'canceled' } }]);
    t.equal(nodes.length, 1, 'no call was made');

    mock.clear();
    mock.script(bad, { text: '', hangMs: 60_000 });
    const { reply } = await live.send('Again');
    await until('the second call of the model', () => bodies().length === 2);
    await until('the text on disk', async () =>
      JSON.stringify(await journalOf(product, conversation)).includes(reply + '","channel"'),
    );
    await product.kill9();
    await product.start();
    mock.clear();
    const page = await product.client.call('conversations.show', { conversation });
    const failed = page.nodes.find(({ id }) => id === reply);
    t.match(failed, {
      state: 'errored',
      text: 'Let me look.',
      run: { state: 'failed', error: { code: 'INTERRUPTED' } },
    });
    mock.script('Cloudy.');
    await product.client.call('messages.retry', { conversation, message: reply });
    await until('the answer', async () => {
      const { nodes } = await product.client.call('conversations.show', { conversation });
      return nodes.at(-1)?.text === 'Cloudy.';
    });
    t.match(await product.client.call('conversations.audit', { conversation }), { findings: [] });
  },
);

await t.test(
  'a belt of forty tools: a dozen schemas, the others are found, called, and stay for the conversation',
  async (t) => {
    const long =
      'tools:\n  allow: [time_now, "lights_*"]\n  ask: [lights_office_dim]\n  required: [lights_hall_on]\n  deny: [lights_cellar_*]\n';
    await product.files.write('bots/assistant/bot.yaml', long);
    await sleep(100);
    const namesIn = (at: number): string[] => bodies()[at]?.tools?.map((tool) => tool.function.name) ?? [];
    const search = (query: string, limit?: number): object => ({
      calls: [{ name: 'tools_search', arguments: { query, ...(limit && { limit }) } }],
    });
    const conversation = await begin(product);
    mock.script(
      search('dim the garden', 2),
      { calls: [{ name: 'lights_garden_dim', arguments: { percent: 20 } }] },
      'Dimmed.',
    );
    const { nodes, answer } = await say(product, conversation, 'Dim the garden');
    t.equal(answer.text, 'Dimmed.');
    const [found, dimmed] = toolsOf(nodes);
    t.match(JSON.parse(found?.result ?? ''), {
      tools: [
        {
          name: 'lights_garden_dim',
          summary: 'Dims the lamp of the garden.',
          parameters: { properties: { percent: { type: 'number' } } },
        },
        {},
      ],
    });
    t.match(dimmed, { isError: false, result: '{"heard":"garden dim","percent":20}' });

    const before = namesIn(0);
    t.equal(before.length, 8);
    t.strictSame(before, before.toSorted(), 'sorted by name');
    for (const always of ['tools_search', 'time_now', 'lights_hall_on', 'lights_office_dim', 'skills_load'])
      t.ok(before.includes(always), `${always} is always shown`);
    t.strictSame(namesIn(1).slice(0, 8), before, 'what was found stands behind what was there');
    t.equal(namesIn(1)[8], 'lights_garden_dim');
    t.ok(namesIn(1).length <= 12);
    t.match(nodes[0]?.run, { state: 'succeeded' });
    const accounts = changesIn(await journalOf(product, conversation), 'run')
      .map(({ run }) => (run as { prompt?: { id: string; tools?: number }[] }).prompt)
      .flatMap((prompt) => prompt?.find(({ id }) => id === 'tools')?.tools ?? []);
    t.strictSame(accounts, [8, 10, 10], 'each prompt says how many it showed');

    await product.stop();
    await product.start();
    mock.clear();
    mock.script(search('cellar'), search('lamp brightness nursery office bath', 10), search('turn on'), 'Enough.');
    const later = await say(product, conversation, 'And the cellar?');
    t.strictSame(namesIn(0).slice(0, 9), [...before, 'lights_garden_dim'], 'a start keeps what was found');
    const [cellar] = toolsOf(later.nodes);
    t.notMatch(cellar?.result, /lights_cellar/, 'what the owner denies is not found');
    for (const at of [0, 1, 2, 3]) t.ok(namesIn(at).length <= 12 && new Set(namesIn(at)).size === namesIn(at).length);
    t.strictSame(namesIn(3).slice(0, 8), before);

    mock.clear();
    mock.script({ calls: [{ name: 'lights_garden_dim', arguments: {} }] }, 'Again.');
    const again = await say(product, conversation, 'Dim it again');
    t.match(toolsOf(again.nodes)[0], { isError: false }, 'one that others took the place of can still be called');
    mock.clear();
    mock.script('Hello.');
    await say(product, await begin(product), 'Hi');
    t.strictSame(namesIn(0), before, 'another conversation has found nothing');

    mock.clear();
    mock.script(
      { calls: [{ name: 'garden_dimmer', arguments: {} }] },
      repaired({ index: 0, name: 'lights_garden_dim', arguments: {} }),
      'Done.',
    );
    const mended = await say(product, await begin(product), 'Dim');
    t.match(toolsOf(mended.nodes)[0], { name: 'lights_garden_dim', resolution: { name: 'repaired' } });
    t.notMatch(JSON.stringify(bodies()[1]), 'lights_bath_on', 'not the whole belt is sent to put a call right');

    await product.files.write('bots/assistant/bot.yaml', long.replace('deny: [', 'deny: [tools_search, '));
    await sleep(100);
    mock.clear();
    mock.script('Hello.');
    await say(product, await begin(product), 'Hi');
    t.equal(namesIn(0).length, 12, 'without the search there are twelve');
    t.notOk(namesIn(0).includes('tools_search'));
  },
);
