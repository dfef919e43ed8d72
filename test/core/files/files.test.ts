import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Fault } from '../../../core/base/fault.ts';
import { createId, isId } from '../../../core/base/ids.ts';
import { createDiskFiles } from '../../../core/files/disk.ts';
import { filesContract } from '../../../core/files/files-contract.ts';
import { openJournal } from '../../../core/files/journal.ts';
import { createMemoryFiles } from '../../../core/files/memory.ts';
import { FolderWatcher } from '../../../core/files/watch.ts';
import { bnity, Product, startProduct, temporaryFolder, until, type Folder } from '../../support/product.ts';

t.setTimeout(120_000);

await t.test('INFR-01: the disk keeps the contract of a store', async (t) => {
  const folders: Folder[] = [];
  t.teardown(() => Promise.all(folders.map((folder) => folder[Symbol.asyncDispose]())));
  await filesContract(t, async () => {
    const folder = await temporaryFolder();
    folders.push(folder);
    return createDiskFiles(folder.path);
  });
});

await t.test('INFR-01: the memory keeps it too', (t) => filesContract(t, () => createMemoryFiles()));

await t.test(
  'a link that leads out of the store is refused by every method, one that stays inside is followed',
  async (t) => {
    await using outside = await temporaryFolder({ 'secret.txt': 'outside', 'folder/deep.txt': 'outside' });
    await using inside = await temporaryFolder({ 'here/a.txt': 'inside' });
    const place = (name: string): string => path.join(inside.path, name);
    await symlink(path.join(outside.path, 'secret.txt'), place('file-link'));
    await symlink(path.join(outside.path, 'folder'), place('folder-link'));
    await symlink(path.join(outside.path, 'not-there'), place('dangling'));
    await symlink(place('here'), place('own-link'));
    const files = createDiskFiles(inside.path);
    for (const name of ['file-link', 'folder-link/deep.txt', 'folder-link/new.txt', 'folder-link']) {
      const attempts = [
        () => files.read(name),
        () => files.stat(name),
        () => files.list(name),
        () => files.write(name, 'x'),
        () => files.remove(name),
      ];
      for (const attempt of attempts) t.equal(await codeOf(attempt()), 'PATH_REFUSED', `${name}, ${String(attempt)}`);
    }
    await files.write('dangling/new.txt', 'x').catch(() => undefined);
    await files.write('dangling', 'x').catch(() => undefined);
    t.strictSame((await readdir(outside.path)).toSorted(), ['folder', 'secret.txt'], 'nothing appeared outside');
    t.strictSame(await readdir(path.join(outside.path, 'folder')), ['deep.txt']);
    t.equal(await outside.read('secret.txt'), 'outside');
    t.equal((await files.read('own-link/a.txt'))?.toString(), 'inside');
  },
);

await t.test('a write that fails leaves the old file and nothing half-written', async (t) => {
  await using folder = await temporaryFolder({ 'a.txt': 'old', 'taken/b.txt': 'x' });
  const files = createDiskFiles(folder.path);
  t.not(await codeOf(files.write('taken', 'a folder is in the way')), undefined);
  t.not(await codeOf(files.write('a.txt/below-a-file', 'x')), undefined);
  t.strictSame((await readdir(folder.path)).toSorted(), ['a.txt', 'taken'], 'no temporary file stays');
  t.equal(await folder.read('a.txt'), 'old');
});

await t.test('a journal keeps the order of calls, and what it answered is on disk', async (t) => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'deep/journal.jsonl');
  const { journal, values } = await openJournal(file);
  t.strictSame(values, []);
  const seen: number[] = [];
  await Promise.all(
    Array.from({ length: 500 }, async (_, at) => {
      await journal.append({ at, text: 'line\nbreak' });
      if (at % 50 === 0) seen.push((await readFile(file, 'utf8')).split('\n').length - 1 - at);
    }),
  );
  t.ok(
    seen.every((ahead) => ahead > 0),
    'a line that was answered can be read',
  );
  await journal[Symbol.asyncDispose]();
  const again = await openJournal(file);
  t.strictSame(
    again.values.map((value) => (value as { at: number }).at),
    Array.from({ length: 500 }, (_, at) => at),
  );
  await again.journal.append({ at: 500 });
  await again.journal[Symbol.asyncDispose]();
  t.equal((await readFile(file, 'utf8')).trimEnd().split('\n').length, 501);
});

