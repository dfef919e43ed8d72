import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, open, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { packTar, unpackTar, type TarEntry } from 'modern-tar';
import t from 'tap';
import { git } from '../support/git.ts';
import { bnity, startProduct, temporaryFolder, until, type Product } from '../support/product.ts';
import { begin } from '../support/talk.ts';

t.setTimeout(240_000);

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
const entriesOf = async (file: string): Promise<TarEntry[]> =>
  (await unpackTar(gunzipSync(await readFile(file)))).map(({ header, data }) => ({ header, body: data }));
const namesIn = async (file: string): Promise<string[]> => (await entriesOf(file)).map(({ header }) => header.name);

/** Everything below a folder that belongs to a home and not to one server, with its hash. */
async function contentsOf(home: string, below: string): Promise<Record<string, string>> {
  const entries = await readdir(path.join(home, below), { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => {
        const place = path.join(parentPath, name);
        return [path.relative(home, place), sha256(await readFile(place))] as const;
      }),
  );
  return Object.fromEntries(files.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What people said in a conversation, as the server tells it. */
async function textsIn(product: Product, conversation: string): Promise<string> {
  return JSON.stringify(await product.client.call('conversations.show', { conversation }));
}

await t.test(
  'a home that is written to while it is packed comes back whole elsewhere: all that was acknowledged before, and nothing torn',
  async (t) => {
    await using here = await startProduct();
    await using box = await temporaryFolder();
    const { client } = here;
    for (const name of ['Ada', 'Grace', 'Lin']) await client.call('bots.create', { name, template: 'blank' });
    const slugs = ['ada', 'grace', 'lin'];
    const conversations = new Map<string, string>();
    for (const slug of slugs) conversations.set(slug, await begin(here, slug));
    const said: { conversation: string; text: string }[] = [];
    const learned: { path: string; slug: string }[] = [];
    const stop = new AbortController();
    const write = async (slug: string): Promise<void> => {
      for (let at = 0; !stop.signal.aborted; at += 1) {
        const conversation = conversations.get(slug) ?? '';
        const text = `${slug} says ${at} ${randomBytes(4).toString('hex')}`;
        await client.call('messages.send', { conversation, text });
        said.push({ conversation, text });
        const { path: file } = await client.call('memories.create', { bot: slug, text: `${slug} learned ${at}` });
        learned.push({ path: file, slug });
        await client.call('bots.configure', { bot: slug, temperature: (at % 20) / 10 });
        await here.files.write(`bots/${slug}/AGENT.md`, `Edited by hand, time ${at}.\n`);
      }
    };
    const writers = slugs.map((slug) => write(slug));
    await until('something to keep', () => said.length > 6 && learned.length > 6);
    const before = { said: [...said], learned: [...learned] };
    const backups: { file: string; files: number }[] = [];
    for (const name of ['one.tgz', 'two.tgz']) {
      const made = (await here.cliJson(['backup', path.join(box.path, name)])) as { file: string; files: number };
      backups.push(made);
    }
    t.ok(said.length > before.said.length, 'it was written to meanwhile');
    stop.abort();
    await Promise.all(writers);

    for (const { file, files } of backups) {
      const checked = await bnity(['restore', file, '--verify', '--json']);
      t.match(
        JSON.parse(checked.stdout),
        { ok: true, files, bots: ['ada', 'assistant', 'grace', 'lin'] },
        checked.stderr,
      );
      const plain = await temporaryFolder();
      spawnSync('tar', ['-xzf', file], { cwd: plain.path });
      t.equal(
        spawnSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: plain.path }).status,
        0,
        'sha256sum agrees',
      );
      await plain[Symbol.asyncDispose]();
    }
    const target = path.join(box.path, 'elsewhere');
    const ran = await bnity(['restore', backups[0]?.file ?? '', '--to', target, '--json']);
    t.match(JSON.parse(ran.stdout), { home: target, before: null }, ran.stderr);
    for (const slug of [...slugs, 'assistant']) {
      const folder = path.join(target, 'bots', slug);
      t.equal(await git(folder, 'fsck', '--strict', '--full'), '', `${slug} is sound to git`);
      if (slug === 'assistant') continue;
      t.equal(await git(path.join(folder, 'memory'), 'fsck', '--strict', '--full'), '', 'and its memory');
    }
    await using there = await startProduct({ home: target });
    t.match(there.heard.stderr, '', 'it starts without a word');
    t.strictSame((await there.client.call('bots.check', {})).problems, []);
    for (const slug of [...slugs, 'assistant']) {
      const [old, now] = await Promise.all([
        client.call('bots.show', { bot: slug }),
        there.client.call('bots.show', { bot: slug }),
      ]);
      t.strictSame([now.id, now.name, now.origin, now.soul], [old.id, old.name, old.origin, old.soul], slug);
    }
    const told = new Map<string, string>();
    for (const id of conversations.values()) told.set(id, await textsIn(there, id));
    const lost = before.said.filter(({ conversation, text }) => !told.get(conversation)?.includes(text));
    t.strictSame(lost, [], 'every message that was acknowledged before is there');
    for (const { slug, path: file } of before.learned)
      t.ok(JSON.parse((await there.files.read(`bots/${slug}/${file}`)) ?? ''), `${slug} still knows ${file}`);
    const answer = await there.cli(['chat', 'ada'], { input: 'hello again\n' });
    t.equal(answer.code, 0, answer.stderr);
  },
);

