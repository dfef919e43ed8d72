import { readdir } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { cloneOf, git } from '../support/git-client.ts';
import { rawCommit } from '../support/git-tree.ts';
import { startProduct } from '../support/product.ts';

t.setTimeout(120_000);

const memoryKind = `import { definePlugin, manyFiles, z } from 'boternity';

export default definePlugin({
  name: 'remember',
  needs: ['bots'],
  setup({ bots }) {
    bots.files('memory', manyFiles('memory/*/*.json', 'json', z.strictObject({ content: z.string() })));
  },
});
`;

await t.test('the memory is a repository of its own: cloned, pushed, checked, and no part of the bot', async (t) => {
  await using product = await startProduct({
    files: { 'plugins/remember/index.ts': memoryKind, 'settings.yaml': 'plugins:\n  remember: true\n' },
  });
  const folder = path.join(product.home, 'bots/assistant');
  await using bot = await cloneOf(product, 'assistant.git');
  await using clone = await cloneOf(product, 'assistant/memory.git');
  await clone.git('checkout', '-q', '-B', 'memory');
  const good = JSON.stringify({ content: 'The harbour is closed on Mondays.' });
  await clone.commit({ '2026-11-21/a1.json': good, '2026-11-21.2/b2.json': good });
  const pushed = await clone.push('origin', 'memory');
  t.equal(pushed.code, 0, pushed.stderr);
  t.equal(await product.files.read('bots/assistant/memory/2026-11-21/a1.json'), good);
  t.equal((await git(path.join(folder, 'memory'), ['status', '--porcelain'])).stdout, '');
  t.equal((await git(folder, ['status', '--porcelain'])).stdout, '', 'the bot is clean while it learns');
  await git(folder, ['add', '-A']);
  t.notMatch((await git(folder, ['ls-files'])).stdout, 'memory', 'and git add takes no memory');
  await bot.git('pull', '-q');
  t.notOk((await readdir(bot.files.path)).includes('memory'), 'nor has a clone one');

  await clone.commit({ '2026-11-21/a1.json': '{"content": 5}', '2026-11-22/c3.json': '{' });
  const wrong = await clone.push('origin', 'memory');
  t.match(wrong, { code: 1, stderr: /remote: 2026-11-21\/a1\.json:1:\d+ content: / });
  t.match(wrong.stderr, /remote: 2026-11-22\/c3\.json:1:1 not JSON/);
  t.equal(await product.files.read('bots/assistant/memory/2026-11-21/a1.json'), good);
  await clone.git('reset', '-q', '--hard', 'origin/memory');
  for (const file of ['README.md', '2026-11-21/a.txt', 'today/a.json', '2026-11-21/x/y.json', '.gitattributes']) {
    const id = await rawCommit(clone, [{ path: file, content: good }]);
    t.match(
      await clone.push('origin', `${id}:refs/heads/memory`),
      { code: 1, stderr: /does not belong in a memory/ },
      file,
    );
  }
  const link = await rawCommit(clone, [{ path: '2026-11-21/l.json', mode: '120000', content: '../../SOUL.md' }]);
  t.match(await clone.push('origin', `${link}:refs/heads/memory`), { code: 1, stderr: /does not belong in a memory/ });
  t.match(await clone.push('origin', 'HEAD:main'), { code: 0 }, 'another branch is inert');
  t.match(await clone.push('--force', 'origin', ':memory'), {
    code: 1,
    stderr: /memory is live and cannot be deleted/,
  });
  await clone.commit({ '2026-11-21/a1.json': undefined });
  t.match(await clone.push('origin', 'memory'), { code: 0 }, 'a person may make a bot forget');
  t.strictSame(await readdir(path.join(folder, 'memory')).then((names) => names.toSorted()), ['.git', '2026-11-21.2']);
});
