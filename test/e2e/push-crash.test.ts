import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { cloneOf, freshClone, git, remoteOf, type Clone } from '../support/git-client.ts';
import { startProduct, type Product } from '../support/product.ts';

t.setTimeout(240_000);

const FILES = 400;

await t.test(
  'INFR-07: a server that is killed while it applies a push finishes it, or has not begun it, at its next start',
  async (t) => {
    await using product = await startProduct();
    await using clone = await cloneOf(product, 'assistant.git');
    const folder = path.join(product.home, 'bots/assistant');
    let halfway = 0;
    for (let round = 1; round <= 25 && halfway < 3; round += 1) {
      const before = await markOf(folder);
      await commitMany(clone, `round ${round}`);
      await clone.git('remote', 'set-url', 'origin', await remoteOf(product, 'assistant.git'));
      const pushing = clone.push();
      if (round % 3 === 0) await intentOf(product);
      else await fileChanged(folder, before, round % 2);
      await product.kill9();
      const pushed = await pushing;
      if (await isTorn(folder)) halfway += 1;
      await product.start();
      await clone.git('remote', 'set-url', 'origin', await remoteOf(product, 'assistant.git'));
      const head = (await clone.git('ls-remote', 'origin', 'refs/heads/main')).split('\t')[0] ?? '';
      const marks = await marksIn(folder);
      t.equal(marks.size, 1, `round ${round}: all files are of one commit: ${[...marks].join(', ')}`);
      const committed = await clone.try(['show', `${head}:data/0.txt`]);
      t.equal(committed.stdout, [...marks][0] ?? '', 'and of the one that main names');
      if (pushed.code === 0) t.equal(head, await clone.git('rev-parse', 'HEAD'), 'what was acknowledged is there');
      t.equal((await git(folder, ['status', '--porcelain'])).stdout, '', 'the folder is clean');
      t.equal((await git(folder, ['fsck', '--strict', '--no-dangling'])).code, 0);
      t.strictSame(await readdir(path.join(product.home, '.boternity/deploys')).catch(() => []), []);
      t.match(await clone.push(), { code: 0 }, 'and the next push is taken');
      const leftovers = (await readdir(product.home, { recursive: true })).filter((name) =>
        /bnity-tmp|staging\/.|\.lock$/.test(name),
      );
      t.strictSame(
        leftovers.filter((name) => !name.endsWith('home.lock')),
        [],
      );
    }
    t.ok(halfway > 0, 'some kills have hit between the first and the last file');
  },
);

await t.test('a bot that a push was creating when the server was killed is there whole, or not at all', async (t) => {
  await using product = await startProduct();
  await using clone = await freshClone('nowhere');
  await clone.commit({ 'SOUL.md': 'Born by push.\n' });
  await commitMany(clone, 'born');
  for (const slug of ['one', 'two', 'three']) {
    await clone.git('remote', 'set-url', 'origin', await remoteOf(product, `${slug}.git`));
    const pushing = clone.push();
    await intentOf(product);
    await product.kill9();
    const pushed = await pushing;
    await product.start();
    const names = await readdir(path.join(product.home, 'bots', slug, 'data')).catch(() => []);
    t.ok([0, FILES].includes(names.length), `${slug}: ${names.length} files`);
    if (pushed.code === 0) t.equal(names.length, FILES);
    t.strictSame(await readdir(path.join(product.home, '.boternity/deploys')).catch(() => []), []);
    await clone.git('remote', 'set-url', 'origin', await remoteOf(product, `${slug}.git`));
    t.match(await clone.push(), { code: 0 }, 'and the same push makes it');
    t.match(await product.files.read(`bots/${slug}/SOUL.md`), 'Born by push.');
  }
});

async function commitMany(clone: Clone, mark: string): Promise<void> {
  const files = Array.from({ length: FILES }, (_, at) => [`data/${at}.txt`, mark] as const);
  await clone.commit(Object.fromEntries(files), mark);
}

async function marksIn(folder: string): Promise<Set<string>> {
  const names = await readdir(path.join(folder, 'data')).catch(() => []);
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, 'data', name), 'utf8')));
  return new Set(texts);
}

async function isTorn(folder: string): Promise<boolean> {
  const names = await readdir(path.join(folder, 'data')).catch(() => []);
  return (await marksIn(folder)).size > 1 || (names.length > 0 && names.length < FILES);
}

async function markOf(folder: string): Promise<number> {
  const marks = ['data/0.txt', 'data/200.txt'];
  const found = await Promise.all(marks.map((name) => stat(path.join(folder, name)).catch(() => undefined)));
  return found.reduce((sum, one) => sum + (one?.ino ?? 0), 0);
}

async function fileChanged(folder: string, before: number, turns: number): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
    if ((await markOf(folder)) !== before) break;
  }
  for (let at = 0; at < turns * 50; at += 1) await turn();
}

async function intentOf(product: Product): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
    const found = await readdir(path.join(product.home, '.boternity/deploys')).catch(() => []);
    if (found.length > 0) return;
  }
}