await t.test(
  'a home at rest comes back the same, byte for byte and right for right; what belongs to one server stays behind',
  async (t) => {
    await using here = await startProduct({
      files: {
        'boternity.config.ts':
          "import { defineConfig } from 'boternity';\nexport default defineConfig({ model: 'demo' });\n",
        'settings.yaml': '# mine\nwatch: true\n',
        'skills/common/SKILL.md': '---\nname: common\ndescription: For all.\n---\n\nYes.\n',
        'workflows/w.yaml': 'name: w\n',
        'plugins/dice/index.ts': 'export default 1;\n',
        'plugins/dice/node_modules/x/index.js': 'packages',
        'data/assistant/kv/k.json': '{"a":1}',
        'notes by hand.txt': 'mine',
        '.env': 'SOME_API_KEY=from-the-environment-file\n',
      },
    });
    await using box = await temporaryFolder();
    await writeFile(path.join(here.home, 'data/assistant/torn.jsonl'), '{"whole":1}\n{"to');
    await chmod(path.join(here.home, 'notes by hand.txt'), 0o600);
    await symlink('/etc', path.join(here.home, 'skills/away'));
    const secret = `kept-${randomBytes(16).toString('hex')}`;
    await here.client.call('secrets.set', { name: 'MY_KEY', value: secret });
    const { left } = (await here.cliJson(['backup', '--to', box.path])) as { left: { what: string; why: string }[] };
    t.strictSame(
      left.map(({ what }) => what).toSorted(),
      ['.boternity/vault.key', '.env', 'skills/away'],
      'what stays behind is named, beside what every backup leaves out',
    );
    const [name = ''] = await readdir(box.path);
    t.match(name, /^boternity-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.tar\.gz$/);
    const file = path.join(box.path, name);
    t.equal((await stat(file)).mode & 0o777, 0o600);
    t.strictSame(await readdir(path.join(here.home, 'backups')), [], 'the server keeps no second copy');
    const names = await namesIn(file);
    t.equal(names[0], 'boternity-backup.json');
    t.equal(names.at(-1), 'SHA256SUMS');
    for (const path of [
      '.boternity/vault.json',
      '.boternity/bots.json',
      'boternity.config.ts',
      'plugins/dice/index.ts',
      'workflows/w.yaml',
      'notes by hand.txt',
    ])
      t.ok(names.includes(path), path);
    const unwanted =
      /^(\.boternity\/(cache|logs|staging|server\.json|cli-token|sessions|vault\.key)|backups\/|.*node_modules\/|\.env$)/;
    t.strictSame(
      names.filter((each) => unwanted.test(each)),
      [],
    );
    t.notOk(gunzipSync(await readFile(file)).includes(secret), 'the secret is not in it');
    t.notOk(gunzipSync(await readFile(file)).includes('from-the-environment-file'));

    await here.stop();
    const target = path.join(box.path, 'home');
    t.equal((await bnity(['restore', file, '--home', target])).code, 0);
    for (const folder of ['bots', 'plugins/dice', 'workflows', '.boternity/seals', '.boternity/origins']) {
      const [old, now] = [await contentsOf(here.home, folder), await contentsOf(target, folder)];
      for (const each of Object.keys(old)) if (each.includes('node_modules')) delete old[each];
      t.strictSame(now, old, folder);
    }
    t.equal(
      await readFile(path.join(target, 'data/assistant/torn.jsonl'), 'utf8'),
      '{"whole":1}\n',
      'of a torn line nothing',
    );
    t.equal((await stat(path.join(target, 'notes by hand.txt'))).mode & 0o777, 0o600);
    t.equal((await stat(path.join(target, '.boternity/vault.json'))).mode & 0o077, 0);
    t.notOk(existsSync(path.join(target, 'skills/away')));
  },
);

