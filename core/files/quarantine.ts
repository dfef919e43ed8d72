import path from 'node:path';
import { makeFolder, syncFolder } from './disk.ts';
import { systemCalls } from './system-calls.ts';

/** Where damaged files of the server's own are kept for people to look at. */
export const QUARANTINE = '.boternity/quarantine';

/**
 * Moves a damaged file of the home, or whatever stands in its place, out of the way. Gives the path, from the home, where it is
 * kept now. Rejects when it cannot be moved.
 */
export async function quarantine(home: string, file: string): Promise<string> {
  const name = file.split('/').at(-1) ?? '';
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const kept = `${QUARANTINE}/${name}.${stamp}`;
  await makeFolder(path.join(home, QUARANTINE));
  await systemCalls.rename(path.join(home, file), path.join(home, kept));
  await syncFolder(path.dirname(path.join(home, file)));
  return kept;
}
