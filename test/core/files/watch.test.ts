import { execFileSync } from 'node:child_process';
import { watch } from 'node:fs';
import { appendFile, copyFile, mkdir, open, readFile, rename, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { createDiskFiles } from '../../../core/files/disk.ts';
import { FolderWatcher, type WatchOptions } from '../../../core/files/watch.ts';
import { temporaryFolder, until, type Folder } from '../../support/product.ts';

t.setTimeout(300_000);

/** Longest wait for an event, in milliseconds; not what it should take. */
const PATIENCE_MS = 30_000;
/** Nothing more comes after a rest of this length, in milliseconds. */
const REST_MS = 300;

/** What a watch heard, and the folder it watches. */
interface Watched extends AsyncDisposable {
  readonly folder: Folder;
  readonly watcher: FolderWatcher;
  readonly heard: Set<string>;
  /** Waits until all of these are told, since the last `forget`. */
  hears(...paths: readonly string[]): Promise<void>;
  /** Forgets what was heard, when nothing more comes. */
  forget(): Promise<void>;
}

type Begin = (files?: Record<string, string>, options?: Partial<WatchOptions>) => Promise<Watched>;

function beginWith(system?: WatchOptions['system']): Begin {
  return async (files = {}, options = {}) => {
    const folder = await temporaryFolder(files);
    const heard = new Set<string>();
    const watcher = new FolderWatcher(folder.path, {
      enter: (name) => !name.split('/').some((part) => part.startsWith('.')) && !name.startsWith('ignored'),
      onChange: (paths) => paths.forEach((changed) => heard.add(changed)),
      readEveryMs: 100,
      ...(system && { system }),
      ...options,
    });
    await watcher.add();
    return {
      folder,
      watcher,
      heard,
      async hears(...paths) {
        const missing = (): string[] => paths.filter((name) => !heard.has(name));
        await until(`the watch tells of ${missing().slice(0, 5).join()}`, () => missing().length === 0, PATIENCE_MS);
      },
      async forget() {
        for (let before = -1; before !== heard.size; await sleep(REST_MS)) before = heard.size;
        heard.clear();
      },
      async [Symbol.asyncDispose]() {
        watcher[Symbol.dispose]();
        await folder[Symbol.asyncDispose]();
      },
    };
  };
}

const editors: Readonly<Record<string, (file: string, text: string) => Promise<unknown>>> = {
  'writing in place': (file, text) => writeFile(file, text),
  async 'truncating, resting and writing'(file, text) {
    await truncate(file, 0);
    await sleep(30);
    const handle = await open(file, 'r+');
    for (const letter of text) await handle.write(letter);
    await handle.close();
  },
  async 'a new file and rename'(file, text) {
    await writeFile(`${file}.tmp-4711`, text);
    await rename(`${file}.tmp-4711`, file);
  },
  async 'vim: probe, backup by rename, new file'(file, text) {
    const probe = path.join(path.dirname(file), '4913');
    await writeFile(probe, '');
    await unlink(probe);
    await rename(file, `${file}~`);
    await writeFile(file, text);
    await unlink(`${file}~`);
  },
  async 'emacs: backup by copy, writing in place, lock as a link'(file, text) {
    await copyFile(file, `${file}~`);
    await writeFile(file, text);
    await unlink(`${file}~`);
  },
  async 'removing and writing anew'(file, text) {
    await unlink(file);
    await writeFile(file, text);
  },
};

const noWatches: NonNullable<WatchOptions['system']> = () => {
  throw Object.assign(new Error('ENOSPC: System limit for number of file watchers reached'), { code: 'ENOSPC' });
};

for (const [name, system] of [
  ['the watch of the system', undefined],
  ['reading from time to time', noWatches],
] as const) {
  await t.test(`${name} keeps the contract of a watch`, (t) => watchContract(t, beginWith(system)));
}

/** What every way of watching must keep. */
async function watchContract(t: Test, begin: Begin): Promise<void> {
  await t.test('every way in which editors save is heard', async (t) => {
    await using watched = await begin({ 'bots/a/SOUL.md': 'old', 'bots/a/skills/x/SKILL.md': 'old' });
    const { folder } = watched;
    const soul = path.join(folder.path, 'bots/a/SOUL.md');
    for (const [editor, save] of Object.entries(editors)) {
      await watched.forget();
      await save(soul, `saved by ${editor}`);
      await watched.hears('bots/a/SOUL.md');
      t.equal(await readFile(soul, 'utf8'), `saved by ${editor}`, editor);
    }
    await watched.forget();
    await editors['a new file and rename']?.(path.join(folder.path, 'bots/a/skills/x/SKILL.md'), 'deep');
    await watched.hears('bots/a/skills/x/SKILL.md');
  });

  await t.test('what is written right after its folders were made is heard', async () => {
    await using watched = await begin({ 'bots/a/SOUL.md': '1' });
    for (let round = 0; round < 5; round += 1) {
      await watched.folder.write(`bots/b${round}/deep/er/file.md`, '1');
      await watched.hears(`bots/b${round}/deep/er/file.md`);
      await watched.folder.write(`bots/b${round}/deep/er/file.md`, '2 and longer');
      await watched.folder.write(`bots/b${round}/deep/late.md`, '1');
      await watched.hears(`bots/b${round}/deep/late.md`);
    }
  });

  await t.test(
    'folders that come, go and come again under the same name, and those that are renamed, are followed',
    async () => {
      await using watched = await begin({ 'bots/a/skills/SKILL.md': '1' });
      const place = (name: string): string => path.join(watched.folder.path, name);
      for (let round = 0; round < 4; round += 1) {
        await rm(place('bots/a'), { recursive: true });
        await watched.folder.write('bots/a/skills/SKILL.md', `round ${round}`);
        await rm(place('bots/a/skills'), { recursive: true });
        await watched.folder.write('bots/a/skills/SKILL.md', `round ${round}, again`);
        await watched.hears('bots/a/skills/SKILL.md');
        await watched.forget();
        await watched.folder.write('bots/a/skills/SKILL.md', `round ${round}, once more and longer`);
        await watched.hears('bots/a/skills/SKILL.md');
        await watched.forget();
      }
      await rename(place('bots/a'), place('bots/b'));
      await watched.hears('bots/a', 'bots/b', 'bots/b/skills/SKILL.md');
      await watched.forget();
      await watched.folder.write('bots/b/skills/SKILL.md', 'under its new name');
      await watched.hears('bots/b/skills/SKILL.md');
      await mkdir(place('bots/c/skills'), { recursive: true });
      await writeFile(place('bots/c/skills/SKILL.md'), 'of c');
      await watched.hears('bots/c/skills/SKILL.md');
      await watched.forget();
      await rename(place('bots/b'), place('bots/aside'));
      await rename(place('bots/c'), place('bots/b'));
      await rename(place('bots/aside'), place('bots/c'));
      await watched.hears('bots/b/skills/SKILL.md', 'bots/c/skills/SKILL.md');
      await watched.forget();
      for (const bot of ['b', 'c'])
        await watched.folder.write(`bots/${bot}/skills/SKILL.md`, `after the swap, in ${bot}`);
      await watched.hears('bots/b/skills/SKILL.md', 'bots/c/skills/SKILL.md');
    },
  );

  await t.test('git checkout of another tree is heard, file by file', async () => {
    await using watched = await begin({
      'bots/a/SOUL.md': 'one',
      'bots/a/only-one/x.md': 'one',
      'bots/a/both/y.md': 'one',
    });
    const git = (...args: string[]): unknown =>
      execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], {
        cwd: path.join(watched.folder.path, 'bots/a'),
        stdio: 'ignore',
      });
    git('init', '-q', '-b', 'one');
    git('add', '-A');
    git('commit', '-qm', 'one');
    git('checkout', '-qb', 'two');
    await rm(path.join(watched.folder.path, 'bots/a/only-one'), { recursive: true });
    await watched.folder.write('bots/a/SOUL.md', 'two, which is longer');
    await watched.folder.write('bots/a/both/y.md', 'two, which is longer');
    await watched.folder.write('bots/a/only-two/z.md', 'two');
    git('add', '-A');
    git('commit', '-qm', 'two');
    await watched.hears('bots/a/only-two/z.md');
    await watched.forget();
    git('checkout', '-q', 'one');
    await watched.hears('bots/a/SOUL.md', 'bots/a/both/y.md', 'bots/a/only-one/x.md', 'bots/a/only-two');
    await watched.forget();
    git('checkout', '-q', 'two');
    await watched.hears('bots/a/SOUL.md', 'bots/a/both/y.md', 'bots/a/only-one', 'bots/a/only-two/z.md');
  });

  await t.test('what was not asked for and what is unfinished is not told', async (t) => {
    await using watched = await begin({ 'ignored/x': '1', 'bots/a/SOUL.md': '1' });
    await watched.folder.write('ignored/x', '2');
    await watched.folder.write('ignored/deep/er', '2');
    await watched.folder.write('bots/a/.git/objects/ab/cd', '2');
    await createDiskFiles(watched.folder.path).write('bots/a/SOUL.md', '2 and longer');
    await watched.hears('bots/a/SOUL.md');
    await watched.forget();
    await watched.folder.write('ignored/deep/er', '3');
    await watched.folder.write('bots/a/.git/objects/ab/ce', '3');
    await watched.folder.write('bots/a/SOUL.md', '4');
    await watched.hears('bots/a/SOUL.md');
    t.strictSame([...watched.heard], ['bots/a/SOUL.md']);
  });
}

