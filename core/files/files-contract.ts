import type { Test } from 'tap';
import { Fault } from '../base/fault.ts';
import type { Files } from './files.ts';

type CreateFiles = () => Promise<Files> | Files;

/** What every store must keep, as tests. `createFiles` gives a fresh, empty one. */
export async function filesContract(t: Test, createFiles: CreateFiles): Promise<void> {
  await contentContract(t, createFiles);
  await nameContract(t, createFiles);
  await kindContract(t, createFiles);
  await crowdContract(t, createFiles);
}

async function contentContract(t: Test, createFiles: CreateFiles): Promise<void> {
  await t.test('what is written is read back, byte for byte', async (t) => {
    const files = await createFiles();
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    await files.write('a.bin', bytes);
    await files.write('deep/er/b.txt', 'grüße\n');
    t.same(Uint8Array.from((await files.read('a.bin')) ?? []), bytes);
    t.equal((await files.read('deep/er/b.txt'))?.toString(), 'grüße\n');
  });

  await t.test('a big file is read back whole', async (t) => {
    const files = await createFiles();
    const bytes = Buffer.alloc(16 * 1024 * 1024 + 7, 'sixteen bytes...');
    await files.write('big', bytes);
    t.ok((await files.read('big'))?.equals(bytes));
    t.equal((await files.stat('big'))?.size, bytes.length);
  });

  await t.test('a write replaces the whole file, also by a shorter or an empty one', async (t) => {
    const files = await createFiles();
    await files.write('a', 'long before');
    await files.write('a', 'now');
    t.equal((await files.read('a'))?.toString(), 'now');
    await files.write('a', '');
    t.equal((await files.read('a'))?.length, 0);
  });

  await t.test('what was read or written belongs to the caller: changing it changes no file', async (t) => {
    const files = await createFiles();
    const bytes = Buffer.from('mine');
    await files.write('a', bytes);
    bytes.fill(0);
    (await files.read('a'))?.fill(0);
    t.equal((await files.read('a'))?.toString(), 'mine');
  });

  await t.test('stat tells kind and size, and another inode after a replacement', async (t) => {
    const files = await createFiles();
    await files.write('folder/a', 'four');
    t.match(await files.stat(''), { kind: 'folder' });
    t.match(await files.stat('folder'), { kind: 'folder' });
    const before = await files.stat('folder/a');
    t.match(before, { kind: 'file', size: 4 });
    await files.write('folder/a', 'five!');
    const after = await files.stat('folder/a');
    t.equal(after?.size, 5);
    t.not(after?.inode, before?.inode);
  });
}

async function nameContract(t: Test, createFiles: CreateFiles): Promise<void> {
  await t.test(
    'names of every script, with spaces, quotes, line breaks and 255 bytes, are kept to the letter',
    async (t) => {
      const files = await createFiles();
      const names = [
        'grüße.md',
        '日本語',
        'עברית',
        '🦉👩‍👩‍👧',
        ' a  b ',
        '-rf',
        '...',
        '.hidden',
        'it\'s "so"',
        'a\nb',
        '%2e%2e',
        'CON',
      ];
      names.push('x'.repeat(255), 'é'.repeat(127));
      for (const name of names) await files.write(`folder/${name}/${name}`, name);
      for (const name of names)
        t.equal((await files.read(`folder/${name}/${name}`))?.toString(), name, JSON.stringify(name));
      const listed = await files.list('folder');
      t.strictSame(new Set(listed.map(({ name }) => name)), new Set(names));
      for (const name of names) await files.remove(`folder/${name}`);
      t.strictSame(await files.list('folder'), []);
    },
  );

  await t.test('forty folders deep is nothing special', async (t) => {
    const files = await createFiles();
    const deep = Array.from({ length: 40 }, (_, at) => `level-${at}`).join('/');
    await files.write(`${deep}/a`, 'deep');
    t.equal((await files.read(`${deep}/a`))?.toString(), 'deep');
    await files.remove('level-0');
    t.strictSame(await files.list(''), []);
  });

  await t.test('a path that leaves the root, or is no name, is refused by every method', async (t) => {
    const files = await createFiles();
    const wrong = [
      '../a',
      'a/../../b',
      '/etc/passwd',
      'a\\b',
      'a/./b',
      'nul\0',
      'half \ud83e',
      'x'.repeat(256),
      'é'.repeat(128),
    ];
    for (const path of [...wrong, `folder/.01a1fc69-189a-7001-ad26-a82fa194d4be.bnity-tmp`]) {
      for (const attempt of everyMethod(files, path)) {
        t.equal(await codeOf(attempt()), 'PATH_REFUSED', `${JSON.stringify(path.slice(0, 60))} ${attempt.name}`);
      }
    }
    t.equal(await codeOf(files.remove('')), 'PATH_REFUSED', 'the root itself cannot be removed');
    t.strictSame(await files.list(''), []);
  });
}

