import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

let isUpdated = false;

/** Where Debian's packages put servers; users' paths often lack it. */
const SERVERS = '/usr/sbin';

/** Where a program lies: on the PATH, or among the servers of the system. */
export function findProgram(...names: readonly string[]): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean), SERVERS];
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find(isProgram);
}

/**
 * Gives the path of a program that a test needs; installs Debian's package of it when it is missing and this user is root.
 * Throws one sentence that names the package when the program can't be had.
 */
export function ensureDebian(program: string, packageName: string): string {
  const found = findProgram(program);
  if (found) return found;
  const wanted = `The tests need "${program}": install it with "apt-get install ${packageName}"`;
  if (!findProgram('apt-get')) throw new Error(`${wanted}, or by the means of this system.`);
  if (process.getuid?.() !== 0) throw new Error(`${wanted} (as root).`);
  if (!isUpdated) apt(['update'], 'apt-get update');
  isUpdated = true;
  apt(['install', '--yes', '--no-install-recommends', packageName], `${wanted}; that was tried and`);
  const installed = findProgram(program);
  if (!installed) throw new Error(`Debian's package "${packageName}" is installed but has no program "${program}".`);
  return installed;
}

function apt(words: readonly string[], what: string): void {
  console.log(`# apt-get ${words.join(' ')}`);
  const { status, stderr, error } = spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...words], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (status === 0) return;
  throw new Error(`${what} failed: ${error?.message ?? stderr.trim().split('\n').at(-1) ?? ''}`);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