await t.test('a burst of 10,000 changes is heard without a gap, and nothing stays followed that is gone', async () => {
  await using watched = await beginWith()();
  const names = Array.from({ length: 10_000 }, (_, at) => `bots/bot-${at % 100}/notes/${at}.md`);
  for (let at = 0; at < 100; at += 1) await watched.folder.write(`bots/bot-${at}/notes/0.md`, 'first');
  await watched.forget();
  await Promise.all(names.map((name) => writeFile(path.join(watched.folder.path, name), 'burst')));
  await watched.hears(...names);
  await watched.forget();
  for (let at = 0; at < 100; at += 1) await rm(path.join(watched.folder.path, `bots/bot-${at}`), { recursive: true });
  await watched.hears(...Array.from({ length: 100 }, (_, at) => `bots/bot-${at}`));
  await until('nothing is followed but what is there', () => watched.watcher.counts.folders === 2);
});

await t.test('events that the system threw away, because nobody took them in time, are made up for', async (t) => {
  let lost = 0;
  const files = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`bots/bot-${at}/SOUL.md`, '1']));
  await using watched = await beginWith()(files, { onLost: () => (lost += 1) });
  await watched.folder.write('noise/x', '');
  await watched.hears('noise/x');
  await watched.forget();
  // Written while this process sleeps in the call, so that the queue of the system overflows.
  execFileSync(
    'sh',
    [
      '-c',
      `i=0; while [ $i -lt 6000 ]; do i=$((i+1)); : > noise/$i; rm noise/$i; done
     for bot in bots/*; do echo changed > $bot/SOUL.md; mkdir $bot/late; echo new > $bot/late/file.md; done`,
    ],
    { cwd: watched.folder.path },
  );
  await watched.hears(
    ...Object.keys(files),
    ...Object.keys(files).map((file) => file.replace('SOUL.md', 'late/file.md')),
  );
  t.ok(lost > 0, 'and it says so');
  await watched.forget();
  await watched.folder.write('bots/bot-7/late/file.md', 'followed now');
  await watched.hears('bots/bot-7/late/file.md');
});

