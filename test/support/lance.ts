import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const VERSION = '0.39.0';
const kept = path.resolve(import.meta.dirname, `../../node_modules/.cache/lancedb-${VERSION}`);

/**
 * A folder that has LanceDB in its node_modules, with the binary of this platform alone (210 MB). Nobody who installs the product gets it, so
 * it is fetched here once. Gives why where that cannot be done.
 */
export async function installLance(): Promise<{ readonly home: string } | { readonly why: string }> {
  if (existsSync(kept)) return { home: kept };
  const making = `${kept}.${process.pid}`;
  await mkdir(making, { recursive: true });
  const platform = `${process.platform}-${process.arch}${process.platform === 'linux' ? '-gnu' : ''}`;
  const packages = [`@lancedb/lancedb@${VERSION}`, `@lancedb/lancedb-${platform}@${VERSION}`, 'apache-arrow@18.1.0'];
  const flags = ['--no-save', '--ignore-scripts', '--omit=optional', '--omit=peer', '--no-audit', '--no-fund'];
  try {
    await promisify(execFile)('npm', ['install', '--prefix', making, ...flags, ...packages], {
      cwd: making,
      timeout: 180_000,
    });
    await rename(making, kept);
    return { home: kept };
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    if (existsSync(kept)) return { home: kept };
    return { why: `@lancedb/lancedb ${VERSION} could not be installed: ${String(error).split('\n')[0]}` };
  }
}
