import { definePlugin } from 'boternity';
import type {} from '../memory-index/index.ts';
import { storageActions } from './actions/all.ts';
import { Bringer } from './bring.ts';
import { storageConfig } from './config.ts';
import { documentsOf, type Documents } from './documents.ts';
import { downloadRoute, uploadRoute } from './content-routes.ts';
import { DocumentReader } from './extract/reader.ts';
import { KeyValues } from './key-values.ts';
import { StoredFiles } from './stored-files.ts';
import { Texts } from './texts.ts';
import { tusRoutes } from './tus-routes.ts';
import { Uploads } from './uploads.ts';

export type { Documents } from './documents.ts';

declare module 'boternity' {
  interface Services {
    documents: Documents;
  }
}

/** How often unfinished uploads are looked after, in milliseconds. */
const SWEEP_MS = 10 * 60_000;

/** Gives every bot files, which are searched, and values under keys. */
export default definePlugin({
  name: 'storage',
  needs: ['home', 'bots', 'actions', 'web', 'memoryIndexes'],
  provides: ['documents'],
  config: storageConfig,
  setup(context, config) {
    const { home, bots, actions, web, memoryIndexes } = context;
    const reader = context.use(new DocumentReader({ seconds: config.readSeconds, megabytes: config.readMegabytes }));
    const follow = (bot: string): void =>
      void kept.follow(bot).catch((error: unknown) => home.log.error('Files could not be looked at', { bot, error }));
    const stored = new StoredFiles({ bots, home, config, onChange: follow });
    const kept = new Texts({ bots, home, files: stored, reader, indexes: memoryIndexes });
    const uploads = new Uploads({ home, files: stored, config, isBot: (id) => bots.namesOf(id).includes(id) });
    const parts = {
      bots,
      home,
      files: stored,
      texts: kept,
      uploads,
      config,
      values: new KeyValues({ bots, home, config }),
      basePath: web.basePath,
    };
    context.defer(() => kept.close());
    context.provide('documents', () => documentsOf({ home, config, reader }));
    actions.add(...storageActions(parts));
    for (const route of [uploadRoute(parts), downloadRoute(parts), ...tusRoutes(parts)]) web.route(route);
    const bringer = new Bringer(stored, parts.values);
    bots.bring((bot) => bringer.bring(bot));
    context.on('bots.listed', ({ slugs }) => void kept.forgetOthers(new Set(slugs.map((slug) => bots.idOf(slug)))));
    const sweep = (): void => void uploads.sweep(context.signal).catch(() => undefined);
    const timer = setInterval(sweep, SWEEP_MS).unref();
    context.defer(() => clearInterval(timer));
    sweep();
    web.panel({
      path: 'storage',
      title: 'Storage',
      icon: 'folder',
      element: 'bn-storage-panel',
      module: new URL('ui/storage-panel.ts', import.meta.url),
      order: 45,
      permission: 'storage:read',
    });
  },
});
