import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { dayOf } from 'boternity';
import { botFolder, testKernel } from 'boternity/testing';
import botsPlugin from '../../core/bots/bots.ts';
import { until } from '../support/product.ts';
import { begin, say, startTalking } from '../support/talk.ts';

t.setTimeout(120_000);

const git = promisify(execFile);

await t.test(
  'logs, traces and usage go when they are old, logs also when they are many; a large log goes on in another file',
  async (t) => {
    const today = dayOf(new Date());
    const yesterday = dayOf(new Date(Date.now() - 24 * 60 * 60_000));
    const line = `${JSON.stringify({ time: '', level: 'info', message: 'x'.repeat(1_000_000) })}\n`;
    await using talking = await startTalking({
      files: {
        'settings.yaml': 'plugins:\n  log-files:\n    megabytes: 20\n',
        '.boternity/logs/2020-01-01.jsonl': '{}\n',
        '.boternity/logs/2020-01-01.1.jsonl': '{}\n',
        [`.boternity/logs/${yesterday}.jsonl`]: line.repeat(5),
        [`.boternity/logs/${today}.jsonl`]: line.repeat(17),
        '.boternity/traces/2020-01-01.jsonl': '{}\n',
        '.boternity/usage/2020-01-01.jsonl': '{}\n',
        '.boternity/usage/2020-01-01.jsonl.damaged-x': '{}\n',
        '.boternity/shared-memory/2020-01-01.jsonl': '{}\n',
      },
    });
    const { product } = talking;
    await say(product, await begin(product), 'one');
    const listed = (folder: string): Promise<string[]> => readdir(path.join(product.home, '.boternity', folder));
    await until(
      'the logs are in order',
      async () => (await listed('logs')).join() === `${today}.1.jsonl,${today}.jsonl`,
    );
    t.match((await product.files.read(`.boternity/logs/${today}.1.jsonl`))?.split('\n')[0], /^\{"time":/);
    for (const folder of ['traces', 'usage'])
      await until(`${folder} are of today alone`, async () => (await listed(folder)).join() === `${today}.jsonl`);
    t.match(await listed('shared-memory'), ['2020-01-01.jsonl'], 'what proves who shared what stays');
  },
);

await t.test('repositories are packed in time: of memories too, and of bots that nobody has used', async (t) => {
  const notes = Object.fromEntries(Array.from({ length: 320 }, (_, at) => [`data/${at}.yaml`, `value: ${at}\n`]));
  await using kernel = await testKernel([botsPlugin({ tidyMs: 100 })], {
    files: { ...botFolder('ada', notes), ...botFolder('ada/memory', notes), ...botFolder('bob') },
    watch: false,
  });
  const packs = async (folder: string): Promise<number> =>
    (await readdir(path.join(kernel.home, folder, '.git/objects/pack')).catch(() => [])).length;
  for (const [folder, branch] of [
    ['bots/ada', 'main'],
    ['bots/ada/memory', 'memory'],
  ] as const) {
    const cwd = path.join(kernel.home, folder);
    const as = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
    await git('git', ['init', '--quiet', '--initial-branch', branch], { cwd });
    await git('git', ['add', 'data'], { cwd });
    await git('git', [...as, 'commit', '--quiet', '--message', 'Many'], { cwd });
    t.equal(await packs(folder), 0);
  }
  for (const folder of ['bots/ada', 'bots/ada/memory'])
    await until(`${folder} is packed`, async () => (await packs(folder)) > 0, 30_000);
  const loose = async (): Promise<string> =>
    (await git('git', ['count-objects'], { cwd: path.join(kernel.home, 'bots/ada/memory') })).stdout;
  await until('nothing lies beside the pack', async () => (await loose()).startsWith('0 objects'), 30_000);
  t.notOk((await readdir(path.join(kernel.home, 'bots/bob'))).includes('memory'), 'no repository is made for it');
});
