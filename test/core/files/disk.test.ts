import { spawnSync } from 'node:child_process';
import { chmod, link, mkdir, readdir, readlink, rename, stat, symlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { Fault } from '../../../core/base/fault.ts';
import { createId } from '../../../core/base/ids.ts';
import { createDiskFiles } from '../../../core/files/disk.ts';
import { sweepLeftovers } from '../../../core/files/leftovers.ts';
import { writeAtomically } from '../../../core/files/replace-file.ts';
import { systemCalls, type OpenFile, type SystemCalls } from '../../../core/files/system-calls.ts';
import { temporaryFolder } from '../../support/product.ts';

t.setTimeout(120_000);

await t.test(
  'a folder that becomes a link outward between any two calls of the system is neither written, read, listed nor emptied through',
  async (t) => {
    if (process.platform !== 'linux') return t.comment('not run: only Linux tells where something open lies');
    const seen: string[] = [];
    for (const doing of ['write', 'write deep', 'read', 'list', 'remove', 'remove folder', 'stat'] as const) {
      let calls = 0;
      // In round 0 nothing is swapped: it tells how many calls there are.
      for (let nth = 0; nth <= calls; nth += 1) {
        await using outside = await temporaryFolder({
          'a.txt': 'outside',
          'sub/a.txt': 'outside',
          'only/there.txt': 'x',
        });
        await using inside = await temporaryFolder({ 'folder/a.txt': 'inside', 'folder/sub/a.txt': 'inside' });
        const place = path.join(inside.path, 'folder');
        const counted = countCalls(async (call) => {
          if (call !== nth) return;
          await rename(place, path.join(inside.path, 'aside'));
          await symlink(outside.path, place);
        });
        const files = createDiskFiles(inside.path, counted.calls);
        const attempts = {
          write: () => files.write('folder/a.txt', 'new'),
          'write deep': () => files.write('folder/sub/new/deep.txt', 'new'),
          read: () => files.read('folder/a.txt'),
          list: () => files.list('folder'),
          remove: () => files.remove('folder/a.txt'),
          'remove folder': () => files.remove('folder/sub'),
          stat: () => files.stat('folder/a.txt'),
        };
        const result = await attempts[doing]().catch((error: unknown) => error);
        if (nth === 0) calls = counted.count();
        const where = `${doing}, swapped at call ${nth}`;
        if (!Fault.is(result)) {
          if (Buffer.isBuffer(result)) seen.push(`${where}: ${result.toString()}`);
          if (Array.isArray(result)) seen.push(`${where}: ${JSON.stringify(result)}`);
        }
        if (nth === 0) continue;
        const left = (await readdir(outside.path, { recursive: true })).toSorted().join(' ');
        if (left !== 'a.txt only only/there.txt sub sub/a.txt') t.fail(`${where}: outside there is now ${left}`);
        if ((await outside.read('a.txt')) !== 'outside') t.fail(`${where}: a file outside was written`);
      }
      t.ok(calls > 2 && calls < 100, `${doing}: ${calls} calls`);
    }
    t.strictSame(
      seen.filter((line) => /outside|only/.test(line)),
      [],
      'and nothing from outside was given out',
    );
  },
);

await t.test(
  'a file keeps its mode when it is replaced; a link that is replaced or removed leaves what it led to',
  async (t) => {
    await using folder = await temporaryFolder({ 'tool.sh': '#!/bin/sh', secret: 'x', target: 'kept' });
    const files = createDiskFiles(folder.path);
    await chmod(path.join(folder.path, 'tool.sh'), 0o755);
    await chmod(path.join(folder.path, 'secret'), 0o600);
    for (const name of ['tool.sh', 'secret', 'new']) await files.write(name, 'changed');
    const modeOf = async (name: string): Promise<number> => (await stat(path.join(folder.path, name))).mode & 0o777;
    t.strictSame([await modeOf('tool.sh'), await modeOf('secret'), await modeOf('new')], [0o755, 0o600, 0o644]);
    await writeAtomically(path.join(folder.path, 'key'), 'x', 0o600);
    t.equal(await modeOf('key'), 0o600);
    for (const name of ['one', 'two']) await symlink('target', path.join(folder.path, name));
    await link(path.join(folder.path, 'target'), path.join(folder.path, 'hard'));
    await files.write('one', 'its own now');
    await files.remove('two');
    await files.write('hard', 'its own too');
    t.equal(await folder.read('target'), 'kept');
    t.strictSame(
      await files.list(''),
      ['hard', 'key', 'new', 'one', 'secret', 'target', 'tool.sh'].map((name) => ({ name, kind: 'file' })),
    );
  },
);

await t.test('pipes, devices and sockets are no files: nobody waits for them', async (t) => {
  await using folder = await temporaryFolder();
  const files = createDiskFiles(folder.path);
  const made = ['mkfifo pipe', 'ln -s /dev/zero device', 'ln -s loop loop'].map(
    (command) => spawnSync('sh', ['-c', command], { cwd: folder.path }).status,
  );
  t.strictSame(made, [0, 0, 0]);
  t.equal((await faultOf(files.read('pipe'))).code, 'FILE_INVALID');
  t.equal((await faultOf(files.read('device'))).code, 'PATH_REFUSED');
  t.equal((await faultOf(files.read('loop'))).code, 'PATH_REFUSED');
  t.equal((await faultOf(files.list('loop'))).code, 'PATH_REFUSED');
  t.strictSame(await files.list('pipe'), []);
  await files.write('pipe', 'now a file');
  t.equal(await folder.read('pipe'), 'now a file');
});

await t.test('a store whose own folder lies behind a link, or is made later, is one all the same', async (t) => {
  await using real = await temporaryFolder({ 'a.txt': '1' });
  await using other = await temporaryFolder();
  await symlink(real.path, path.join(other.path, 'link'));
  const linked = createDiskFiles(path.join(other.path, 'link'));
  await linked.write('deep/b.txt', '2');
  t.equal((await linked.read('a.txt'))?.toString(), '1');
  t.equal(await real.read('deep/b.txt'), '2');
  const later = createDiskFiles(path.join(other.path, 'link/later/on'));
  t.strictSame(await later.list(''), []);
  await later.write('c.txt', '3');
  t.equal(await real.read('later/on/c.txt'), '3');
  await linked.remove('later');
  await later.write('c.txt', '4');
  t.equal(await real.read('later/on/c.txt'), '4', 'also when its folder went away in between');
});

await t.test('too few open files, as the system really refuses them, is a fault with words and harm for none', (t) => {
  const store = path.resolve(import.meta.dirname, '../../../core/files/disk.ts');
  const script = `
    import { createDiskFiles } from ${JSON.stringify(store)};
    import { mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
    import { tmpdir } from 'node:os';
    const folder = await mkdtemp(tmpdir() + '/boternity-test-');
    const files = createDiskFiles(folder);
    const writeAll = (text) => Promise.allSettled(Array.from({ length: 300 }, (_, at) => files.write('d' + at % 20 + '/a', text + at)));
    const count = (results) => results.filter(({ status }) => status === 'fulfilled').length;
    const first = await writeAll('first');
    const taken = [];
    try { for (;;) taken.push(await open(folder)); } catch {}
    const second = await writeAll('second');
    for (const handle of taken) await handle.close();
    const texts = await Promise.all(Array.from({ length: 20 }, (_, at) => readFile(folder + '/d' + at + '/a', 'utf8')));
    const left = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('bnity-tmp'));
    await files.write('d0/a', 'well again');
    console.log(JSON.stringify({
      first: count(first), second: count(second), left,
      torn: texts.filter((text) => !/^first\\d+$/.test(text)),
      last: String(await files.read('d0/a')),
      codes: [...new Set([...first, ...second].flatMap(({ reason }) => reason?.code ?? []))],
      message: second[0].reason.message,
    }));
    await rm(folder, { recursive: true });
  `;
  const ran = spawnSync('sh', ['-c', 'ulimit -n 60; exec "$0" --input-type=module', process.execPath], {
    input: script,
    encoding: 'utf8',
  });
  t.equal(ran.status, 0, ran.stderr);
  const { first, ...rest } = JSON.parse(ran.stdout || '{}') as Record<string, unknown>;
  t.ok(Number(first) > 50, `${String(first)} of 300 found their turn`);
  t.match(rest, { second: 0, left: [], torn: [], last: 'well again', codes: ['FILES_EXHAUSTED'] });
  t.match(rest.message, /^d0\/a cannot be written: too many open files\.$/);
  t.end();
});

await t.test('what the system refuses is told with the name of the file and the reason', async (t) => {
  await using folder = await temporaryFolder({ 'a.txt': 'kept', 'sub/b.txt': 'kept' });
  const sentences: Record<string, readonly string[]> = {
    ENOSPC: ['DISK_FULL', 'no space left on device'],
    EDQUOT: ['DISK_FULL', 'disk quota exceeded'],
    EROFS: ['DISK_READ_ONLY', 'read-only file system'],
    EACCES: ['DISK_READ_ONLY', 'permission denied'],
    EMFILE: ['FILES_EXHAUSTED', 'too many open files'],
    ENFILE: ['FILES_EXHAUSTED', 'file table overflow'],
    EIO: ['DISK_FAILED', 'i/o error'],
  };
  for (const [code, [fault, words]] of Object.entries(sentences)) {
    const message = `${code}: ${words}, open '/somewhere/a.txt'`;
    const { calls } = countCalls(async () => {
      throw Object.assign(new Error(message), { code });
    });
    const broken = createDiskFiles(folder.path, calls);
    t.match(await faultOf(broken.write('sub/b.txt', 'x')), {
      code: fault,
      message: `sub/b.txt cannot be written: ${words}.`,
    });
    const reading = code === 'EACCES' ? 'FILE_UNREADABLE' : fault;
    t.match(await faultOf(broken.read('a.txt')), { code: reading, message: `a.txt cannot be read: ${words}.` });
    t.match(await faultOf(broken.list('')), { code: reading, message: `The folder cannot be listed: ${words}.` });
    t.match(await faultOf(broken.remove('a.txt')), { code: fault, message: `a.txt cannot be removed: ${words}.` });
  }
  t.strictSame([await folder.read('a.txt'), await folder.read('sub/b.txt')], ['kept', 'kept']);
});

await t.test(
  'what a crash left unfinished is swept; what is being written now, and what people made, stays',
  async (t) => {
    const [old, fresh] = [createId(Date.now() - 60_000), createId(Date.now() + 60_000)];
    const kept = [
      'bots/a/SOUL.md',
      `bots/a/.${fresh}.bnity-tmp`,
      `bots/a/.git/.${old}.bnity-tmp`,
      'bots/a/mine.bnity-tmp',
    ];
    const swept = [
      `.${old}.bnity-tmp`,
      `bots/a/SOUL.md.${old}.bnity-tmp`,
      `data/a/conversations/x/.${old}.bnity-tmp/deep/file`,
      `.boternity/staging/${old}/SOUL.md`,
      `.boternity/server.json.${old}`,
      `.boternity/cache/git/some-bot/incoming/${old}/pack/pack-1.idx`,
    ];
    await using home = await temporaryFolder(Object.fromEntries([...kept, ...swept].map((file) => [file, 'x'])));
    await using outside = await temporaryFolder({ [`.${old}.bnity-tmp`]: 'x' });
    await symlink(outside.path, path.join(home.path, 'bots/link'));
    await mkdir(path.join(home.path, `.boternity/staging/${fresh}`));
    await utimes(path.join(home.path, 'bots/a/SOUL.md'), 1, 1);
    t.equal(await sweepLeftovers(home.path, { before: Date.now() }), swept.length);
    const left = (await readdir(home.path, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(home.path, path.join(entry.parentPath, entry.name)));
    t.strictSame(left.toSorted(), kept.toSorted());
    t.ok(await readlink(path.join(home.path, 'bots/link')));
    t.equal((await readdir(outside.path)).length, 1, 'a link is not followed');
    t.strictSame(await readdir(path.join(home.path, '.boternity/staging')), [fresh]);
  },
);

async function faultOf(attempt: Promise<unknown>): Promise<Fault> {
  const error: unknown = await attempt.then(
    () => new Error('it was not refused'),
    (error: unknown) => error,
  );
  if (Fault.is(error)) return error;
  throw error;
}

/** The calls of the system with something that happens before each, also before those on what is open. */
function countCalls(before: (call: number) => Promise<void>): { calls: SystemCalls; count: () => number } {
  let count = 0;
  const wrapped = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_target, key) {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function' || key === 'close') return value;
        return async (...given: unknown[]) => {
          count += 1;
          await before(count);
          const result: unknown = await Reflect.apply(value, target, given);
          return key === 'open' || key === 'openFolder' ? wrapped(result as OpenFile) : result;
        };
      },
    });
  return { calls: wrapped(systemCalls), count: () => count };
}
