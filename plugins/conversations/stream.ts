import type { LiveStream } from 'boternity';
import type { ConversationStore } from './engine/store.ts';
import { conversationEvent } from './views.ts';

/** Live events of one conversation. */
export function conversationStream(store: ConversationStore): LiveStream {
  return {
    name: 'conversations.events',
    summary: 'Streams what happens in a conversation, from a cursor on.',
    path: '/api/v1/conversations/{conversation}/events',
    params: { conversation: { description: 'Id of a conversation', example: '019…' } },
    permission: 'bots:use',
    bot: ({ conversation = '' }) => store.botOf(conversation),
    event: conversationEvent,
    open: async ({ conversation = '' }) => (await store.get(conversation)).conversation,
  };
}
