import { mkdir, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { until } from '../support/product.ts';
import { begin, say, startTalking } from '../support/talk.ts';

t.setTimeout(120_000);

const bot = 'assistant';
const skill = (name: string, description: string, body = `How to ${name}.\n`, more = ''): string =>
  `---\nname: ${name}\ndescription: ${description}\n${more}---\n\n${body}`;

const own = 'bots/assistant/skills';
await using talking = await startTalking({
  files: {
    'skills/count/SKILL.md': skill('count', 'Counts things. Shared.'),
    'skills/zip/SKILL.md': skill('zip', '"Packs\n  and  unpacks."', 'Zip.\n'),
    'skills/zip/scripts/zip.sh': '#!/bin/sh\necho zipped\n',
    'skills/unnamed/SKILL.md': skill('unnamed', 'Nobody asked for it.'),
  },
});
const { product, mock } = talking;
const { client, files } = product;

t.beforeEach(() => mock.clear());

await t.test(
  'the index has the own skills and the shared ones that bot.yaml names, sorted; the own one wins',
  async (t) => {
    await edit('bot.yaml', 'skills: [zip, count, nowhere, ../unnamed]\n');
    t.match(await index(), [
      /^- count: Counts things\. Shared\./,
      /^- weigh-a-decision: /,
      /^- write-a-reply: /,
      /^- zip: Packs and unpacks\.$/,
    ]);
    await edit(
      'skills/count/SKILL.md',
      skill(
        'count',
        'Counts. My own.',
        'Mine.\n',
        'license: MIT\nallowed-tools: time_now bots_list\nmetadata: { by: me }\n',
      ),
    );
    t.match(await index(), [/^- count: Counts\. My own\.$/, /weigh/, /write/, /zip/]);
    const { skills, truncated } = await client.call('skills.list', { bot });
    t.notOk(truncated);
    t.match(skills, [
      {
        name: 'count',
        origin: 'bot',
        license: 'MIT',
        allowed_tools: ['time_now', 'bots_list'],
        metadata: { by: 'me' },
      },
      { name: 'weigh-a-decision', origin: 'bot' },
      { name: 'write-a-reply', origin: 'bot' },
      { name: 'zip', origin: 'shared', description: /^Packs and\s+unpacks\.$/, license: null, compatibility: null },
    ]);
    t.equal((await client.call('skills.load', { bot, name: 'count' })).body_markdown.trim(), 'Mine.');
    await t.rejects(client.call('skills.load', { bot, name: 'unnamed' }), { code: 'SKILL_MISSING', status: 404 });
    const { problems } = await client.call('bots.check', {});
    const said = problems.map(({ file, message }) => `${file}: ${message}`);
    t.ok(said.some((line) => /bots\/assistant\/bot\.yaml: skills: there is no usable skill "nowhere"/.test(line)));
  },
);

await t.test('a bot that has skills may read them though bot.yaml names no tool, and about itself alone', async (t) => {
  const { slug } = await client.call('bots.create', { name: 'Other', template: 'writer' });
  const calls = [
    { name: 'skills_list' },
    { name: 'skills_load', arguments: { name: 'zip' } },
    { name: 'skills_load', arguments: { name: 'edit-a-text', bot: slug } },
    { name: 'skills_read_file', arguments: { name: 'zip', rel_path: 'scripts/zip.sh' } },
    { name: 'skills_read_file', arguments: { name: 'zip', rel_path: '../../bots/other/SOUL.md' } },
  ];
  mock.script({ calls }, 'Done.');
  const { nodes } = await say(product, await begin(product), 'Use your skills');
  const first = talking.bodies()[0];
  t.strictSame(
    first?.tools?.map((tool) => tool.function.name),
    [
      'memory_forget',
      'memory_search',
      'memory_store',
      'skills_list',
      'skills_load',
      'skills_read_file',
      'web_fetch',
      'web_search',
    ],
  );
  t.notMatch(JSON.stringify(first?.tools), '"bot"', 'which bot is not the model’s to say');
  const results =
    talking
      .bodies()[1]
      ?.messages.filter(({ role }) => role === 'tool')
      .map(({ content }) => content) ?? [];
  t.match(results, [
    /"name":"count".*"name":"zip"/,
    /"name":"zip".*"files_index":\[\{"path":"scripts\/zip\.sh","bytes":\d+\}\].*"body_markdown":"\\?n?Zip/,
    /^Error: SKILL_MISSING: assistant has no skill "edit-a-text"\. There are: count, /,
    /echo zipped/,
    /^Error: PATH_REFUSED/,
  ]);
  t.strictSame(
    nodes.filter(({ kind }) => kind === 'task').map(({ tool }) => tool?.isError),
    [false, false, true, false, true],
  );
  await edit('bot.yaml', 'skills: [zip]\ntools: { deny: [skills_*], allow: [time_now] }\n');
  await say(product, await begin(product), 'What now?');
  t.strictSame(
    talking
      .bodies()
      .at(-1)
      ?.tools?.map((tool) => tool.function.name),
    ['memory_forget', 'memory_search', 'memory_store', 'time_now', 'web_fetch', 'web_search'],
    'deny wins',
  );
  t.notMatch(system(), '<skills>', 'and then the index is of no use');
  const { slug: blank } = await client.call('bots.create', { name: 'Blank', template: 'blank' });
  await say(product, await begin(product, blank), 'And you?');
  const offered = talking
    .bodies()
    .at(-1)
    ?.tools?.map((tool) => tool.function.name);
  t.strictSame(
    offered,
    ['memory_forget', 'memory_search', 'memory_store', 'web_fetch', 'web_search'],
    'without skills there are no such tools',
  );
  await edit('bot.yaml', 'skills: [zip, count]\n');
});

await t.test('long bodies and files are cut at 200 kB and say so; what is no text comes as base64', async (t) => {
  const long = 'ä'.repeat(150_000);
  await edit('skills/long/SKILL.md', skill('long', 'Is long.', long));
  await files.write(`${own}/long/references/long.md`, `x${long}`);
  await files.write(`${own}/long/assets/dot.png`, Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1]));
  await files.write(`${own}/long/assets/latin.txt`, Buffer.from([0x67, 0x72, 0xfc, 0xdf, 0x65]));
  await files.write(`${own}/long/assets/huge.bin`, Buffer.alloc(5_000_001));
  await files.write(`${own}/long/assets/.hidden`, 'x');
  const loaded = await client.call('skills.load', { bot, name: 'long' });
  t.equal(loaded.body_truncated, true);
  t.ok(Buffer.byteLength(loaded.body_markdown) <= 200_000 && loaded.body_markdown.length > 99_000);
  t.match(loaded.body_markdown, /^\n?ä+$/, 'no half character');
  t.strictSame(
    loaded.files_index.map((file) => file.path),
    ['assets/dot.png', 'assets/huge.bin', 'assets/latin.txt', 'references/long.md'],
  );
  const read = (rel_path: string) => client.call('skills.read_file', { bot, name: 'long', rel_path });
  const text = await read('references/long.md');
  t.match(text, { encoding: 'utf-8', media_type: 'text/plain', bytes: 300_001, truncated: true, content: /^xä+$/ });
  t.ok(Buffer.byteLength(text.content) <= 200_000);
  t.match(await read('assets/dot.png'), {
    encoding: 'base64',
    media_type: 'image/png',
    truncated: false,
    content: 'iVBORwAB',
  });
  t.match(await read('assets/latin.txt'), { encoding: 'base64', media_type: 'application/octet-stream', bytes: 5 });
  await t.rejects(read('assets/huge.bin'), { code: 'FILE_INVALID' });
  await t.rejects(read('assets/none.txt'), { code: 'FILE_MISSING', status: 404 });
});

