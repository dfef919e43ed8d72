import { appendFile, chmod, mkdir, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import t from 'tap';
import { Fault } from '../../../core/base/fault.ts';
import { expectWhole, git, makeBench, packOf, person } from '../../support/git.ts';
import { temporaryFolder } from '../../support/product.ts';

t.setTimeout(120_000);

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'nothing';
  } catch (error) {
    return Fault.from(error).code;
  }
};

await t.test('commits of paths are what the real git client would have made, with the real author', async (t) => {
  await using bench = await makeBench();
  const { repository, folder } = bench;
  t.equal(await repository.exists(), true);
  const first = await bench.save({ 'SOUL.md': '# Ada\n', 'prompts/system.md.liquid': 'Hello\n' }, 'Begin');
  t.equal(await git(folder, 'rev-parse', 'main'), first);
  t.equal(await expectWhole(folder), '');
  t.equal(await git(folder, 'log', '-1', '--format=%an|%ae|%cn|%s'), 'Ada Lovelace|ada@example.org|Boternity|Begin');

  const second = await bench.save({ 'SOUL.md': '# Ada\n\nKind.\n', 'a/b/c/d.txt': 'deep\n', 'ü/ß.md': 'x\n' });
  t.equal(await expectWhole(folder), '');
  t.equal(await git(folder, 'rev-parse', 'main^'), first);
  t.equal(await git(folder, 'show', 'main:a/b/c/d.txt'), 'deep');
  t.equal(await bench.save({ 'SOUL.md': '# Ada\n\nKind.\n' }), second, 'nothing differs: no new commit');

  await rm(path.join(folder, 'a'), { recursive: true });
  await repository.commit(new Map([['a/b/c/d.txt', undefined]]), { author: person, message: 'Remove' });
  t.equal(await git(folder, 'ls-tree', '-r', '--name-only', '-z', 'main').then((text) => text.includes('a/b')), false);
  t.equal(await expectWhole(folder), '');
  await bench.save({ a: 'a file where a folder was\n' });
  t.equal(await expectWhole(folder), '');
  await unlink(path.join(folder, 'a'));
  await bench.save({ 'a/now': 'a folder again\n', 'a-b': '1', 'a.b': '2', a0: '3' });
  t.equal(await expectWhole(folder), '');
  t.equal(await git(folder, 'write-tree'), (await repository.commitOf((await repository.standing()).head ?? '')).tree);
  t.equal(await git(folder, 'reflog', '--format=%gs').then((text) => text.split('\n').length), 5);
  t.strictSame(await repository.verify(), []);
});

await t.test('everything that differs on disk is committed, what is ignored is not', async (t) => {
  await using bench = await makeBench();
  const { repository, folder, home } = bench;
  await bench.save({ 'SOUL.md': '# Ada\n', 'old.txt': 'x\n', 'run.sh': 'y\n', 'folder/a': 'a\n', turned: 't\n' });
  t.strictSame(await repository.dirty(), []);
  t.equal(await repository.commitAll({ author: person, message: 'Nothing' }), undefined);
  await writeFile(path.join(folder, 'SOUL.md'), '# Eda\n');
  await unlink(path.join(folder, 'old.txt'));
  await unlink(path.join(folder, 'turned'));
  await rm(path.join(folder, 'folder'), { recursive: true });
  await writeFile(path.join(folder, 'folder'), 'a file now\n');
  await chmod(path.join(folder, 'run.sh'), 0o755);
  for (const [file, text] of Object.entries({
    'new/deep.md': 'n\n',
    'turned/into': 'a folder\n',
    '.gitignore': 'ignored/\n*.log\n',
    'ignored/a': 'i',
    'x.log': 'l',
    'memory/2026-11-21/m.json': '{}',
    'half.bnity-tmp': 'half',
  }))
    await home.write(`bots/ada/${file}`, text);
  await symlink('SOUL.md', path.join(folder, 'link'));
  await mkdir(path.join(folder, 'nested'));
  await git(path.join(folder, 'nested'), 'init', '-q');
  await home.write('bots/ada/nested/file', 'n');
  const changed = ['.gitignore', 'SOUL.md', 'folder', 'folder/a', 'link', 'new/deep.md', 'old.txt', 'run.sh'];
  changed.push('turned', 'turned/into');
  t.strictSame(await repository.dirty(), changed);
  const id = (await repository.commitAll({ author: person, message: 'By hand' })) ?? '';
  t.strictSame((await git(folder, 'show', '--name-only', '--format=', 'main')).split('\n').toSorted(), changed);
  t.equal(
    await git(folder, 'ls-tree', 'main', 'link', 'run.sh').then((text) => text.replaceAll(/ blob .*\t/g, ' ')),
    '120000 link\n100755 run.sh',
  );
  t.equal(await expectWhole(folder), '?? nested/');
  t.ok(
    bench.logged.some((line) => line.includes('nested')),
    'the nested repository is named in the log',
  );
  t.strictSame(await repository.dirty(), []);
  t.strictSame((await repository.changed(undefined, id)).length, (await repository.files(id)).length);
});

