import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { plants, skeleton } from './support/house-skeleton.ts';
import { checkHouse } from './support/house.ts';
import { rooms } from './support/house-rooms.ts';
import type { Violation } from './support/house-tree.ts';

const root = path.resolve(import.meta.dirname, '..');

await t.test('this tree obeys the house', async (t) => {
  const report = await checkHouse(root);
  t.strictSame(report.violations.map(describe), []);
  t.ok(report.files > 50, `saw ${report.files} files`);
  t.ok(report.imports > 100, `saw ${report.imports} imports`);
  for (const room of rooms) t.ok(report.rooms.has(room), `saw ${room}`);
});

await t.test('a tree that obeys the house has no violation', async (t) => {
  const { violations } = await checkHouse(t.testdir(folders(skeleton)));
  t.strictSame(violations.map(describe), []);
});

await t.test('an empty tree fails: nothing was checked', async (t) => {
  const { violations } = await checkHouse(t.testdir({}));
  t.match(violations[0], { rule: 'nothing', message: /checked nothing/ });
});

await t.test('a tree without one of its rooms fails', async (t) => {
  const rest = Object.entries(skeleton).filter(([file]) => !file.startsWith('plugins/'));
  const { violations } = await checkHouse(t.testdir(folders(Object.fromEntries(rest))));
  t.match(violations[0], { rule: 'nothing', message: /no file in: plugins/ });
});

await t.test('each violation is found', async (t) => {
  const tree = t.testdir(folders(skeleton));
  for (const { rule, what, file, text } of plants) {
    await t.test(`${rule}: ${what}`, async (t) => {
      await put(tree, file, text);
      const { violations } = await checkHouse(tree);
      t.strictSame(
        violations.map((violation) => [violation.rule, violation.file]),
        [[rule, file]],
        violations.map(describe).join('\n'),
      );
      await remove(tree, file);
    });
  }
});

await t.test('the kernel as a whole has a limit, comments not counted', async (t) => {
  const tree = t.testdir(folders(skeleton));
  await put(tree, 'core/kernel/one.ts', `// why\n\n${'export {};\n'.repeat(250)}`);
  await put(tree, 'core/kernel/two.ts', `/*\n${'\n'.repeat(60)}*/\n${'export {};\n'.repeat(246)}`);
  t.strictSame((await checkHouse(tree)).violations, []);
  await put(tree, 'core/kernel/three.ts', 'export {};');
  t.match((await checkHouse(tree)).violations, [{ rule: 'kernel-length', message: /500 lines of code/ }]);
});

await t.test('package.json lists what ships and no more', async (t) => {
  const manifest = JSON.parse(skeleton['package.json'] ?? '');
  const withKoa = { ...manifest.dependencies, openai: '1' };
  const tree = t.testdir(
    folders({ ...skeleton, 'package.json': JSON.stringify({ ...manifest, dependencies: withKoa }) }),
  );
  t.match((await checkHouse(tree)).violations, [{ rule: 'unused', message: /"openai"/ }]);

  const { koa: _koa, ...without } = manifest.dependencies;
  await put(tree, 'package.json', JSON.stringify({ ...manifest, dependencies: without }));
  t.match((await checkHouse(tree)).violations, [{ rule: 'undeclared', file: 'core/server/server.ts' }]);
});

await t.test('a package without a home in the table is found', async (t) => {
  const manifest = JSON.parse(skeleton['package.json'] ?? '');
  const dependencies = { ...manifest.dependencies, 'left-pad': '1' };
  const tree = t.testdir(folders({ ...skeleton, 'package.json': JSON.stringify({ ...manifest, dependencies }) }));
  await put(tree, 'core/base/wrong.ts', "import 'left-pad';");
  t.match((await checkHouse(tree)).violations, [{ rule: 'home', message: /no row in the table/ }]);
});

await t.test('the lock names no host and says what each package contains', async (t) => {
  const lock = JSON.stringify(
    { packages: { 'node_modules/koa': { resolved: 'https://example.invalid/koa.tgz' } } },
    null,
    2,
  );
  const { violations } = await checkHouse(t.testdir(folders({ ...skeleton, 'package-lock.json': lock })));
  t.match(violations, [
    { rule: 'lock', message: /host of a registry/ },
    { rule: 'lock', message: /does not say what node_modules\/koa must contain/ },
  ]);
});

function describe({ rule, file, line, message }: Violation): string {
  return `${rule}: ${file}${line ? `:${line}` : ''} ${message}`;
}

async function put(tree: string, file: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(tree, file)), { recursive: true });
  await writeFile(path.join(tree, file), text);
}

/** Takes a planted file away again, or puts back what stood there. */
async function remove(tree: string, file: string): Promise<void> {
  const before = skeleton[file];
  if (before === undefined) await rm(path.join(tree, file));
  else await put(tree, file, before);
}

interface Folder {
  [name: string]: string | Folder;
}

/** `a/b.ts` → text as the nested object that `t.testdir` wants. */
function folders(files: Readonly<Record<string, string>>): Folder {
  const top: Folder = {};
  for (const [file, text] of Object.entries(files)) {
    const parts = file.split('/');
    const name = parts.pop() ?? '';
    let folder = top;
    for (const part of parts) {
      const inner = folder[part] ?? {};
      if (typeof inner === 'string') throw new Error(`${part} is a file`);
      folder[part] = inner;
      folder = inner;
    }
    folder[name] = text;
  }
  return top;
}