await t.test('nothing but files right in scripts, references and assets is read, and no link leads out', async (t) => {
  await files.write('secret.txt', 'a secret');
  await files.write(`${own}/safe/references/deep/inner.md`, 'deep');
  await files.write(`${own}/safe/notes.md`, 'notes');
  await edit('skills/safe/SKILL.md', skill('safe', 'Is safe.'));
  const links: Record<string, string> = {
    'references/out.md': '../../../../../secret.txt',
    'references/soul.md': '../../../SOUL.md',
    'references/absolute.md': path.join(product.home, 'secret.txt'),
    assets: '../../..',
    scripts: path.join(product.home, '.boternity'),
  };
  for (const [place, target] of Object.entries(links))
    await symlink(target, path.join(product.home, own, 'safe', place));
  const { files_index } = await client.call('skills.load', { bot, name: 'safe' });
  t.notMatch(JSON.stringify(files_index), /out|soul|absolute|scripts|assets|deep/, 'the index names none of them');
  const refused =
    'references/out.md references/soul.md references/absolute.md assets/SOUL.md scripts/bots.json SKILL.md notes.md ' +
    'references references/deep/inner.md ../long/references/long.md /etc/passwd references/../SKILL.md references/.. ' +
    'other/x references\\deep references/\0 references/';
  for (const rel_path of refused.split(' ')) {
    const answer = await client.call('skills.read_file', { bot, name: 'safe', rel_path }).then(
      ({ content }) => `read: ${content}`,
      (error: { code: string }) => error.code,
    );
    t.ok(['PATH_REFUSED', 'FILE_MISSING', 'ROUTE_MISSING'].includes(answer), `${JSON.stringify(rel_path)}: ${answer}`);
  }
  for (const name of ['../assistant', '..', 'safe/references', 'SAFE']) {
    const answer = await client.call('skills.load', { bot, name }).then(
      ({ body_markdown }) => (body_markdown === undefined ? 'another route' : 'loaded'),
      (error: { code: string }) => error.code,
    );
    t.not(answer, 'loaded', name);
  }
  await mkdir(path.join(product.home, 'elsewhere/linked'), { recursive: true });
  await files.write('elsewhere/linked/SKILL.md', skill('linked', 'Lies elsewhere.'));
  await symlink('../elsewhere/linked', path.join(product.home, 'skills/linked'));
  await edit('bot.yaml', 'skills: [zip, linked]\n');
  t.notMatch((await index()).join('\n'), 'Lies elsewhere', 'a folder that is a link is no skill');
});

