import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** A Node on the PATH that is too old for the product: for tests of what it says then. */
export function findOlderNode(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean);
  return folders.map((folder) => path.join(folder, 'node')).find((file) => isExecutable(file) && isOlder(file));
}

/** `options` for a test that needs an older Node: skips it, and says so, where there is none. */
export function needsOlderNode(): { skip?: string } {
  return findOlderNode() ? {} : { skip: 'there is no Node older than 24 on the PATH' };
}

function isOlder(file: string): boolean {
  const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  return Number(/^v(\d+)\./.exec(stdout)?.[1] ?? 24) < 24;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
