import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t, { type Test } from 'tap';
import { findBrowser } from './browser.ts';
import { ensureDebian, findProgram } from './debian.ts';

const isRoot = process.getuid?.() === 0;

/** A machine whose PATH holds only what is named, for one test. Programs are shell scripts. */
async function machine(t: Test, programs: Readonly<Record<string, string>>): Promise<string> {
  const folder = path.join(t.testdir({}), 'bin');
  await mkdir(folder);
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(path.join(folder, name), `#!/bin/sh\n${script}\n`);
    await chmod(path.join(folder, name), 0o755);
  }
  const before = { PATH: process.env['PATH'], BOTERNITY_CHROMIUM: process.env['BOTERNITY_CHROMIUM'] };
  process.env['PATH'] = folder;
  delete process.env['BOTERNITY_CHROMIUM'];
  t.teardown(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  return folder;
}

/** Writes down how it was called; its install makes the program that is asked for. */
const aptGet = `
  here=$(dirname "$0"); PATH=/usr/bin:/bin
  echo "$@" >> "$here/calls"
  for last; do :; done
  case "$*" in *" install "*) cp "$0" "$here/$last" ;; esac`.replace('$(dirname "$0")', '${0%/*}');

await t.test('what is on the PATH is taken as it is', async (t) => {
  const folder = await machine(t, { sox: '', 'apt-get': 'exit 1' });
  t.equal(ensureDebian('sox', 'sox'), path.join(folder, 'sox'));
});

await t.test('a program is found in the order of its names, and only when it can be run', async (t) => {
  const folder = await machine(t, { second: '', third: '' });
  await writeFile(path.join(folder, 'first'), 'not a program');
  t.equal(findProgram('first', 'second', 'third'), path.join(folder, 'second'));
  t.equal(findProgram('nobody'), undefined);
});

await t.test('without apt-get one sentence names the package', async (t) => {
  await machine(t, {});
  t.throws(() => ensureDebian('sox', 'sox-package'), {
    message: 'The tests need "sox": install it with "apt-get install sox-package", or by the means of this system.',
  });
});

await t.test('root', isRoot ? {} : { skip: 'this user is not root' }, async (t) => {
  await t.test('gets the package installed, after one update of the lists', async (t) => {
    const folder = await machine(t, { 'apt-get': aptGet });
    t.equal(ensureDebian('sox', 'sox'), path.join(folder, 'sox'));
    t.equal(ensureDebian('tmux', 'tmux'), path.join(folder, 'tmux'));
    const calls = (await readFile(path.join(folder, 'calls'), 'utf8')).trim().split('\n');
    t.match(calls, [/ update$/, / install .* sox$/, / install .* tmux$/]);
    t.equal(calls.length, 3);
  });

  await t.test('reads why an installation failed', async (t) => {
    await machine(t, { 'apt-get': 'echo "E: Unable to locate package sox" >&2; exit 100' });
    t.throws(() => ensureDebian('sox', 'sox'), { message: /The tests need "sox".*E: Unable to locate package sox$/ });
  });
});

await t.test('anybody else is told to ask root', isRoot ? { skip: 'this user is root' } : {}, async (t) => {
  await machine(t, { 'apt-get': aptGet });
  t.throws(() => ensureDebian('sox', 'sox'), { message: /"apt-get install sox" \(as root\)/ });
});

await t.test('the browser is the one that is named, then one on the PATH', async (t) => {
  const folder = await machine(t, { 'google-chrome': '', 'chromium-browser': '' });
  t.equal(findBrowser(), path.join(folder, 'chromium-browser'));
  process.env['BOTERNITY_CHROMIUM'] = '/opt/chromium';
  t.equal(findBrowser(), '/opt/chromium');
});

await t.test('without a browser the tests fail with a sentence', async (t) => {
  await machine(t, {});
  t.throws(() => findBrowser(), { message: /^The tests need "chromium": install it with "apt-get install chromium"/ });
});
