import { z } from 'zod';
import { beginEvents } from '../sse.ts';
import type { Route } from '../web.ts';
import type { Live, LiveStream } from './live.ts';
import { readerOf } from './reader.ts';

/** The server-sent events of a stream, from a cursor (`?cursor=`, `Last-Event-ID`) on. */
export function eventsRoute(stream: LiveStream, live: Live): Route {
  const { name, summary, path, params, permission, bot } = stream;
  return {
    method: 'GET',
    path,
    permission,
    ...(bot && { bot }),
    describe: {
      name,
      summary,
      ...(params && { params }),
      query: z.object({ cursor: z.string().optional().describe('Where to go on: of the page, or of the last event') }),
      headers: z.object({ 'last-event-id': z.string().optional().describe('The cursor, as browsers send it') }),
      answers: {
        200: {
          description: 'Events without end: `id` is the cursor, `event` the type, `data` as GET /streams tells',
          type: 'text/event-stream',
        },
      },
    },
    async handle(call) {
      const { params: given, request, response, url, caller, signal } = call;
      const source = await stream.open(given, caller);
      const resumed = request.headers['last-event-id'];
      const cursor = typeof resumed === 'string' ? resumed : (url.searchParams.get('cursor') ?? undefined);
      if (signal.aborted) return;
      beginEvents(response);
      const following = { stream, params: given, caller, over: 'sse', request: call.id, cursor } as const;
      const leave = live.follow(source, following, readerOf(response));
      response.once('close', leave);
    },
  };
}
