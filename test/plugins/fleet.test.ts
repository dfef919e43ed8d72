import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseYaml } from 'boternity';
import t from 'tap';
import type { CallError } from '../../core/ui/client.ts';
import { startProduct, until } from '../support/product.ts';
import { begin } from '../support/talk.ts';

t.setTimeout(120_000);

await using product = await startProduct();
const { client, files } = product;
const listBots = async (): Promise<string[]> => (await readdir(path.join(product.home, 'bots'))).toSorted();

await t.test(
  'a name is kept letter by letter, whatever it means elsewhere, and its folder has a plain name',
  async (t) => {
    const names: Record<string, string> = {
      'Night Owl': 'night-owl',
      "O'Brien & $& Co $$ $'": 'o-brien-co',
      'She said "hi": yes # no': 'she-said-hi-yes-no',
      'Zoë Ångström ﬁne': 'zoe-angstrom-fine',
      '{{name}}': 'name',
      '- [x] !!js/function': 'x-js-function',
      '../../etc/passwd': 'etc-passwd',
      'C:\\temp\\new\nline': 'c-temp-new-line',
      'Ада 2': '2',
      [`${'a'.repeat(59)} b c`]: 'a'.repeat(59),
    };
    for (const [name, slug] of Object.entries(names)) {
      const made = await client.call('bots.create', { name });
      t.equal(made.slug, slug, name);
      t.equal(made.name, name, 'the name that people see');
      t.equal(made.soul.name, name, 'and the name in the soul');
      t.strictSame(made.found, [], 'its files are sound');
      t.equal(made.folder, path.join(product.home, 'bots', slug));
    }
    t.strictSame(await listBots(), ['assistant', ...Object.values(names)].toSorted(), 'nothing anywhere else');
  },
);

await t.test('the template of settings.yaml is used where none is named', async () => {
  await client.call('settings.set', { key: 'template', value: 'researcher' });
  // A setting is carried out a moment after it is set.
  const standard = await until('the template of the house', async () => {
    const made = await client.call('bots.create', { name: 'Of the house' });
    const { origin } = await client.call('bots.show', { bot: made.slug });
    if (origin?.kind === 'template' && origin.from === 'researcher') return made;
    await client.call('bots.delete', { bot: made.slug });
    return undefined;
  });
  await client.call('settings.unset', { key: 'template' });
  await client.call('bots.delete', { bot: standard.slug });
});

await t.test(
  'a name without any letter for a folder, and a slug that is none, are refused with what to do',
  async (t) => {
    const before = await listBots();
    t.match(await refusalOf(client.call('bots.create', { name: '🦉🦉' })), {
      status: 422,
      code: 'INPUT_INVALID',
      hint: /--slug/,
      details: [{ path: 'name' }],
    });
    for (const slug of ['', 'Upper', 'with space', '../up', '.hidden', '-dash', 'a'.repeat(61), 'a/b', 'ümlaut']) {
      const refused = await refusalOf(client.call('bots.create', { name: 'Fine', slug }));
      t.match(refused, { status: 422, details: [{ path: 'slug' }] }, JSON.stringify(slug));
    }
    const missing = await refusalOf(client.call('bots.create', { name: 'Fine', template: '../assistant' }));
    t.match(missing, { status: 404, code: 'TEMPLATE_MISSING', message: /There are: .*assistant/ });
    t.strictSame(await listBots(), before);
    t.equal((await client.call('bots.create', { name: '🦉🦉', slug: 'owls' })).slug, 'owls');
  },
);

await t.test('a slug that is taken is followed by the next number, and one that is asked for is refused', async (t) => {
  const slugs: string[] = [];
  for (let number = 0; number < 3; number += 1) slugs.push((await client.call('bots.create', { name: 'Twin' })).slug);
  t.strictSame(slugs, ['twin', 'twin-2', 'twin-3']);
  const refused = await refusalOf(client.call('bots.create', { name: 'Other', slug: 'twin' }));
  t.match(refused, { status: 409, code: 'BOT_EXISTS', message: /twin/ });
  await mkdir(path.join(product.home, 'bots/by-hand'));
  const beside = await client.call('bots.create', { name: 'By hand' }).catch((error: unknown) => error);
  t.match(beside, { slug: /^by-hand-2$/ }, 'also a folder of this very moment counts');
});