await t.test('with the keys a restored home opens its secrets; without them it says what is missing', async (t) => {
  await using here = await startProduct();
  await using box = await temporaryFolder();
  await here.client.call('secrets.set', { name: 'MY_KEY', value: `kept-${randomBytes(16).toString('hex')}WXYZ` });
  await here.cliJson(['backup', path.join(box.path, 'with.tgz'), '--with-keys']);
  await here.cliJson(['backup', path.join(box.path, 'without.tgz')]);
  const restored = async (which: string): Promise<string> => {
    const home = path.join(box.path, which);
    const ran = await bnity(['restore', path.join(box.path, `${which}.tgz`), '--to', home]);
    t.equal(ran.code, 0, ran.stderr);
    t.equal(/key of the vault/.test(ran.stdout), which === 'without', ran.stdout);
    return home;
  };
  await using whole = await startProduct({ home: await restored('with') });
  t.match((await whole.client.call('secrets.list', {})).secrets, [{ name: 'MY_KEY', preview: '****WXYZ' }]);
  await using bare = await startProduct({ home: await restored('without') });
  t.match(JSON.stringify((await bare.client.call('bots.check', {})).problems), /vault/, 'the missing key is named');
  t.equal((await bare.cli(['list'])).code, 0, 'and the rest works');
});

await t.test('a backup that is damaged or not what it says is found by --verify and never restored', async (t) => {
  await using here = await startProduct();
  await using box = await temporaryFolder();
  const file = path.join(box.path, 'good.tgz');
  await here.cliJson(['backup', file]);
  const good = await readFile(file);
  const entries = await entriesOf(file);
  const packed = async (changed: readonly TarEntry[]): Promise<Buffer> => gzipSync(await packTar([...changed]));
  const withBody = (name: string, body: string): TarEntry[] =>
    entries.map((entry) =>
      entry.header.name === name ? { header: { ...entry.header, size: Buffer.byteLength(body) }, body } : entry,
    );
  const added = (name: string, more: object = {}): TarEntry => ({
    header: { name, size: 1, type: 'file', ...more },
    body: 'x',
  });
  const without = (name: string): TarEntry[] => entries.filter(({ header }) => header.name !== name);
  const beforeLast = (entry: TarEntry): TarEntry[] => [...entries.slice(0, -1), entry, ...entries.slice(-1)];
  const head = JSON.parse(Buffer.from(entries[0]?.body as Uint8Array).toString()) as object;
  const cases: [string, Uint8Array, RegExp][] = [
    ['a byte', damaged(good), /damaged|sums|checksum|ends in the middle|no tar archive|cannot be read|is wrong/],
    ['cut off', good.subarray(0, good.length / 2), /ends in the middle/],
    [
      'another soul',
      await packed(withBody('bots/assistant/SOUL.md', 'evil')),
      /holds bots\/assistant\/SOUL\.md with other content/,
    ],
    ['a file less', await packed(without('bots/assistant/USER.md')), /sums say/],
    ['a file more', await packed(beforeLast(added('.boternity/zz'))), /holds \.boternity\/zz with other content/],
    ['something behind the sums', await packed([...entries, added('zz')]), /behind its sums/],
    ['no sums', await packed(without('SHA256SUMS')), /no sums at its end/],
    ['no head', await packed(without('boternity-backup.json')), /no backup of a home/],
    [
      'a newer form',
      await packed(withBody('boternity-backup.json', JSON.stringify({ ...head, version: 9 }))),
      /version 9; this program reads up to 1/,
    ],
    ['a step up', await packed(beforeLast(added('bots/../../x'))), /leaves its folder/],
    [
      'a link',
      await packed(beforeLast({ header: { name: '.boternity/l', size: 0, type: 'symlink', linkname: '/etc' } })),
      /a link or a device/,
    ],
    ['no archive', Buffer.from('hello'), /no tar archive|ends in the middle/],
    [
      'the export of a bot',
      Buffer.from(await (await here.fetch('/api/v1/bots/assistant/export')).arrayBuffer()),
      /no backup of a home/,
    ],
  ];
  for (const [what, bytes, sentence] of cases) {
    const bad = path.join(box.path, 'bad.tgz');
    const target = path.join(box.path, 'target');
    await writeFile(bad, bytes);
    t.match(await bnity(['restore', bad, '--verify']), { code: 5, stderr: sentence }, what);
    t.match(await bnity(['restore', bad, '--to', target]), { code: 5, stderr: sentence }, `${what}: not restored`);
    t.notOk(existsSync(target), `${what}: nothing is left of it`);
  }
  t.match(await bnity(['restore', path.join(box.path, 'none'), '--verify']), { code: 3 });
  t.equal((await bnity(['restore', file, '--verify'])).code, 0);
});

