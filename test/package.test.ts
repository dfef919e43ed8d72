import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import t, { type Test } from 'tap';
import { walk } from './support/newcomer.ts';
import { findOlderNode, needsOlderNode } from './support/older-node.ts';

t.setTimeout(600_000);
const root = path.resolve(import.meta.dirname, '..');
const older = findOlderNode();
const thirdPartyPlugin = `
import { definePlugin, z } from 'boternity';

export default definePlugin({
  name: 'lamp',
  needs: ['web', 'actions'],
  config: z.object({ colour: z.string().default('red') }),
  setup({ web, actions }, { colour }) {
    const shade: string = colour;
    void [web.panel, actions.add, shade];
  },
});
`;

await t.test('the published package, in an empty folder', async (t) => {
  const made = run(t, root, process.execPath, ['tools/package.ts']);
  t.equal(made.status, 0, reason(made.stderr));
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string };
  const folder = await emptyFolder(t);
  await writeFile(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  const tarball = path.join(root, `dist/boternity-${version}.tgz`);
  const creator = path.join(root, `dist/create-boternity-${version}.tgz`);
  const install = ['install', '--omit=dev', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
  const installing = performance.now();
  const installed = run(t, folder, 'npm', [...install, tarball, creator]);
  t.equal(installed.status, 0, reason(installed.stderr));
  figure(`install of the tarball on a warm cache: ${seconds(installing)} s (at most 20)`);
  const inside = path.join(folder, 'node_modules/boternity');

  await t.test('takes at most 120 MB with all that it needs', async (t) => {
    const megabytesOf = (...words: string[]): number =>
      Number.parseInt(run(t, folder, 'du', ['-sk', ...words, 'node_modules']).stdout, 10) / 1024;
    // What the files hold, as npm counts them; how much a disk takes for them depends on its blocks.
    const megabytes = megabytesOf('--apparent-size');
    const taken = megabytesOf().toFixed(0);
    figure(`production install: ${megabytes.toFixed(0)} MB in files (at most 120), ${taken} MB of this disk`);
    t.ok(megabytes > 10 && megabytes <= 120, `${megabytes.toFixed(0)} MB`);
  });

  await t.test('publint has nothing to say', async (t) => {
    for (const file of [tarball, creator]) {
      const bytes = await readFile(file);
      const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(bytes).buffer }, strict: true });
      t.strictSame(
        messages.map((message) => formatMessage(message, pkg)),
        [],
        path.basename(file),
      );
    }
  });

  await t.test('its types are found and right wherever ES modules are', async (t) => {
    const checked = await checkPackage(createPackageFromTarballData(new Uint8Array(await readFile(tarball))));
    if (!checked.types) throw new Error('it has no types');
    t.ok(Object.keys(checked.entrypoints).length >= 4, 'it saw the doors');
    // It is made of ES modules alone, as it says: what cannot read these is not asked.
    const others = new Set(['node10', 'node16-cjs']);
    const isOurs = (problem: object): boolean =>
      !('resolutionKind' in problem && others.has(String(problem.resolutionKind)));
    t.strictSame(checked.problems.filter(isOurs), []);
  });

  await t.test('names no source map that is not there', async (t) => {
    const names = await readdir(inside, { recursive: true });
    const files = names.filter((name) => /\.(?:js|css)$/.test(name));
    t.ok(files.some((name) => name.startsWith('public/build/')) && files.length > 500, `${files.length} files`);
    for (const name of files) {
      const text = await readFile(path.join(inside, name), 'utf8');
      const [, map] = /[#@] sourceMappingURL=(?!data:)([^\s*]+)/.exec(text) ?? [];
      if (map !== undefined) t.ok(names.includes(path.posix.join(path.posix.dirname(name), map)), `${name}: ${map}`);
    }
  });

  await t.test('says its version', async (t) => {
    t.match(run(t, folder, 'npx', ['--no-install', 'bnity', '--version']), { status: 0, stdout: `${version}\n` });
  });

  await t.test('carries JavaScript and types, and nothing of the workshop', async (t) => {
    const names = await readdir(inside, { recursive: true });
    const isSource = (name: string): boolean => name.endsWith('.ts') && !name.endsWith('.d.ts');
    t.strictSame(names.filter(isSource), []);
    t.ok(names.includes('core/index.js') && names.includes('core/index.d.ts'));
    const manifest = JSON.parse(await readFile(path.join(inside, 'package.json'), 'utf8')) as Record<string, unknown>;
    t.notOk('devDependencies' in manifest || 'scripts' in manifest);
    t.ok(names.includes('docs/running.md') && names.includes('docs/plugins.md'), 'the guide comes along');
    const workshop = /^(test|tools|packages|\.ci)\b/;
    t.strictSame(
      names.filter((name) => workshop.test(name)),
      [],
    );
  });

  await t.test('keeps every line where it was', async (t) => {
    for (const file of ['core/boot/boot', 'plugins/conversations/index']) {
      const source = await readFile(path.join(root, `${file}.ts`), 'utf8');
      const published = await readFile(path.join(inside, `${file}.js`), 'utf8');
      t.equal(published.split('\n').length, source.split('\n').length, file);
    }
  });

  await t.test('npm create boternity makes a home with a bot', async (t) => {
    const words = ['--no-install', 'create-boternity', 'made', '--yes', '--template', 'writer'];
    const made = run(t, folder, 'npx', words);
    t.equal(made.status, 0, reason(made.stderr));
    t.match(made.stdout, /bot {4}\S+ Writer [^]*npx boternity serve/);
    t.match(await readFile(path.join(folder, 'made/bots/writer/SOUL.md'), 'utf8'), 'Writer');
    t.match(run(t, folder, 'npx', words).stdout, 'nothing was touched');
    const wrong = run(t, folder, 'npx', ['--no-install', 'create-boternity', 'other', '--template', 'no']);
    t.match(wrong, { status: 3, stderr: /TEMPLATE_MISSING/ });
  });

  await t.test('serves its page and chats', async (t) => {
    const home = path.join(folder, 'home');
    const began = performance.now();
    t.equal(run(t, folder, 'npx', ['--no-install', 'boternity', 'init', home, '--yes']).status, 0);
    await using server = await serve(t, folder, home);
    const chat = run(t, folder, 'npx', ['--no-install', 'bnity', 'chat', 'assistant', '--home', home], 'hi\n');
    t.equal(chat.status, 0, reason(chat.stderr));
    t.match(chat.stdout, /I am Assistant.*demo/s);
    figure(`from init to the first answer: ${seconds(began)} s (at most 10)`);
    const page = await (await fetch(server.url)).text();
    const scripts = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, address = '']) => address);
    t.not(scripts.length, 0);
    for (const address of scripts) t.equal((await fetch(new URL(address, server.url))).status, 200, address);
  });

  await t.test('takes a newcomer from an empty folder to a bot of their own, and away again', (t) =>
    walk(t, { folder, env: { ...ownEnvironment(folder), HOME: folder, GIT_TERMINAL_PROMPT: '0' } }),
  );

  await t.test("gives a plugin in a person's folder its types", async (t) => {
    await writeFile(path.join(folder, 'plugin.ts'), thirdPartyPlugin);
    const options = { strict: true, module: 'nodenext', noEmit: true, skipLibCheck: true, types: [] };
    await writeFile(
      path.join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, files: ['plugin.ts'] }),
    );
    const tsc = path.join(root, 'node_modules/.bin/tsc');
    t.match(run(t, folder, tsc, ['-p', '.']), { status: 0, stdout: '' });
    await writeFile(path.join(folder, 'plugin.ts'), thirdPartyPlugin.replace("'web'", "'wobble'"));
    t.match(run(t, folder, tsc, ['-p', '.']), { stdout: /wobble/ }, 'a wrong name is an error');
  });

  await t.test('says under an older Node what to install', needsOlderNode(), async (t) => {
    const { status, stderr } = run(t, folder, older ?? '', [path.join(inside, 'bin/bnity.js'), 'serve']);
    t.equal(status, 1);
    t.match(stderr, /^Boternity needs Node 24\.12 or newer and this is Node [\d.]+: install it on .*\n$/);
  });
});

