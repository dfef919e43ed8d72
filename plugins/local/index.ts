import path from 'node:path';
import { definePlugin } from 'boternity';
import type {} from '../providers/index.ts';
import { downloadModel, listFiles, removeFile } from './actions.ts';
import { windowOf } from './gguf.ts';
import { LocalModels, localOptions } from './model.ts';
import { modelFilesIn } from './model-files.ts';

/** Runs models on this machine: GGUF files, with node-llama-cpp, which its owner adds. */
export default definePlugin({
  name: 'local',
  needs: ['home', 'providers', 'actions'],
  setup(context) {
    const { home, providers, actions } = context;
    const models = context.use(new LocalModels(home.path));
    const folder = path.join(home.path, '.boternity/models');
    providers.addKind({
      type: 'local',
      title: 'This machine (GGUF files)',
      address: '',
      options: localOptions,
      model: (access, facts) => models.model(access, facts),
      embedder: (access, facts) => models.embedder(access, facts),
      async list(access) {
        const files = await modelFilesIn(models.folderOf(access));
        return files.map(({ id, path: file }) => {
          const window = windowOf(file);
          return window === undefined ? { id } : { id, window };
        });
      },
    });
    actions.add(downloadModel(folder), listFiles(folder), removeFile(folder));
  },
});