await t.test('a torn last line is cut off, wherever it was torn; damage before it is a fault', async (t) => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'journal.jsonl');
  const whole = '{"n":1}\n{"n":2,"text":"grüße 🦉"}\n';
  const last = Buffer.from('{"n":3,"text":"grüße 🦉"}\n');
  for (let length = 1; length < last.length; length += 1) {
    await writeFile(file, Buffer.concat([Buffer.from(whole), last.subarray(0, length)]));
    const { journal, values, torn } = await openJournal(file);
    await journal.append({ n: 4 });
    await journal[Symbol.asyncDispose]();
    if (values.length !== 2 || torn === undefined) t.fail(`torn after ${length} bytes: ${values.length} lines`);
    if ((await readFile(file, 'utf8')) !== `${whole}{"n":4}\n`) t.fail(`torn after ${length} bytes: not cut clean`);
  }
  await writeFile(file, whole);
  t.equal((await openJournal(file)).torn, undefined, 'a whole one is not called torn');
  for (const damage of ['{"n":1}\n{"n":\n{"n":3}\n', '\0\0\0\0\n{"n":2}\n', '{"n":1}\nnonsense\n{"n":3}']) {
    await writeFile(file, damage);
    const fault = await openJournal(file).catch((error: unknown) => error);
    t.ok(Fault.is(fault) && fault.code === 'JOURNAL_TORN', JSON.stringify(damage));
    t.equal(await readFile(file, 'utf8'), damage, 'and nothing is thrown away');
  }
});

await t.test('ids rise strictly, also within a millisecond and when the clock steps back', (t) => {
  const ids = Array.from({ length: 20_000 }, (_, at) => createId(at % 7 === 0 ? 1_000 : Date.now()));
  t.ok(ids.every((id, at) => isId(id) && (at === 0 || id > (ids[at - 1] ?? ''))));
  t.notOk(isId('01a1fc69-189a-4001-ad26-a82fa194d4be'), 'another version is none');
  t.end();
});

await t.test(
  'a watch tells of every path that changed, also in folders that came after it and that were replaced',
  async (t) => {
    await using folder = await temporaryFolder({ 'bots/a/SOUL.md': '1', 'ignored/x': '1' });
    const heard = new Set<string>();
    using watcher = new FolderWatcher(folder.path, {
      enter: (name) => !name.startsWith('ignored'),
      onChange: (paths) => paths.forEach((changed) => heard.add(changed)),
    });
    await watcher.add();
    const hears = (what: string): Promise<true> => until(`the watch tells of ${what}`, () => heard.has(what), 2_000);
    await folder.write('bots/a/SOUL.md', '2');
    await hears('bots/a/SOUL.md');
    await folder.write('bots/b/deep/er/new.md', '1');
    await hears('bots/b/deep/er/new.md');
    heard.clear();
    await folder.write('bots/b/deep/er/new.md', '2');
    await hears('bots/b/deep/er/new.md');
    await createDiskFiles(folder.path).remove('bots/b');
    await hears('bots/b');
    await folder.write('bots/b/deep/er/new.md', '3');
    heard.clear();
    await sleep(150);
    await folder.write('bots/b/deep/er/new.md', '4');
    await hears('bots/b/deep/er/new.md');
    await folder.write('ignored/x', '2');
    await createDiskFiles(folder.path).write('bots/a/SOUL.md', '3');
    await hears('bots/a/SOUL.md');
    t.notOk([...heard].some((name) => name.startsWith('ignored/') || name.endsWith('.bnity-tmp')));
    heard.clear();
    const growing = Promise.all(
      Array.from({ length: 40 }, (_, at) =>
        sleep(at * 10).then(() => appendFile(path.join(folder.path, 'bots/a/log'), 'x')),
      ),
    );
    await hears('bots/a/log');
    t.ok(heard.size > 0, 'a file that never rests is told all the same');
    await growing;
  },
);

