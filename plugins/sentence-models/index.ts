import path from 'node:path';
import { definePlugin, Fault } from 'boternity';
import type {} from '../providers/index.ts';
import { downloadModel, listFolders, removeFolder } from './actions.ts';
import { modelFoldersIn } from './model-folder.ts';
import { sentenceOptions, SentenceModels } from './sentence-models.ts';

/** Makes vectors of sentences on this machine: of static embeddings by itself, of transformers with a package that its owner adds. */
export default definePlugin({
  name: 'sentence-models',
  needs: ['home', 'providers', 'actions'],
  setup(context) {
    const { home, providers, actions } = context;
    const models = context.use(new SentenceModels(home.path));
    const folder = path.join(home.path, '.boternity/models');
    providers.addKind({
      type: 'sentence-models',
      title: 'This machine (sentence models)',
      address: '',
      options: sentenceOptions,
      model: (_access, { id }) => {
        throw new Fault('MODEL_MISSING', `${id} makes vectors and no answers.`);
      },
      dimensionsOf: (access, id) => models.look(access, id).dimensions,
      embedder: (access, facts) => models.embedder(access, facts),
      list: async (access) =>
        (await modelFoldersIn(models.folderOf(access))).map(({ id, dimensions }) => ({ id, dimensions })),
    });
    const changed = (): Promise<void> => providers.offer();
    actions.add(downloadModel(folder, changed), listFolders(folder), removeFolder(folder, changed));
  },
});
