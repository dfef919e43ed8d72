import { existsSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { definePlugin, manyFiles, nameOf, settingsOf, usable, z, type Bot, type Entry, type Problem } from 'boternity';
import { botFolder, testKernel, type TestKernel } from 'boternity/testing';
import t from 'tap';
import { botSections } from '../../../core/agent/bot-prompt.ts';
import { ensureDebian } from '../../support/debian.ts';
import { spawnSync } from 'node:child_process';
import { until } from '../../support/product.ts';

const notes = manyFiles('notes/*.yaml', 'yaml', z.strictObject({ title: z.string(), weight: z.number().default(1) }));
const cards = manyFiles('deep/*/card.json', 'json', z.object({ points: z.array(z.number()) }));
declare module 'boternity' {
  interface BotFiles {
    notes: typeof notes;
    cards: typeof cards;
  }
}
const notesPlugin = definePlugin({
  name: 'notes',
  needs: ['bots'],
  setup({ bots }) {
    bots.files('notes', notes);
    bots.files('cards', cards);
  },
});

const front = (yaml: string, body = 'You are calm.\n'): string => `---\n${yaml}\n---\n\n${body}`;

await t.test('front matter in another language never runs, and is the same clear problem every time', async (t) => {
  const marker = path.join(t.testdir(), 'it-ran');
  const code = `{ name: require('node:fs').writeFileSync(${JSON.stringify(marker)}, 'x') || 'owned' }`;
  for (const fence of ['---js', '---javascript', '--- js', '---coffee', '---json', '---yaml', '----']) {
    const soul = `${fence}\n${code}\n---\n\nHello.\n`;
    await using kernel = await testKernel([], {
      files: { ...botFolder('one', { 'SOUL.md': soul }), ...botFolder('two', { 'SOUL.md': soul }) },
    });
    const bots = await kernel.service('bots');
    const [first, second] = await bots.all();
    t.match(
      first?.problems,
      [{ file: 'SOUL.md', line: 1, level: 'error', message: /the fence must be "---" alone/ }],
      fence,
    );
    t.strictSame(second?.problems, first?.problems, 'also for the second who reads the same text');
    await edit(kernel, 'one', 'SOUL.md', `${soul}\n`);
    const again = await until('the same problem again', async () => {
      const bot = await bots.get('one');
      return bot.version !== first?.version && bot;
    });
    t.strictSame(again.problems, first?.problems);
  }
  t.notOk(existsSync(marker), 'nothing has run');
});

await t.test('marks and line ends of other systems are no problem, and places in such files are right', async (t) => {
  const lines = ['---', 'name: Ada', 'traits: [calm]', '---', '', 'You are calm.', ''];
  const forms: Record<string, string> = {
    plain: lines.join('\n'),
    'a byte order mark': `\uFEFF${lines.join('\n')}`,
    'CR LF': lines.join('\r\n'),
    both: `\uFEFF${lines.join('\r\n')}`,
    'blanks behind the fence': lines.join('\n').replaceAll('---', '---  '),
    'no line behind the fence': lines.slice(0, 4).join('\n'),
  };
  for (const [form, soul] of Object.entries(forms)) {
    const bot = await read({ 'SOUL.md': soul });
    t.strictSame(bot.problems, [], form);
    t.strictSame(usable(bot.files.soul)?.front.traits, ['calm'], form);
    const wrong = await read({ 'SOUL.md': soul.replace('[calm]', '5') });
    t.match(wrong.problems, [{ line: 3, column: 9, message: /^traits: / }], form);
  }
  const bare = await read({ 'SOUL.md': 'No front matter at all.\n' });
  t.strictSame(bare.problems, []);
  t.match(usable(bare.files.soul), { front: { traits: [] }, body: 'No front matter at all.\n' });
  t.equal(nameOf(bare), 'ada', 'without a name it is called like its folder');
  const empty = await read({ 'SOUL.md': '', 'bot.yaml': '', 'USER.md': '' });
  t.match(empty.problems, [{ file: 'SOUL.md', message: /empty; a bot needs it to talk/ }]);
  t.equal(empty.problems.length, 1, 'any other empty file says nothing wrong');
  t.equal(settingsOf(empty).status, 'active');
});

await t.test('what is wrong is told with file, line and column, in a sentence', async (t) => {
  const cases: [
    string,
    string | Uint8Array,
    Partial<Omit<Problem, 'message'>> & { readonly message: string | RegExp },
  ][] = [
    ['SOUL.md', '---\nname: Ada\n\nBody without an end.\n', { line: 1, message: /not closed by a line "---"/ }],
    ['SOUL.md', front('name: [Ada'), { message: /./ }],
    ['SOUL.md', front('name: Ada\nname: Bob'), { line: 3, message: /duplicat/i }],
    ['SOUL.md', front('name: 5'), { line: 2, column: 7, message: /^name: .*expected string/ }],
    ['SOUL.md', front('- a\n- b'), { line: 2, message: /expected object/ }],
    ['SOUL.md', front('name: !!js/function "function () {}"'), { line: 2, message: /tag/ }],
    ['SOUL.md', Buffer.from([0x2d, 0x2d, 0xff, 0xfe]), { line: 1, message: 'not UTF-8 text; save it as UTF-8' }],
    ['SOUL.md', Buffer.alloc(20), { line: 1, message: /NUL bytes/ }],
    ['SOUL.md', 'x'.repeat(1024 * 1024), { line: 1, message: 'the file has 1048576 bytes; at most 524288 are read' }],
    [
      'IDENTITY.md',
      front('accent_color: red'),
      { line: 2, column: 15, message: 'accent_color: write a colour as #rrggbb' },
    ],
    ['bot.yaml', 'status: active\ntools:\n  allow: 5\n', { line: 3, column: 10, message: /^tools\.allow: / }],
    ['bot.yaml', 'status: sleepy\n', { line: 1, column: 9, message: /^status: .*"active"\|"disabled"\|"archived"/ }],
    ['bot.yaml', 'status: active\n\tmodel: x\n', { line: 2, message: /tab/i }],
    ['bot.yaml', 'status: active\n---\nstatus: active\n', { message: /more than one document/ }],
    ['bot.yaml', '"just a text"\n', { line: 1, message: /expected object/ }],
    ['bot.yaml', bomb(), { message: /alias/i }],
    ['bot.yaml', `status: ${'['.repeat(20_000)}`, { message: /depth|nest/i }],
  ];
  for (const [file, content, expected] of cases) {
    const began = performance.now();
    const bot = await read({ [file]: '' }, async (kernel) =>
      writeFile(path.join(kernel.home, 'bots/ada', file), content),
    );
    const what = `${file}: ${String(content).slice(0, 40)}`;
    const [first] = bot.problems;
    t.match(first, { file, level: 'error', ...expected }, what);
    t.ok((first?.line ?? 0) >= 1 && (first?.column ?? 0) >= 1, what);
    t.notMatch(first?.message, '\n', 'one line');
    t.ok(performance.now() - began < 1_500, 'and soon');
  }
});

await t.test('a key that nobody knows is a warning with its line, and the rest of the file counts', async (t) => {
  const bot = await read({ 'bot.yaml': 'status: disabled\ncolour: red\ntools:\n  allow: [time_now]\n  alow: [x]\n' });
  const inOrder = bot.problems.toSorted((a, b) => a.line - b.line);
  t.match(inOrder, [
    { file: 'bot.yaml', line: 2, level: 'warning', message: '"colour" is not known here and is ignored' },
    { file: 'bot.yaml', line: 5, level: 'warning', message: '"alow" is not known here and is ignored' },
  ]);
  t.strictSame(settingsOf(bot).tools, { allow: ['time_now'], ask: [], deny: [], required: [], repair: true });
  t.equal(settingsOf(bot).status, 'disabled');
  await read({ 'bot.yaml': '__proto__:\n  polluted: true\nconstructor:\n  prototype:\n    polluted: true\n' });
  t.equal(({} as { polluted?: boolean }).polluted, undefined);
});

await t.test('the last good version stays in use until the file is good again', async (t) => {
  await using kernel = await testKernel([], {
    files: botFolder('ada', { 'SOUL.md': front('name: Ada'), 'bot.yaml': 'status: disabled\n' }),
  });
  const bots = await kernel.service('bots');
  const ada = (): Promise<Bot> => bots.get('ada');
  t.strictSame((await ada()).problems, []);
  await edit(kernel, 'ada', 'SOUL.md', front('name: [Ada'));
  await edit(kernel, 'ada', 'bot.yaml', 'status: 5\n');
  const broken = await until('both problems', async () => ((await ada()).problems.length === 2 ? ada() : undefined));
  t.equal(nameOf(broken), 'Ada');
  t.equal(settingsOf(broken).status, 'disabled');
  t.match(broken.files.soul, { ok: false, last: { front: { name: 'Ada' } } });
  await rm(path.join(kernel.home, 'bots/ada/SOUL.md'));
  const gone = await until('the missing file', async () =>
    (await ada()).problems.some(({ message }) => message.includes('missing')) ? ada() : undefined,
  );
  t.match(
    gone.problems.find(({ file }) => file === 'SOUL.md'),
    { line: 1, message: /SOUL.md is missing; create it/ },
  );
  t.equal(nameOf(gone), 'Ada', 'also when it is deleted');
  await edit(kernel, 'ada', 'SOUL.md', front('name: Ada the Second'));
  await edit(kernel, 'ada', 'bot.yaml', '');
  const whole = await until('both repaired', async () => ((await ada()).problems.length === 0 ? ada() : undefined));
  t.equal(nameOf(whole), 'Ada the Second');
  t.equal(settingsOf(whole).status, 'active');
  const never = await read({}, (kernel) => rm(path.join(kernel.home, 'bots/ada/SOUL.md')));
  t.match(never, {
    problems: [{ file: 'SOUL.md', level: 'error', message: /missing; create it/ }],
    files: { soul: { ok: false } },
  });
});

await t.test('AGENTS.md is read where there is no AGENT.md', async (t) => {
  const instructions = (bot: Bot): string =>
    botSections(bot)
      .find(({ id }) => id === 'instructions')
      ?.text.trim() ?? '';
  t.equal(instructions(await read({ 'AGENTS.md': 'By the other name.' })), 'By the other name.');
  t.equal(instructions(await read({ 'AGENTS.md': 'By the other name.', 'AGENT.md': 'By its own.' })), 'By its own.');
  t.equal(instructions(await read({})), '');
});

await t.test('a thing that is no file where a file should be is a problem of that bot alone', async (t) => {
  const mkfifo = ensureDebian('mkfifo', 'coreutils');
  const outside = path.join(t.testdir({ 'secret.md': 'a secret' }), 'secret.md');
  const plants: Record<string, (place: string) => Promise<unknown> | void> = {
    'a folder': (place) => mkdir(place),
    'a link that leads out': (place) => symlink(outside, place),
    'a link to nothing': (place) => symlink('nothing', place),
    'a link to itself': (place) => symlink(path.basename(place), place),
    'a pipe': (place) => void spawnSync(mkfifo, [place]),
  };
  for (const [what, plant] of Object.entries(plants)) {
    await using kernel = await testKernel([], { files: { ...botFolder('odd'), ...botFolder('well') } });
    const place = path.join(kernel.home, 'bots/odd/SOUL.md');
    await rm(place);
    await plant(place);
    const bots = await kernel.service('bots');
    const late = new Promise<never>((_, reject) =>
      setTimeout(() => reject(new Error('it waits for ever')), 2_000).unref(),
    );
    const all = await Promise.race([bots.all(), late]).catch((error: unknown) => String(error));
    if (typeof all === 'string') t.fail(`${what}: ${all}`);
    else {
      t.match(
        all.map(({ slug }) => slug),
        ['odd', 'well'],
        what,
      );
      t.match(all[0]?.problems, [{ file: 'SOUL.md', level: 'error' }], what);
      t.notMatch(JSON.stringify(all[0]?.files), 'a secret', what);
      t.strictSame(all[1]?.problems, [], what);
    }
    // A pipe that somebody waits for is let go.
    if (what === 'a pipe') spawnSync('timeout', ['1', 'sh', '-c', `: <> '${place}'`]);
  }
});

await t.test('a kind of file that a plugin adds is read, followed and typed, and leaves with the plugin', async (t) => {
  const files = botFolder('ada', {
    'notes/one.yaml': 'title: One\n',
    'notes/ignored.txt': 'x',
    'deep/a/card.json': '{"points":[1,2]}',
    'deep/b/other.json': '{}',
  });
  await using kernel = await testKernel([notesPlugin()], { files });
  const bots = await kernel.service('bots');
  const notesOf = async (): Promise<ReadonlyMap<string, Entry<{ title: string; weight: number }>>> =>
    (await bots.get('ada')).files.notes;
  t.strictSame([...(await notesOf()).keys()], ['notes/one.yaml']);
  t.strictSame(usable((await notesOf()).get('notes/one.yaml')), { title: 'One', weight: 1 });
  t.strictSame(usable((await bots.get('ada')).files.cards.get('deep/a/card.json')), { points: [1, 2] });
  await edit(kernel, 'ada', 'notes/two.yaml', 'title: Two\nweight: heavy\n');
  const two = await until('a new file', async () => (await notesOf()).get('notes/two.yaml'));
  t.match(two, { ok: false, problems: [{ file: 'notes/two.yaml', line: 2, column: 9 }] });
  await edit(kernel, 'ada', 'deep/c/card.json', '{"points":[3]');
  const card = await until('a file in a new folder', async () =>
    (await bots.get('ada')).files.cards.get('deep/c/card.json'),
  );
  t.match(card, { ok: false, problems: [{ message: /^not JSON: / }] });
  await rm(path.join(kernel.home, 'bots/ada/notes'), { recursive: true });
  await until('the files that are gone', async () => (await notesOf()).size === 0);
  await kernel.kernel.unload('notes');
  t.equal((await bots.get('ada')).files.notes, undefined);
  t.strictSame((await bots.get('ada')).problems, []);
});

/** A bot as it is read from a folder with these files beside a plain soul. */
async function read(
  files: Record<string, string>,
  change: (kernel: TestKernel) => Promise<void> = async () => undefined,
): Promise<Bot> {
  await using kernel = await testKernel([], { files: botFolder('ada', files), watch: false });
  await change(kernel);
  return await (await kernel.service('bots')).get('ada');
}

async function edit(kernel: TestKernel, slug: string, file: string, content: string): Promise<void> {
  const place = path.join(kernel.home, 'bots', slug, file);
  await mkdir(path.dirname(place), { recursive: true });
  await writeFile(place, content);
}

/** Twelve levels of ten aliases each: a thousand billion values when they are followed. */
function bomb(): string {
  const levels = Array.from(
    { length: 12 },
    (_, at) =>
      `a${at}: &a${at} [${Array(10)
        .fill(at === 0 ? 'x' : `*a${at - 1}`)
        .join(', ')}]`,
  );
  return `${levels.join('\n')}\nstatus: active\n`;
}
