import { spawnSync } from 'node:child_process';
import { chmod, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseDocument } from 'htmlparser2';
import t, { type Test } from 'tap';
import { ensureDebian } from '../support/debian.ts';
import { bnity, startProduct, temporaryFolder, type Folder } from '../support/product.ts';

t.setTimeout(120_000);

/** Stands where systemd would: writes down what it was told, and answers as systemd does. */
const systemctl = `#!/bin/sh
echo "systemctl $*" >> "$TOLD"
test -n "$REFUSES" && { echo "Failed to connect to bus: No medium found" >&2; exit 1; }
case "$*" in *" show "*) printf 'ActiveState=active\\nSubState=running\\nMainPID=4711\\n';; esac
`;
const journalctl = `#!/bin/sh
echo "journalctl $*" >> "$TOLD"
echo 'Nov 22 06:00:00 here boternity[4711]: Boternity 0.1.0'
`;
const loginctl = `#!/bin/sh
echo "loginctl $*" >> "$TOLD"
echo "Linger=\${LINGER:-no}"
`;

async function station(t: Test): Promise<{ folder: Folder; home: string; env: Record<string, string> }> {
  const folder = await temporaryFolder({
    'bin/systemctl': systemctl,
    'bin/journalctl': journalctl,
    'bin/loginctl': loginctl,
    told: '',
  });
  t.teardown(() => folder[Symbol.asyncDispose]());
  for (const name of ['systemctl', 'journalctl', 'loginctl']) await chmod(path.join(folder.path, 'bin', name), 0o755);
  const home = path.join(folder.path, 'my 100% "fleet" of $bots');
  const env = {
    PATH: `${path.join(folder.path, 'bin')}:${process.env['PATH'] ?? ''}`,
    HOME: folder.path,
    XDG_CONFIG_HOME: path.join(folder.path, 'config'),
    TOLD: path.join(folder.path, 'told'),
  };
  return { folder, home, env };
}

interface Node {
  readonly children?: readonly unknown[];
  readonly data?: string;
}

/** Every text of a document, entities resolved. */
function textsIn({ children = [], data }: Node): string[] {
  return [...(data === undefined ? [] : [data]), ...children.flatMap((child) => textsIn(child as Node))];
}

const isLinux = process.platform === 'linux';

await t.test('--print shows a unit that systemd takes, and changes nothing', { skip: !isLinux }, async (t) => {
  const { folder, home, env } = await station(t);
  await bnity(['init', home, '--yes'], { env });
  const { code, stdout, stderr } = await bnity(['service', 'install', '--print', '--home', home], { env });
  t.equal(code, 0, stderr);
  t.equal(await folder.read('told'), '', 'nobody is told of it');
  t.notOk(await stat(path.join(folder.path, 'config')).catch(() => undefined), 'no file is written');
  for (const line of ['NoNewPrivileges=yes', 'ProtectSystem=strict', 'ProtectHome=read-only', 'PrivateTmp=yes'])
    t.ok(stdout.includes(`\n${line}\n`), line);
  t.match(stdout, /\nExecStart="[^"]+" "[^"]+bnity\.js" "serve" "--home" "[^\n]*100%% \\"fleet\\" of \$\$bots"\n/);
  await folder.write('boternity-try.service', stdout);
  const analyze = ensureDebian('systemd-analyze', 'systemd');
  const verified = spawnSync(analyze, ['verify', '--man=no', path.join(folder.path, 'boternity-try.service')], {
    encoding: 'utf8',
    env: { ...process.env, SYSTEMD_LOG_LEVEL: 'warning' },
  });
  const about = `${verified.stdout}${verified.stderr}`.split('\n').filter((line) => line.includes('boternity-try'));
  t.strictSame(about, [], 'systemd has nothing to say against it');
  t.equal(verified.status, 0, verified.stderr);
});