await t.test(
  'a wrong skill is a problem with its line; the last good version stays, a broken one is not in the index',
  async (t) => {
    const wrong: [text: string, message: RegExp, line: number][] = [
      [skill('other', 'x'), /the skill is called other and its folder broken; give both one name/, 2],
      [skill('Broken', 'x'), /write the name of its folder/, 2],
      [skill('broken', `"${'x'.repeat(1_025)}"`), /description: .*1024/, 3],
      [
        skill('broken', 'x', 'Body.\n', `metadata: { long: ${'x'.repeat(50_000)} }\n`),
        /front matter has \d+ bytes; 50000/,
        1,
      ],
      ['no front matter\n', /name: /, 1],
    ];
    for (const [text, message, line] of wrong) {
      await edit('skills/broken/SKILL.md', text);
      const { found } = await client.call('bots.show', { bot });
      const problem = found.find(({ file }) => file === 'skills/broken/SKILL.md');
      t.match(problem, { level: 'error', line, message });
      t.notMatch((await index()).join('\n'), '- broken', 'it is not offered');
    }
    await edit('skills/broken/SKILL.md', skill('broken', 'Is good.'));
    t.match((await index()).join('\n'), '- broken: Is good.');
    await edit('skills/broken/SKILL.md', 'broken again\n');
    t.match((await index()).join('\n'), '- broken: Is good.', 'what was good stays in use');
    t.match((await client.call('skills.load', { bot, name: 'broken' })).body_markdown, 'How to broken.');
    await rm(path.join(product.home, own, 'broken'), { recursive: true });
    await until('the skill is gone', async () =>
      (await client.call('skills.list', { bot })).skills.every(({ name }) => name !== 'broken'),
    );

    await files.write('skills/zip/SKILL.md', skill('zap', 'Is called otherwise.'));
    t.match((await index()).join('\n'), '- zip: Packs and unpacks.', 'of shared ones too');
    const { problems } = await client.call('bots.check', {});
    t.ok(
      problems.some(({ file, message }) => file === 'skills/zip/SKILL.md' && /called zap/.test(message)),
      'the check names it',
    );
    await edit('skills/small/skill.md', skill('small', 'Written small.'));
    t.match((await index()).join('\n'), '- small: Written small.', 'skill.md is taken as well');
  },
);

/** Lines of the index as the model gets it. */
async function index(): Promise<string[]> {
  await say(product, await begin(product), 'What can you do?');
  const [, section = ''] = /<skills>\n([^]*)\n<\/skills>/.exec(system()) ?? [];
  return section.split('\n').filter((line) => line.startsWith('- '));
}

function system(): string {
  return talking.bodies().at(-1)?.messages[0]?.content ?? '';
}

/** Writes a file of the bot and waits until the server has read it. */
async function edit(file: string, text: string): Promise<void> {
  const { version } = await client.call('bots.show', { bot });
  await files.write(`bots/assistant/${file}`, text);
  await until(`the edit of ${file}`, async () => (await client.call('bots.show', { bot })).version !== version);
}
