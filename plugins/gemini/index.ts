import { definePlugin } from 'boternity';
import type {} from '../providers/index.ts';
import { EMBEDDINGS, geminiEmbedder } from './embedder.ts';
import { listModels } from './list.ts';
import { geminiModel } from './model.ts';

/** Google's Gemini, in its native protocol. */
export default definePlugin({
  name: 'gemini',
  needs: ['providers'],
  setup({ providers }) {
    providers.addKind({
      type: 'gemini',
      title: 'Google Gemini',
      address: 'https://generativelanguage.googleapis.com/v1beta',
      key: 'GEMINI_API_KEY',
      models: ['gemini-3.8-flash'],
      embeddings: EMBEDDINGS,
      model: geminiModel,
      list: listModels,
      embedder: geminiEmbedder,
    });
  },
});
