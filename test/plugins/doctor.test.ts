import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import t, { type Test } from 'tap';
import { parseYaml } from '../../core/files/yaml.ts';
import { brokenSettings, find, makePatient, planOf, snapshot, type Plan } from '../support/doctor-patient.ts';
import { bnity, startProduct, temporaryFolder, until } from '../support/product.ts';

t.setTimeout(120_000);

const wanted: readonly [id: string, about?: string][] = [
  ['SETTINGS_MISSPELT', 'settings.yaml'],
  ['PROVIDERS_MISSPELT', 'providers.yaml'],
  ['BOT_MISSPELT', 'bots/ada/bot.yaml'],
  ['BOT_SCHEMA_LINE', 'bots/bob/bot.yaml'],
  ['HOME_PERMISSIONS', '.boternity'],
  ['HOME_PERMISSIONS', '.boternity/vault/master.key'],
  ['HOME_PERMISSIONS', '.boternity/old-token'],
  ['TEMPORARY_FILES'],
  ['STAGING_LEFT'],
  ['SCHEMAS_OLD'],
];
const byHand: readonly [id: string, about?: string][] = [
  ['BOT_INSTRUCTIONS_DOUBLE', 'bob'],
  ['BOT_FILES_BROKEN'],
  ['FILES_BROKEN'],
  ['BOT_REPOSITORY_MISSING'],
];

function assertPlan(t: Test, plan: Plan): void {
  t.equal(plan.ok, false, 'there are errors');
  for (const [id, about] of wanted) t.ok(find(plan, id, about)?.fix?.does, `${id} ${about ?? ''} can be put right`);
  for (const [id, about] of byHand) {
    t.equal(find(plan, id, about)?.fix, null, `${id} is for a person`);
    t.ok(find(plan, id, about)?.advice, `${id} says what to do`);
  }
  t.match(find(plan, 'SETTINGS_MISSPELT')?.message, /"prot" \(did you mean "port"\?\)/);
  t.match(find(plan, 'BOT_MISSPELT')?.message, /"max-tokens" \(did you mean "max_tokens"\?\)/);
  const levels = plan.findings.map(({ level }) => level);
  t.strictSame(
    levels,
    ['error', 'warning', 'info'].flatMap((level) => levels.filter((each) => each === level)),
    'worst first',
  );
}

await t.test(
  'CLII-01: bnity doctor shows what it would do and changes nothing, with a server and without',
  async (t) => {
    await using folder = await temporaryFolder();
    await bnity(['list', '--home', folder.path]);
    await makePatient(folder);
    await planOf(folder.path);
    const before = await snapshot(folder.path);
    const without = await planOf(folder.path);
    assertPlan(t, without);
    t.equal(without.code, 5, 'errors were found');
    t.strictSame(await snapshot(folder.path), before, 'nothing of the home is different');

    await using product = await startProduct({ home: folder.path });
    await until('it has greeted', () => product.heard.stdout.includes('Ctrl+C stops'));
    const started = await snapshot(folder.path);
    const asked = (await product.client.call('doctor.plan', {})) as Plan;
    assertPlan(t, asked);
    const { code, stdout } = await product.cli(['doctor']);
    t.equal(code, 5);
    t.match(stdout, /Nothing was changed\. \d+ of these can be put right by: bnity doctor --apply/);
    t.match(stdout, '+port: 4243 # the port');
    t.strictSame(await snapshot(folder.path), started, 'nor with a server');
  },
);

