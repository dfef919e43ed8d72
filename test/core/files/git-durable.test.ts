import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, link, mkdir, readdir, readFile, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { createLog } from '../../../core/base/log.ts';
import { Fault } from '../../../core/base/fault.ts';
import { createRepositories } from '../../../core/files/git/repositories.ts';
import { treeRefusals } from '../../../core/bots/tree-check.ts';
import { writer } from '../../support/git-writer.ts';
import { expectWhole, git, makeBench, person } from '../../support/git.ts';

t.setTimeout(180_000);
const KILLS = 15;
const meta = { author: person, message: 'All' };
const toFault = (error: unknown): Fault => Fault.from(error);

await t.test('a process that is killed while it commits leaves a whole repository with all it answered', async (t) => {
  await using bench = await makeBench();
  const { repository, folder } = bench;
  await bench.save({ 'SOUL.md': '# Ada\n', 'notes/0.md': 'x\n', 'untouched.md': 'y\n' });
  for (let kill = 0; kill < KILLS; kill += 1) {
    const child = spawn(process.execPath, [writer, bench.home.path, 'ada'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (piece: Buffer) => (printed += piece.toString()));
    while (printed.split('\n').length < 4) await sleep(2);
    await sleep(Math.random() * 30);
    child.kill('SIGKILL');
    await once(child, 'close');
    const [answered = ''] = printed.trimEnd().split('\n').at(-1)?.split(' ') ?? [];
    t.equal(
      await repository.isAncestor(answered, (await repository.standing()).head ?? ''),
      true,
      'what was answered is there',
    );
    // The first look has put away what was left; files of a commit that was not made may still differ.
    t.notOk((await readdir(path.join(folder, '.git'))).includes('index.lock'));
    const status = await expectWhole(folder);
    t.match(
      status,
      /^( M (SOUL\.md|notes\/\d\.md)\n?|\?\? notes\/\d\.md\n?)*$/,
      'only what was written and not yet committed',
    );
    await repository.commitAll(meta);
    t.equal(await expectWhole(folder), '');
  }
  t.strictSame(
    (await readdir(path.join(folder, '.git'))).filter((name) => name.startsWith('bnity')),
    [],
  );
});

await t.test(
  'locks that a person holds stay, ours of a killed process go, and a step that was nearly done is ended',
  async (t) => {
    await using bench = await makeBench();
    const { repository, folder } = bench;
    await bench.save({ 'SOUL.md': '# Ada\n' });
    const gitDir = path.join(folder, '.git');
    await writeFile(path.join(gitDir, 'refs/heads/main.lock'), '');
    t.match(await bench.save({ 'SOUL.md': '2\n' }).catch(toFault), { code: 'GIT_MOVED', message: /main\.lock/ });
    await unlink(path.join(gitDir, 'refs/heads/main.lock'));
    // The lock of a process that has ended, as takeLock leaves it: one file with two names.
    const mark = path.join(gitDir, 'bnity-lock.999999999.0.refs%2Fheads%2Fmain');
    await writeFile(mark, '');
    await link(mark, path.join(gitDir, 'refs/heads/main.lock'));
    await bench.save({ 'SOUL.md': '3\n' });
    t.equal(await expectWhole(folder), '');

    // Killed between the ref and the index: the lock holds the index that belongs to the branch.
    const before = await readFile(path.join(gitDir, 'index'));
    await bench.save({ 'SOUL.md': '4\n' });
    const after = await readFile(path.join(gitDir, 'index'));
    const left = path.join(gitDir, 'bnity-lock.999999999.1.index');
    await writeFile(path.join(gitDir, 'index'), before);
    await writeFile(left, after);
    await link(left, path.join(gitDir, 'index.lock'));
    t.equal((await repository.standing()).away, undefined);
    t.strictSame(await readFile(path.join(gitDir, 'index')), after);
    t.equal(await expectWhole(folder), '');
  },
);

await t.test('an index of any form is kept, or made anew', async (t) => {
  await using bench = await makeBench();
  const { repository, folder } = bench;
  const index = path.join(folder, '.git/index');
  await bench.save({ 'SOUL.md': '# Ada\n', 'notes/one.md': '1\n', 'notes/two.md': '2\n', 'z.md': 'z\n' });
  let number = 0;
  const stillWhole = async (name: string): Promise<void> => {
    number += 1;
    await bench.save({ 'SOUL.md': `# Ada ${number}\n`, [`notes/new-${number}.md`]: 'n\n' });
    t.equal(await expectWhole(folder), '', `${name}: commit`);
    await writeFile(path.join(folder, 'z.md'), `z ${number}\n`);
    t.strictSame(await repository.dirty(), ['z.md'], `${name}: dirty`);
    await repository.commitAll(meta);
    t.equal(await expectWhole(folder), '', `${name}: all`);
    t.equal(await git(folder, 'ls-files'), await git(folder, 'ls-tree', '-r', '--name-only', 'main'), name);
  };
  await git(folder, 'update-index', '--index-version', '4');
  await stillWhole('version 4');
  await git(folder, 'add', '--intent-to-add', '.');
  await git(folder, 'update-index', '--skip-worktree', 'notes/two.md');
  await unlink(path.join(folder, 'notes/two.md'));
  await stillWhole('version 3, a file that is left out of the work tree');
  await git(folder, 'update-index', '--no-skip-worktree', 'notes/two.md');
  await git(folder, 'checkout', 'notes/two.md');
  await git(folder, 'read-tree', 'HEAD');
  await stillWhole('without what the system says of files');
  await unlink(index);
  await stillWhole('none');
  await writeFile(index, 'rubbish');
  await stillWhole('rubbish');
  const whole = await readFile(index);
  await writeFile(index, whole.subarray(0, whole.length - 30));
  await stillWhole('cut off');
  await git(folder, 'update-index', '--split-index');
  t.match(await bench.save({ 'SOUL.md': 'x' }).catch(toFault), { code: 'GIT_UNTRUSTED', message: /split/ });
  await git(folder, 'update-index', '--no-split-index');
  await stillWhole('plain again');
});

await t.test('an edit in the same moment as a commit is never taken for committed', async (t) => {
  await using bench = await makeBench();
  const { repository, folder } = bench;
  // A coarse clock: the edit has the time of the file that was committed, and the next index is younger than both.
  const soul = path.join(folder, 'SOUL.md');
  const soon = new Date(Date.now() + 500);
  await writeFile(soul, 'aaaa\n');
  await utimes(soul, soon, soon);
  await repository.commit(new Map([['SOUL.md', 'aaaa\n']]), meta);
  await writeFile(soul, 'bbbb\n');
  await utimes(soul, soon, soon);
  await sleep(700);
  await bench.save({ 'b.md': 'b\n' });
  t.equal(await git(folder, '-c', 'core.trustctime=false', 'diff', '--name-only'), 'SOUL.md');
  t.strictSame(await repository.dirty(), ['SOUL.md']);
  // What is on disk when it is committed may already be something else.
  await writeFile(path.join(folder, 'SOUL.md'), 'by hand\n');
  await repository.commit(new Map([['SOUL.md', 'by page\n']]), meta);
  t.strictSame(await repository.dirty(), ['SOUL.md']);
  t.equal(await git(folder, 'show', 'main:SOUL.md'), 'by page');
});

await t.test('a file of 50 MB is committed and read while others go on', async (t) => {
  await using bench = await makeBench();
  const { repository, folder } = bench;
  await bench.save({ 'SOUL.md': '# Ada\n' });
  const content = Buffer.alloc(50 << 20);
  for (let at = 0; at < content.length; at += 4096) content.writeUInt32LE((at * 2654435761) % 2 ** 32, at);
  await writeFile(path.join(folder, 'large.bin'), content);
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const first = await repository.commit(new Map([['large.bin', content]]), meta);
  t.ok((await repository.read(first, 'large.bin'))?.equals(content));
  await appendFile(path.join(folder, 'large.bin'), 'more');
  t.strictSame(await repository.dirty(), ['large.bin']);
  await repository.commitAll(meta);
  delay.disable();
  clearInterval(timer);
  t.comment(`longest stop ${Math.round(delay.max / 1e6)} ms, ${turns} turns for others`);
  t.ok(turns > 20, 'others had their turns');
  t.equal(await expectWhole(folder), '');
  t.equal(await git(folder, 'cat-file', '-s', 'main:large.bin'), String(content.length + 4));
});

await t.test(
  'tidying packs what is there, keeps what a person may still want, and drops what nobody names',
  async (t) => {
    await using bench = await makeBench();
    const { repository, folder } = bench;
    const objects = path.join(folder, '.git/objects');
    const first = await bench.save({ 'SOUL.md': '# Ada\n' });
    await repository.commit(new Map(Array.from({ length: 320 }, (_, at) => [`many/${at}`, `${at}\n`])), meta);
    for (let at = 0; at < 320; at += 1) await bench.home.write(`bots/ada/many/${at}`, `${at}\n`);
    await repository.settleIndex((await repository.standing()).head ?? '');
    await writeFile(path.join(folder, 'staged.md'), 'staged\n');
    await git(folder, 'add', 'staged.md');
    await git(folder, 'stash', '-q');
    await writeFile(path.join(folder, 'staged-2.md'), 'only in the index\n');
    await git(folder, 'add', 'staged-2.md');
    await git(folder, 'update-ref', '--create-reflog', 'refs/heads/gone', first);
    const lost = await git(folder, 'commit-tree', 'main^{tree}', '-m', 'in a reflog only');
    await git(folder, 'update-ref', 'refs/heads/gone', lost);
    await git(folder, 'update-ref', 'refs/heads/gone', first);
    const young = await git(folder, 'commit-tree', 'main^{tree}', '-m', 'young');
    const old = await git(folder, 'commit-tree', 'main^{tree}', '-m', 'old');
    const longAgo = new Date(Date.now() - 40 * 86_400_000);
    await utimes(path.join(objects, old.slice(0, 2), old.slice(2)), longAgo, longAgo);
    {
      await using _quarantine = await repository.quarantine();
      await repository.tidy();
      t.equal((await readdir(path.join(objects, 'pack'))).length, 0, 'not while a push is under way');
    }
    await repository.tidy();
    t.ok((await readdir(objects)).length < 12, 'objects are packed');
    for (const name of ['main:many/7', 'stash@{0}^2:staged.md', ':staged-2.md', lost, young]) {
      t.equal(await git(folder, 'cat-file', '-e', name), '', name);
    }
    t.match(await repository.commitOf(old).catch(toFault), { code: 'COMMIT_MISSING' });
    t.equal((await repository.read(first, 'SOUL.md'))?.toString(), '# Ada\n');
    await bench.save({ 'SOUL.md': '# Ada, tidy\n' });
    t.equal(await expectWhole(folder), 'A  staged-2.md');
  },
);

await t.test('without git bots are made and committed to; what needs git says so', async (t) => {
  await using bench = await makeBench();
  const { PATH } = process.env;
  const empty = path.join(bench.home.path, 'empty');
  await mkdir(empty);
  const first = await bench.save({ 'SOUL.md': '# Ada\n' });
  await git(bench.folder, 'gc', '-q');
  process.env['PATH'] = `${empty}:.:bin`;
  await using repositories = createRepositories({
    home: bench.home.path,
    log: createLog(() => undefined),
    refuse: treeRefusals,
  });
  try {
    t.match(await repositories.git(), { ok: false, why: /not installed/ });
    const folder = path.join(bench.home.path, 'bots/eve');
    const repository = repositories.of(folder, 'eve');
    await bench.home.write('bots/eve/SOUL.md', '# Eve\n');
    await repository.init();
    const id = await repository.commit(new Map([['SOUL.md', '# Eve\n']]), meta);
    t.equal((await repository.read(id, 'SOUL.md'))?.toString(), '# Eve\n');
    t.strictSame(await repository.dirty(), []);
    t.equal((await repository.log({ limit: 3 })).length, 1);
    await writeFile(path.join(folder, 'git'), '#!/bin/sh\ntouch ran\n', { mode: 0o755 });
    for (const ask of [
      () => repository.diff(undefined, id),
      () => repository.dirty(),
      () => repositories.of(bench.folder, 'ada').commitOf(first),
    ]) {
      t.match(await ask().catch(toFault), { code: 'GIT_MISSING' });
    }
    t.match(
      await stat(path.join(folder, 'ran')).catch(toFault),
      { code: 'FILE_MISSING' },
      'no git of the bot is taken',
    );
    await rm(path.join(folder, 'git'));
  } finally {
    process.env['PATH'] = PATH;
  }
  t.match(await bench.repositories.git(), { ok: true, version: /^\d+\.\d+/ });
});