await t.test('a file that never rests is told all the same', async (t) => {
  await using watched = await beginWith()({ 'bots/a/log': '' });
  const growing = Promise.all(
    Array.from({ length: 60 }, (_, at) =>
      sleep(at * 10).then(() => appendFile(path.join(watched.folder.path, 'bots/a/log'), 'x')),
    ),
  );
  await watched.hears('bots/a/log');
  t.ok((await readFile(path.join(watched.folder.path, 'bots/a/log'))).length < 60, 'before it rested');
  await growing;
});

await t.test(
  'without enough watches the rest is read, which is said once, and watched as soon as that is possible',
  async (t) => {
    let left = 3;
    const said: string[] = [];
    const few = ((...given: Parameters<typeof watch>) => {
      if (left <= 0) return noWatches('');
      left -= 1;
      return watch(...given);
    }) as typeof watch;
    const files = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`bots/bot-${at}/SOUL.md`, '1']));
    await using watched = await beginWith(few)(files, { onPolling: ({ message }) => said.push(message) });
    t.strictSame(watched.watcher.counts, { folders: 12, read: 9 });
    t.match(said, [/limit for number of file watchers/]);
    for (const file of Object.keys(files)) await watched.folder.write(file, '2, longer');
    await watched.folder.write('bots/new/SOUL.md', 'new');
    await watched.hears(...Object.keys(files), 'bots/new/SOUL.md');
    left = 100;
    await until('everything is watched', () => watched.watcher.counts.read === 0, 10_000);
    await watched.forget();
    for (const file of Object.keys(files)) await watched.folder.write(file, '3');
    await watched.hears(...Object.keys(files));
    t.equal(said.length, 1);
  },
);
