import { definePlugin } from 'boternity';
import type {} from '../providers/index.ts';
import { listModels } from './list.ts';
import { messagesModel } from './messages.ts';

/** Anthropic's Claude, through its official SDK. */
export default definePlugin({
  name: 'anthropic',
  needs: ['providers'],
  setup({ providers }) {
    providers.addKind({
      type: 'anthropic',
      title: 'Anthropic',
      address: 'https://api.anthropic.com',
      key: 'ANTHROPIC_API_KEY',
      models: ['claude-sonnet-5-5', 'claude-opus-5-5', 'claude-haiku-5-5'],
      model: messagesModel,
      list: listModels,
    });
  },
});