await t.test(
  'a second server on a home is refused with the address of the first; a killed one is taken over',
  async (t) => {
    await using first = await startProduct();
    const second = await bnity(['serve', '--port', '0', '--home', first.home]);
    t.equal(second.code, 1);
    t.match(second.stderr, 'HOME_LOCKED');
    t.match(second.stderr, `in use by the server at ${first.url} (process ${first.pid})`);
    t.match(second.stderr, '--home', 'and what to do');
    t.match(await first.owner(), { url: first.url, pid: first.pid }, 'the first keeps its place');
    const { pid } = first;
    await first.kill9();
    t.match(await first.owner(), { pid }, 'a killed server leaves its file');
    await first.start();
    await until('the note', () => first.heard.stdout.includes('Ctrl+C'));
    t.match(first.heard.stdout, `took the place of process ${pid}, which ended without a word`);
    const { code, stderr } = await first.stop('SIGINT');
    t.equal(code, 0);
    t.match(stderr, 'Stopping');
    t.equal(await first.owner(), undefined, 'an orderly stop frees the home');
    await first.files.write('.boternity/server.json', '{"pid":1,"start":"another boot:1","url":"http://127.0.0.1:1"}');
    await first.start();
    t.pass('a pid that now belongs to somebody else is no owner');
    await first.stop();
    await first.files.write('.boternity/server.json', '{"pi');
    await first.start();
    t.pass('nor is a torn file');
    await first.stop();
    if (process.platform !== 'linux') return;
    await using unburied = await endedChild();
    await first.files.write('.boternity/server.json', JSON.stringify({ ...unburied.owner, url: 'http://127.0.0.1:1' }));
    await first.start();
    t.pass('nor is a process that ended and that its parent has not buried');
  },
);

await t.test('of five that start at once on one home exactly one runs, also over the file of a dead one', async (t) => {
  for (const before of [undefined, '{"pid":999999,"start":"another boot:1","url":"http://127.0.0.1:1"}']) {
    await using home = await temporaryFolder(before === undefined ? {} : { '.boternity/server.json': before });
    await using undo = new AsyncDisposableStack();
    const starters = Array.from({ length: 5 }, () => {
      const files = { ...home, [Symbol.asyncDispose]: async () => undefined };
      return undo.use(new Product(files, {}));
    });
    const results = await Promise.allSettled(starters.map((starter) => starter.start()));
    const winners = starters.filter((_, at) => results[at]?.status === 'fulfilled');
    t.equal(winners.length, 1, 'one runs');
    t.match(await winners[0]?.owner(), { pid: winners[0]?.pid, url: winners[0]?.url });
    for (const result of results) if (result.status === 'rejected') t.match(String(result.reason), 'HOME_LOCKED');
    const { bots } = (await winners[0]?.client.call('bots.list', {})) ?? { bots: [] };
    t.equal(bots.length, 1);
    t.strictSame(
      (await readdir(path.join(home.path, '.boternity'))).filter((name) => /takeover|server\.json\./.test(name)),
      [],
    );
  }
});

await t.test('commands without a server wait for each other instead of failing', async (t) => {
  await using home = await temporaryFolder();
  await mkdir(path.join(home.path, 'bots'), { recursive: true });
  const names = ['Ada', 'Bob', 'Cleo'];
  const ran = await Promise.all(names.map((name) => bnity(['create', name, '--home', home.path])));
  t.strictSame(
    ran.map(({ code }) => code),
    [0, 0, 0],
    ran.map(({ stderr }) => stderr).join(''),
  );
  for (const name of names) t.ok(existsSync(path.join(home.path, 'bots', name.toLowerCase(), 'SOUL.md')));
});

/** A process that has ended, with a parent that never asks for its exit code (proc(5): state Z), as the owner of a home. */
async function endedChild(): Promise<AsyncDisposable & { readonly owner: { pid: number; start: string } }> {
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 600'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(String(said));
  const fields = await until('its end', async () => {
    const line = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' && fields;
  });
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  return {
    owner: { pid, start: `${boot.trim()}:${fields[19]}` },
    async [Symbol.asyncDispose]() {
      parent.kill('SIGKILL');
      await once(parent, 'exit');
    },
  };
}

async function codeOf(attempt: Promise<unknown>): Promise<string | undefined> {
  return attempt.then(
    () => undefined,
    (error: unknown) => (Fault.is(error) ? error.code : String(error)),
  );
}