await t.test('--print launchd shows a property list', async (t) => {
  const { home, env } = await station(t);
  const given = ['service', 'install', '--print', 'launchd', '--json', '--home', `${home} & <more>`];
  const { file, text } = JSON.parse((await bnity(given, { env })).stdout) as { file: string; text: string };
  t.match(file, /Library\/LaunchAgents\/net\.boternity\.boternity-[\w-]+\.plist$/);
  const texts = textsIn(parseDocument(text, { xmlMode: true }));
  t.ok(texts.includes(`${home} & <more>`), 'paths come back as they were');
  t.ok(texts.includes('serve'));
  t.equal((await bnity(['service', 'install', '--print', 'upstart', '--home', home], { env })).code, 2);
});

await t.test('install, status, logs and uninstall tell systemd what to do', { skip: !isLinux }, async (t) => {
  const { folder, home, env } = await station(t);
  const service = (...words: string[]) => bnity(['service', ...words, '--home', home], { env });
  t.match(await service('install'), { code: 3, stderr: /HOME_MISSING/ });
  t.match(await service('status'), { code: 3, stderr: /SERVICE_MISSING/ });
  await bnity(['init', home, '--yes'], { env });
  const told = async (): Promise<string[]> => {
    const lines = ((await folder.read('told')) ?? '').split('\n').filter(Boolean);
    await folder.write('told', '');
    return lines;
  };

  const installed = await service('install', '--json');
  t.equal(installed.code, 0, installed.stderr);
  const { name, file, advice } = JSON.parse(installed.stdout) as { name: string; file: string; advice: string };
  t.match(advice, 'loginctl enable-linger');
  t.equal(path.dirname(file), path.join(folder.path, 'config/systemd/user'));
  t.equal(await readFile(file, 'utf8'), (await service('install', '--print')).stdout);
  t.match(await told(), [
    'systemctl --user show-environment',
    'systemctl --user daemon-reload',
    `systemctl --user enable --now ${name}.service`,
    /loginctl show-user \S+ --property=Linger/,
  ]);

  t.match(await service('status'), { code: 0, stdout: /ActiveState +active\n[^]*MainPID +4711/ });
  t.match(await service('logs', '-n', '7'), { code: 0, stdout: /Boternity 0\.1\.0/ });
  t.match(await told(), [
    /show-environment/,
    new RegExp(`^systemctl --user show ${name}.service --property=`),
    /show-environment/,
    `journalctl --user --unit=${name}.service --lines=7 --no-pager`,
  ]);

  const removed = await service('uninstall');
  t.match(removed, { code: 0, stdout: `Removed ${file}\n` });
  t.notOk(await stat(file).catch(() => undefined));
  t.ok(await stat(path.join(home, 'settings.yaml')), 'the home stays');
  t.match(await told(), [
    /show-environment/,
    `systemctl --user disable --now ${name}.service`,
    'systemctl --user daemon-reload',
  ]);
});

await t.test(
  'where systemd cannot be reached, or a server runs already, one sentence says so',
  { skip: !isLinux },
  async (t) => {
    const { folder, home, env } = await station(t);
    await using product = await startProduct({ home });
    const running = await bnity(['service', 'install', '--home', home], { env });
    t.match(running, { code: 1, stderr: /in use by process \d+, so a service could not start[^]*bnity server stop/ });
    await product.stop();
    const refused = await bnity(['service', 'install', '--home', home], { env: { ...env, REFUSES: 'yes' } });
    t.match(refused, { code: 1, stderr: /systemd of this user cannot be reached: .*No medium found[^]*--print/ });
    const without = { ...env, PATH: path.join(folder.path, 'nowhere') };
    t.match(await bnity(['service', 'install', '--home', home], { env: without }), {
      code: 1,
      stderr: /there is no program systemctl[^]*SERVICE_UNSUPPORTED/,
    });
    t.notOk(await stat(path.join(folder.path, 'config')).catch(() => undefined), 'nothing is left behind');
  },
);