await t.test('a person who works in the repository is not disturbed', async (t) => {
  await using bench = await makeBench();
  const { repository, folder } = bench;
  await bench.save({ 'SOUL.md': '# Ada\n', 'other.md': '1\n' });
  await appendFile(path.join(folder, 'other.md'), 'staged\n');
  await git(folder, 'add', 'other.md');
  await bench.save({ 'SOUL.md': '# Ada 2\n' });
  t.equal(await expectWhole(folder), 'M  other.md', 'what they staged stays staged');
  t.strictSame(await repository.dirty(), ['other.md']);
  await repository.commitAll({ author: person, message: 'All' });
  t.equal(await expectWhole(folder), '');

  for (const file of ['new.md', 'forced.log', 'later.md']) await bench.home.write(`bots/ada/${file}`, `${file}\n`);
  await bench.home.write('bots/ada/.gitignore', '*.log\n');
  await git(folder, 'add', '-f', 'new.md', 'forced.log');
  await git(folder, 'add', '-N', 'later.md');
  const added = ['.gitignore', 'forced.log', 'later.md', 'new.md'];
  t.strictSame(await repository.dirty(), added, 'what they have staged is meant to be committed');
  await repository.commitAll({ author: person, message: 'All' });
  t.equal(await expectWhole(folder), '');
  t.equal(await git(folder, 'show', '--name-only', '--format=', 'main'), added.join('\n'));

  await git(folder, 'checkout', '-q', '-b', 'other');
  t.match((await repository.standing()).away, /HEAD is on "other"/);
  t.equal(await codeOf(bench.save({ 'SOUL.md': 'x' })), 'GIT_MOVED');
  t.equal(await codeOf(repository.commitAll({ author: person, message: 'x' })), 'GIT_MOVED');
  await git(folder, 'checkout', '-q', '-f', 'main');
  t.equal((await repository.standing()).away, undefined);
  await git(folder, 'checkout', '-q', '--detach');
  t.match((await repository.standing()).away, /no branch/);
  await git(folder, 'checkout', '-q', '-B', 'side', 'main~1');
  await git(folder, 'rm', '-q', '-f', 'SOUL.md', '--ignore-unmatch');
  await writeFile(path.join(folder, 'other.md'), 'side\n');
  await git(folder, 'add', '-A');
  await git(folder, 'commit', '-q', '-m', 'side');
  await git(folder, 'checkout', '-q', 'main');
  await writeFile(path.join(folder, 'other.md'), 'main\n');
  await repository.commitAll({ author: person, message: 'main' });
  for (const [command, word] of [
    ['merge', 'merge'],
    ['cherry-pick', 'cherry-pick'],
    ['rebase', 'rebase'],
  ] as const) {
    await git(folder, command, 'side').catch(() => undefined);
    const { away } = await repository.standing();
    t.match(away, command === 'rebase' ? /no branch|rebase/ : word);
    const before = await git(folder, 'status', '--porcelain');
    t.equal(await codeOf(repository.commitAll({ author: person, message: 'x' })), 'GIT_MOVED');
    t.equal(await git(folder, 'status', '--porcelain'), before, 'all is as they left it');
    await git(folder, command, '--abort');
  }
  await writeFile(path.join(folder, '.git/index.lock'), '');
  t.match((await repository.standing()).away, /index\.lock/);
  t.equal(await codeOf(bench.save({ 'SOUL.md': 'x' })), 'GIT_MOVED');
  await unlink(path.join(folder, '.git/index.lock'));
  t.equal((await repository.standing()).away, undefined);
});

