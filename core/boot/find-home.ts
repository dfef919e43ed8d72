import { homedir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from './package-root.ts';
import { CONFIG_FILE, findConfig } from './config-file.ts';

/** Where a home is and which config file speaks for it. */
export interface FoundHome {
  /** Absolute path. */
  readonly path: string;
  /** Absolute path of boternity.config.ts; it need not exist. */
  readonly config: string;
}

/**
 * The home: `--home`, then $BOTERNITY_HOME, then the nearest boternity.config.ts upward (its folder, unless it sets `home`),
 * then ~/.boternity.
 */
export async function findHome(
  option: string | undefined,
  workingFolder: string,
  environment: NodeJS.ProcessEnv,
): Promise<FoundHome> {
  const named = option ?? environment.BOTERNITY_HOME;
  if (named) return inFolder(path.resolve(workingFolder, named));
  const config = findConfig(workingFolder);
  if (!config) return inFolder(path.join(homedir(), '.boternity'));
  // Only a config that is there needs what reads it: schemas and the module loader.
  const [{ loadConfig }, { createModuleLoader }] = await Promise.all([
    import('./config.ts'),
    import('../kernel/modules.ts'),
  ]);
  using loader = createModuleLoader(packageRoot, pathToFileURL(`${path.dirname(config)}/`));
  const { home } = await loadConfig(config, loader);
  return { path: path.resolve(path.dirname(config), home ?? '.'), config };
}

function inFolder(folder: string): FoundHome {
  return { path: folder, config: path.join(folder, CONFIG_FILE) };
}