await t.test('a production install of a clone under an older Node', needsOlderNode(), async (t) => {
  const clone = await emptyFolder(t);
  const left = new Set(['node_modules', '.git', '.tap', 'dist', 'home', 'test']);
  for (const name of await readdir(root)) {
    if (!left.has(name)) await cp(path.join(root, name), path.join(clone, name), { recursive: true });
  }
  const nodes = await emptyFolder(t);
  await symlink(older ?? '', path.join(nodes, 'node'));
  const PATH = `${nodes}${path.delimiter}${process.env['PATH'] ?? ''}`;
  const installed = run(t, clone, 'npm', ['ci', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline'], '', {
    PATH,
  });
  t.equal(installed.status, 0, reason(installed.stderr));
  t.notMatch(installed.stdout + installed.stderr, /node-gyp|make:|g\+\+|SyntaxError|ERR_UNKNOWN_FILE_EXTENSION/);
  t.strictSame(
    (await readdir(path.join(clone, 'node_modules'))).filter((name) => /^node-(?:bin|linux|darwin|win)/.test(name)),
    [],
    'the Node of those who work on it stays away',
  );
  const started = run(t, clone, 'npm', ['start', '--silent'], '', { PATH });
  t.equal(started.status, 1);
  t.match(
    started.stderr,
    /^(npm .*\n)*Boternity needs Node 24\.12 or newer and this is Node [\d.]+: run "npm ci" .*\n$/,
  );
});

