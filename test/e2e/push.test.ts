import { createHash } from 'node:crypto';
import { readdir, readFile, readlink, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import t, { type Test } from 'tap';
import { cloneOf, freshClone, git, remoteOf, type Clone } from '../support/git-client.ts';
import { startMockModel } from '../support/mock-model.ts';
import { startProduct, until } from '../support/product.ts';
import { begin, providersFile, say, sees } from '../support/talk.ts';

t.setTimeout(240_000);

let gate = Promise.withResolvers<void>();
gate.resolve();
await using mock = await startMockModel({ before: () => gate.promise });
await using product = await startProduct({ files: { 'providers.yaml': providersFile(mock.url) } });
const { client, files } = product;
let count = 0;

/** A bot of its own for a test, with its clone. */
async function botFor(t: Test): Promise<{ slug: string; folder: string; clone: Clone }> {
  const { slug } = await client.call('bots.create', { name: `Pushed ${(count += 1)}` });
  const clone = await cloneOf(product, `${slug}.git`);
  t.teardown(() => clone[Symbol.asyncDispose]());
  return { slug, folder: path.join(product.home, 'bots', slug), clone };
}

/** Every file below a folder with the digest of its content, git's own included. */
async function snapshot(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const found = entries.map(async (entry): Promise<[string, string]> => {
    const full = path.join(entry.parentPath, entry.name);
    if (entry.isDirectory()) return [full, 'folder'];
    if (entry.isSymbolicLink()) return [full, await readlink(full)];
    return [
      full,
      createHash('sha256')
        .update(await readFile(full))
        .digest('hex'),
    ];
  });
  return Object.fromEntries((await Promise.all(found)).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const soul = (text: string): string => `---\nname: Ada\n---\n\n${text}\n`;

await t.test('a bot is cloned, edited and pushed; the push is live when it has answered', async (t) => {
  const { slug, folder, clone } = await botFor(t);
  const id = await clone.commit({
    'SOUL.md': soul('You are a lighthouse keeper.'),
    'notes/a/deep/file.txt': 'deep',
    'run.sh': '#!/bin/sh\n',
    'USER.md': undefined,
  });
  await clone.git('update-index', '--chmod=+x', 'run.sh');
  await clone.git('commit', '-qm', 'Executable');
  const pushed = await clone.push();
  t.equal(pushed.code, 0, pushed.stderr);
  t.equal(await files.read(`bots/${slug}/SOUL.md`), soul('You are a lighthouse keeper.'));
  t.equal(await files.read(`bots/${slug}/notes/a/deep/file.txt`), 'deep');
  t.equal(await files.read(`bots/${slug}/USER.md`), undefined, 'what is gone is gone');
  t.ok((await stat(path.join(folder, 'run.sh'))).mode & 0o100, 'and what can be run can be run');
  t.match(await client.call('bots.show', { bot: slug }), { soul: { body: /lighthouse/ } }, 'the bot is as pushed');
  const status = await git(folder, ['status', '--porcelain']);
  t.equal(status.stdout, '', `the folder is clean: ${status.stdout}${status.stderr}`);
  const log = await git(folder, ['log', '--format=%H %an <%ae>', '-2', 'main']);
  t.match(log.stdout, `${id} Petra Pusher <petra@example.org>`, 'the author of the commit stays');
  const fsck = await git(folder, ['fsck', '--strict', '--no-dangling']);
  t.equal(fsck.code, 0, fsck.stderr);
});

await t.test(
  'a file becomes a folder, a folder a file, and a mode changes, with nothing left of what was',
  async (t) => {
    const { slug, folder, clone } = await botFor(t);
    await clone.commit({ 'notes/a/deep.txt': 'deep', 'notes/b.txt': 'b', plain: 'plain', 'run.sh': '#!/bin/sh\n' });
    t.match(await clone.push(), { code: 0 });
    await clone.git('rm', '-qr', 'notes', 'plain');
    await clone.commit({ notes: 'a file', 'plain/inner/most.txt': 'inner' });
    await clone.git('update-index', '--chmod=+x', 'run.sh');
    await clone.git('commit', '-qm', 'Executable');
    t.match(await clone.push(), { code: 0 });
    t.equal(await files.read(`bots/${slug}/notes`), 'a file');
    t.equal(await files.read(`bots/${slug}/plain/inner/most.txt`), 'inner');
    t.ok((await stat(path.join(folder, 'run.sh'))).mode & 0o100);
    await clone.git('rm', '-qr', 'plain');
    await clone.commit({ 'plain-not': 'x' });
    t.match(await clone.push(), { code: 0 });
    t.notOk((await readdir(folder)).includes('plain'), 'no empty folder stays');
    t.equal((await git(folder, ['status', '--porcelain'])).stdout, '');

    const outside = path.join(product.home, 'outside');
    await files.write('outside/kept.txt', 'kept');
    await files.write(`bots/${slug}/.git/info/exclude`, '/out\n');
    await symlink(outside, path.join(folder, 'out'));
    await clone.commit({ 'out/kept.txt': 'taken', 'out/new.txt': 'new' });
    t.match(await clone.push(), { code: 1, stderr: /remote: out is on the server's disk, not as git knows it/ });
    t.strictSame(await readdir(outside), ['kept.txt'], 'nothing is written through a link that lies there');
  },
);

await t.test('a wrong file comes back to the pusher with file, line and sentence, and nothing changes', async (t) => {
  const { folder, clone } = await botFor(t);
  await clone.commit({
    'bot.yaml': '# settings\nmodel:\n  temperature: hot\nstatus: sleepy\nunknown: 1\n',
    'SOUL.md': '---\nname: [\n---\n\nText\n',
    'IDENTITY.md': '---\naccent_color: red\n---\n',
  });
  const before = await snapshot(folder);
  const pushed = await clone.push();
  t.equal(pushed.code, 1);
  t.match(pushed.stderr, /remote: bot\.yaml:3:16 model\.temperature: .*number/);
  t.match(pushed.stderr, /remote: bot\.yaml:4:9 status: /);
  t.match(pushed.stderr, /remote: warning: bot\.yaml:5:10 "unknown" is not known here/);
  t.match(pushed.stderr, /remote: SOUL\.md:\d+:\d+ /);
  t.match(pushed.stderr, /remote: IDENTITY\.md:2:15 accent_color: write a colour as #rrggbb/);
  t.match(pushed.stderr, /! \[remote rejected\] HEAD -> main \(it has \d problems\)/);
  t.strictSame(await snapshot(folder), before, 'work tree, refs and objects are as they were');
  await clone.commit({ 'bot.yaml': 'status: active\n', 'IDENTITY.md': undefined, 'SOUL.md': undefined });
  const missing = await clone.push();
  t.match(missing.stderr, /remote: SOUL\.md:1:1 is missing/);
  t.strictSame(await snapshot(folder), before);
  await clone.commit({ 'SOUL.md': soul('Whole again.') });
  const mended = await clone.push();
  t.equal(mended.code, 0, 'wrong commits on the way do not count, only what would be live');
  t.notMatch(mended.stderr, /:\d+:\d+ /);
});

await t.test('what was wrong before blocks no push that does not touch it', async (t) => {
  const { slug, folder, clone } = await botFor(t);
  await files.write(`bots/${slug}/bot.yaml`, 'status: [');
  await git(folder, ['add', '-A']);
  await git(folder, ['commit', '-qm', 'By hand']);
  await clone.git('pull', '-q', 'origin', 'main');
  await clone.commit({ 'USER.md': 'Somebody else.\n' });
  t.match(await clone.push(), { code: 0 });
  await clone.commit({ 'bot.yaml': 'status: [[' });
  t.match(await clone.push(), { code: 1, stderr: /remote: bot\.yaml:1:\d+ / });
});

await t.test(
  'main only moves forward: no force, no deletion; other branches and tags come and go and do nothing',
  async (t) => {
    const { slug, folder, clone } = await botFor(t);
    const first = await clone.git('rev-parse', 'HEAD');
    await clone.commit({ 'SOUL.md': soul('Second.') });
    t.match(await clone.push(), { code: 0 }, 'a fast-forward');
    await clone.git('reset', '-q', '--hard', first);
    const other = await clone.commit({ 'SOUL.md': soul('Another second.') });
    const before = await snapshot(folder);
    const behind = await clone.push();
    t.match(behind, { code: 1, stderr: /\[rejected\] +HEAD -> main \((fetch first|non-fast-forward)\)/ });
    const forced = await clone.push('--force', 'origin', 'HEAD:main');
    t.match(forced, { code: 1, stderr: /\[remote rejected\] HEAD -> main \(non-fast-forward\)/ });
    t.match(forced.stderr, /remote: main only moves forward/);
    const deleted = await clone.push('origin', ':main');
    t.match(deleted, { code: 1, stderr: /\[remote rejected\] main \(main is live and cannot be deleted\)/ });
    t.strictSame(await snapshot(folder), before);

    t.match(await clone.push('origin', 'HEAD:refs/heads/try/this', 'HEAD:refs/tags/mark'), { code: 0 });
    await clone.git('tag', '-a', 'noted', '-m', 'A tag of its own');
    t.match(await clone.push('origin', 'noted'), { code: 0 });
    t.equal(await files.read(`bots/${slug}/SOUL.md`), soul('Second.'), 'a branch changes no file');
    const refs = await clone.git('ls-remote', 'origin');
    t.match(refs, new RegExp(`${other}\\trefs/heads/try/this`));
    t.match(refs, 'refs/tags/noted');
    t.match(
      await clone.push('--force', 'origin', `${first}:refs/heads/try/this`),
      { code: 0 },
      'a branch may be forced',
    );
    t.match(await clone.push('origin', ':refs/heads/try/this', ':noted', ':mark'), { code: 0 });
    t.notMatch(await clone.git('ls-remote', 'origin'), /try|noted|mark/);
    t.equal((await git(folder, ['status', '--porcelain'])).stdout, '');
  },
);

await t.test('names of refs that no disk or no git would bear are refused one by one, or all at once', async (t) => {
  const { clone } = await botFor(t);
  t.match(await clone.push('origin', 'HEAD:refs/heads/one'), { code: 0 });
  const names = [
    'refs/heads/MAIN',
    'refs/heads/main/sub',
    'refs/heads/One',
    'refs/heads/one/two',
    'refs/notes/x',
    'refs/heads/ok',
  ];
  const pushed = await clone.push('origin', ...names.map((name) => `HEAD:${name}`));
  t.equal(pushed.code, 1);
  for (const name of names.slice(0, -1))
    t.match(pushed.stderr, new RegExp(`remote rejected\\] HEAD -> ${name.replace('refs/heads/', '')} \\(`), name);
  t.match(pushed.stderr, /\[new branch\] +HEAD -> ok/);
  const atomic = await clone.push('--atomic', 'origin', 'HEAD:refs/heads/fine', 'HEAD:refs/notes/x');
  t.equal(atomic.code, 1);
  t.match(await clone.git('ls-remote', 'origin'), /heads\/ok/);
  t.notMatch(await clone.git('ls-remote', 'origin'), /heads\/fine|notes/);
});

await t.test('the first push to a name that is free creates the bot, whole or not at all', async (t) => {
  await using clone = await freshClone(await remoteOf(product, 'newcomer.git'));
  await clone.commit({ 'AGENT.md': 'No soul.\n' });
  const soulless = await clone.push();
  t.match(soulless, { code: 1, stderr: /remote: SOUL\.md:1:1 is missing/ });
  t.notOk((await client.call('bots.list', {})).bots.some((bot) => bot.slug === 'newcomer'));
  t.equal((await readdir(path.join(product.home, 'bots'))).includes('newcomer'), false);
  await clone.commit({ 'SOUL.md': soul('Born by push.') });
  const early = await clone.push('origin', 'HEAD:draft');
  t.match(early, { code: 1, stderr: /push main first/i });
  const born = await clone.push();
  t.match(born, { code: 0, stderr: /remote: The bot newcomer is created/ });
  t.match(await client.call('bots.show', { bot: 'newcomer' }), { soul: { body: /Born by push/ } });
  const folder = path.join(product.home, 'bots/newcomer');
  t.equal((await git(folder, ['status', '--porcelain'])).stdout, '');
  t.match((await git(folder, ['log', '--format=%an'])).stdout, 'Petra Pusher\nPetra Pusher');
  await clone.commit({ 'SOUL.md': soul('Grown by push.') });
  t.match(await clone.push(), { code: 0 }, 'and the next push is one to a bot that is there');
  t.strictSame(await readdir(path.join(product.home, '.boternity/staging')).catch(() => []), [], 'nothing lies about');
  await clone.git('remote', 'set-url', 'origin', await remoteOf(product, 'No%20Slug.git'));
  t.match(await clone.push(), { code: 128, stderr: /remote: "No Slug" cannot be the name of a new bot/ });
});

await t.test('of two pushes at once one wins, and the other is told to fetch', async (t) => {
  const { slug, folder, clone } = await botFor(t);
  await using other = await cloneOf(product, `${slug}.git`);
  for (let round = 0; round < 3; round += 1) {
    await clone.commit({ 'SOUL.md': soul(`One ${round}`) });
    await other.commit({ 'SOUL.md': soul(`Other ${round}`) });
    const pushes = await Promise.all([clone.push(), other.push()]);
    t.equal(pushes.filter(({ code }) => code === 0).length, 1);
    const lost = pushes.find(({ code }) => code !== 0);
    t.match(lost?.stderr, /\(fetch first\)|non-fast-forward/);
    const winner = pushes[0].code === 0 ? clone : other;
    t.equal(await files.read(`bots/${slug}/SOUL.md`), await winner.files.read('SOUL.md'));
    for (const one of [clone, other]) {
      await one.git('fetch', '-q', 'origin');
      await one.git('reset', '-q', '--hard', 'origin/main');
    }
  }
  t.equal((await git(folder, ['status', '--porcelain'])).stdout, '');
});

await t.test('a turn that runs keeps the bot it began with, the next one has the push', async (t) => {
  const { slug, clone } = await botFor(t);
  await clone.commit({ 'SOUL.md': soul('You are the old one.') });
  t.match(await clone.push(), { code: 0 });
  gate = Promise.withResolvers();
  mock.script({ calls: [{ name: 'time_now' }] }, 'The old answer.', 'The new answer.');
  const conversation = await begin(product, slug);
  using live = client.conversation(conversation);
  const { reply } = await live.send('Who are you?');
  await clone.commit({ 'SOUL.md': soul('You are the new one.') });
  t.match(await clone.push(), { code: 0 });
  t.match(await client.call('bots.show', { bot: slug }), { soul: { body: /new one/ } });
  t.equal(live.page?.state, 'running', 'the turn runs all the while');
  gate.resolve();
  await sees(live, ({ nodes, state }) => state === 'idle' && nodes.some(({ id }) => id === reply));
  await say(product, conversation, 'And now?');
  const souls = mock.requests().map(({ body }) => /You are the (old|new) one/.exec(body)?.[1]);
  t.strictSame(souls, ['old', 'old', 'new'], 'both steps of the turn had the old soul, the next turn has the new one');
});

await t.test(
  'edits on disk are committed on their own first: laid beside the push, or the push is refused by file',
  async (t) => {
    const { slug, folder, clone } = await botFor(t);
    await files.write(`bots/${slug}/USER.md`, 'Written on the disk.\n');
    await files.write(`bots/${slug}/new-on-disk.md`, 'New.\n');
    const mine = await clone.commit({ 'SOUL.md': soul('Pushed meanwhile.') });
    const merged = await clone.push();
    t.match(merged, {
      code: 0,
      stderr: /remote: main now holds edits made on the server's disk beside yours\. Run git pull/,
    });
    t.equal(await files.read(`bots/${slug}/USER.md`), 'Written on the disk.\n');
    t.equal(await files.read(`bots/${slug}/new-on-disk.md`), 'New.\n');
    t.equal(await files.read(`bots/${slug}/SOUL.md`), soul('Pushed meanwhile.'));
    const log = (await git(folder, ['log', '--format=%H|%an|%P', 'main'])).stdout.split('\n');
    t.equal(log[0]?.split('|')[1], 'Owner', 'the merge is in the name of the one who pushed');
    t.equal(log[0]?.split('|')[2]?.split(' ').length, 2);
    t.match(log.join('\n'), `${mine}|Petra Pusher`);
    t.equal((await git(folder, ['status', '--porcelain'])).stdout, '');
    await clone.git('pull', '-q', 'origin', 'main');
    t.equal(await clone.files.read('USER.md'), 'Written on the disk.\n');

    await files.write(`bots/${slug}/SOUL.md`, soul('The disk says so.'));
    await clone.commit({ 'SOUL.md': soul('The push says so.'), 'AGENT.md': 'And this.\n' });
    const refused = await clone.push();
    t.match(refused, { code: 1, stderr: /\[remote rejected\] HEAD -> main \(conflicts with edits on disk\)/ });
    t.match(refused.stderr, /remote: SOUL\.md was edited on the server's disk too/);
    t.equal(await files.read(`bots/${slug}/SOUL.md`), soul('The disk says so.'));
    t.not(await files.read(`bots/${slug}/AGENT.md`), 'And this.\n');
    t.equal(
      (await clone.try(['pull', '-q', '--no-rebase', 'origin', 'main'])).code,
      1,
      'the conflict is there to be resolved',
    );
    await clone.commit({ 'SOUL.md': soul('Both say so.') });
    t.match(await clone.push(), { code: 0 });
    t.equal(await files.read(`bots/${slug}/SOUL.md`), soul('Both say so.'));
  },
);

await t.test('files on disk that git does not know are not written over', async (t) => {
  const { slug, folder, clone } = await botFor(t);
  await clone.commit({ '.gitignore': 'private*\n' });
  t.match(await clone.push(), { code: 0 });
  await files.write(`bots/${slug}/private.txt`, 'mine');
  await files.write(`bots/${slug}/private-folder/inner.txt`, 'mine');
  await clone.commit({ 'private.txt': 'theirs', 'private-folder': 'theirs', 'other.txt': 'theirs' });
  const before = await snapshot(folder);
  const refused = await clone.push();
  t.match(refused, { code: 1, stderr: /remote: private\.txt is on the server's disk, not as git knows it/ });
  t.match(refused.stderr, 'private-folder/inner.txt');
  t.strictSame(await snapshot(folder), before);
});

await t.test('while the person is elsewhere in the folder, a push to main is refused with the reason', async (t) => {
  const { slug, folder, clone } = await botFor(t);
  await clone.commit({ 'SOUL.md': soul('Pushed.') });
  await git(folder, ['checkout', '-q', '-b', 'elsewhere']);
  const away = await clone.push();
  t.match(away, { code: 1, stderr: /\(the bot's folder is busy: HEAD is on .*elsewhere/ });
  t.match(await clone.push('origin', 'HEAD:side'), { code: 0 }, 'other branches are no matter');
  await git(folder, ['checkout', '-q', 'main']);
  t.match(await clone.push(), { code: 0 });
  await files.write(`bots/${slug}/.git/MERGE_HEAD`, `${await clone.git('rev-parse', 'HEAD')}\n`);
  await clone.commit({ 'SOUL.md': soul('Again.') });
  t.match(await clone.push(), { code: 1, stderr: /\(the bot's folder is busy: a merge is under way\)/ });
  t.equal(await files.read(`bots/${slug}/SOUL.md`), soul('Pushed.'));
});

await t.test('a reader of SOUL.md sees the old or the new whole file while pushes are applied', async (t) => {
  const { slug, clone } = await botFor(t);
  const texts = new Set([await files.read(`bots/${slug}/SOUL.md`)]);
  const seen = new Set<string | undefined>();
  const over = new AbortController();
  const reading = (async () => {
    while (!over.signal.aborted) seen.add(await files.read(`bots/${slug}/SOUL.md`));
  })();
  for (const word of ['alpha', 'beta', 'gamma', 'delta']) {
    const text = soul(`${word} `.repeat(20_000));
    texts.add(text);
    await clone.commit({ 'SOUL.md': text, [`notes/${word}.md`]: word });
    t.match(await clone.push(), { code: 0 });
    t.equal(await files.read(`bots/${slug}/SOUL.md`), text);
  }
  over.abort();
  await reading;
  t.strictSame(
    [...seen].filter((text) => !texts.has(text)).map((text) => text?.length),
    [],
    'never none, never a part',
  );
  t.ok(seen.size > 2, 'the reader has seen changes');
});

await t.test('code that arrives is told to wait for approval', async (t) => {
  const { clone } = await botFor(t);
  await clone.commit({ 'hooks/before.sh': '#!/bin/sh\n', 'tools/look.yaml': 'name: look\n', 'data/plain.txt': '1' });
  t.match(await clone.push(), {
    code: 0,
    stderr: /remote: 2 files hold code and wait for approval: hooks\/before\.sh, tools\/look\.yaml/,
  });
  await clone.commit({ 'bot.yaml': 'mcp:\n  servers: {}\n', 'tools/look.yaml': undefined });
  t.match(await clone.push(), { code: 0, stderr: /remote: 1 file holds code and waits for approval: bot\.yaml/ });
  await clone.commit({ 'bot.yaml': 'status: active\nmcp: { servers: {} }\n' });
  t.notMatch((await clone.push()).stderr, 'approval');
});

await t.test('the bot is watched on: an edit on disk after a push is live', async (t) => {
  const { slug, clone } = await botFor(t);
  await clone.commit({ 'SOUL.md': soul('Pushed.') });
  t.match(await clone.push(), { code: 0 });
  await files.write(`bots/${slug}/SOUL.md`, soul('Edited after.'));
  await until('the edit is live', async () =>
    /Edited after/.test(JSON.stringify(await client.call('bots.show', { bot: slug }))),
  );
});
