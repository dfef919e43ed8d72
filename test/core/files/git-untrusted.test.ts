import { chmod, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import t from 'tap';
import { Fault } from '../../../core/base/fault.ts';
import type { Repository } from '../../../core/files/git/repository.ts';
import { gitWith, makeBench, packOf, person, plainGit } from '../../support/git.ts';
import { temporaryFolder, type Folder } from '../../support/product.ts';

t.setTimeout(180_000);
const { signal } = new AbortController();
const toFault = (error: unknown): Fault => Fault.from(error);

/** Every hook that git knows and that something here could set off. */
const hooks = `applypatch-msg pre-applypatch post-applypatch pre-commit pre-merge-commit prepare-commit-msg commit-msg
  post-commit pre-rebase post-checkout post-merge pre-push pre-receive update proc-receive post-receive post-update
  reference-transaction push-to-checkout pre-auto-gc post-rewrite fsmonitor-watchman post-index-change`.split(/\s+/);

await t.test(
  'nothing that a repository or a machine configures runs, whatever is asked of the repository',
  async (t) => {
    await using plants = await temporaryFolder();
    await using bench = await makeBench();
    await using machine = await temporaryFolder();
    const { folder, repository } = bench;
    const first = await bench.save({ 'SOUL.md': '# Ada\n', 'other.md': '1\n2\n3\n' });
    const config = await plant(plants);
    await writeFile(path.join(folder, '.git/config'), `[core]\n\trepositoryformatversion = 0\n${config}`);
    await mkdir(path.join(folder, '.git/hooks'));
    for (const hook of hooks) await script(path.join(folder, '.git/hooks', hook), plants, `hook-${hook}`);
    await writeFile(path.join(folder, '.git/info/attributes'), '* filter=x diff=x merge=x\n');
    for (const file of ['.gitconfig', '.config/git/config', 'system']) await machine.write(file, config);
    await machine.write('.config/git/attributes', '* filter=x diff=x merge=x\n');
    const environment = {
      HOME: machine.path,
      XDG_CONFIG_HOME: path.join(machine.path, '.config'),
      GIT_CONFIG_SYSTEM: path.join(machine.path, 'system'),
      GIT_CONFIG_NOSYSTEM: undefined,
      GIT_EXTERNAL_DIFF: path.join(plants.path, 'run/env-diff'),
      GIT_SSH_COMMAND: path.join(plants.path, 'run/env-ssh'),
      GIT_PAGER: path.join(plants.path, 'run/env-pager'),
      GIT_EDITOR: path.join(plants.path, 'run/env-editor'),
    };

    await t.test('the plants work: plain git runs them', async (t) => {
      const env = { ...plainGit, ...environment };
      await writeFile(path.join(folder, 'SOUL.md'), '# Ada, by hand\n');
      await writeFile(path.join(folder, '.gitattributes'), '* filter=x diff=x merge=x\n');
      const unsigned = ['-c', 'commit.gpgSign=false', 'commit', '-a', '-m', 'x'];
      const commands = [
        ['status'],
        ['add', '-A'],
        ['commit', '-m', 'x'],
        unsigned,
        ['checkout', '-q', '-b', 'b', first],
      ];
      commands.push(['-c', 'filter.x.clean=cat', ...unsigned, '--allow-empty'], ['diff', 'HEAD', 'main']);
      commands.push(['merge', '--no-gpg-sign', 'main'], ['log', '-p', '-1', 'main'], ['x'], ['y'], ['fetch', 'ext']);
      commands.push(['fetch', 'ssh'], ['blame', 'SOUL.md'], ['show', '--textconv', 'main:SOUL.md'], ['gc', '--auto']);
      commands.push(['-c', 'core.editor=', 'commit', '--amend']);
      for (const command of commands) await gitWith(env, folder, ...command).catch(() => undefined);
      const ran = await ranOf(plants);
      const expected = [
        'fsmonitor',
        'clean',
        'smudge',
        'hook-pre-commit',
        'hook-post-checkout',
        'hook-reference-transaction',
      ];
      for (const name of [...expected, 'alias', 'ext', 'env-ssh', 'env-diff', 'textconv', 'gpg'])
        t.ok(ran.has(name), name);
    });
    await rm(path.join(folder, '.git/index'), { force: true });
    await gitWith(
      plainGit,
      folder,
      '-c',
      'core.hooksPath=/dev/null',
      '-c',
      'core.fsmonitor=false',
      'symbolic-ref',
      'HEAD',
      'refs/heads/main',
    );
    await rm(path.join(plants.path, 'ran'), { recursive: true });

    const before = { ...process.env };
    Object.assign(process.env, environment);
    delete process.env['GIT_CONFIG_NOSYSTEM'];
    t.teardown(() => {
      for (const name of Object.keys(environment)) delete process.env[name];
      Object.assign(process.env, before);
    });
    for (const [name, call] of callsOf(repository, folder)) {
      const answer = await call().catch((error: unknown) => Fault.from(error).code);
      t.strictSame([...(await ranOf(plants))], [], `${name} runs nothing`);
      t.notMatch(answer, /^(GIT|INTERNAL|COMMIT)/, `${name} does its work`);
    }
    await bench.repositories.clone(folder, path.join(machine.path, 'clone'), signal);
    const fault = await bench.repositories
      .clone('ssh://127.0.0.1:1/x', path.join(machine.path, 'b'), signal)
      .catch(toFault);
    t.match(fault, { code: 'CLONE_FAILED' });
    t.strictSame([...(await ranOf(plants))], [], 'a clone runs nothing');
  },
);

await t.test('a repository that reaches out of its folder is not used, and says why', async (t) => {
  const outside = await makeBench();
  t.teardown(() => outside[Symbol.asyncDispose]());
  const secret = await outside.save({ 'secret.txt': 'secret\n' });
  const other = path.join(outside.folder, '.git');
  const ways: [string, RegExp, (gitDir: string) => Promise<unknown>][] = [
    ['alternates', /alternates/, (dir) => writeFile(path.join(dir, 'objects/info/alternates'), `${other}/objects\n`)],
    ['commondir', /commondir/, (dir) => writeFile(path.join(dir, 'commondir'), other)],
    ['objects', /objects/, (dir) => replace(dir, 'objects', `${other}/objects`)],
    ['refs', /refs/, (dir) => replace(dir, 'refs', `${other}/refs`)],
    ['refs/heads', /refs\/heads/, (dir) => replace(dir, 'refs/heads', `${other}/refs/heads`)],
    ['HEAD', /HEAD/, (dir) => replace(dir, 'HEAD', `${other}/HEAD`)],
    ['packed-refs', /packed-refs/, (dir) => replace(dir, 'packed-refs', `${other}/HEAD`)],
    ['index', /index/, (dir) => replace(dir, 'index', `${other}/index`)],
    [
      'a folder of objects',
      /objects\/../,
      (dir) => replace(dir, `objects/${secret.slice(0, 2)}`, `${other}/objects/${secret.slice(0, 2)}`),
    ],
    [
      'the repository',
      /symbolic link/,
      async (dir) => {
        await rename(dir, `${dir}-moved`);
        await symlink(other, dir);
      },
    ],
    [
      'a file',
      /points to/,
      async (dir) => {
        await rename(dir, `${dir}-moved`);
        await writeFile(dir, `gitdir: ${other}\n`);
      },
    ],
  ];
  for (const [name, why, plantWay] of ways) {
    await using bench = await makeBench();
    const head = await bench.save({ 'SOUL.md': '# Ada\n' });
    await plantWay(path.join(bench.folder, '.git'));
    const faults = [
      await bench.repository.read(secret, 'secret.txt').catch(toFault),
      await bench.repository.commitAll({ author: person, message: 'x' }).catch(toFault),
      await bench.repository.commit(new Map([['SOUL.md', 'x']]), { author: person, message: 'x' }).catch(toFault),
      await bench.repository.diff(undefined, head).catch(toFault),
      await bench.repository.upload({ advertise: true, signal }).catch(toFault),
    ];
    t.strictSame(
      faults.map((fault) => (Fault.is(fault) ? fault.code : fault)),
      Array(5).fill('GIT_UNTRUSTED'),
      name,
    );
    t.match(Fault.from(faults[0]).message, why, name);
  }
  t.equal((await outside.repository.standing()).head, secret, 'the other repository is as it was');
  await using bench = await makeBench();
  await bench.save({ 'SOUL.md': '# Ada\n' });
  await replace(path.join(bench.folder, '.git'), 'refs/heads/main', `${other}/refs/heads/main`);
  const { repository } = bench;
  const asked = [() => repository.refs(), () => repository.standing(), () => bench.save({ 'SOUL.md': 'x' })];
  for (const ask of asked) {
    t.match(await ask().catch(toFault), { code: 'GIT_UNTRUSTED', message: /link/ });
  }
});

await t.test('a linked object or pack is not read by git either', async (t) => {
  await using outside = await makeBench();
  await using bench = await makeBench();
  const secret = await outside.save({ 'secret.txt': 'secret\n' });
  const head = await bench.save({ 'SOUL.md': '# Ada\n' });
  const from = path.join(outside.folder, '.git/objects', secret.slice(0, 2));
  const to = path.join(bench.folder, '.git/objects', secret.slice(0, 2));
  await mkdir(to, { recursive: true });
  await symlink(path.join(from, secret.slice(2)), path.join(to, secret.slice(2)));
  const { repository } = bench;
  const asked = [() => repository.commitOf(secret), () => repository.diff(undefined, head), () => repository.verify()];
  for (const ask of asked) t.match(await ask().catch(toFault), { code: 'GIT_UNTRUSTED' });
});

await t.test('objects that are not what their name says are told, never given', async (t) => {
  await using bench = await makeBench();
  const { repository, folder } = bench;
  const head = await bench.save({ 'SOUL.md': '# Ada\n', 'b.md': 'b\n' });
  const [one, two] = await repository.files(head);
  const place = (id = ''): string => path.join(folder, '.git/objects', id.slice(0, 2), id.slice(2));
  await rm(place(one?.id));
  await rename(place(two?.id), place(one?.id));
  t.match(await repository.read(head, one?.path ?? '').catch(toFault), { code: 'GIT_DAMAGED' });
  t.match(await repository.read(head, two?.path ?? '').catch(toFault), { code: 'GIT_DAMAGED' });
  t.not((await repository.verify()).length, 0);
});

/** Everything that can be asked of a repository. */
function callsOf(repository: Repository, folder: string): [string, () => Promise<unknown>][] {
  const meta = { author: person, message: 'Ours' };
  const head = async (): Promise<string> => (await repository.standing()).head ?? '';
  return [
    ['exists', () => repository.exists()],
    ['init', () => repository.init()],
    ['standing', head],
    ['dirty', () => repository.dirty()],
    [
      'commitAll',
      async () => {
        await writeFile(path.join(folder, 'new.md'), 'new\n');
        return (await repository.commitAll(meta)) ?? 'GIT: nothing was new';
      },
    ],
    [
      'commit',
      async () => {
        await writeFile(path.join(folder, 'SOUL.md'), '# ours\n');
        return repository.commit(new Map([['SOUL.md', '# ours\n']]), meta);
      },
    ],
    ['resolve', () => repository.resolve('main~1')],
    ['commitOf', async () => (await repository.commitOf(await head())).id],
    ['files', async () => repository.files(await head())],
    ['read', async () => repository.read(await head(), 'SOUL.md')],
    ['log', async () => repository.log({ limit: 5 })],
    ['log of a file', async () => repository.log({ limit: 5, path: 'SOUL.md' })],
    ['changed', async () => repository.changed(undefined, await head())],
    ['diff', async () => repository.diff(await repository.resolve('main~1'), await head())],
    ['blame', async () => repository.blame(await head(), 'SOUL.md')],
    ['isAncestor', async () => repository.isAncestor((await repository.resolve('main~2')) ?? '', await head())],
    ['merge', async () => repository.merge(await head(), (await repository.resolve('b')) ?? '')],
    ['move', async () => repository.move('refs/heads/y', undefined, await head(), 'x')],
    ['refs', () => repository.refs()],
    ['settleIndex', async () => repository.settleIndex(await head())],
    [
      'quarantine',
      async () => {
        await using quarantine = await repository.quarantine();
        await quarantine.take(packOf(folder, `${await head()}\n`), 1 << 20, signal);
        await quarantine.isComplete(await head());
        await quarantine.accept();
      },
    ],
    ['upload', async () => buffer(await repository.upload({ advertise: true, signal, protocol: 'version=2' }))],
    [
      'fetch',
      async () => {
        const body = Readable.from([`0032want ${await head()}\n00000009done\n`]);
        return buffer(await repository.upload({ advertise: false, signal, body }));
      },
    ],
    ['verify', async () => (await repository.verify()).join('\n')],
    [
      'tidy',
      async () => {
        const many = Array.from({ length: 320 }, (_, at): [string, string] => [`many/${at}`, `${at}\n`]);
        await repository.commit(new Map(many), meta);
        await repository.tidy();
        const left = await readdir(path.join(folder, '.git/objects'));
        return left.length < 10 ? 'packed' : 'GIT: nothing was packed';
      },
    ],
    ['packed read', async () => repository.read(await head(), 'SOUL.md')],
  ];
}

/** Programs that leave a mark when they run, and a configuration that names them wherever git takes a program. */
async function plant(plants: Folder): Promise<string> {
  const programs = [
    'fsmonitor',
    'clean',
    'smudge',
    'process',
    'textconv',
    'command',
    'merge',
    'alias',
    'editor',
    'pager',
  ];
  programs.push(
    'ssh',
    'askpass',
    'credential',
    'gpg',
    'ext',
    'pack-hook',
    'alternate-refs',
    'proxy',
    'trailer',
    'include',
  );
  for (const name of [...programs, 'env-diff', 'env-ssh', 'env-pager', 'env-editor']) {
    await script(path.join(plants.path, 'run', name), plants, name);
  }
  const run = (name: string): string => path.join(plants.path, 'run', name);
  await plants.write('included', `[alias]\n\ty = !${run('include')}\n[core]\n\tfsmonitor = ${run('fsmonitor')}\n`);
  return `
[core]
	fsmonitor = ${run('fsmonitor')}
	editor = ${run('editor')}
	pager = ${run('pager')}
	sshCommand = ${run('ssh')}
	askPass = ${run('askpass')}
	gitProxy = ${run('proxy')}
	alternateRefsCommand = ${run('alternate-refs')}
	attributesFile = ${path.join(plants.path, 'attributes')}
[include]
	path = ${path.join(plants.path, 'included')}
[filter "x"]
	clean = ${run('clean')}
	smudge = ${run('smudge')}
[diff]
	external = ${run('command')}
[diff "x"]
	textconv = ${run('textconv')}
[merge "x"]
	driver = ${run('merge')} %O %A %B
[alias]
	x = !${run('alias')}
[credential]
	helper = !${run('credential')}
[commit]
	gpgSign = true
[gpg]
	program = ${run('gpg')}
[log]
	showSignature = true
[protocol]
	allow = always
[protocol "ext"]
	allow = always
[uploadpack]
	packObjectsHook = ${run('pack-hook')}
[trailer "x"]
	command = ${run('trailer')}
[gc]
	auto = 1
[remote "ext"]
	url = ext::${run('ext')} x
	fetch = +refs/heads/*:refs/remotes/ext/*
[remote "ssh"]
	url = ssh://127.0.0.1:1/x
	promisor = true
	partialCloneFilter = blob:none
[extensions]
	partialClone = ssh
`;
}

async function script(file: string, plants: Folder, name: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const ran = path.join(plants.path, 'ran');
  await writeFile(file, `#!/bin/sh\nmkdir -p '${ran}'\n: > '${ran}/${name}'\n`);
  await chmod(file, 0o755);
}

async function ranOf(plants: Folder): Promise<Set<string>> {
  return new Set(await readdir(path.join(plants.path, 'ran')).catch(() => []));
}

async function replace(gitDir: string, name: string, target: string): Promise<void> {
  const place = path.join(gitDir, name);
  await rm(place, { recursive: true, force: true });
  await symlink(target, place);
}
