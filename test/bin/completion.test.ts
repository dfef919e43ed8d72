import { existsSync } from 'node:fs';
import { chmod, readdir, readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import t, { type Test } from 'tap';
import { flagOf } from '../../core/actions/example.ts';
import { ensureDebian } from '../support/debian.ts';
import { probePlugin } from '../support/probe-plugin.ts';
import { bnity, environment, launcher, startProduct, temporaryFolder, until, type Folder } from '../support/product.ts';
import { openProgram, type TerminalSession } from '../support/terminal.ts';

t.setTimeout(180_000);

await using tools = await temporaryFolder({
  bnity: `#!/bin/sh\nexec '${process.execPath}' '${launcher}' "$@"\n`,
});
await chmod(path.join(tools.path, 'bnity'), 0o755);
await using away = await temporaryFolder({ 'inside/keep.txt': '' });
await using product = await startProduct({
  files: {
    'bots/assistant/SOUL.md': '---\nname: Assistant\n---\n\nKind.\n',
    'bots/night-owl/SOUL.md': '---\nname: Night Owl\n---\n\nAwake.\n',
    'plugins/probe/index.ts': probePlugin,
  },
});
await product.client.call('providers.add', { name: 'far', address: 'http://127.0.0.1:1/v1', models: ['m'] });
const cache = '.boternity/cache/commands.json';
await until('the commands are kept', () => product.files.read(cache));

/** What `bnity __complete` offers, without meanings. */
async function offered(words: readonly string[], home = product.home): Promise<string[]> {
  const { code, stdout, stderr } = await bnity(['__complete', ...words], {
    env: { BOTERNITY_HOME: home },
    cwd: away.path,
  });
  if (code !== 0 || stderr !== '') throw new Error(`It ended with ${code}: ${stderr}`);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t', 1)[0] ?? '');
}

function shellEnvironment(home: string): Record<string, string> {
  return {
    PATH: `${tools.path}:${process.env['PATH'] ?? ''}`,
    HOME: away.path,
    BOTERNITY_HOME: home,
    HISTFILE: '/dev/null',
  };
}

/** Where a shell is; undefined, with a word, where it can't be had. */
function shellFor(t: Test, name: string): string | undefined {
  try {
    return ensureDebian(name, name);
  } catch (error) {
    t.comment(`not run: ${String(error)}`);
    console.error(`# not run: ${String(error)}`);
    return undefined;
  }
}

/** Types a line, asks the shell to complete it, waits for what it shows, and clears the line. */
async function tab(session: TerminalSession, line: string, wanted: readonly (string | RegExp)[]): Promise<string> {
  session.type(`${line}\t\t`);
  const shows = (text: string): boolean =>
    wanted.every((word) => (typeof word === 'string' ? text.includes(word) : word.test(text)));
  const text = await until(
    `the shell shows ${wanted.join(' ')}`,
    () => shows(session.shown()) && session.shown(),
    20_000,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}; it shows: ${session.shown()}`);
  });
  session.type('\u0015\r');
  await session.sees(/[$%] *$/);
  return text;
}

/** What both shells of this kind complete, by keys that a person presses. */
async function tryShell(t: Test, session: TerminalSession): Promise<void> {
  const verbs = await tab(session, 'bnity conversation ', ['create', 'delete', 'list', 'show', 'stop', 'archive']);
  t.notMatch(verbs, 'night-owl');
  await tab(session, 'bnity ', ['provider', 'configure', 'doctor', 'completion', 'chat']);
  await tab(session, 'bnity show ', ['assistant', 'night-owl']);
  await tab(session, 'bnity configure assistant --', ['--model', '--temperature', '--status', '--json']);
  await tab(session, 'bnity configure assistant --status ', ['active', 'archived', 'disabled']);
  await tab(session, 'bnity provider remove f', [/remove far/]);
  await tab(session, 'bnity init ins', [/init inside\//]);
  session.type('bnity show nig\t--json\r');
  t.match(await session.sees(/"slug":"night-owl"/), 'Night Owl', 'what was completed is what runs');
}

await t.test('CLII-01: bash completes commands, flags, values, bots and names', async (t) => {
  const bash = shellFor(t, 'bash');
  if (bash === undefined) return;
  await using session = openProgram(['env', '-C', away.path, bash, '--norc', '--noprofile', '-i'], {
    ...shellEnvironment(product.home),
  });
  session.type('PS1="$ "; bind "set bell-style none"; stty cols 180; eval "$(bnity completion bash)"; echo rea""dy\r');
  await session.sees(/ready\n\$ $/);
  await tryShell(t, session);
  await tab(session, 'bnity configure assistant --status=ar', [/--status=archived/]);
});

await t.test('CLII-01: zsh completes commands, flags, values, bots and names', async (t) => {
  const zsh = shellFor(t, 'zsh');
  if (zsh === undefined) return;
  await using session = openProgram(['env', '-C', away.path, zsh, '-f', '-i'], shellEnvironment(product.home));
  session.type(
    'PROMPT="%% "; stty cols 180; setopt no_beep no_auto_menu no_prompt_cr no_prompt_sp; autoload -Uz compinit; compinit -u -D; eval "$(bnity completion zsh)"; echo rea""dy\r',
  );
  await session.sees(/ready\n% $/);
  await tryShell(t, session);
  await tab(session, 'bnity configure assistant --status=ar', [/--status=archived/]);
});

await t.test('CLII-01: fish completes commands, flags, values, bots and names', async (t) => {
  const fish = shellFor(t, 'fish');
  if (fish === undefined) return;
  const complete = (line: string): string[] => {
    const { stdout, stderr } = spawnSync(
      fish,
      ['--no-config', '-c', 'bnity completion fish | source; complete -C $argv[1]', '--', line],
      { encoding: 'utf8', cwd: away.path, env: environment(shellEnvironment(product.home)) },
    );
    t.equal(stderr, '');
    return stdout.split('\n').filter(Boolean);
  };
  t.strictSame(
    complete('bnity conversation ').map((line) => line.split('\t')[0]),
    [
      'activity',
      'archive',
      'audit',
      'compact',
      'context',
      'create',
      'delete',
      'export',
      'greet',
      'list',
      'persona',
      'rename',
      'search',
      'see',
      'show',
      'stop',
      'unarchive',
    ],
  );
  t.match(complete('bnity pro'), [/^provider\tCommands about providers\.$/]);
  t.match(complete('bnity show '), ['assistant\tAssistant', 'night-owl\tNight Owl']);
  t.match(complete('bnity configure assistant --te'), [/^--temperature/]);
  t.strictSame(complete('bnity configure assistant --status a'), ['active', 'archived']);
  t.strictSame(complete('bnity configure assistant --status=a'), ['--status=active', '--status=archived']);
  t.match(complete('bnity provider remove '), ['far']);
  t.match(complete('bnity init ins').join(), 'inside/');
});

await t.test('every command, argument and flag of every action is offered where it can be typed', async (t) => {
  const { actions } = await product.client.call('actions.list', {});
  const table = JSON.parse((await product.files.read(cache)) ?? '') as {
    commands: { words: string[]; flags: { flag: string }[] }[];
  };
  const owned = new Set(['doctor', 'chat']);
  for (const { name, cli, input } of actions.filter(({ doors }) => doors.includes('cli'))) {
    const words = (cli ?? '').split(' ').filter((part) => /^[a-z]/.test(part));
    if (owned.has(words[0] ?? '')) continue;
    const row = table.commands.find((each) => each.words.join(' ') === words.join(' '));
    t.ok(row, `${name} is known as ${words.join(' ')}`);
    const inArguments = new Set([...(cli ?? '').matchAll(/[<[](\w+)/g)].map((found) => found[1]));
    for (const field of Object.keys(input['properties'] ?? {}).filter((each) => !inArguments.has(each)))
      t.ok(
        row?.flags.some(({ flag }) => flag === `--${flagOf(field)}`),
        `${name} has --${field}`,
      );
  }
  const nouns = new Set(actions.flatMap(({ cli }) => cli?.split(' ', 1)[0] ?? []));
  const first = await offered(['']);
  for (const noun of [...nouns, 'serve', 'init', 'completion', 'chat', 'doctor']) t.ok(first.includes(noun), noun);
  t.equal(new Set(first).size, first.length, 'each once');
  t.match(await offered(['doctor', '--a']), ['--apply']);
  t.match(await offered(['settings', 'set', 'po']), ['port']);
  t.match(await offered(['conversation', 'list', 'night']), ['night-owl']);
  t.match(await offered(['create', 'x', '--template', '']), ['assistant']);
  t.strictSame(await offered(['create', '']), [], 'a new name is nobody else’s');
  t.strictSame(await offered(['--home', '']), [':folders']);
  t.strictSame(await offered(['list', '--json', '--js']), [], 'a flag is not offered twice');
  t.strictSame(await offered(['no', 'such', '']), []);
});

await t.test('what a plugin adds is completed as soon as it runs', async (t) => {
  t.strictSame(await offered(['pro', '']), []);
  await product.client.call('settings.set', { key: 'plugins.probe', value: true });
  await until('the new command is kept', async () => (await product.files.read(cache))?.includes('probe'));
  t.strictSame(await offered(['probe', '']), ['count', 'wait', 'loose']);
});

await t.test('without a server commands come from the last time, and bots from the disk', async (t) => {
  await using folder = await temporaryFolder({ 'bots/grace/SOUL.md': 'Grace.\n', 'bots/.hidden/x': '' });
  t.match(await bnity(['list', '--home', folder.path]), { code: 0 });
  t.ok(existsSync(path.join(folder.path, cache)), 'every command keeps them');
  t.strictSame(await offered(['show', ''], folder.path), ['grace']);
  t.strictSame(await offered(['provider', ''], folder.path), [
    'list',
    'kinds',
    'add',
    'remove',
    'edit',
    'test',
    'status',
    'fetch',
  ]);
  t.strictSame(await offered(['provider', 'remove', ''], folder.path), []);
  t.notOk(existsSync(path.join(folder.path, '.boternity/server.json')), 'nothing was started');

  await folder.write('boternity.config.ts', "export default { home: './elsewhere', port: 1 };\n");
  await folder.write('elsewhere/bots/far-off/SOUL.md', 'x\n');
  await folder.write(`elsewhere/${cache}`, (await folder.read(cache)) ?? '');
  const found = await bnity(['__complete', 'show', ''], { cwd: path.join(folder.path, 'bots') });
  t.equal(found.stdout, 'far-off\n', 'the nearest config says where the home is');
});

await t.test('where there is nothing, or what is there is broken, it is silent and makes nothing', async (t) => {
  await using folder = await temporaryFolder();
  t.strictSame(await offered([''], folder.path), ['serve', 'init', 'completion']);
  t.strictSame(await offered(['show', ''], folder.path), []);
  t.strictSame(await readdir(folder.path), []);
  await folder.write(cache, '{ broken');
  t.strictSame(await offered(['se'], folder.path), ['serve']);
  t.strictSame(await offered(['show', ''], path.join(folder.path, 'no/such')), []);
});

await t.test('a server that hangs is not waited for', async (t) => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  await using folder = await hanging(port);
  t.strictSame(await offered(['show', ''], folder.path), ['grace']);
  silent.close();
});

async function hanging(port: number): Promise<Folder> {
  const folder = await temporaryFolder({
    'bots/grace/SOUL.md': 'Grace.\n',
    '.boternity/server.json': JSON.stringify({ pid: process.pid, start: '', url: `http://127.0.0.1:${port}` }),
  });
  await folder.write(cache, await readFile(path.join(product.home, cache), 'utf8'));
  return folder;
}

await t.test('the script is printed for the shells there are; another one is a usage error', async (t) => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout } = await bnity(['completion', shell]);
    t.equal(code, 0);
    t.match(stdout, 'bnity __complete');
    t.match(JSON.parse((await bnity(['completion', shell, '--json'])).stdout), { shell, script: stdout });
  }
  for (const args of [['completion', 'tcsh'], ['completion']]) {
    const { code, stderr } = await bnity(args);
    t.equal(code, 2);
    t.match(stderr, /bash, zsh, fish/);
  }
});
