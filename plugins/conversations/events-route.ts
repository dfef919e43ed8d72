import { beginEvents, type Route } from 'boternity';
import type { ConversationStore } from './store.ts';

/** Live events of a conversation, from the cursor of a page or of the last event (`Last-Event-ID`) on. */
export function eventsRoute(store: ConversationStore): Route {
  return {
    method: 'GET',
    path: '/api/v1/conversations/{conversation}/events',
    permission: 'bots:use',
    bot: ({ conversation = '' }) => store.botOf(conversation),
    async handle({ params, request, response, url, signal }) {
      const { conversation } = await store.get(params.conversation ?? '');
      const resumed = request.headers['last-event-id'];
      const cursor = typeof resumed === 'string' ? resumed : (url.searchParams.get('cursor') ?? undefined);
      beginEvents(response);
      const leave = conversation.hub.join(response, cursor);
      signal.addEventListener('abort', leave, { once: true });
    },
  };
}