await t.test('bots that are made at the same moment under one name are all made', async (t) => {
  const made = await Promise.allSettled(Array.from({ length: 6 }, () => client.call('bots.create', { name: 'Rush' })));
  const refused = made.flatMap((result) => (result.status === 'rejected' ? [result.reason as CallError] : []));
  t.strictSame(
    refused.map(({ code, message }) => `${code} ${message}`),
    [],
  );
  const folders = (await listBots()).filter((slug) => slug.startsWith('rush'));
  t.strictSame(folders, ['rush', 'rush-2', 'rush-3', 'rush-4', 'rush-5', 'rush-6']);
  const ids = await Promise.all(folders.map(async (bot) => (await client.call('bots.show', { bot })).id));
  t.equal(new Set(ids).size, 6);
});

await t.test(
  'a clone has the files of the bot, and neither its memory nor its history nor its conversations',
  async (t) => {
    await client.call('bots.create', { name: 'Original' });
    const folder = path.join(product.home, 'bots/original');
    const planted = {
      'skills/x/SKILL.md': 'skill',
      'memory/2026-01-01/a.json': '{}',
      '.git/hooks/post-commit': 'hook',
      'data/raw.bin': 'raw',
    };
    for (const [file, content] of Object.entries(planted)) await files.write(`bots/original/${file}`, content);
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    await writeFile(path.join(folder, 'picture.png'), bytes);
    await files.write(
      'bots/original/SOUL.md',
      '---\r\nname: Original # mine\r\ntone: dry\r\n---\r\n\r\nYou are calm.\r\n',
    );
    await begin(product, 'original');
    const copy = await client.call('bots.clone', { bot: 'original' });
    t.equal(copy.name, 'Original (Clone)');
    t.equal(copy.slug, 'original-clone');
    const names = await readdir(path.join(product.home, 'bots/original-clone'), { recursive: true });
    t.ok(names.includes('skills/x/SKILL.md') && names.includes('data/raw.bin'));
    t.strictSame(
      names.filter((name) => /^(memory|\.git\/hooks)/.test(name)),
      [],
    );
    const { commits } = await client.call('files.history', { bot: 'original-clone' });
    t.match(commits, [{ message: 'Clone original' }], 'its history begins here');
    t.equal(commits.length, 1);
    const soul = (await files.read('bots/original-clone/SOUL.md')) ?? '';
    t.match(soul, /name: "?Original \(Clone\)"? # mine/, 'comments stay');
    t.ok(soul.endsWith('\r\n\r\nYou are calm.\r\n'), 'and the body, byte for byte');
    const { conversations } = await client.call('conversations.list', { bot: 'original-clone' });
    t.strictSame(conversations, []);
    t.equal((await client.call('bots.clone', { bot: 'original' })).slug, 'original-clone-2');
  },
);

await t.test(
  'settings of a bot change one by one: comments stay, changes at the same time lose none, a wrong one changes nothing',
  async (t) => {
    const file = 'bots/careful/bot.yaml';
    await client.call('bots.create', { name: 'Careful' });
    await files.write(file, '# mine\nstatus: active # on\ntools:\n  allow: [bots_list]\n');
    await Promise.all([
      client.call('bots.configure', { bot: 'careful', model: 'a/b' }),
      client.call('bots.configure', { bot: 'careful', temperature: 0.5 }),
      client.call('bots.configure', { bot: 'careful', set: ['tools.deny=["time_now"]'] }),
      client.call('bots.stop', { bot: 'careful' }),
    ]);
    const text = (await files.read(file)) ?? '';
    t.strictSame(parseYaml(text), {
      status: 'disabled',
      tools: { allow: ['bots_list'], deny: ['time_now'] },
      model: { default: 'a/b', temperature: 0.5 },
    });
    t.match(text, /^# mine\nstatus: disabled # on\n/);
    for (const set of ['status=sleepy', 'tools.allow=5', 'model.temperature=hot', 'tools.allow.deep=1']) {
      const refused = await refusalOf(client.call('bots.configure', { bot: 'careful', set: [set] }));
      t.match(refused, { status: 422, code: 'INPUT_INVALID', details: [{ message: String }] }, set);
      t.equal(await files.read(file), text, `${set}: nothing was changed`);
    }
    t.strictSame((await client.call('bots.check', { bot: 'careful' })).problems, []);
    await files.write(file, 'status: [');
    const broken = await refusalOf(client.call('bots.start', { bot: 'careful' }));
    t.match(broken, { status: 422, message: /bot\.yaml/ });
    t.equal(await files.read(file), 'status: [', 'a file that a person has to correct is not written over');
  },
);

await t.test('the lists show active and disabled bots; archived ones when they are asked for', async (t) => {
  for (const name of ['Awake', 'Asleep', 'Away']) await client.call('bots.create', { name });
  await client.call('bots.stop', { bot: 'asleep' });
  await client.call('bots.archive', { bot: 'away' });
  const slugs = async (input: { status?: 'active' | 'disabled' | 'archived' }): Promise<string[]> =>
    (await client.call('bots.list', input)).bots
      .map(({ slug }) => slug)
      .filter((slug) => /^a(wake|sleep|way)$/.test(slug));
  t.strictSame(await slugs({}), ['asleep', 'awake']);
  t.strictSame(await slugs({ status: 'archived' }), ['away']);
  t.strictSame(await slugs({ status: 'disabled' }), ['asleep']);
  t.match(await refusalOf(begin(product, 'asleep')), {
    status: 409,
    code: 'BOT_INACTIVE',
    message: 'asleep is disabled.',
  });
  await client.call('bots.start', { bot: 'away' });
  t.strictSame(await slugs({ status: 'active' }), ['awake', 'away'], 'a start brings it back from the archive');
});

await t.test('a delete asks first at the terminal, and without anybody to ask it is refused', async (t) => {
  await client.call('bots.create', { name: 'Precious' });
  const asked = await product.cli(['delete', 'precious']);
  t.equal(asked.code, 2);
  t.match(asked.stderr, /deleted for good/);
  t.match(asked.stderr, '--force');
  t.ok((await listBots()).includes('precious'));
  const { stdout } = await product.cli(['delete', 'precious', '--force', '--json']);
  t.match(JSON.parse(stdout), { slug: 'precious', deleted: true });
  t.notOk((await listBots()).includes('precious'));
});

async function refusalOf(work: Promise<unknown>): Promise<CallError> {
  return work.then(
    (answer) => Promise.reject(new Error(`This should have been refused: ${JSON.stringify(answer)}`)),
    (error: unknown) => error as CallError,
  );
}

await t.test('the list of a later start is read from the cache, but for the bots that changed meanwhile', async (t) => {
  await using other = await startProduct({
    files: { 'bots/ada/SOUL.md': soul('Ada'), 'bots/eva/SOUL.md': soul('Eva') },
  });
  const names = async (): Promise<string[]> => (await other.client.call('bots.list', {})).bots.map(({ name }) => name);
  // What was changed just before it was read may have been changed again within the same tick of the clock.
  await sleep(2_200);
  await other.stop();
  await other.start();
  t.strictSame(await names(), ['Ada', 'Eva']);
  await other.stop();
  const cache = '.boternity/cache/bots.jsonl';
  await other.files.write(
    cache,
    ((await other.files.read(cache)) ?? '').replaceAll(/"name":"(Ada|Eva)"/g, '"name":"Cached $1"'),
  );
  await other.files.write('bots/eva/SOUL.md', soul('Eve'));
  await other.start();
  t.strictSame(await names(), ['Cached Ada', 'Eve']);
  await other.files.write('bots/ada/SOUL.md', soul('Ada Lovelace'));
  await until('the edit is listed', async () => (await names()).join() === 'Ada Lovelace,Eve');
});

function soul(name: string): string {
  return `---\nname: ${name}\n---\n\nYou are ${name}.\n`;
}
