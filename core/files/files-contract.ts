import type { Test } from 'tap';
import { Fault } from '../base/fault.ts';
import type { Files } from './files.ts';

/** What every store must keep, as tests. `createFiles` gives a fresh, empty one. */
export async function filesContract(t: Test, createFiles: () => Promise<Files> | Files): Promise<void> {
  await t.test('what is written is read back, byte for byte', async (t) => {
    const files = await createFiles();
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    await files.write('a.bin', bytes);
    await files.write('deep/er/b.txt', 'grüße\n');
    t.same(Uint8Array.from((await files.read('a.bin')) ?? []), bytes);
    t.equal((await files.read('deep/er/b.txt'))?.toString(), 'grüße\n');
  });

  await t.test('a write replaces the whole file, also by a shorter or an empty one', async (t) => {
    const files = await createFiles();
    await files.write('a', 'long before');
    await files.write('a', 'now');
    t.equal((await files.read('a'))?.toString(), 'now');
    await files.write('a', '');
    t.equal((await files.read('a'))?.length, 0);
  });

  await t.test('what is not there is undefined or empty, never an error', async (t) => {
    const files = await createFiles();
    t.equal(await files.read('none'), undefined);
    t.equal(await files.stat('none'), undefined);
    t.equal(await files.stat('none/deeper'), undefined);
    t.same(await files.list('none'), []);
    await files.remove('none');
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

  await t.test('stat tells kind and size, and another inode after a replacement', async (t) => {
    const files = await createFiles();
    await files.write('folder/a', 'four');
    t.match(await files.stat('folder'), { kind: 'folder' });
    const before = await files.stat('folder/a');
    t.match(before, { kind: 'file', size: 4 });
    await files.write('folder/a', 'five!');
    const after = await files.stat('folder/a');
    t.equal(after?.size, 5);
    t.not(after?.inode, before?.inode);
  });

  await t.test('a removed folder takes everything below it along, and nothing beside it', async (t) => {
    const files = await createFiles();
    for (const path of ['a/x', 'a/y/z', 'ab']) await files.write(path, '1');
    await files.remove('a');
    t.same(await files.list(''), [{ name: 'ab', kind: 'file' }]);
  });

  await t.test('a path that leaves the root is refused by every method', async (t) => {
    const files = await createFiles();
    for (const path of ['../a', 'a/../../b', '/etc/passwd', 'a\\b', 'a/./b', 'nul\0']) {
      for (const attempt of [
        files.read(path),
        files.stat(path),
        files.list(path),
        files.write(path, ''),
        files.remove(path),
      ]) {
        const thrown: unknown = await attempt.then(
          () => undefined,
          (error: unknown) => error,
        );
        t.ok(Fault.is(thrown) && thrown.code === 'PATH_REFUSED', `${JSON.stringify(path)} is refused`);
      }
    }
    const removal: unknown = await files.remove('').catch((error: unknown) => error);
    t.ok(Fault.is(removal) && removal.code === 'PATH_REFUSED', 'the root itself cannot be removed');
  });

  await t.test('writes of one file at the same time leave one of them, whole', async (t) => {
    const files = await createFiles();
    const texts = Array.from({ length: 20 }, (_, at) => String(at).repeat(50_000));
    await Promise.all(texts.map((text) => files.write('a', text)));
    t.ok(texts.includes((await files.read('a'))?.toString() ?? ''));
    t.same(await files.list(''), [{ name: 'a', kind: 'file' }], 'and no temporary file');
  });
}