await t.test('the diffs of the plan are what git would apply, and --apply comes to the same', async (t) => {
  await using folder = await temporaryFolder();
  await bnity(['list', '--home', folder.path]);
  await makePatient(folder);
  await using copy = await temporaryFolder();
  const plan = await planOf(folder.path);
  await cp(folder.path, copy.path, { recursive: true });
  const diffs = plan.findings.map(({ fix }) => fix?.diff ?? '').join('');
  const applied = spawnSync('git', ['apply', '-p1', '-'], {
    cwd: copy.path,
    input: diffs,
    encoding: 'utf8',
    env: { ...process.env, GIT_CEILING_DIRECTORIES: path.dirname(copy.path) },
  });
  t.equal(applied.status, 0, applied.stderr);

  const { code, applied: done = [], findings, ok } = await planOf(folder.path, '--apply');
  t.ok(done.length >= wanted.length && done.every((each) => each.done), JSON.stringify(done));
  for (const [id, about] of wanted) t.equal(find({ ok, findings }, id, about), undefined, `${id} is gone`);
  t.equal(code, 0, 'no error is left');
  for (const file of [
    'settings.yaml',
    'providers.yaml',
    'bots/ada/bot.yaml',
    'bots/bob/bot.yaml',
    '.boternity/schemas/bot.json',
  ])
    t.equal(await folder.read(file), await copy.read(file), file);

  t.equal(
    await folder.read('settings.yaml'),
    brokenSettings.replace('prot', 'port').replace('yes', 'true').replace('ture', 'true'),
  );
  t.match(await folder.read('providers.yaml'), 'address: http://127.0.0.1:1/v1 # by cable');
  const settings = (await folder.read('bots/ada/bot.yaml')) ?? '';
  t.match(settings, /# Ada works at night\.\nstatus: active\n\nmodel: # which one answers/);
  t.match(parseYaml(settings), { model: { default: 'demo', max_tokens: 512 }, tools: { allow: ['time_now'] } });
  t.match(
    await folder.read('bots/bob/bot.yaml'),
    /^# yaml-language-server: \$schema=\S+\nstatus: active # as always\n$/,
  );
  for (const [place, mode] of [
    ['.boternity', 0o700],
    ['.boternity/vault/master.key', 0o600],
    ['.boternity/old-token', 0o600],
  ] as const)
    t.equal((await stat(path.join(folder.path, place))).mode & 0o777, mode, place);
  t.notOk(existsSync(path.join(folder.path, 'bots/bob/notes.md.0190.bnity-tmp')));
  t.strictSame(await readdir(path.join(folder.path, '.boternity/staging')), []);

  t.match(await bnity(['check', '--home', folder.path]), { code: 0 });
  const again = await snapshot(folder.path);
  t.strictSame((await planOf(folder.path, '--apply')).applied, [], 'there is nothing left to do');
  t.strictSame(await snapshot(folder.path), again);
});

await t.test('only what is named is put right; what is not there is refused before anything is done', async (t) => {
  await using product = await startProduct();
  const { files } = product;
  await makePatient(files);
  const settled = await until('the edits are read', async () => {
    const plan = (await product.client.call('doctor.plan', {})) as Plan;
    return plan.findings.some(({ id }) => id === 'BOT_MISSPELT') && plan;
  });
  t.ok(find(settled, 'HOME_PERMISSIONS', '.boternity'));
  const wrong = await product.cli(['doctor', '--apply', 'STAGING_LEFT', 'NO_SUCH_THING', '--json']);
  t.equal(wrong.code, 3);
  t.match(wrong.stderr, 'FINDING_MISSING');
  t.ok(existsSync(path.join(product.home, '.boternity/staging/left')), 'nothing was done');

  const one = await product.cli([
    'doctor',
    '--apply',
    'HOME_PERMISSIONS:.boternity/old-token',
    'BOT_INSTRUCTIONS_DOUBLE',
  ]);
  t.equal(one.code, 1, 'one of them is for a person');
  t.match(one.stdout, /done +HOME_PERMISSIONS:\.boternity\/old-token/);
  t.match(one.stdout, /not done BOT_INSTRUCTIONS_DOUBLE:bob +Put what counts into AGENT\.md/);
  t.equal((await stat(path.join(product.home, '.boternity/old-token'))).mode & 0o777, 0o600);
  t.equal(
    (await stat(path.join(product.home, '.boternity/vault/master.key'))).mode & 0o077,
    0o044,
    'the other one stays',
  );

  // A running server follows what the doctor did: the bot answers by its corrected settings.
  await product.cli(['doctor', '--apply', 'BOT_MISSPELT']);
  t.match(await product.client.call('bots.show', { bot: 'ada' }), {
    settings: { value: { model: { max_tokens: 512 } } },
  });
  await product.cli(['doctor', '--apply', 'SETTINGS_MISSPELT', 'PROVIDERS_MISSPELT']);
  t.match(await product.client.call('providers.list', {}), {
    providers: [{ name: 'far', address: 'http://127.0.0.1:1/v1' }],
  });
  const { settings } = await product.client.call('settings.list', {});
  t.ok(
    settings.some(({ key, value }) => key === 'plugins.mock' && value === true),
    'settings.yaml counts again',
  );
});

await t.test(
  'what is misspelt beyond recognition is left to a person, and a bot file that stays broken is not touched',
  async (t) => {
    await using folder = await temporaryFolder({
      'bots/ada/SOUL.md': 'Ada.\n',
      'bots/ada/bot.yaml': 'status: 7\nzzz: 1\nmodle: {}\n',
      'settings.yaml': 'xyzzy: 1\n',
    });
    await bnity(['list', '--home', folder.path]);
    const before = await folder.read('bots/ada/bot.yaml');
    const plan = await planOf(folder.path);
    t.match(find(plan, 'SETTINGS_MISSPELT'), { fix: null, advice: /by hand/ });
    const applied = await planOf(folder.path, '--apply', 'BOT_MISSPELT');
    t.match(applied.applied, [{ id: 'BOT_MISSPELT', done: false, message: /broken/ }]);
    t.equal(applied.code, 1);
    t.equal(await folder.read('bots/ada/bot.yaml'), before);
  },
);

const checkPlugin = `import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { definePlugin } from 'boternity';

export default definePlugin({
  name: 'aching',
  needs: ['home', 'doctor'],
  setup({ home, doctor }) {
    let isCured = false;
    doctor.check('TOOTH_ACHES', async () => isCured ? [] : [
      { level: 'warning', message: 'A tooth aches.', fix: { does: 'Pulls it.', apply: async (caller) => {
        isCured = true;
        await writeFile(path.join(home.path, 'pulled.txt'), caller.id);
      } } },
    ]);
    doctor.check('TOOTH_STUCK', async () => [
      { level: 'warning', message: 'Another too.', fix: { does: 'Pulls it.', apply: async () => { throw new Error('It sits tight.'); } } },
    ]);
    doctor.check('TOOTH_UNSEEN', async () => { throw new Error('It is dark in here.'); });
  },
});
`;

await t.test('a plugin adds checks; one that fails harms no other; they leave with it', async (t) => {
  await using product = await startProduct({
    files: { 'plugins/aching/index.ts': checkPlugin, 'settings.yaml': 'plugins:\n  aching: true\n' },
  });
  const plan = (await product.client.call('doctor.plan', {})) as Plan;
  t.match(find(plan, 'TOOTH_ACHES'), { level: 'warning', fix: { does: 'Pulls it.', diff: '' } });
  t.match(find(plan, 'TOOTH_UNSEEN'), { level: 'warning', message: /It is dark in here/ });
  const { stdout } = await product.cli(['doctor', '--apply', 'TOOTH_STUCK', 'TOOTH_ACHES', '--json']);
  const done = JSON.parse(stdout) as Plan;
  t.strictSame(
    done.applied?.map(({ id, done }) => [id, done]),
    [
      ['TOOTH_ACHES', true],
      ['TOOTH_STUCK', false],
    ],
  );
  t.ok(await product.files.read('pulled.txt'), 'the fix knows who asked for it');
  t.notOk(find(done, 'TOOTH_ACHES'));
  await product.client.call('settings.set', { key: 'plugins.aching', value: false });
  await until('the plugin is gone', async () => {
    const { findings } = (await product.client.call('doctor.plan', {})) as Plan;
    return findings.every(({ id }) => !id.startsWith('TOOTH'));
  });
});

await t.test('where there is no home it says so and makes none', async (t) => {
  await using folder = await temporaryFolder();
  const { code, stderr } = await bnity(['doctor', '--home', folder.path]);
  t.equal(code, 3);
  t.match(stderr, /no home.*HOME_MISSING/);
  t.strictSame(await readdir(folder.path), []);
  t.equal((await bnity(['doctor', '--help', '--home', folder.path])).code, 0);
  t.strictSame(await readdir(folder.path), []);
});
