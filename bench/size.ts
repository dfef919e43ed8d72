import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, lstat, opendir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { root } from './children.ts';
import { runBenchmarks, type Benchmark } from './figures.ts';
import { makeScratch } from '../plugins/bench/scratch.ts';

/** What npm needs to know of this package, from the root. */
const manifests = ['package.json', 'package-lock.json', '.npmrc', 'tools/node'];

/** How much a production install weighs. */
export const size: Benchmark = {
  name: 'size',
  about: 'the packages of a production install: npm ci --omit=dev --ignore-scripts',
  async run() {
    await using scratch = await makeScratch();
    for (const name of manifests) await cp(path.join(root, name), path.join(scratch.path, name), { recursive: true });
    const began = performance.now();
    await install(scratch.path);
    const seconds = (performance.now() - began) / 1000;
    const modules = path.join(scratch.path, 'node_modules');
    const { bytes, blocks, files } = await weigh(modules);
    const lock = JSON.parse(await readFile(path.join(modules, '.package-lock.json'), 'utf8')) as { packages: object };
    return {
      figures: [
        { name: 'node_modules on disk', value: blocks / 1e6, unit: 'MB' },
        { name: 'node_modules, sum of its files', value: bytes / 1e6, unit: 'MB' },
        { name: 'packages', value: Object.keys(lock.packages).length, unit: '' },
        { name: 'files', value: files, unit: '' },
        { name: 'time of the install', value: seconds, unit: 's' },
      ],
      notes: { npmCache: 'as it was found; packages in it are not fetched again' },
    };
  },
};

async function install(folder: string): Promise<void> {
  const options = ['--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = spawn('npm', ['ci', ...options], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const [complaint, [code]] = await Promise.all([text(npm.stderr), once(npm, 'exit') as Promise<[number | null]>]);
  if (code !== 0) throw new Error(`npm ci ended with ${code}: ${complaint.slice(0, 600)}`);
}

interface Weight {
  readonly bytes: number;
  /** What the file system sets aside for them. */
  readonly blocks: number;
  readonly files: number;
}

async function weigh(folder: string): Promise<Weight> {
  const weight = { bytes: 0, blocks: 0, files: 0 };
  for await (const entry of await opendir(folder, { recursive: true })) {
    const found = await lstat(path.join(entry.parentPath, entry.name));
    weight.blocks += found.blocks * 512;
    if (!found.isFile()) continue;
    weight.bytes += found.size;
    weight.files += 1;
  }
  return weight;
}

if (import.meta.main) await runBenchmarks([size]);