async function kindContract(t: Test, createFiles: CreateFiles): Promise<void> {
  await t.test('what is not there is undefined or empty, never an error', async (t) => {
    const files = await createFiles();
    await files.write('file', '');
    for (const path of ['none', 'none/deeper', 'file/below', 'file/below/deeper']) {
      t.equal(await files.read(path), undefined, path);
      t.equal(await files.stat(path), undefined, path);
      t.strictSame(await files.list(path), [], path);
      await files.remove(path);
    }
    t.strictSame(await files.list('file'), [], 'a file holds no names');
  });

  await t.test('a folder lists its own names, sorted, with their kinds', async (t) => {
    const files = await createFiles();
    for (const path of ['b', 'a/x', 'a/y/z', 'c']) await files.write(path, '1');
    t.same(await files.list(''), [
      { name: 'a', kind: 'folder' },
      { name: 'b', kind: 'file' },
      { name: 'c', kind: 'file' },
    ]);
    t.same(await files.list('a'), [
      { name: 'x', kind: 'file' },
      { name: 'y', kind: 'folder' },
    ]);
  });

  await t.test(
    'a folder where a file is wanted, and a file where a folder is, are faults that change nothing',
    async (t) => {
      const files = await createFiles();
      await files.write('folder/a', 'kept');
      t.equal(await codeOf(files.read('folder')), 'FILE_INVALID');
      t.equal(await codeOf(files.read('')), 'FILE_INVALID');
      t.equal(await codeOf(files.write('folder', 'x')), 'FILE_INVALID');
      t.equal(await codeOf(files.write('', 'x')), 'FILE_INVALID');
      t.equal(await codeOf(files.write('folder/a/below', 'x')), 'FILE_INVALID');
      t.equal(await codeOf(files.write('folder/a/be/low', 'x')), 'FILE_INVALID');
      t.equal((await files.read('folder/a'))?.toString(), 'kept');
      t.strictSame(await files.list('folder'), [{ name: 'a', kind: 'file' }]);
    },
  );

  await t.test('a removed folder takes everything below it along, and nothing beside it', async (t) => {
    const files = await createFiles();
    for (const path of ['a/x', 'a/y/z', 'ab']) await files.write(path, '1');
    await files.remove('a');
    t.same(await files.list(''), [{ name: 'ab', kind: 'file' }]);
  });

  await t.test('a name may stand for a file, then for a folder, then for a file again', async (t) => {
    const files = await createFiles();
    for (const round of ['1', '2']) {
      await files.write('a', round);
      await files.remove('a');
      await files.write('a/b/c', round);
      await files.remove('a/b/c');
      t.strictSame(await files.list('a'), [{ name: 'b', kind: 'folder' }], 'a folder outlives its last file');
      await files.remove('a');
      t.equal(await files.stat('a'), undefined);
    }
  });
}

async function crowdContract(t: Test, createFiles: CreateFiles): Promise<void> {
  await t.test('writes of one file at the same time leave one of them, whole', async (t) => {
    const files = await createFiles();
    const texts = Array.from({ length: 20 }, (_, at) => String(at).repeat(50_000));
    await Promise.all(texts.map((text) => files.write('a', text)));
    t.ok(texts.includes((await files.read('a'))?.toString() ?? ''));
    t.same(await files.list(''), [{ name: 'a', kind: 'file' }], 'and no temporary file');
  });

  await t.test('hundreds of writes at the same time, in folders that are not there yet, all arrive', async (t) => {
    const files = await createFiles();
    const paths = Array.from({ length: 400 }, (_, at) => `new/${at % 7}/deep/${at}`);
    await Promise.all(paths.map((path) => files.write(path, path)));
    const found = await Promise.all(paths.map(async (path) => (await files.read(path))?.toString()));
    t.strictSame(found, paths);
  });

  await t.test('who reads or lists while others write sees whole files and no temporary names', async (t) => {
    const files = await createFiles();
    const texts = ['a'.repeat(100_000), 'b'.repeat(200_000)];
    await files.write('folder/a', texts[0] ?? '');
    const state = { isOver: false };
    const writing = (async () => {
      for (let at = 1; at <= 60; at += 1) await files.write('folder/a', texts[at % 2] ?? '');
      state.isOver = true;
    })();
    const seen = new Set<string>();
    const names = new Set<string>();
    while (!state.isOver) {
      seen.add((await files.read('folder/a'))?.toString() ?? 'none');
      for (const { name } of await files.list('folder')) names.add(name);
      await new Promise(setImmediate);
    }
    await writing;
    t.ok(
      [...seen].every((text) => texts.includes(text)),
      'never a part, never nothing',
    );
    t.strictSame([...names], ['a']);
  });

  await t.test('a file that is written and removed at the same time is there whole or not at all', async (t) => {
    const files = await createFiles();
    for (let round = 0; round < 20; round += 1) {
      await Promise.all([
        files.write('folder/a', 'whole'),
        files.remove(round % 2 ? 'folder' : 'folder/a'),
        files.write('folder/b', 'other'),
      ]);
      const found = (await files.read('folder/a'))?.toString();
      t.ok(found === undefined || found === 'whole');
      await files.write('folder/a', 'again');
      t.equal((await files.read('folder/a'))?.toString(), 'again');
    }
  });
}

function everyMethod(files: Files, path: string): (() => Promise<unknown>)[] {
  return [
    function read() {
      return files.read(path);
    },
    function stat() {
      return files.stat(path);
    },
    function list() {
      return files.list(path);
    },
    function write() {
      return files.write(path, '');
    },
    function remove() {
      return files.remove(path);
    },
  ];
}

async function codeOf(attempt: Promise<unknown>): Promise<string | undefined> {
  return attempt.then(
    () => undefined,
    (error: unknown) => (Fault.is(error) ? error.code : String(error)),
  );
}
