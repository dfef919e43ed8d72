import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t, { type Test } from 'tap';
import { findOlderNode, needsOlderNode } from '../support/older-node.ts';

const bin = path.resolve(import.meta.dirname, '../../bin/bnity.js');
const olderNode = findOlderNode() ?? process.execPath;

/** Stands for the command line: says how it was called, then does what its first word wants. */
const fakeMain = `
  import { setTimeout } from 'node:timers/promises';
  export async function main(argv: string[], outfit: { standardPlugins(): Promise<{ default: string[] }> }) {
    const [word = '', ...rest] = argv;
    if (word === 'exit') process.exitCode = Number(rest[0]);
    else if (word === 'echo') for await (const chunk of process.stdin) process.stdout.write(chunk);
    else if (word === 'plugins') console.log((await outfit.standardPlugins()).default.join());
    else if (word === 'throw') throw new Error('unforeseen');
    else if (word === 'wait') {
      process.on('SIGTERM', () => { console.log('SIGTERM'); process.exitCode = 7; clearInterval(timer); });
      const timer = setInterval(() => {}, 1000);
      console.log('ready');
    } else if (word === 'die') { process.kill(process.pid, 'SIGKILL'); await setTimeout(5000); }
    else console.log(JSON.stringify({ argv, node: process.version }));
  }`;

/** A package root with the launcher and a stand-in for everything behind it. */
async function packageRoot(t: Test, ownNode?: 'linked' | 'broken'): Promise<string> {
  const root = t.testdir({
    'package.json': '{ "name": "boternity", "version": "1.2.3", "type": "module" }',
    core: { cli: { 'main.ts': fakeMain } },
    plugins: { 'standard.ts': "export default ['one', 'two'] as string[];" },
  });
  await mkdir(path.join(root, 'node_modules/.bin'), { recursive: true });
  await cp(bin, path.join(root, 'bin/bnity.js'));
  const own = path.join(root, 'node_modules/.bin/node');
  if (ownNode === 'linked') await symlink(process.execPath, own);
  if (ownNode === 'broken') await writeFile(own, 'not a program');
  return root;
}

function run(node: string, root: string, argv: readonly string[], input = '', env: NodeJS.ProcessEnv = {}) {
  return spawnSync(node, [path.join(root, 'bin/bnity.js'), ...argv], {
    input,
    encoding: 'utf8',
    env: { ...process.env, XDG_CACHE_HOME: path.join(root, 'cache'), ...env },
  });
}

await t.test('the version is printed without loading anything else', async (t) => {
  const root = await packageRoot(t);
  await writeFile(path.join(root, 'core/cli/main.ts'), 'this is not code');
  for (const flag of ['--version', '-V']) {
    t.match(run(process.execPath, root, [flag]), { status: 0, stdout: '1.2.3\n', stderr: '' });
  }
});

await t.test('the version costs at most 80 ms more than Node itself', async (t) => {
  const root = path.resolve(bin, '../..');
  const time = (...argv: string[]): number => {
    const began = performance.now();
    spawnSync(process.execPath, argv);
    return performance.now() - began;
  };
  const fastest = (...argv: string[]): number => Math.min(...Array.from({ length: 7 }, () => time(...argv)));
  const more = fastest(path.join(root, 'bin/bnity.js'), '--version') - fastest('-e', '0');
  t.ok(more <= 80, `${more.toFixed(0)} ms more`);
});

await t.test('the command line gets the words and the standard plugins', async (t) => {
  const root = await packageRoot(t);
  const { stdout } = run(process.execPath, root, ['serve', '--port', '0']);
  t.strictSame(JSON.parse(stdout), { argv: ['serve', '--port', '0'], node: process.version });
  t.equal(run(process.execPath, root, ['plugins']).stdout, 'one,two\n');
  t.equal(run(process.execPath, root, ['exit', '3']).status, 3);
  t.match(run(process.execPath, root, ['throw']), { status: 1, stderr: /unforeseen/ });
});

await t.test('a published package has JavaScript in the same places', async (t) => {
  const root = await packageRoot(t);
  await cp(path.join(root, 'core/cli/main.ts'), path.join(root, 'was.ts'));
  const published = t.testdir({
    'package.json': '{ "version": "1.2.3", "type": "module" }',
    core: { cli: { 'main.js': "export const main = async (argv) => console.log('js', argv.join());" } },
  });
  await cp(bin, path.join(published, 'bin/bnity.js'));
  t.equal(run(process.execPath, published, ['a', 'b']).stdout, 'js a,b\n');
});

await t.test('compiled code is kept below $XDG_CACHE_HOME', async (t) => {
  const root = await packageRoot(t);
  run(process.execPath, root, ['exit', '0']);
  t.not((await readdir(path.join(root, 'cache/boternity/compile'))).length, 0);
});

await t.test('a cache that cannot be written stops nothing', async (t) => {
  const root = await packageRoot(t);
  const nowhere = path.join(root, 'package.json');
  const env = { XDG_CACHE_HOME: nowhere, TMPDIR: nowhere };
  t.match(run(process.execPath, root, ['exit', '5'], '', env), { status: 5, stderr: '' });
});

await t.test('under an older Node', needsOlderNode(), async (t) => {
  await t.test('its own Node takes over, with words, input and exit code', async (t) => {
    const root = await packageRoot(t, 'linked');
    const { stdout } = run(olderNode, root, ['list', '--json']);
    t.strictSame(JSON.parse(stdout), { argv: ['list', '--json'], node: process.version });
    t.equal(run(olderNode, root, ['echo'], 'hello').stdout, 'hello');
    t.equal(run(olderNode, root, ['exit', '9']).status, 9);
    t.equal(run(olderNode, root, ['--version']).stdout, '1.2.3\n');
  });

  await t.test('a signal is passed on, and how the other ended is passed back', async (t) => {
    const root = await packageRoot(t, 'linked');
    const child = spawn(olderNode, [path.join(root, 'bin/bnity.js'), 'wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (chunk) => (said += String(chunk)));
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    t.strictSame(await once(child, 'close'), [7, null]);
    t.equal(said, 'ready\nSIGTERM\n');
    t.match(run(olderNode, root, ['die']), { status: null, signal: 'SIGKILL' });
  });

  for (const ownNode of [undefined, 'broken'] as const) {
    await t.test(`one sentence says what to install when its own is ${ownNode ?? 'missing'}`, async (t) => {
      const root = await packageRoot(t, ownNode);
      const { status, stdout, stderr } = run(olderNode, root, ['serve']);
      t.equal(status, 1);
      t.equal(stdout, '');
      t.match(
        stderr,
        /^Boternity needs Node 24\.12 or newer and this is Node \d+\.\d+\.\d+: install it on Debian.*\n$/,
      );
    });
  }

  await t.test('in a clone the sentence names npm ci', async (t) => {
    const root = await packageRoot(t);
    await mkdir(path.join(root, 'tools/node'), { recursive: true });
    t.match(run(olderNode, root, ['serve']).stderr, /run "npm ci" in this folder/);
  });
});

await t.test('the launcher is plain enough for Node 12 to read', async (t) => {
  const text = await readFile(bin, 'utf8');
  t.notMatch(text, /\?\.|\?\?|\bawait\b|'node:|#[a-z]|&&=|\|\|=|\bat\(/, 'no syntax or import that came after it');
});
