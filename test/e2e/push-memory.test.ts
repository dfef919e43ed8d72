import { readdir } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { cloneOf, git } from '../support/git-client.ts';
import { rawCommit } from '../support/git-tree.ts';
import { startProduct, until } from '../support/product.ts';

t.setTimeout(120_000);

const memory = (id: string, text: string): string =>
  `${JSON.stringify({ id, kind: 'fact', text, origin: 'owner', created_at: '2026-11-21T08:00:00.000Z' })}\n`;

await t.test('the memory is a repository of its own: cloned, pushed, checked, and no part of the bot', async (t) => {
  await using product = await startProduct();
  const folder = path.join(product.home, 'bots/assistant');
  await using bot = await cloneOf(product, 'assistant.git');
  await using clone = await cloneOf(product, 'assistant/memory.git');
  await clone.git('checkout', '-q', '-B', 'memory');
  const good = memory('a1', 'The harbour is closed on Mondays.');
  await clone.commit({ '2026-11-21/a1.json': good, '2026-11-21.2/b2.json': memory('b2', 'Tea, not coffee.') });
  const pushed = await clone.push('origin', 'memory');
  t.equal(pushed.code, 0, pushed.stderr);
  t.equal(await product.files.read('bots/assistant/memory/2026-11-21/a1.json'), good);
  t.equal((await git(path.join(folder, 'memory'), ['status', '--porcelain'])).stdout, '');
  t.equal((await git(folder, ['status', '--porcelain'])).stdout, '', 'the bot is clean while it learns');
  await git(folder, ['add', '-A']);
  t.notMatch((await git(folder, ['ls-files'])).stdout, 'memory', 'and git add takes no memory');
  await bot.git('pull', '-q');
  t.notOk((await readdir(bot.files.path)).includes('memory'), 'nor has a clone one');

  await clone.commit({ '2026-11-21/a1.json': '{"text": 5}', '2026-11-22/c3.json': '{' });
  const wrong = await clone.push('origin', 'memory');
  t.match(wrong, { code: 1, stderr: /remote: 2026-11-21\/a1\.json:1:\d+ text: / });
  t.match(wrong.stderr, /remote: 2026-11-22\/c3\.json:1:1 not JSON/);
  t.equal(await product.files.read('bots/assistant/memory/2026-11-21/a1.json'), good);
  await clone.git('reset', '-q', '--hard', 'origin/memory');
  for (const file of ['README.md', '2026-11-21/a.txt', 'today/a.json', '2026-11-21/x/y.json', '.gitattributes']) {
    const id = await rawCommit(clone, [{ path: file, content: good }]);
    const refused = await clone.push('origin', `${id}:refs/heads/memory`);
    t.match(refused, { code: 1, stderr: /does not belong in a memory/ }, file);
  }
  const link = await rawCommit(clone, [{ path: '2026-11-21/l.json', mode: '120000', content: '../../SOUL.md' }]);
  t.match(await clone.push('origin', `${link}:refs/heads/memory`), { code: 1, stderr: /does not belong in a memory/ });
  t.match(await clone.push('origin', 'HEAD:main'), { code: 0 }, 'another branch is inert');
  t.match(await clone.push('origin', ':memory'), { code: 1, stderr: /memory is live and cannot be deleted/ });
  await clone.commit({ '2026-11-21/a1.json': undefined });
  t.match(await clone.push('origin', 'memory'), { code: 0 }, 'a person may make a bot forget');
  t.strictSame((await readdir(path.join(folder, 'memory'))).toSorted(), ['.git', '2026-11-21.2']);
});

await t.test('a bot learns while its memory is edited by hand and pushed to; nobody is lost or misnamed', async (t) => {
  await using product = await startProduct();
  const folder = path.join(product.home, 'bots/assistant/memory');
  const learn = (text: string) => product.client.call('memories.create', { bot: 'assistant', text });
  const first = await learn('The first.');
  const log = async (): Promise<string> => (await git(folder, ['log', '--format=%an %s', 'memory'])).stdout;
  await until('it is committed', async () => (await log()).includes('The first'));
  await using clone = await cloneOf(product, 'assistant/memory.git');
  const file = first.path.replace(/^memory\//, '');
  await product.files.write(`bots/assistant/${first.path}`, memory(first.id, 'Edited by hand.'));
  await clone.commit({ '2026-11-21/pushed.json': memory('pushed', 'Pushed.') });
  const [second, pushed] = await Promise.all([learn('The second.'), clone.push('origin', 'HEAD:memory')]);
  t.match(pushed, { code: 0, stderr: /memory now holds edits made on the server's disk beside yours/ });
  await until('the second is committed too', async () => (await log()).includes('The second'));
  t.match(await log(), /Edits on disk/);
  // The branch moves first, the index follows at once.
  await until('git sees a clean folder', async () => (await git(folder, ['status', '--porcelain'])).stdout === '');
  t.equal((await git(folder, ['fsck', '--strict', '--no-dangling'])).code, 0);
  await clone.git('pull', '-q', 'origin', 'memory');
  t.match(await clone.files.read(file), 'Edited by hand.');
  t.match(await clone.files.read(second.path.replace(/^memory\//, '')), 'The second.');
  t.match(await clone.files.read('2026-11-21/pushed.json'), 'Pushed.');
});
