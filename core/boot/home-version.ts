import { Fault } from '../base/fault.ts';
import type { Files } from '../files/files.ts';
import { parseYaml } from '../files/yaml.ts';
import { SETTINGS_FILE } from './settings.ts';

/** The layout of homes that this program writes and reads. `bnity migrate` brings older ones up to it. */
export const HOME_VERSION = 2;

/** The version that settings.yaml names. A home that names none is of the first; one whose settings cannot be read counts as current. */
export async function versionOfHome(files: Files): Promise<number> {
  try {
    const settings = parseYaml((await files.read(SETTINGS_FILE))?.toString() ?? '') as { version?: unknown } | null;
    const version = settings?.version ?? 1;
    return typeof version === 'number' ? version : HOME_VERSION;
  } catch {
    // What is wrong with the file is told by who reads the settings.
    return HOME_VERSION;
  }
}

/** Throws HOME_NEWER for a home that only a newer program understands. */
export async function assertKnownVersion(files: Files, home: string): Promise<void> {
  const version = await versionOfHome(files);
  if (version <= HOME_VERSION) return;
  throw new Fault(
    'HOME_NEWER',
    `${home} is a home of version ${version} (settings.yaml), and this program knows versions up to ${HOME_VERSION}. Nothing was touched.`,
  );
}
