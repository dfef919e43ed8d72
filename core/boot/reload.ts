import path from 'node:path';
import type { Log } from '../base/log.ts';
import { FolderWatcher } from '../files/watch.ts';
import type { ModuleLoader } from '../kernel/modules.ts';
import { CONFIG_FILE } from './config-file.ts';
import type { FoundHome } from './find-home.ts';
import { SETTINGS_FILE } from './settings.ts';

export interface FollowOptions {
  readonly home: FoundHome;
  readonly loader: ModuleLoader;
  /** Reads config and settings again and carries them out. */
  readonly apply: () => Promise<void>;
  readonly log: Log;
}

/** Follows edits, once its watches stand, of boternity.config.ts, settings.yaml and the code in `plugins/`: what changed is imported anew and swapped in. */
export async function followChanges(options: FollowOptions): Promise<Disposable> {
  const { home, loader, apply, log } = options;
  const watchers = new DisposableStack();
  let applying: Promise<void> = Promise.resolve();
  const reload = (what: string): void => {
    applying = applying.then(async () => {
      log.info(`Reloading: ${what}`);
      await apply().catch((error: unknown) => log.error('Reloading failed', { error }));
    });
  };
  const onConfig = (paths: readonly string[]): void => {
    if (!paths.includes(path.basename(home.config))) return;
    loader.raise(home.config);
    reload(CONFIG_FILE);
  };
  const onHome = (paths: readonly string[]): void => {
    const changed = new Set(
      paths.filter((file) => file.startsWith('plugins/')).map((file) => file.split('/')[1] ?? ''),
    );
    for (const name of changed) loader.raise(`${path.join(home.path, 'plugins', name)}${path.sep}`);
    if (changed.size > 0) {
      loader.raise(home.config);
      reload(`plugins ${[...changed].join(', ')}`);
    } else if (paths.includes(SETTINGS_FILE)) reload(SETTINGS_FILE);
  };
  const enterPlugins = (folder: string): boolean =>
    folder.split('/')[0] === 'plugins' && !folder.includes('node_modules');
  const watcher = watchers.use(new FolderWatcher(home.path, { enter: enterPlugins, onChange: onHome }));
  const configWatcher = watchers.use(
    new FolderWatcher(path.dirname(home.config), { enter: () => false, onChange: onConfig }),
  );
  await Promise.all([watcher.add(), configWatcher.add()]);
  return watchers;
}
