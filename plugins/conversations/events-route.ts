import { beginEvents, z, type Route } from 'boternity';
import type { ConversationStore } from './engine/store.ts';

/** Live events of a conversation, from the cursor of a page or of the last event (`Last-Event-ID`) on. */
export function eventsRoute(store: ConversationStore): Route {
  return {
    method: 'GET',
    path: '/api/v1/conversations/{conversation}/events',
    permission: 'bots:use',
    bot: ({ conversation = '' }) => store.botOf(conversation),
    describe: {
      name: 'conversations.events',
      summary: 'Streams what happens in a conversation, from a cursor on.',
      params: { conversation: { description: 'Id of a conversation', example: '019…' } },
      query: z.object({ cursor: z.string().optional().describe('Where to go on: of the page, or of the last event') }),
      headers: z.object({ 'last-event-id': z.string().optional().describe('The cursor, as browsers send it') }),
      answers: {
        200: {
          description: 'Events `node`, `delta`, `title`, `page` and `reset`, each with a cursor',
          type: 'text/event-stream',
        },
      },
    },
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
