import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import t, { type Test } from 'tap';
import { parseYaml } from '../../core/files/yaml.ts';
import { bnity, startProduct, temporaryFolder, type Folder } from '../support/product.ts';

t.setTimeout(120_000);

const identity = (more: string): string => `---\ndisplay_name: Ada # hers\n${more}---\n\nA mathematician.\n`;
const soul = '---\nname: Ada\n---\n\nCurious.\n';

/** A home as the predecessor left it: the model of a bot stands in IDENTITY.md, and no version anywhere. */
const old = {
  '.boternity/keep': '',
  'settings.yaml': '# mine\nmodel: demo # the small one\n',
  'bots/ada/SOUL.md': soul,
  'bots/ada/IDENTITY.md': identity('model: small\nprovider: far\ntemperature: 0.4 # calm\nmax_tokens: 900\n'),
  'bots/ada/bot.yaml': '# her settings\nmodel:\n  temperature: 1.5\n',
  'bots/bo/SOUL.md': soul,
  'bots/bo/IDENTITY.md': identity('model: far/large\n'),
  'bots/cy/SOUL.md': soul,
  'bots/cy/IDENTITY.md': identity('temperature: hot\n'),
};

async function oldHome(t: Test): Promise<Folder> {
  const folder = await temporaryFolder(old);
  t.teardown(() => folder[Symbol.asyncDispose]());
  return folder;
}

async function textsOf({ path: home }: Folder): Promise<Record<string, string>> {
  const names = (await readdir(home, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(home, path.join(entry.parentPath, entry.name)))
    // What a killed write leaves behind is cleared away by the next server.
    .filter((name) => !name.startsWith('.boternity') && !name.endsWith('.bnity-tmp'));
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(path.join(home, name), 'utf8')] as const)),
  );
}

const { '.boternity/keep': _, ...before } = old;

async function expectNew(t: Test, folder: Folder): Promise<void> {
  const now = await textsOf(folder);
  t.equal(now['settings.yaml'], '# mine\nmodel: demo # the small one\nversion: 2\n', 'comments stay');
  t.equal(now['bots/ada/IDENTITY.md'], identity(''));
  t.match(now['bots/ada/bot.yaml'], '# her settings\n');
  t.strictSame(parseYaml(now['bots/ada/bot.yaml'] ?? ''), {
    model: { temperature: 1.5, default: 'far/small', max_tokens: 900 },
  });
  t.strictSame(parseYaml(now['bots/bo/bot.yaml'] ?? ''), { model: { default: 'far/large' } });
  t.equal(now['bots/cy/IDENTITY.md'], old['bots/cy/IDENTITY.md'], 'what is no setting is left for a person');
}

await t.test('a home of the predecessor: plan with diffs, apply, revert', async (t) => {
  const folder = await oldHome(t);
  const migrate = (...words: string[]) => bnity(['migrate', ...words, '--home', folder.path]);
  const planned = await migrate();
  t.equal(planned.code, 0, planned.stderr);
  t.match(planned.stdout, /version 1; this program writes version 2[^]*\+ {2}default: far\/small[^]*-model: small/);
  t.match(planned.stdout, /bnity migrate --apply\n$/);
  t.strictSame(await textsOf(folder), before, 'a plan changes nothing');

  const applied = await migrate('--apply', '--json');
  t.equal(applied.code, 0, applied.stderr);
  const { migration } = JSON.parse(applied.stdout) as { migration: { id: string; state: string } };
  t.equal(migration.state, 'applied');
  await expectNew(t, folder);
  t.match(await migrate('--apply'), { code: 0, stdout: 'There was nothing to do.\n' });
  t.match((await migrate()).stdout, new RegExp(`as this program writes it[^]*applied +${migration.id} {2}5 files`));

  await folder.write('bots/bo/bot.yaml', 'model:\n  default: mine\n');
  t.match(await migrate('--revert', migration.id), {
    code: 5,
    stderr: /Changed since .*bots\/bo\/bot\.yaml[^]*its copy/,
  });
  await folder.write('bots/bo/bot.yaml', 'model:\n  default: far/large\n');
  t.match(await migrate('--revert', 'never'), { code: 3, stderr: new RegExp(`There are: ${migration.id}`) });
  t.match(await migrate('--revert', migration.id), { code: 0, stdout: /of version 1 again/ });
  t.strictSame(await textsOf(folder), before, 'every file is what it was, and what was made is gone');
});

await t.test('a migration that is killed half-way can be finished, or undone', async (t) => {
  const deadly = pathToFileURL(path.resolve(import.meta.dirname, '../support/die-at-change.ts')).href;
  const ends = { finished: '--apply', undone: '--revert' };
  for (const [end, flag] of Object.entries(ends)) {
    const folder = await oldHome(t);
    const migrate = (words: string[], env = {}) => bnity(['migrate', ...words, '--home', folder.path], { env });
    const env = { NODE_OPTIONS: `--import ${deadly}`, DIE_BEFORE: 'bots/bo/IDENTITY.md' };
    t.equal((await migrate(['--apply'], env)).code, null, 'killed');
    const half = await textsOf(folder);
    t.equal(half['bots/ada/IDENTITY.md'], identity(''), 'one bot is done');
    t.equal(half['bots/bo/IDENTITY.md'], old['bots/bo/IDENTITY.md'], 'the other is not');
    t.equal(half['settings.yaml'], old['settings.yaml'], 'and the home does not say that it is');

    const told = (await migrate([])).stdout;
    const [, id = ''] = /\n(\S+) was cut off/.exec(told) ?? [];
    t.match(told, `bnity migrate --revert ${id}`);
    const done = await migrate(flag === '--revert' ? [flag, id] : [flag]);
    t.equal(done.code, 0, done.stderr);
    if (end === 'finished') await expectNew(t, folder);
    else t.strictSame(await textsOf(folder), before);
    t.notMatch((await migrate([])).stdout, 'cut off');
  }
});

await t.test('a server tells of an old home, is not migrated under, and a newer home is refused', async (t) => {
  const folder = await oldHome(t);
  await using product = await startProduct({ home: folder.path });
  const { findings } = await product.client.call('doctor.plan', {});
  t.match(
    findings.filter(({ id }) => id === 'HOME_OLD'),
    [{ level: 'warning', advice: /bnity migrate/ }],
  );
  t.match(await product.cli(['migrate', '--apply']), { code: 1, stderr: /HOME_LOCKED[^]*bnity server stop/ });
  t.match(await product.cli(['settings', 'set', 'version', '9']), { code: 1, stderr: /bnity migrate/ });
  await product.stop();
  t.match(await product.cli(['migrate', '--apply']), { code: 0 });
  await product.start();
  const shown = await product.client.call('bots.show', { bot: 'ada' });
  t.match(JSON.stringify(shown), 'far/small', 'the model counts now');
  await product.stop();

  const newer = '# of tomorrow\nversion: 3\n';
  await folder.write('settings.yaml', newer);
  for (const words of [['serve', '--port', '0'], ['list'], ['migrate']]) {
    const refused = await product.cli(words);
    t.match(
      refused,
      { code: 1, stderr: /home of version 3 .* knows versions up to 2\. Nothing was touched/ },
      words.join(' '),
    );
  }
  t.equal(await folder.read('settings.yaml'), newer);
  await using fresh = await temporaryFolder();
  await bnity(['init', path.join(fresh.path, 'home'), '--yes']);
  t.match(parseYaml((await fresh.read('home/settings.yaml')) ?? ''), { version: 2 });
});
