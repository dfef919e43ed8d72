import path from 'node:path';
import { z } from 'zod';
import type { Log } from '../base/log.ts';
import type { Problem } from '../base/problem.ts';
import { definePlugin } from '../kernel/plugin.ts';
import type { Scope } from '../kernel/scope.ts';
import { createDiskFiles } from './disk.ts';
import type { Files } from './files.ts';
import { FolderWatcher, type WatchOptions } from './watch.ts';

/** A running watch. */
export interface Watching {
  /** Takes up one folder at once, before anything in it is read. */
  readonly cover: (folder: string) => Promise<void>;
}

/** The service `home`: the folder everything is kept in. */
export interface Home {
  /** Absolute path. */
  readonly path: string;
  readonly files: Files;
  readonly log: Log;
  /** What was found damaged in the home since the start, told by those who keep the files. */
  readonly problems: readonly Problem[];
  /** Adds to the problems, and to the log. For damage that was met and repaired: it is told until the server ends. */
  readonly tellProblem: (problem: Problem) => void;
  /** Watches folders of the home until the consumer stops; gives the way to take up one folder at once. */
  readonly watch: (options: Omit<WatchOptions, 'onPolling'>) => Watching;
}

declare module '../kernel/names.ts' {
  interface Services {
    home: Home;
  }
}

const homeConfig = z.strictObject({
  path: z.string(),
  /** Off: edits on disk are seen after a restart only. For tests and for network drives that report nothing. */
  watch: z.boolean().default(true),
  log: z.custom<Log>(),
  files: z.custom<Files | undefined>().optional(),
});

/** Gives plugins the home folder, its files and its log. */
export default definePlugin({
  name: 'home',
  provides: ['home'],
  config: homeConfig,
  setup(context, config) {
    const root = path.resolve(config.path);
    const files = config.files ?? createDiskFiles(root);
    const problems: Problem[] = [];
    context.provide('home', (consumer) => ({
      path: root,
      files,
      log: config.log.with({ plugin: consumer.name }),
      problems,
      tellProblem(problem) {
        problems.push(problem);
        config.log.warn(`${problem.file}: ${problem.message}`, { plugin: consumer.name });
      },
      watch: (options) => watchFor(consumer, root, config.watch, options, config.log),
    }));
  },
});

function watchFor(
  consumer: Scope,
  root: string,
  isOn: boolean,
  options: Omit<WatchOptions, 'onPolling'>,
  log: Log,
): Watching {
  if (!isOn) return { cover: () => Promise.resolve() };
  const watcher = consumer.use(
    new FolderWatcher(root, {
      ...options,
      onPolling: (error) =>
        log.warn(
          'The system gives no more watches; the rest is read every two seconds. Raise fs.inotify.max_user_watches.',
          { error },
        ),
    }),
  );
  void watcher.add().catch((error: unknown) => log.error('Watching failed', { error }));
  return { cover: (folder) => watcher.add(folder) };
}