/** Runs a program to its end. What npm tells a script about the outer project is not passed on. */
function run(
  t: Test,
  cwd: string,
  program: string,
  words: readonly string[],
  input = '',
  changes: NodeJS.ProcessEnv = {},
) {
  const done = spawnSync(program, words, { cwd, input, encoding: 'utf8', env: { ...ownEnvironment(cwd), ...changes } });
  if (done.error) t.fail(`${program}: ${done.error.message}`);
  return done;
}

/** What was measured is printed by the runner too; it never decides a test. */
function figure(text: string): void {
  console.error(`# figure: ${text}`);
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1_000).toFixed(1);
}

/** The lines that say what went wrong, as far as npm lets one see it. */
function reason(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !/\bwarn\b|^npm error *$/.test(line));
  return lines.slice(0, 6).join('\n') || 'it works';
}

function ownEnvironment(home: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_(?!config_)|INIT_CWD|TAP|BOTERNITY)/.test(name));
  return { ...Object.fromEntries(kept), XDG_CACHE_HOME: path.join(home, '.cache'), NO_UPDATE_NOTIFIER: '1' };
}

async function emptyFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'boternity-package-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function serve(t: Test, folder: string, home: string): Promise<AsyncDisposable & { readonly url: string }> {
  const bin = path.join(folder, 'node_modules/.bin/bnity');
  const child = spawn(bin, ['serve', '--port', '0', '--home', home], { cwd: folder, env: ownEnvironment(folder) });
  const exit = once(child, 'exit');
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  for (let tries = 0; tries < 300; tries += 1) {
    const text = await readFile(path.join(home, '.boternity/server.json'), 'utf8').catch(() => '{}');
    const { url } = JSON.parse(text) as { url?: string };
    if (url) {
      return {
        url,
        async [Symbol.asyncDispose]() {
          child.kill('SIGTERM');
          const [code] = (await exit) as [number | null];
          t.equal(code, 0, `the server stops when told to; it said: ${said}`);
        },
      };
    }
    if (child.exitCode !== null) break;
    await wait(100);
  }
  child.kill('SIGKILL');
  throw new Error(`The server did not start. It said: ${said}`);
}
