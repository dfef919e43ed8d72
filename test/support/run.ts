import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findBrowser } from './browser.ts';
import { runTestFile, type FileResult } from './run-file.ts';

/**
 * `npm test`: runs every file `*.test.ts` below `test/`, or the files named. Each runs in a process of its own and writes TAP. The
 * last line is `N passed, M failed`; a file that fails to run, hangs or holds no test is a failure. With `--again`, for machines that
 * are busy with others, what failed runs a second time by itself; it counts as it ends then, and is named as unsteady.
 */
const root = path.resolve(import.meta.dirname, '../..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  allowNegative: true,
  options: { browser: { type: 'boolean', default: true }, again: { type: 'boolean' } },
});
const began = performance.now();
const chosen = await chooseFiles();
if (chosen.some(isBrowserTest)) prepareBrowser();
const results = await runAll(chosen);
conclude(values.again ? await runFailedAgain(results) : results);

async function chooseFiles(): Promise<string[]> {
  const named = positionals.map((file) => path.relative(root, path.resolve(file)));
  const all = named.length > 0 ? named : globSync('test/**/*.test.ts', { cwd: root, exclude: ['test/fixtures'] });
  const files = all.toSorted();
  if (values.browser) return files;
  const left = files.filter(isBrowserTest);
  const texts = await Promise.all(left.map((file) => readFile(path.join(root, file), 'utf8')));
  const tests = texts.flatMap((text) => text.match(/\bt\.test\(/g) ?? []).length;
  console.log(`# --no-browser: ${tests} tests in ${left.length} files did not run`);
  return files.filter((file) => !isBrowserTest(file));
}

function isBrowserTest(file: string): boolean {
  return file.endsWith('.browser.test.ts');
}

/** Installs what is missing once, before the files run side by side. What can't be had is told by the tests themselves. */
function prepareBrowser(): void {
  try {
    console.log(`# browser: ${findBrowser()}`);
  } catch (error) {
    console.log(`# ${String(error)}`);
  }
}

async function runAll(files: readonly string[]): Promise<FileResult[]> {
  const waiting = [...files];
  const results: FileResult[] = [];
  const worker = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const result = await runTestFile(root, file);
      results.push(result);
      report(result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism() + 1) }, worker));
  return results;
}

async function runFailedAgain(all: readonly FileResult[]): Promise<FileResult[]> {
  const ended: FileResult[] = [];
  for (const result of all) {
    const { file, failures } = result;
    if (failures.length === 0) ended.push(result);
    else {
      console.log(`# again, alone: ${file}`);
      const second = await runTestFile(root, file);
      report(second);
      if (second.failures.length === 0) console.log(`# unsteady: ${file} failed beside others and passed alone`);
      ended.push(second);
    }
  }
  return ended;
}

function report({ file, count, failures, seconds, noise }: FileResult): void {
  const mark = failures.length > 0 ? 'FAIL' : 'ok  ';
  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
  console.log(`${mark} ${file}  ${count.passed} passed${skipped}  ${seconds.toFixed(1)} s`);
  // What a test measured is told also when all is well.
  for (const line of noise.split('\n')) if (line.startsWith('# figure: ')) console.log(`     ${line}`);
  for (const { path: names, diagnosis } of failures) {
    console.log(`\n  ✖ ${names.join(' › ')}\n${diagnosis.replaceAll(/^/gm, '      ')}\n`);
  }
  if (failures.length > 0 && noise) console.log(`  it also printed:\n${noise.replaceAll(/^/gm, '      ')}\n`);
}

function conclude(all: readonly FileResult[]): void {
  const sum = (kind: 'passed' | 'failed' | 'skipped'): number =>
    all.reduce((total, { count }) => total + count[kind], 0);
  const failed = sum('failed');
  if (all.length === 0) console.log('# no test file was found');
  console.log(`# ${all.length} files, ${sum('skipped')} skipped, ${((performance.now() - began) / 1000).toFixed(0)} s`);
  for (const { file, failures } of all) if (failures.length > 0) console.log(`# failed: ${file}`);
  process.exitCode = failed > 0 || sum('passed') === 0 ? 1 : 0;
  console.log(`${sum('passed')} passed, ${failed} failed`);
}
