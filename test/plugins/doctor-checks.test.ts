import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readlink, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import t from 'tap';
import type { Finding } from '../../core/boot/checks.ts';
import { nodeOld, watchesLow } from '../../plugins/doctor/checks/machine.ts';
import { unifiedDiff } from '../../core/files/unified-diff.ts';
import { find, planOf, type Plan } from '../support/doctor-patient.ts';
import { bnity, startProduct, temporaryFolder } from '../support/product.ts';

t.setTimeout(120_000);

await t.test('git that is missing or old, a full disk, a clock that is wrong', async (t) => {
  await using tools = await temporaryFolder({ git: '#!/bin/sh\necho git version 2.30.1\n' });
  await chmod(path.join(tools.path, 'git'), 0o755);
  await using folder = await temporaryFolder();
  const run = async (PATH: string): Promise<Plan> => {
    const { stdout } = await bnity(['doctor', '--json', '--home', folder.path], { env: { PATH } });
    return JSON.parse(stdout) as Plan;
  };
  await bnity(['list', '--home', folder.path]);
  t.match(find(await run('/nowhere'), 'GIT_MISSING'), { level: 'warning', fix: null, advice: /2\.38/ });
  t.match(find(await run(`${tools.path}:/bin`), 'GIT_OLD'), { message: /2\.30\.1/ });
  const well = await run(process.env['PATH'] ?? '');
  t.notOk(find(well, 'GIT_MISSING') ?? find(well, 'GIT_OLD') ?? find(well, 'CLOCK_WRONG'));

  const ahead = new Date(Date.now() + 24 * 60 * 60 * 1000);
  await utimes(path.join(folder.path, 'settings.yaml'), ahead, ahead);
  t.match(find(await run(process.env['PATH'] ?? ''), 'CLOCK_WRONG'), { message: /settings\.yaml/ });
});

await t.test('a disk with little room', async (t) => {
  await using folder = await temporaryFolder();
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder.path], { encoding: 'utf8' });
  if (mounted.status !== 0) return t.comment(`not tried: ${mounted.error?.message ?? mounted.stderr}`);
  try {
    await bnity(['list', '--home', folder.path]);
    const plan = await planOf(folder.path);
    t.match(find(plan, 'DISK_LOW'), { level: 'error', message: /has [34] MB left/, fix: null, advice: /Free some/ });
    t.equal(plan.code, 5);
  } finally {
    spawnSync('umount', [folder.path]);
  }
});

await t.test('a port that somebody else has, and a server that ended without a word', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  await using product = await startProduct();
  await product.files.write('settings.yaml', `port: ${port}\n`);
  t.equal(
    find((await product.client.call('doctor.plan', {})) as Plan, 'PORT_TAKEN'),
    undefined,
    'a running server has its own',
  );
  await product.kill9();
  const plan = await planOf(product.home);
  t.match(find(plan, 'PORT_TAKEN'), { level: 'warning', message: new RegExp(`${port}`), fix: null });
  t.match(find(plan, 'SERVER_FILE_STALE'), { level: 'info', message: /ended without a word/ });
  other.close();
  await once(other, 'close');
  const after = await planOf(product.home);
  t.notOk(find(after, 'PORT_TAKEN') ?? find(after, 'SERVER_FILE_STALE'));
});

await t.test(
  'two bots with one id, and a table that cannot be read: told while the server runs, made good by its next start',
  async (t) => {
    await using product = await startProduct({ files: { 'bots/ada/SOUL.md': 'Ada.\n', 'bots/eve/SOUL.md': 'Eve.\n' } });
    const read = async (): Promise<Record<string, string>> =>
      JSON.parse((await product.files.read('.boternity/bots.json')) ?? '') as Record<string, string>;
    const { ada = '' } = await read();
    await product.files.write('.boternity/bots.json', JSON.stringify({ ada, eve: ada }));
    const told = (await product.client.call('doctor.plan', {})) as Plan;
    t.match(find(told, 'BOT_IDS', 'eve'), { level: 'error', fix: null, advice: /Restart the server/ });
    await product.stop();
    await product.start();
    const now = await read();
    t.equal(new Set(Object.values(now)).size, 2, 'each has its own');
    t.equal(find((await product.client.call('doctor.plan', {})) as Plan, 'BOT_IDS'), undefined);

    await product.files.write('.boternity/bots.json', '{ broken');
    const broken = await product.cli(['doctor', '--json']);
    t.match(find(JSON.parse(broken.stdout) as Plan, 'BOT_IDS'), { level: 'error', message: /no JSON/ });
    t.equal(broken.code, 5);
    await product.stop();
    const after = await planOf(product.home);
    t.match(
      find(after, 'FILES_BROKEN'),
      { level: 'warning', message: /bots\.json.*made anew/ },
      'the start says what it did',
    );
    t.equal(after.code, 0);
  },
);

await t.test('a version of Node and a number of watches that are too small', async (t) => {
  t.match(await nodeOld('24.11.9'), [{ level: 'error', advice: /24\.12/ }]);
  t.strictSame(await nodeOld('24.12.0'), []);
  t.strictSame(await nodeOld('26.0.0'), []);
  const limits = t.testdir({ max_user_watches: '130\n' });
  const homeOf = (bots: number) => ({
    files: { list: async () => Array.from({ length: bots }, (_, at) => ({ name: `b${at}`, kind: 'folder' as const })) },
  });
  const look = (bots: number): Promise<Finding[]> =>
    watchesLow(homeOf(bots) as unknown as Parameters<typeof watchesLow>[0], limits);
  t.strictSame(await look(2), []);
  t.match(await look(50), [{ message: /130 folders .* 50 bots/, advice: /sysctl -w fs\.inotify\.max_user_watches=/ }]);
});

await t.test('a link in the place of a key is not followed', async (t) => {
  await using folder = await temporaryFolder({ 'outside.txt': 'x' });
  await bnity(['list', '--home', folder.path]);
  await symlink(path.join(folder.path, 'outside.txt'), path.join(folder.path, '.boternity/evil.key'));
  await chmod(path.join(folder.path, 'outside.txt'), 0o644);
  await planOf(folder.path, '--apply');
  t.equal((await stat(path.join(folder.path, 'outside.txt'))).mode & 0o777, 0o644);
  t.ok(await readlink(path.join(folder.path, '.boternity/evil.key')));
});

await t.test('a diff is what the tools of others read: far changes, new files, no line break at the end', async (t) => {
  const long = Array.from({ length: 60 }, (_, at) => `line ${at}\n`).join('');
  const cases: [string, string][] = [
    [long, long.replace('line 5\n', 'line five\n').replace('line 50\n', '')],
    [long, `first\n${long}last`],
    ['', 'new\nfile\n'],
    ['a\nb', 'a\nb\n'],
    ['a\nb\nc\n', 'c\n'],
  ];
  for (const [before, after] of cases) {
    await using folder = await temporaryFolder();
    await mkdir(path.join(folder.path, 'deep'));
    if (before !== '') await writeFile(path.join(folder.path, 'deep/file.txt'), before);
    const diff = unifiedDiff('deep/file.txt', before, after);
    const { status, stderr } = spawnSync('git', ['apply', '-'], {
      cwd: folder.path,
      input: diff,
      encoding: 'utf8',
      env: { ...process.env, GIT_CEILING_DIRECTORIES: path.dirname(folder.path) },
    });
    t.equal(status, 0, `${stderr}\n${diff}`);
    t.equal(await folder.read('deep/file.txt'), after);
  }
  t.equal(unifiedDiff('same', 'x', 'x'), '');
  t.end();
});
