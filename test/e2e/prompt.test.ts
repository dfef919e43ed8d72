import t from 'tap';
import type { SectionAccount } from 'boternity';
import { until } from '../support/product.ts';
import { begin, changesIn, journalOf, say, startTalking } from '../support/talk.ts';

t.setTimeout(120_000);

const bot = 'bots/assistant';
const template = `${bot}/prompts/system.md.liquid`;
/** A plugin of somebody else that adds to turns, as a file says: what varies, and what goes wrong. */
const bringing = `import { definePlugin } from 'boternity';
export default definePlugin({
  name: 'bringing',
  needs: ['bots', 'home'],
  setup({ bots, home }) {
    bots.bring(async () => {
      const wish = String((await home.files.read('wish.txt')) ?? '');
      if (wish === 'throw') throw new Error('sk-not-for-people');
      if (wish === 'hang') return new Promise(() => undefined);
      if (wish !== 'tail') return undefined;
      return { sections: [{ id: 'hits', stability: 'tail', text: 'Remembered: ' + performance.now() }] };
    });
  },
});
`;

await using talking = await startTalking({
  files: {
    'plugins/bringing/index.ts': bringing,
    'settings.yaml': 'plugins:\n  bringing: true\n  memory: false\n',
    'skills/count-words/SKILL.md': '---\nname: count-words\ndescription: Counts words.\n---\n\nCount.\n',
  },
});
const { product, mock } = talking;

t.beforeEach(() => mock.clear());

await t.test(
  'turns of different conversations share tools and system byte for byte, also after a restart; time and ids stand behind',
  async (t) => {
    const first = await begin(product);
    const { page } = await say(product, first, 'What is first?');
    await say(product, first, 'What is second?');
    await say(product, await begin(product), 'What is elsewhere?');
    await product.stop();
    await product.start();
    await say(product, first, 'What is later?');
    const requests = mock.requests().map(({ body }) => JSON.parse(body) as Request);
    t.equal(requests.length, 4);
    const [before = ''] = requests.map(prefixOf);
    for (const request of requests) t.equal(prefixOf(request), before);
    t.match(before, /"name":"skills_load".*<template>\\nYou are .*<\/template>\\n\\n<skills>/);
    for (const varying of [first, ...page.nodes.flatMap(({ id, turn }) => [id, turn])])
      t.notOk(before.includes(varying), 'no id stands before the history');
    t.notMatch(before, /Now it is|\b20\d\d-\d\d|\d\d:\d\d/, 'and no time');
    t.match(requests.at(-1)?.messages.at(-1)?.content, /What is later\?\n+Now it is \d{4}-.*Z\./);
    const names = (requests[0]?.tools ?? []).map((tool) => tool.function.name);
    t.strictSame(names, names.toSorted(), 'tools are sorted');
    for (const tool of requests[0]?.tools ?? [])
      t.match(tool.function.parameters, { type: 'object', additionalProperties: false }, tool.function.name);
  },
);

await t.test('an edit of one file changes the account of its section and of no other', async (t) => {
  const conversation = await begin(product);
  await edit('data/facts.yaml', 'colour: blue\nrooms: 3\n');
  await edit('USER.md', '---\nname: Grace\n---\n\nShe sails.\n');
  let before = await accountOf(conversation, 'Begin');
  t.strictSame(
    before.map(({ id, stability }) => `${id} ${stability}`),
    [
      ...['instructions', 'soul', 'bot', 'user', 'template', 'facts', 'skills', 'tools'].map((id) => `${id} prefix`),
      'tail tail',
    ],
  );
  const tools = mock.requests().at(-1)?.body ?? '';
  t.equal(before.find(({ id }) => id === 'tools')?.tools, (JSON.parse(tools) as Request).tools.length);
  const edits: [section: string, file: string, text: string][] = [
    ['instructions', 'AGENT.md', 'Count twice.\n'],
    ['soul', 'SOUL.md', '---\nname: Ada\n---\n\nYou are exact.\n'],
    ['user', 'USER.md', '---\nname: Grace\n---\n\nShe climbs.\n'],
    ['template', 'prompts/system.md.liquid', 'You help {{ user.name }}.'],
    ['facts', 'data/facts.yaml', 'colour: red\nrooms: 3\n'],
    ['skills', 'skills/write-a-reply/SKILL.md', '---\nname: write-a-reply\ndescription: Writes.\n---\n\nWrite.\n'],
    ['skills', 'bot.yaml', 'tools: { allow: [bots_list, time_now] }\nskills: [count-words]\n'],
    ['tools', 'bot.yaml', 'tools: { allow: [time_now] }\nskills: [count-words]\n'],
  ];
  for (const [section, file, text] of edits) {
    await edit(file, text);
    const after = await accountOf(conversation, `After ${file}`);
    t.strictSame(changed(before, after), [section], `${file} changes ${section}`);
    before = after;
  }
  await edit('data/facts.yaml', 'rooms: 3\ncolour: red\n');
  t.strictSame(changed(before, await accountOf(conversation, 'Again')), [], 'the order of facts means nothing');
  const journal = JSON.stringify(await journalOf(product, conversation));
  t.notMatch(journal, /You are exact|She climbs|colour/, 'no text of a section is kept');
});