await t.test('a restore leaves alone a home that is not empty or in use, and puts nothing away for good', async (t) => {
  await using here = await startProduct();
  await using box = await temporaryFolder({ 'other/mine.txt': 'precious' });
  const file = path.join(box.path, 'b.tgz');
  await here.cliJson(['backup', file]);
  for (const flags of [[], ['--force']])
    t.match(await bnity(['restore', file, '--home', here.home, ...flags]), {
      code: 1,
      stderr: /A server runs on .*stop it first.*HOME_LOCKED/s,
    });
  const other = path.join(box.path, 'other');
  t.match(await bnity(['restore', file, '--to', other]), { code: 1, stderr: /is not empty.*--force/s });
  t.strictSame(await readdir(other), ['mine.txt']);

  await here.client.call('bots.create', { name: 'Younger than the backup', template: 'blank' });
  await here.stop();
  const forced = await here.cli(['restore', file, '--force', '--json']);
  const { before } = JSON.parse(forced.stdout) as { before: string };
  t.equal(path.dirname(before), path.join(here.home, 'backups'));
  t.ok(existsSync(path.join(before, 'bots/younger-than-the-backup/SOUL.md')), 'what was there lies aside');
  t.ok(existsSync(path.join(before, '.boternity/bots.json')));
  t.strictSame(await readdir(path.join(here.home, 'bots')), ['assistant']);
  await here.start();
  t.strictSame(
    (await here.client.call('bots.list', {})).bots.map(({ slug }) => slug),
    ['assistant'],
  );
});

await t.test(
  'backups are listed, sent and deleted; none is half, none is written over, one is made at a time',
  async (t) => {
    await using product = await startProduct();
    await using box = await temporaryFolder({ 'mine.tgz': 'precious' });
    const folder = path.join(product.home, 'backups');
    t.match(await product.cli(['backup', path.join(box.path, 'mine.tgz')]), { code: 1, stderr: /FILE_EXISTS/ });
    t.equal(await box.read('mine.tgz'), 'precious');
    t.strictSame(await readdir(folder), [], 'and none stays with the server');
    const piped = spawnSync(process.execPath, [
      path.resolve(import.meta.dirname, '../../bin/bnity.js'),
      'backup',
      '-',
      '--home',
      product.home,
    ]);
    await writeFile(path.join(box.path, 'piped.tgz'), piped.stdout);
    t.equal((await bnity(['restore', path.join(box.path, 'piped.tgz'), '--verify'])).code, 0);
    const made = await product.client.call('backups.create', {});
    const response = await product.fetch(`/api/v1/backups/${made.name}/content`);
    t.equal(sha256(new Uint8Array(await response.arrayBuffer())), sha256(await readFile(made.file)));
    for (const name of ['../settings.yaml', '..%2Fsettings.yaml', 'none'])
      t.equal((await product.fetch(`/api/v1/backups/${name}/content`)).status, 404, name);

    const big = await open(path.join(product.home, 'data/big.bin'), 'w').catch(async () => {
      await mkdir(path.join(product.home, 'data'), { recursive: true });
      return open(path.join(product.home, 'data/big.bin'), 'w');
    });
    await big.truncate(400 * 1024 * 1024);
    await big.close();
    const before = await rssOf(product);
    // Whichever comes first takes seconds for it; the other one meets it.
    const both = await Promise.allSettled([1, 2].map(() => product.client.call('backups.create', {})));
    t.equal(both.filter(({ status }) => status === 'fulfilled').length, 1);
    t.match(both.find((one) => one.status === 'rejected')?.reason, { status: 409, code: 'BACKUP_RUNNING' });
    const grown = (await rssOf(product)) - before;
    t.ok(grown < 150, `memory stays bounded: ${grown} MB more for 400 MB`);

    const stop = new AbortController();
    const given = product.client.call('backups.create', {}, { signal: stop.signal }).catch(() => undefined);
    await until('something is written', async () =>
      (await readdir(folder)).some((name) => name.endsWith('.bnity-tmp')),
    );
    stop.abort();
    await given;
    await until(
      'nothing half is left',
      async () => !(await readdir(folder)).some((name) => name.endsWith('.bnity-tmp')),
    );
    const names = (await product.client.call('backups.list', {})).backups.map(({ name }) => name);
    t.equal(names.length, 2);
    const again = product.client.call('backups.create', {}).catch(() => undefined);
    await until('it is under way', async () => (await readdir(folder)).some((name) => name.endsWith('.bnity-tmp')));
    await product.kill9();
    await again;
    await product.start();
    t.strictSame(
      (await product.client.call('backups.list', {})).backups.map(({ name }) => name),
      names,
      'a half one counts for nothing',
    );
    t.match(await product.cli(['backup-file', 'delete', names[0] ?? '']), { code: 2, stderr: /deleted for good/ });
    t.equal((await product.cli(['backup-file', 'delete', names[0] ?? '', '--force'])).code, 0);
    t.equal((await product.client.call('backups.list', {})).backups.length, 1);
  },
);

/** Megabytes that a server holds in memory. */
async function rssOf({ pid }: Product): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => 'VmRSS: 0 kB');
  return Number(/VmRSS:\s*(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

function damaged(archive: Buffer): Buffer {
  const copy = Buffer.from(archive);
  const at = Math.floor(copy.length / 2);
  copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
}
