import { definePlugin } from 'boternity';
import type {} from '../search/index.ts';

/** Has conversations found by their words where the plugin `search` runs. */
export const conversationSearch = definePlugin({
  name: 'conversation-search',
  needs: ['conversations', 'search'],
  setup(context) {
    context.defer(context.conversations.findWith(context.search));
  },
});