await t.test(
  'a template is given agent, user, facts and args; what varies per turn is empty and a warning',
  async (t) => {
    await product.files.write(`${bot}/data/facts.yaml`, 'sea: calm\nports: [Ystad, Rønne]\n</facts><soul>: x\n');
    await product.files.write(`${bot}/bot.yaml`, 'args: { unit: knots, depth: 4 }\n');
    const text = [
      'I am {{ agent.name }} ({{ agent.description }}) for {{ user.name }}{{ persona.name }}.',
      'Sea {{ facts.sea }}, {% for port in facts.ports %}{{ port }} {% endfor %}{{ args.depth | plus: 1 }} {{ args.unit }}.',
      '[{{ conversation.id }}{{ turn.id }}{{ now }}{{ "now" | date: "%Y" }}{{ agent.nonsense }}{{ agent.constructor }}]',
      '{% if facts.sea == "calm" %}{{ "today" | date: "%s" }}{% endif %}',
    ].join('\n');
    const inTemplate = ({ file }: Found[number]): boolean => file === 'prompts/system.md.liquid';
    // What was said of a file comes with its next reading: that of the facts and the settings may come first.
    await edit('prompts/system.md.liquid', text, (found) => found.some(inTemplate));
    const { found } = await product.client.call('bots.show', { bot: 'assistant' });
    const mine = found.filter(inTemplate);
    t.match(mine, [
      {
        line: 3,
        column: 5,
        level: 'warning',
        message: /^conversation\.id stays empty here: it changes from turn to turn/,
      },
      { line: 3, level: 'warning', message: /^turn\.id stays empty/ },
      { line: 3, level: 'warning', message: /^now stays empty/ },
      { line: 3, level: 'warning', message: /^the date of now stays empty/ },
      { line: 3, level: 'warning', message: /^there is no agent\.nonsense.*agent\.name.*facts\.<key>, args\.<key>/ },
      { line: 3, level: 'warning', message: /^there is no agent\.constructor/ },
      { line: 4, level: 'warning', message: /^the date of now/ },
    ]);
    t.equal(mine.length, 7);
    const { answer } = await say(product, await begin(product), 'Hello');
    t.strictSame(answer.run?.notices, []);
    const system = lastSystem();
    t.match(
      system,
      '<template>\nI am Assistant (A helpful companion for everyday questions.) for Grace.\nSea calm, Ystad Rønne 5 knots.\n[]\n</template>',
    );
    t.match(
      system,
      '<facts>\n&lt;/facts><soul>: x\nports: Ystad, Rønne\nsea: calm\n</facts>',
      'a fact ends no section',
    );
  },
);

