import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { runTestFile } from './run-file.ts';

const root = path.resolve(import.meta.dirname, '../..');
const run = (name: string) => runTestFile(root, `test/fixtures/runner/${name}.ts`, { limitMs: 1_500, graceMs: 500 });

await t.test('tests are counted, not assertions, and a failure names its whole path', async (t) => {
  const { count, failures, noise } = await run('counts');
  t.strictSame(count, { passed: 3, failed: 2, skipped: 1 });
  t.strictSame(
    failures.map((failure) => failure.path),
    [
      ['outer', 'inner fails', 'numbers agree'],
      ['throws', 'boom'],
    ],
  );
  t.match(failures[0]?.diagnosis, /-2\n\s*\+1/);
  t.notMatch(failures[0]?.diagnosis, /inner passes/, 'the excerpt of the source is left out');
  t.equal(noise, 'said beside the tests');
});

await t.test('a test that hangs ends, fails and keeps what passed before it', async (t) => {
  const { count, failures, seconds } = await run('hangs');
  t.match(count, { passed: 1, failed: 1 });
  t.match(failures[0]?.path, ['waits for ever', 'timeout!']);
  t.ok(seconds < 5, `took ${seconds} s`);
});

await t.test('a test that blocks its process is killed', async (t) => {
  const { count, failures, seconds } = await run('loops');
  t.match(count, { passed: 0, failed: 1 });
  t.match(failures[0], { path: [/loops/], diagnosis: /killed/ });
  t.ok(seconds < 5, `took ${seconds} s`);
});

await t.test('a file may ask for more time', async (t) => {
  t.match((await run('patient')).count, { passed: 1, failed: 0 });
});

await t.test('a process that leaves in the middle of a test is a failure', async (t) => {
  t.match((await run('exits')).count, { passed: 0, failed: 1 });
});

await t.test('a file that cannot be loaded or holds no test is a failure', async (t) => {
  const lost = await run('lost');
  t.match(lost, { count: { failed: 1 }, noise: /nobody\.ts/ });
  t.match(await run('empty'), { count: { passed: 0, failed: 1 }, failures: [{ diagnosis: /no test/ }] });
});

await t.test('what a test started does not outlive it', async (t) => {
  const file = path.join(t.testdir({}), 'pid');
  process.env['LEAKED_PID_FILE'] = file;
  const { count, seconds } = await run('leaks');
  t.match(count, { passed: 1, failed: 0 });
  t.ok(seconds < 5, `took ${seconds} s`);
  const pid = Number(await readFile(file, 'utf8'));
  t.notOk(await isAlive(pid), 'the process is gone');
});

await t.test('the last line counts, and the exit code follows it', async (t) => {
  const npmTest = (...args: string[]) =>
    spawnSync(process.execPath, ['test/support/run.ts', ...args], { cwd: root, encoding: 'utf8' });
  const failed = npmTest('test/fixtures/runner/counts.ts', 'test/fixtures/runner/passes.ts');
  t.match(failed, { status: 1, stdout: /\n4 passed, 2 failed\n$/ });
  t.match(npmTest('test/fixtures/runner/passes.ts'), { status: 0, stdout: /\n1 passed, 0 failed\n$/ });
  const marked = path.join(t.testdir({}), 'ran');
  process.env['UNSTEADY_FILE'] = marked;
  t.match(npmTest('--again', 'test/fixtures/runner/unsteady.ts', 'test/fixtures/runner/counts.ts'), {
    status: 1,
    stdout: /# unsteady: test\/fixtures\/runner\/unsteady.ts failed(.*\n)*4 passed, 2 failed\n$/,
  });
  const none = npmTest('--no-browser', 'test/fixtures/runner/page.browser.test.ts');
  t.match(none, { status: 1, stdout: /1 tests in 1 files did not run\n(.*\n)*0 passed, 0 failed\n$/ });
});

/** A killed process may stay listed until its parent has taken note. */
async function isAlive(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return state !== '' && !/\) [ZX] /.test(state);
}
