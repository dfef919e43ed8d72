import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { packTar, unpackTar, type TarEntry } from 'modern-tar';
import t from 'tap';
import { send } from '../support/door-cases-moving.ts';
import { guestConfig, guestPlugin } from '../support/probe-plugin.ts';
import { startProduct, temporaryFolder, type Product } from '../support/product.ts';
import { begin } from '../support/talk.ts';
import { openTerminal } from '../support/terminal.ts';

t.setTimeout(120_000);

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
const skill = (name: string, text = 'Do it well.'): string =>
  `---\nname: ${name}\ndescription: Does ${name}. Use it when asked.\n---\n\n${text}\n`;

await t.test(
  'IDEN-08: a bot goes to a clean server with the same soul and skills, and takes nothing that it learned, heard or keeps',
  async (t) => {
    await using here = await startProduct();
    await using there = await startProduct();
    await using box = await temporaryFolder();
    const { client, files } = here;
    await client.call('bots.create', { name: 'Ada', template: 'researcher' });
    const planted = Object.fromEntries(
      ['memory', 'said', 'uploaded', 'kept', 'vault', 'hook', 'other-skill', 'other-bot', 'secret'].map((place) => [
        place,
        `MARK-${place}-${randomBytes(9).toString('hex')}`,
      ]),
    ) as Record<string, string>;
    const places: Record<string, string> = {
      'bots/ada/memory/2026-11-21/m1.json': JSON.stringify({ text: planted.memory }),
      'bots/ada/.git/hooks/post-commit': `#!/bin/sh\necho ${planted.hook}\n`,
      'data/ada/files/paper.txt': planted.uploaded ?? '',
      'data/ada/kv/key.json': JSON.stringify(planted.kept),
      '.boternity/vault.json': JSON.stringify({ value: planted.vault }),
      '.env': `KEY=${planted.secret}\n`,
      'skills/unused/SKILL.md': skill('unused', planted['other-skill']),
      'skills/shared-one/SKILL.md': skill('shared-one'),
      'skills/shared-one/references/table.md': '| a | b |\n',
      'bots/assistant/notes.md': planted['other-bot'] ?? '',
    };
    for (const [file, text] of Object.entries(places)) await files.write(file, text);
    await files.write('bots/ada/tools/tide.sh', '#!/bin/sh\necho high\n');
    await chmod(path.join(here.home, 'bots/ada/tools/tide.sh'), 0o755);
    const soul = `${await files.read('bots/ada/SOUL.md')}\r\nWritten by hand, Grüße 🌱, not committed yet.\n`;
    await files.write('bots/ada/SOUL.md', soul);
    await client.call('bots.configure', { bot: 'ada', set: ['skills=["shared-one","nowhere"]'] });
    const conversation = await begin(here, 'ada');
    await client.call('messages.send', { conversation, text: planted.said ?? '' });

    const ran = await here.cli(['export', 'ada'], { cwd: box.path });
    t.equal(ran.code, 0, ran.stderr);
    const [name = ''] = await readdir(box.path);
    t.match(name, /^ada-\d{4}-\d\d-\d\d\.tar\.gz$/);
    const archive = await readFile(path.join(box.path, name));
    const all = gunzipSync(archive).toString('latin1');
    for (const [place, mark] of Object.entries(planted)) t.notOk(all.includes(mark), `nothing of ${place} is in it`);
    t.match(ran.stdout, sha256(soul), 'the command names the hash of the soul');
    t.match(await client.call('bots.manifest', { bot: 'ada' }), { missing: ['nowhere'], suspects: [] });

    const arrived = (await there.cliJson(['import', path.join(box.path, name)])) as {
      bots: { slug: string; soul: string }[];
    };
    t.match(arrived, { bots: [{ slug: 'ada', soul: sha256(soul) }], skills: ['shared-one'] });
    for (const file of await readdir(path.join(here.home, 'bots/ada'), { recursive: true, withFileTypes: true })) {
      const relative = path.relative(here.home, path.join(file.parentPath, file.name));
      if (!file.isFile() || /\/(memory|\.git)\//.test(relative)) continue;
      t.ok(
        (await readFile(path.join(there.home, relative))).equals(await readFile(path.join(here.home, relative))),
        relative,
      );
    }
    t.equal(await there.files.read('skills/shared-one/references/table.md'), '| a | b |\n');
    const shown = await there.client.call('bots.show', { bot: 'ada' });
    t.match(shown, { name: 'Ada', found: [], origin: { kind: 'import', from: 'export of ada' } });
    t.match(shown.waits, [{ kind: 'code', path: 'tools/tide.sh' }], 'code that comes along waits for a person');
    t.equal((await stat(path.join(there.home, 'bots/ada/tools/tide.sh'))).mode & 0o777, 0o755);
    t.not(shown.id, (await client.call('bots.show', { bot: 'ada' })).id, 'the id does not travel');
    const { manifest } = await client.call('bots.manifest', { bot: 'ada' });
    t.equal(manifest.soul, sha256(soul));
    const head = spawnSync('git', ['-C', path.join(here.home, 'bots/ada'), 'show', `${manifest.commit}:SOUL.md`]);
    t.equal(head.stdout.toString(), soul, 'what was not committed is committed first, and that commit is what went');
  },
);

await t.test('a key in a file keeps the bot here, names file and line, and repeats nothing of it', async (t) => {
  await using product = await startProduct();
  await using box = await temporaryFolder();
  const key = `sk-ant-api03-${randomBytes(70).toString('base64url').slice(0, 93)}AA`;
  await product.files.write('bots/assistant/notes/keys.md', `one\ntwo\nkey: ${key}\n`);
  const refused = await product.cli(['export', 'assistant', '--json'], { cwd: box.path });
  t.equal(refused.code, 1);
  const [error] = (JSON.parse(refused.stderr) as { errors: { code: string; details: object[] }[] }).errors;
  t.match(error, { code: 'EXPORT_SECRETS', details: [{ path: 'bot/notes/keys.md:3' }] });
  t.notOk(refused.stderr.includes(key.slice(0, 30)));
  t.strictSame(await readdir(box.path), [], 'no file was begun');
  const response = await product.fetch('/api/v1/bots/assistant/export');
  t.equal(response.status, 409);
  await response.text();
  const forced = await product.cli(['export', 'assistant', 'a.tgz', '--allow-secrets'], { cwd: box.path });
  t.equal(forced.code, 0, forced.stderr);
  t.ok(gunzipSync(await readFile(path.join(box.path, 'a.tgz'))).includes(key));
});

await t.test('an export never writes over a file unless it is told to, and goes through a pipe', async (t) => {
  await using product = await startProduct();
  await using box = await temporaryFolder({ 'mine.tgz': 'precious' });
  const taken = await product.cli(['export', 'assistant', 'mine.tgz'], { cwd: box.path });
  t.equal(taken.code, 1);
  t.match(taken.stderr, /mine\.tgz is there already.*\[FILE_EXISTS\]/);
  t.equal(await box.read('mine.tgz'), 'precious');
  t.equal((await product.cli(['export', 'assistant', 'mine.tgz', '--force'], { cwd: box.path })).code, 0);
  t.strictSame(await readdir(box.path), ['mine.tgz'], 'nothing lies beside it');
  const names = (await unpackTar(gunzipSync(await readFile(path.join(box.path, 'mine.tgz'))))).map(
    ({ header }) => header.name,
  );
  t.equal(names[0], 'manifest.json');
  t.match(await product.cli(['export', 'nobody'], { cwd: box.path }), { code: 3, stderr: /BOT_MISSING/ });
  t.match(await product.cli(['export', 'assistant', 'no/such/folder/x.tgz'], { cwd: box.path }), { code: 3 });

  const piped = await product.fetch('/api/v1/bots/assistant/export');
  const id = await send(product, new Uint8Array(await piped.arrayBuffer()));
  t.match(await product.client.call('imports.plan', { upload: id }), {
    format: 'boternity',
    bots: [{ slug: 'assistant-2' }],
  });
  const { code, stdout } = await product.cli(['export', 'assistant', '-']);
  t.ok(code === 0 && stdout.codePointAt(0) === 0x1f, 'the archive itself on standard output');
});

await t.test('a shared skill is replaced only after somebody said so', async (t) => {
  await using here = await startProduct({ files: { 'skills/common/SKILL.md': skill('common', 'The old way.') } });
  await using there = await startProduct({
    files: { 'skills/common/SKILL.md': skill('common', 'A way of its own.'), 'skills/common/extra.md': 'mine\n' },
  });
  await using box = await temporaryFolder();
  await here.client.call('bots.configure', { bot: 'assistant', set: ['skills=["common"]'] });
  await here.cli(['export', 'assistant', 'a.tgz'], { cwd: box.path });
  const archive = path.join(box.path, 'a.tgz');
  const common = (): Promise<string | undefined> => there.files.read('skills/common/SKILL.md');

  const plan = (await there.cliJson(['import', archive, '--plan'])) as object;
  t.match(plan, { skills: [{ name: 'common', state: 'differs' }] });
  const refused = await there.cli(['import', archive]);
  t.match(refused, { code: 1, stderr: /Shared skills of this server differ: common.*--replace-skills/s });
  t.strictSame(await readdir(path.join(there.home, 'bots')), ['assistant'], 'and nothing was written');
  t.match(await common(), 'A way of its own.');
  t.strictSame((await there.client.call('imports.list', {})).imports, [], 'nothing waits');

  t.match(await there.cliJson(['import', archive, '--keep-skills']), { bots: [{ slug: 'assistant-2' }], skills: [] });
  t.match(await common(), 'A way of its own.');
  {
    await using person = openTerminal(['import', archive, '--home', there.home]);
    await person.sees(/replaced, for all bots that use them: common\. Go on\? \[y\/N\]/);
    person.type('n\r');
    t.equal(await person.end(), 130);
    t.match(await common(), 'A way of its own.');
  }
  await using person = openTerminal(['import', archive, '--home', there.home]);
  await person.sees('[y/N]');
  person.type('y\r');
  t.equal(await person.end(), 0);
  t.match(await common(), 'The old way.');
  t.equal(await there.files.read('skills/common/extra.md'), undefined, 'it is the other skill now, whole');
  t.match(
    await there.cliJson(['import', archive, '--slug', 'fourth']),
    { skills: [] },
    'the same skill is no conflict',
  );
});

await t.test('a name and a slug may be given, and the soul stays the same to the byte', async (t) => {
  await using product = await startProduct();
  await using box = await temporaryFolder();
  await product.cli(['export', 'assistant', 'a.tgz'], { cwd: box.path });
  const archive = path.join(box.path, 'a.tgz');
  const soul = sha256((await product.files.read('bots/assistant/SOUL.md')) ?? '');
  t.match(await product.cliJson(['import', archive, '--name', 'Grace Hopper']), {
    bots: [{ slug: 'grace-hopper', soul }],
  });
  t.match(await product.client.call('bots.show', { bot: 'grace-hopper' }), {
    name: 'Grace Hopper',
    soul: { name: 'Assistant' },
  });
  t.match(await product.cliJson(['import', archive, '--slug', 'twin']), { bots: [{ slug: 'twin', soul }] });
  t.match(await product.cli(['import', archive, '--slug', 'twin']), { code: 1, stderr: /BOT_EXISTS/ });
  t.match(await product.cli(['import', archive, '--slug', '../up']), { code: 5, stderr: /slug/ });
  t.match(await product.cli(['import', path.join(box.path, 'none')]), { code: 3, stderr: /FILE_MISSING/ });
});

await t.test('the folder of a bot is taken in as it lies there, without its memory and its history', async (t) => {
  await using product = await startProduct();
  await using box = await temporaryFolder({
    'ada/SOUL.md': '---\nname: Ada\n---\n\nCalm.\n',
    'ada/bot.yaml': 'status: active\n',
    'ada/skills/own/SKILL.md': skill('own'),
    'ada/memory/2026-01-01/a.json': '{}',
    'ada/.git/HEAD': 'ref: refs/heads/main\n',
    'ada/.gitignore': '*.tmp\n',
  });
  const { bots } = (await product.cliJson(['import', path.join(box.path, 'ada')])) as { bots: { slug: string }[] };
  t.match(bots, [{ slug: 'ada' }]);
  t.equal(await product.files.read('bots/ada/skills/own/SKILL.md'), skill('own'));
  t.notOk(existsSync(path.join(product.home, 'bots/ada/memory/2026-01-01/a.json')));
  t.equal(await product.files.read('bots/ada/.gitignore'), '*.tmp\n');
  t.match((await product.client.call('bots.show', { bot: 'ada' })).origin, { kind: 'import', from: 'folder ada' });
});

await t.test('an archive that is not what it says is refused with one sentence, and nothing is written', async (t) => {
  await using product = await startProduct({ files: { 'skills/common/SKILL.md': skill('common') } });
  const good = await filesOf(product);
  const manifest = JSON.parse(good['manifest.json'] ?? '') as { files: { path: string; sha256: string }[] };
  const said = (more: object): string => JSON.stringify({ ...manifest, ...more });
  const withFile = (file: string, body = 'x'): Record<string, string> => ({
    ...good,
    'manifest.json': said({ files: [...manifest.files, { path: file, bytes: body.length, sha256: sha256(body) }] }),
    [file]: body,
  });
  const { 'bot/SOUL.md': _soul, ...noSoul } = good;
  const cases: [string, Record<string, string>, RegExp, TarEntry['header'][]?][] = [
    [
      'a file nobody named',
      { ...good, 'bot/extra.md': 'x' },
      /holds "bot\/extra\.md", which manifest\.json does not name/,
    ],
    ['a file that is missing', noSoul, /lacks "bot\/SOUL\.md"/],
    ['a file with other content', { ...good, 'bot/AGENT.md': 'evil' }, /"bot\/AGENT\.md" with other content/],
    ['another soul', { ...good, 'manifest.json': said({ soul: sha256('other') }) }, /another soul/],
    ['a newer form', { ...good, 'manifest.json': said({ version: 2 }) }, /version 2; this server reads up to 1/],
    ['a manifest that is no JSON', { ...good, 'manifest.json': '{"format": "boternity-bot",' }, /not JSON/],
    ['a manifest with a wrong value', { ...good, 'manifest.json': said({ soul: 'abc' }) }, /wrong at soul/],
    ['a manifest with more', { ...good, 'manifest.json': said({ run: 'me' }) }, /wrong at/],
    ['files of git', withFile('bot/.git/config'), /belongs to git|git's own|no part of the bot/],
    [
      'files of git in another spelling',
      withFile('bot/sub/.GIT/hooks/x'),
      /belongs to git|git's own|no part of the bot/,
    ],
    ['files of git by their short name', withFile('bot/git~1/config'), /belongs to git|git's own|no part of the bot/],
    ['a memory', withFile('bot/memory/2026-01-01/a.json'), /belongs to git|git's own|no part of the bot/],
    ['a file beside bot and skills', withFile('etc/x'), /belongs to no bot/],
    ['a skill with a name that is none', withFile('skills/NOT A NAME/SKILL.md'), /a skill with the name/],
    ['a step up', { ...good, 'bot/../../x': 'x' }, /leaves its folder/],
    ['an absolute path', { '/tmp/x': 'x', ...good }, /begins at a root/],
    ['two names that some systems take for one', withFile('bot/soul.md'), /some systems take for one/],
    [
      'a link',
      good,
      /"bot\/link", and links are not followed/,
      [{ name: 'bot/link', size: 0, type: 'symlink', linkname: '/etc' }],
    ],
    [
      'a hard link',
      good,
      /"bot\/link", and links are not followed/,
      [{ name: 'bot/link', size: 0, type: 'link', linkname: 'bot/SOUL.md' }],
    ],
    ['a device', good, /it is a device/, [{ name: 'bot/null', size: 0, type: 'character-device' }]],
    ['nothing that is known', { 'readme.txt': 'hi' }, /is nothing that is known here \(it holds readme\.txt/],
    ['no file at all', {}, /it is empty/],
    ['a bomb', { ...good, 'bot/zeros': '0'.repeat(15_000_000) }, /200 times its size/],
    ['a file that is too large', { ...good, 'bot/big': 'x'.repeat(17_000_000) }, /a file may have 16777216/],
    [
      'too many files',
      Object.fromEntries(Array.from({ length: 10_001 }, (_, at) => [`f${at}`, ''])),
      /more than 10000/,
    ],
  ];
  const before = await snapshot(product);
  for (const [what, files, sentence, links = []] of cases) {
    const entries = Object.entries(files).map(([name, body]): TarEntry => ({
      header: { name, size: Buffer.byteLength(body), type: 'file' },
      body,
    }));
    const archive = gzipSync(await packTar([...entries, ...links.map((header) => ({ header }))]));
    const id = await send(product, archive);
    const refused = await product.client.call('imports.plan', { upload: id }).then(
      async (plan) =>
        product.client.call('imports.apply', { import: plan.id }).then(
          () => undefined,
          (error: unknown) => error,
        ),
      (error: unknown) => error,
    );
    t.match(refused, { status: 422, message: sentence }, what);
    t.notMatch(refused, { code: 'INTERNAL' });
  }
  const whole = Buffer.from(await (await product.fetch('/api/v1/bots/assistant/export')).arrayBuffer());
  for (const [what, bytes] of [
    ['cut off', whole.subarray(0, whole.length - 40)],
    ['with something behind it', Buffer.concat([whole, Buffer.from('\0 and more')])],
    ['two in one', Buffer.concat([whole, whole])],
    ['no archive', Buffer.from('hello')],
  ] as const) {
    const refused = await product.client
      .call('imports.plan', { upload: await send(product, bytes) })
      .catch((error: unknown) => error);
    t.match(refused, { status: 422, code: 'ARCHIVE_INVALID' }, what);
  }
  t.match(await product.client.call('imports.plan', { upload: 'x' }).catch((error: unknown) => error), { status: 404 });
  t.strictSame(await readdir(path.join(product.home, '.boternity/staging/imports')), []);
  t.strictSame(await snapshot(product), before, 'nothing of it is anywhere');
});

await t.test('an upload that is too large is cut off, and one that breaks off leaves nothing', async (t) => {
  await using product = await startProduct();
  const piece = Buffer.alloc(1024 * 1024, 'x');
  const endless = Readable.from(
    (function* () {
      for (let sent = 0; sent < 140; sent += 1) yield piece;
    })(),
  );
  const init = { method: 'POST', body: Readable.toWeb(endless) as ReadableStream, duplex: 'half' } as RequestInit;
  const answer = await product.fetch('/api/v1/uploads', init).then(
    async (response) => ({ status: response.status, text: await response.text() }),
    () => ({ status: 413, text: 'the connection was closed: 128 MB' }),
  );
  t.match(answer, { status: 413, text: /128 MB/ });
  const stop = new AbortController();
  const broken = Readable.from(
    (async function* () {
      yield piece;
      stop.abort();
      await new Promise((resolve) => setTimeout(resolve, 50));
    })(),
  );
  await product
    .fetch('/api/v1/uploads', { ...init, body: Readable.toWeb(broken) as ReadableStream, signal: stop.signal })
    .catch(() => undefined);
  const staging = path.join(product.home, '.boternity/staging/imports');
  for (const deadline = Date.now() + 5_000; (await readdir(staging)).length > 0 && Date.now() < deadline;)
    await new Promise((resolve) => setTimeout(resolve, 20));
  t.strictSame(await readdir(staging), []);
});

await t.test(
  'a grant for one bot exports that bot alone; without one for skills no shared skill comes in',
  async (t) => {
    await using product = await startProduct({
      files: {
        'boternity.config.ts': guestConfig,
        'plugins/guest/index.ts': guestPlugin,
        'grants.json': '["*"]',
        'skills/common/SKILL.md': skill('common'),
      },
    });
    await product.client.call('bots.create', { name: 'Other', template: 'blank' });
    await product.client.call('bots.configure', { bot: 'assistant', set: ['skills=["common"]'] });
    const archive = new Uint8Array(await (await product.fetch('/api/v1/bots/assistant/export')).arrayBuffer());
    await writeFile(path.join(product.home, 'grants.json'), '["server:read", "bots:read@assistant"]');
    const statusOf = async (bot: string): Promise<number> => {
      const response = await product.fetch(`/api/v1/bots/${bot}/export`);
      await response.arrayBuffer();
      return response.status;
    };
    t.equal(await statusOf('assistant'), 200);
    t.equal(await statusOf('other'), 403);
    await writeFile(path.join(product.home, 'grants.json'), '["server:read", "bots:write"]');
    await product.files.write('skills/common/SKILL.md', skill('common', 'Other.'));
    const { id } = await product.client.call('imports.plan', { upload: await send(product, archive) });
    const refused = await product.client
      .call('imports.apply', { import: id, skills: 'replace' })
      .catch((error: unknown) => error);
    t.match(refused, { status: 403, message: /skills:write/ });
    t.match(await product.files.read('skills/common/SKILL.md'), 'Other.');
    t.match(await product.client.call('imports.apply', { import: id, skills: 'keep' }), { skills: [] });
  },
);

/** What an export of the first bot holds. */
async function filesOf(product: Product): Promise<Record<string, string>> {
  const response = await product.fetch('/api/v1/bots/assistant/export');
  const entries = await unpackTar(gunzipSync(Buffer.from(await response.arrayBuffer())));
  return Object.fromEntries(entries.map(({ header, data }) => [header.name, Buffer.from(data ?? []).toString()]));
}

/** Every file of a home that is not the server's own, with its hash. */
async function snapshot({ home }: Product): Promise<Record<string, string>> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true });
  const isOwn = /\/\.git(\/|$)|\/\.boternity(\/(cache|logs|seals|staging)|$)/;
  const files = entries.filter((entry) => entry.isFile() && !isOwn.test(entry.parentPath));
  const hashes = await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const place = path.join(parentPath, name);
      return [path.relative(home, place), sha256(await readFile(place))] as const;
    }),
  );
  return Object.fromEntries(hashes.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
