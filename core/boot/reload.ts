import { statSync } from 'node:fs';
import path from 'node:path';
import type { Log } from '../base/log.ts';
import { FolderWatcher } from '../files/watch.ts';
import type { ModuleLoader } from '../kernel/modules.ts';
import { CONFIG_FILE } from './config-file.ts';
import type { FoundHome } from './find-home.ts';
import type { FoundPlugin } from './plugins/find.ts';
import { SETTINGS_FILE } from './settings.ts';

export interface FollowOptions {
  readonly home: FoundHome;
  readonly loader: ModuleLoader;
  /** Packages that are turned on. */
  readonly packages: () => readonly FoundPlugin[];
  /** Reads config and settings again and carries them out. */
  readonly apply: () => Promise<void>;
  readonly log: Log;
}

export interface Watches extends Disposable {
  /** Follows the packages that are turned on now, and no others. */
  followPackages(): Promise<void>;
}

/**
 * Follows edits, once its watches stand, of boternity.config.ts, settings.yaml, the code in `plugins/` and that of packages that
 * are turned on: what changed is imported anew and swapped in.
 */
export async function followChanges(options: FollowOptions): Promise<Watches> {
  const { home, loader, packages, apply, log } = options;
  const watchers = new DisposableStack();
  const inPackages = watchers.use(new PackageWatches((place) => change(`${place}${path.sep}`, path.basename(place))));
  let applying: Promise<void> = Promise.resolve();
  const reload = (what: string): void => {
    applying = applying.then(async () => {
      log.info(`Reloading: ${what}`);
      await apply().catch((error: unknown) => log.error('Reloading failed', { error }));
      await inPackages.follow(packages());
    });
  };
  const change = (place: string, what: string): void => {
    loader.raise(place);
    // Its own modules are imported anew with it, so that it sees the changed code.
    loader.raise(home.config);
    reload(what);
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
    for (const name of changed) loader.raise(asImported(path.join(home.path, 'plugins', name)));
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
  return {
    followPackages: () => inPackages.follow(packages()),
    [Symbol.dispose]: () => watchers.dispose(),
  };
}

/** A plugin in the home is a folder, whose path ends in a slash, or one file. */
function asImported(place: string): string {
  return statSync(place, { throwIfNoEntry: false })?.isDirectory() === false ? place : `${place}${path.sep}`;
}

/** Watches folders of packages, one watcher for each project. What is replaced as a whole, as npm does, is followed too. */
class PackageWatches implements Disposable {
  readonly #onChange: (place: string) => void;
  readonly #watchers = new Map<string, { readonly key: string; readonly watcher: FolderWatcher }>();
  #isClosed = false;

  constructor(onChange: (place: string) => void) {
    this.#onChange = onChange;
  }

  async follow(packages: readonly FoundPlugin[]): Promise<void> {
    if (this.#isClosed) return;
    const byProject = Map.groupBy(packages, ({ project = '' }) => project);
    for (const [project, { key, watcher }] of this.#watchers) {
      if (key === keyOf(byProject.get(project) ?? [])) continue;
      watcher[Symbol.dispose]();
      this.#watchers.delete(project);
    }
    for (const [project, inside] of byProject) {
      if (this.#watchers.has(project)) continue;
      const watcher = watcherOf(project, inside, this.#onChange);
      this.#watchers.set(project, { key: keyOf(inside), watcher });
      await watcher.add();
    }
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    for (const { watcher } of this.#watchers.values()) watcher[Symbol.dispose]();
    this.#watchers.clear();
  }
}

function keyOf(packages: readonly FoundPlugin[]): string {
  return packages
    .map(({ place }) => place)
    .toSorted()
    .join('\n');
}

function watcherOf(
  project: string,
  packages: readonly FoundPlugin[],
  onChange: (place: string) => void,
): FolderWatcher {
  const folders = packages.map(({ place }) => path.relative(project, place).replaceAll(path.sep, '/'));
  const isIn = (file: string, folder: string): boolean => file === folder || file.startsWith(`${folder}/`);
  return new FolderWatcher(project, {
    enter: (folder) =>
      !folder.slice('node_modules/'.length).includes('node_modules') &&
      folders.some((wanted) => isIn(wanted, folder) || isIn(folder, wanted)),
    onChange(paths) {
      for (const folder of folders) if (paths.some((file) => isIn(file, folder))) onChange(path.join(project, folder));
    },
  });
}
