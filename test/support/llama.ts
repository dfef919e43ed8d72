import { execFile } from 'node:child_process';
import { cp, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder, type Folder } from './product.ts';

const VERSION = '3.22.1';
const kept = path.resolve(import.meta.dirname, `../../node_modules/.cache/node-llama-cpp-${VERSION}`);
export const tinyModel = path.resolve(import.meta.dirname, '../fixtures/local-model/tiny.gguf');

/**
 * Where node-llama-cpp is installed, with the binary of this platform alone (85 MB; all it offers would be 725). Nobody who
 * installs the product gets it, so it is fetched here once. Gives why where that cannot be done.
 */
export async function installLlama(): Promise<{ readonly modules: string } | { readonly why: string }> {
  const modules = path.join(kept, 'node_modules');
  if (existsSync(modules)) return { modules };
  const making = `${kept}.${process.pid}`;
  await mkdir(making, { recursive: true });
  const packages = [`node-llama-cpp@${VERSION}`, `@node-llama-cpp/${process.platform}-${process.arch}@${VERSION}`];
  const flags = ['--prefix', making, '--no-save', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'];
  try {
    await promisify(execFile)('npm', ['install', ...flags, ...packages], { cwd: making, timeout: 120_000 });
    await rename(making, kept);
    return { modules };
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    if (existsSync(modules)) return { modules };
    return { why: `node-llama-cpp ${VERSION} could not be installed: ${String(error).split('\n')[0]}` };
  }
}

/** A home that has the package beside its configuration, and the tiny model where models lie. */
export async function homeWithModel(modules: string | undefined): Promise<Folder> {
  const home = await temporaryFolder();
  await mkdir(path.join(home.path, '.boternity/models'), { recursive: true });
  await cp(tinyModel, path.join(home.path, '.boternity/models/tiny.gguf'));
  if (modules !== undefined) await symlink(modules, path.join(home.path, 'node_modules'));
  return home;
}