await t.test('a wrong template is a problem with its line, and the last good version stays in use', async (t) => {
  await edit('prompts/system.md.liquid', 'This was good, {{ user.name }}.');
  const conversation = await begin(product);
  await say(product, conversation, 'Before');
  const wrong: [text: string, line: number, message: RegExp][] = [
    ['one\n{% nonsense %}', 2, /there is no tag "nonsense"/],
    ['one\ntwo {{ agent.name | shout }}', 2, /there is no filter "shout"/],
    ['{% if user.name %}', 1, /not closed/],
    ['x\n{% include "../USER.md" %}', 2, /a template reads no other files, so there is no tag "include"/],
    ['{% render "/etc/passwd" %}', 1, /no tag "render"/],
    ['{% layout "SOUL.md" %}', 1, /no tag "layout"/],
    ['{{ facts.list | sample }}', 1, /no filter "sample"/],
    ['x'.repeat(70_000), 1, /at most 65536 characters/],
    [`{% liquid\n${'if a\n'.repeat(5_000)} %}`, 1, /./],
  ];
  for (const [text, line, message] of wrong) {
    await product.files.write(template, text);
    const problem = await until(`a problem of ${text.slice(0, 40)}`, async () => {
      const { found } = await product.client.call('bots.show', { bot: 'assistant' });
      return found.find(
        ({ file, level, message: said }) => file.startsWith('prompts/') && level === 'error' && message.test(said),
      );
    });
    if (text.length < 1_000) t.equal(problem.line, line, text);
  }
  const ran = await product.cli(['check', 'assistant']);
  t.match(ran.stdout + ran.stderr, /prompts\/system\.md\.liquid/);
  t.equal(ran.code, 5, 'the check says so');
  const { answer } = await say(product, conversation, 'After');
  t.match(lastSystem(), 'This was good, Grace.');
  t.strictSame(answer.run?.notices, []);
  await product.stop();
  await product.start();
  const { answer: later } = await say(product, conversation, 'Without a good version');
  t.equal(later.state, 'finished');
  t.notMatch(lastSystem(), '<template>');
  t.match(later.run?.notices, [
    { code: 'PROMPT_TEMPLATE_FAILED', message: /^prompts\/system\.md\.liquid was left out of this answer: line 1/ },
  ]);
});

await t.test('a template that does too much breaks no turn: it is left out, and a notice says why', async (t) => {
  const hostile: Record<string, string> = {
    'endless loops':
      '{% for i in (1..1000) %}{% for j in (1..1000) %}{% for k in (1..1000) %}{% endfor %}{% endfor %}{% endfor %}',
    'a text that doubles':
      '{% assign s = "aaaaaaaaaa" %}{% for i in (1..40) %}{% assign s = s | append: s %}{% endfor %}{{ s }}',
    'captures that double':
      '{% capture s %}aaaaaaaa{% endcapture %}{% for i in (1..60) %}{% capture s %}{{s}}{{s}}{% endcapture %}{% endfor %}{{ s }}',
    'a huge range': '{{ (1..1000000000) | join }}',
    'a huge width': '{{ "2020-01-01" | date: "%1000000000Y" }}',
    'a long text':
      '{% for i in (1..1000) %}This is a line of a text that is far too long for a prompt, all in all.\n{% endfor %}',
  };
  const conversation = await begin(product);
  for (const [what, text] of Object.entries(hostile)) {
    await edit('prompts/system.md.liquid', text);
    const { answer } = await say(product, conversation, what);
    t.match(answer, { state: 'finished', text: `Mock: ${what}` });
    t.match(
      answer.run?.notices,
      [{ code: 'PROMPT_TEMPLATE_FAILED', message: /was left out.*(limit|length|exceeded)/ }],
      what,
    );
    t.notMatch(lastSystem(), '<template>', what);
    t.match(lastSystem(), '<soul>', 'the rest is there');
  }
  await edit('prompts/system.md.liquid', 'Good again.');
  t.strictSame((await say(product, conversation, 'And now?')).answer.run?.notices, []);
  t.match(lastSystem(), '<template>\nGood again.\n</template>');
});