await t.test('memory has a repository of its own, which the one around it never takes in', async (t) => {
  await using bench = await makeBench();
  const { repository, folder } = bench;
  const first = await bench.save({ 'SOUL.md': '# Ada\n' });
  const memory = bench.repositories.of(path.join(folder, 'memory'), 'ada.memory', 'memory');
  await bench.home.write('bots/ada/memory/2026-11-21/a.json', '{}\n');
  await memory.init();
  const bot = { kind: 'bot', id: '1', name: 'ada' } as const;
  const at = new Date(1_800_000_000_000);
  await memory.commit(new Map([['2026-11-21/a.json', '{}\n']]), { author: bot, message: 'Learn\n\nTwo.', at });
  t.equal(await expectWhole(path.join(folder, 'memory')), '');
  t.equal(
    await git(path.join(folder, 'memory'), 'log', '--format=%D|%an|%ae|%at|%B'),
    'HEAD -> memory|bot:ada|1@bot.boternity.invalid|1800000000|Learn\n\nTwo.',
  );
  t.equal(await expectWhole(folder), '');
  await git(folder, 'add', '-A');
  t.equal(await git(folder, 'ls-files'), 'SOUL.md', 'git add -A never takes memory');
  t.strictSame(await repository.dirty(), []);
  t.equal(await codeOf(bench.save({ 'memory/2026-11-21/a.json': '{}' })), 'PATH_REFUSED');
  for (const name of ['.git/config', 'a/.GIT/hooks/x', '../out', '/etc/passwd', '.g\u200cit/config', 'git~1/config']) {
    const work = repository.commit(new Map([[name, 'x']]), { author: person, message: 'x' });
    t.equal(await codeOf(work), 'PATH_REFUSED', name);
  }
  const changes = new Map([['USER.md', 'x\n']]);
  t.equal(await codeOf(repository.commit(changes, { author: person, message: 'x' }, '3'.repeat(40))), 'GIT_MOVED');
  await bench.home.write('bots/ada/USER.md', 'x\n');
  await repository.commit(changes, { author: { ...person, name: 'A <b>\n c', email: 'a b<c>' }, message: '' }, first);
  t.equal(await git(folder, 'log', '-1', '--format=%an|%ae'), 'A b c|abc');
  t.equal(await expectWhole(folder), '');
});

await t.test('history is read as git tells it', async (t) => {
  await using bench = await makeBench();
  const { repository, folder } = bench;
  const one = await bench.save({ 'SOUL.md': '# Ada\nline\n', 'a.txt': 'one\ntwo\nthree\nfour\nfive\n' }, 'one');
  const two = await bench.save({ 'SOUL.md': '# Ada\nline 2\n' }, 'two');
  await git(folder, 'mv', 'a.txt', 'b.txt');
  await git(folder, 'commit', '-q', '-m', 'renamed by hand');
  const three = await git(folder, 'rev-parse', 'HEAD');
  const ids = async (options: { path?: string; limit: number }): Promise<string[]> =>
    (await repository.log(options)).map(({ id }) => id);
  t.strictSame(await ids({ limit: 10 }), [three, two, one]);
  t.strictSame(await ids({ path: 'SOUL.md', limit: 10 }), [two, one]);
  t.strictSame(
    (await repository.log({ path: 'b.txt', limit: 10 })).map(({ id, path }) => [id, path]),
    [
      [three, 'b.txt'],
      [one, 'a.txt'],
    ],
  );
  t.equal((await repository.read(one, 'SOUL.md'))?.toString(), '# Ada\nline\n');
  t.equal(await repository.read(one, 'none.md'), undefined);
  t.equal(await repository.resolve(two.slice(0, 8)), two);
  t.equal(await repository.resolve('main~1'), two);
  t.equal(await repository.resolve('HEAD'), three);
  t.equal(await repository.resolve('--help'), undefined);
  t.equal(await codeOf(repository.commitOf('0'.repeat(40))), 'COMMIT_MISSING');
  t.equal(await repository.isAncestor(one, three), true);
  t.equal(await repository.isAncestor(three, one), false);
  t.match(await repository.diff(one, two, 'SOUL.md'), /-line\n\+line 2\n/);
  t.match(await repository.diff(two, three), /rename from a\.txt\nrename to b\.txt/);
  t.strictSame(
    (await repository.blame(three, 'SOUL.md')).map(({ line, text, commit }) => [line, text, commit]),
    [
      [1, '# Ada', one],
      [2, 'line 2', two],
    ],
  );
  await git(folder, 'gc', '-q');
  t.strictSame(await ids({ limit: 10 }), [three, two, one], 'out of packs too');
  t.equal((await repository.read(one, 'a.txt'))?.toString(), 'one\ntwo\nthree\nfour\nfive\n');
  await bench.save({ 'SOUL.md': 'after the pack\n' });
  t.equal(await expectWhole(folder), '');
});

