import { readdir } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { dueAfter } from '../../plugins/backups/schedule.ts';
import { find } from '../support/doctor-patient.ts';
import { bnity, startProduct, temporaryFolder, until, type Product } from '../support/product.ts';
import { begin, say, startTalking } from '../support/talk.ts';

t.setTimeout(120_000);

const automatic = async ({ client }: Product): Promise<{ name: string; file: string }[]> =>
  (await client.call('backups.list', {})).backups.filter((backup) => backup.automatic);

await t.test(
  'a backup is made by itself, checked and rotated; it comes back as the same bots, conversations and memories',
  async (t) => {
    const old = ['2020-01-02', '2026-01-05', '2026-02-20', '2026-02-21'];
    await using talking = await startTalking({
      files: {
        'settings.yaml':
          'plugins:\n  backups:\n    every: off\n    restSeconds: 0.1\n    keep: { daily: 2, weekly: 1, monthly: 2 }\n',
        '.boternity/backups.json': '{"since":"2020-01-01T00:00:00.000Z"}',
        'backups/boternity-2020-01-01T00-00-00.tar.gz': 'made by a person',
        ...Object.fromEntries(old.map((day) => [`backups/boternity-auto-${day}T03-30-00.tar.gz`, 'old'])),
      },
    });
    const { product } = talking;
    const { client } = product;
    t.match(await client.call('backups.list', {}), { schedule: { every: 'off', next: null } });
    await client.call('bots.create', { name: 'Ada', template: 'blank' });
    const conversation = await begin(product, 'ada');
    await say(product, conversation, 'remember the harbour');
    await client.call('memories.create', { bot: 'ada', text: 'The harbour opens at nine.' });

    await product.cliJson(['settings', 'set', 'plugins.backups.folder', 'settings.yaml/nowhere']);
    await product.cliJson(['settings', 'set', 'plugins.backups.every', 'day']);
    const plan = await until('the failure is told', async () => {
      const { schedule } = await client.call('backups.list', {}).catch(() => ({ schedule: undefined }));
      return schedule?.failed ? await client.call('doctor.plan', {}) : undefined;
    });
    t.match(find(plan, 'BACKUP_OLD'), { level: 'warning', message: /The last try failed: /, advice: /bnity backup/ });
    t.match(JSON.stringify((await client.call('server.about', {})).problems), 'the last automatic backup failed');

    await product.cliJson(['settings', 'set', 'plugins.backups.folder', 'backups']);
    const [made] = await until(
      'it is made',
      async () => {
        const found = await automatic(product).catch(() => []);
        return found.length === 2 && found;
      },
      20_000,
    );
    t.strictSame(
      (await readdir(path.join(product.home, 'backups'))).toSorted(),
      [
        'boternity-2020-01-01T00-00-00.tar.gz',
        'boternity-auto-2026-02-21T03-30-00.tar.gz',
        made?.name ?? '',
      ].toSorted(),
      'the last of two days and of two months stay, and what a person made',
    );
    const { schedule } = await client.call('backups.list', {});
    t.ok(Date.parse(schedule.next ?? '') > Date.now(), 'the next one is still to come');
    t.match(schedule, { every: 'day', at: '03:30', failed: null });
    t.notOk(find(await client.call('doctor.plan', {}), 'BACKUP_OLD'));
    t.match((await product.cli(['backup-file', 'list'])).stdout, made?.name);

    await using elsewhere = await temporaryFolder();
    const home = path.join(elsewhere.path, 'home');
    const restored = await bnity(['restore', made?.file ?? '', '--to', home, '--json']);
    t.match(JSON.parse(restored.stdout), { bots: ['ada', 'assistant'] }, restored.stderr);
    await using there = await startProduct({ home });
    for (const [action, input] of [
      ['bots.list', {}],
      ['memories.list', { bot: 'ada' }],
    ] as const)
      t.match(
        JSON.stringify(await there.client.call(action, input)),
        action === 'bots.list' ? /"ada"/ : /harbour opens/,
      );
    const texts = async (one: Product): Promise<string[]> =>
      (await one.client.call('conversations.show', { conversation })).nodes.map(({ text }) => text);
    t.strictSame(await texts(there), await texts(product));
  },
);

await t.test('when the next one is due', (t) => {
  const due = (last: string): string => {
    const at = dueAfter(new Date(`${last}:00`), '03:30');
    return `${at.getDate()} ${at.getHours()}:${at.getMinutes()}`;
  };
  t.equal(due('2026-11-22T01:00'), '22 3:30');
  t.equal(due('2026-11-22T03:30'), '23 3:30', 'once a day');
  t.equal(due('2026-11-30T12:00'), '1 3:30');
  t.end();
});