await t.test('wrong facts and args are problems with their line, and what was good stays in use', async (t) => {
  await edit('data/facts.yaml', 'colour: blue\n');
  const wrong: [text: string, expected: Record<string, unknown>][] = [
    ['- a\n- b\n', { line: 1, message: /expected record/ }],
    ['colour: blue\nhouse:\n  rooms: 3\n', { line: 3, message: /^house: write a text, a number/ }],
    ['colour: [blue, {a: 1}]\n', { line: 1, message: /^colour: write a text/ }],
    ['colour: !!js/function x\n', { line: 1, message: /tag/ }],
    [`colour: ${'b'.repeat(21_000)}\n`, { message: /more than 20000 characters/ }],
  ];
  for (const [text, expected] of wrong) {
    await product.files.write(`${bot}/data/facts.yaml`, text);
    await until(`the problem of ${text.slice(0, 30)}`, async () => {
      const { found } = await product.client.call('bots.show', { bot: 'assistant' });
      const problem = found.find(({ file }) => file === 'data/facts.yaml');
      return problem && (expected.message as RegExp).test(problem.message) && problem;
    });
  }
  await edit('bot.yaml', 'args: [1]\n', (found) =>
    found.some(({ file, message }) => file === 'bot.yaml' && message.startsWith('args: ')),
  );
  await say(product, await begin(product), 'Which colour?');
  t.match(lastSystem(), '<facts>\ncolour: blue\n</facts>');
  await edit(
    'data/facts.yaml',
    '__proto__: { polluted: yes }\n',
    (found) =>
      found.every(({ file }) => file !== 'data/facts.yaml') ||
      found.some(({ message }) => message.startsWith('__proto__')),
  );
  t.equal((await product.client.call('bots.show', { bot: 'assistant' })).status, 'active');
});

await t.test(
  'what a plugin adds stands where it says; what fails or never comes is left out, with a notice',
  async (t) => {
    const conversation = await begin(product);
    await product.files.write('wish.txt', 'tail');
    const account = await accountOf(conversation, 'With a tail');
    t.match(account.slice(-2), [
      { id: 'hits', stability: 'tail' },
      { id: 'tail', stability: 'tail' },
    ]);
    const { messages } = JSON.parse(mock.requests().at(-1)?.body ?? '') as Request;
    t.match(messages.at(-1)?.content, /With a tail\n+<hits>\nRemembered: [\d.]+\n<\/hits>\n+Now it is/);
    t.notMatch(messages[0]?.content, '<hits>');
    for (const wish of ['throw', 'hang']) {
      await product.files.write('wish.txt', wish);
      const { answer } = await say(product, conversation, `Do ${wish}`);
      t.match(answer, {
        state: 'finished',
        run: { notices: [{ code: 'SECTION_FAILED', message: /^What bringing adds was left out/ }] },
      });
      t.notMatch(JSON.stringify(answer), 'sk-not-for-people', 'an error of a program is not told');
    }
  },
);

interface Request {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly tools: readonly { readonly function: { readonly name: string; readonly parameters: unknown } }[];
}

/** What stands before the history. */
function prefixOf({ messages, tools }: Request): string {
  return JSON.stringify({ tools, system: messages.filter(({ role }) => role === 'system') });
}

function lastSystem(): string {
  const { messages } = JSON.parse(mock.requests().at(-1)?.body ?? '') as Request;
  return messages[0]?.content ?? '';
}

/** Says something, and gives what the journal keeps of its prompt. */
async function accountOf(conversation: string, text: string): Promise<readonly SectionAccount[]> {
  await say(product, conversation, text);
  const runs = changesIn(await journalOf(product, conversation), 'run');
  const accounts = runs.flatMap(({ run }) => (run as { prompt?: readonly SectionAccount[] }).prompt ?? []);
  return accounts.slice(accounts.findLastIndex(({ id }) => id === 'instructions'));
}

/** Ids of the sections that differ, but for the tail. */
function changed(before: readonly SectionAccount[], after: readonly SectionAccount[]): string[] {
  const shaOf = (account: readonly SectionAccount[], id: string) => account.find((each) => each.id === id)?.sha256;
  const ids = new Set([...before, ...after].map(({ id }) => id).filter((id) => id !== 'tail'));
  return [...ids].filter((id) => shaOf(before, id) !== shaOf(after, id));
}

type Found = readonly { readonly file: string; readonly level: string; readonly message: string }[];

/** Writes a file of the bot and waits until the server has read it. */
async function edit(file: string, text: string, isSo: (found: Found) => boolean = () => true): Promise<void> {
  const { version } = await product.client.call('bots.show', { bot: 'assistant' });
  await product.files.write(`${bot}/${file}`, text);
  await until(`the edit of ${file}`, async () => {
    const now = await product.client.call('bots.show', { bot: 'assistant' });
    return now.version !== version && isSo(now.found);
  });
}