await t.test('a pack waits in quarantine until it is accepted, and a merge needs no work tree', async (t) => {
  await using bench = await makeBench();
  await using clones = await temporaryFolder();
  const { repository, folder } = bench;
  const base = await bench.save({ 'SOUL.md': '# Ada\n', 'a.md': '1\n2\n3\n' });
  const clone = path.join(clones.path, 'clone');
  await git(clones.path, 'clone', '-q', folder, clone);
  await writeFile(path.join(clone, 'a.md'), '1\n2\n3\nfour\n');
  await git(clone, 'commit', '-q', '-a', '-m', 'pushed');
  const pushed = await git(clone, 'rev-parse', 'HEAD');
  const ours = await bench.save({ 'a.md': 'one\n2\n3\n' });
  const pack = (range: string): NodeJS.ReadableStream => packOf(clone, range);
  const { signal } = new AbortController();

  await using refused = await repository.quarantine();
  await refused.take(pack(`${pushed}\n^${base}\n`), 1 << 20, signal);
  t.equal((await refused.read(pushed, 'a.md'))?.toString(), '1\n2\n3\nfour\n');
  t.equal(await refused.isAncestor(base, pushed), true, 'reads see the objects of the repository too');
  t.equal(await refused.isComplete(pushed), true);
  t.equal(await refused.isComplete('1'.repeat(40)), false);
  t.equal(await codeOf(repository.commitOf(pushed)), 'COMMIT_MISSING');
  await refused[Symbol.asyncDispose]();
  t.equal(await codeOf(repository.commitOf(pushed)), 'COMMIT_MISSING', 'what was not accepted is gone');

  await using large = await repository.quarantine();
  t.equal(await codeOf(large.take(pack(`${pushed}\n`), 100, signal)), 'PUSH_TOO_LARGE');
  t.equal(await codeOf(large.take(Readable.from([Buffer.from('PACK rubbish')]), 1000, signal)), 'PUSH_BROKEN');
  await large.take(pack(''), 1000, signal);

  await using taken = await repository.quarantine();
  await taken.take(pack(`${pushed}\n^${base}\n`), 1 << 20, signal);
  const merged = await taken.merge(ours, pushed);
  t.ok('tree' in merged, 'a clean merge has a tree');
  const commit = await taken.writeCommit('tree' in merged ? merged.tree : '', [ours, pushed], {
    author: person,
    message: 'Merge',
  });
  await taken.accept();
  t.equal(await codeOf(repository.move('refs/heads/main', base, commit, 'push')), 'GIT_MOVED');
  await repository.move('refs/heads/main', ours, commit, 'push');
  await writeFile(path.join(folder, 'a.md'), (await repository.read(commit, 'a.md')) ?? '');
  await repository.settleIndex(commit);
  t.equal(await readFile(path.join(folder, 'a.md'), 'utf8'), 'one\n2\n3\nfour\n');
  t.equal(await expectWhole(folder), '');

  await writeFile(path.join(clone, 'a.md'), 'uno\n2\n3\nfour\n');
  await git(clone, 'commit', '-q', '-a', '-m', 'conflict');
  const theirs = await git(clone, 'rev-parse', 'HEAD');
  await using conflict = await repository.quarantine();
  await conflict.take(pack(`${theirs}\n^${base}\n`), 1 << 20, signal);
  const next = await bench.save({ 'a.md': 'eins\n2\n3\nfour\n' });
  t.strictSame(await conflict.merge(next, theirs), { conflicts: ['a.md'] });
});

await t.test('branches and tags are moved as git would, and a clone is answered', async (t) => {
  await using bench = await makeBench();
  const { repository, folder } = bench;
  const one = await bench.save({ 'SOUL.md': '# Ada\n' });
  await repository.move('refs/heads/feature/x', undefined, one, 'made');
  await repository.move('refs/tags/v1', undefined, one, 'made');
  t.strictSame([...(await repository.refs()).keys()], ['refs/heads/feature/x', 'refs/heads/main', 'refs/tags/v1']);
  t.equal(await codeOf(repository.move('refs/heads/feature', undefined, one, 'x')), 'GIT_MOVED');
  t.equal(await codeOf(repository.move('refs/heads/feature/x/y', undefined, one, 'x')), 'GIT_MOVED');
  t.equal(await codeOf(repository.move('refs/heads/../../HEAD', undefined, one, 'x')), 'PATH_REFUSED');
  t.equal(await codeOf(repository.move('refs/heads/none', undefined, '2'.repeat(40), 'x')), 'COMMIT_MISSING');
  await git(folder, 'pack-refs', '--all');
  t.equal(await repository.resolve('feature/x'), one);
  await repository.move('refs/heads/feature/x', one, undefined, 'gone');
  t.strictSame(await git(folder, 'for-each-ref', '--format=%(refname)'), 'refs/heads/main\nrefs/tags/v1');
  await repository.move('refs/heads/feature', undefined, one, 'made');
  t.equal(await expectWhole(folder), '');

  const { signal } = new AbortController();
  const advert = await text(await repository.upload({ advertise: true, signal }));
  t.match(advert, /refs\/heads\/feature\n/);
  const body = Readable.from([`0032want ${one}\n00000009done\n`]);
  const answer = await buffer(await repository.upload({ advertise: false, body, signal }));
  t.equal(answer.includes('PACK'), true, 'a pack comes');
});
