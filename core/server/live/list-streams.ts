import { z } from 'zod';
import { defineAction } from '../../actions/action.ts';
import type { LiveStream } from './live.ts';
import { socketCommand, socketMessage } from './socket-messages.ts';

declare module '../../kernel/names.ts' {
  interface ActionTypes {
    'streams.list': ReturnType<typeof listStreams>;
  }
}

const jsonSchema = z.record(z.string(), z.unknown()).describe('JSON Schema, draft 2020-12');

const streamView = z.object({
  name: z.string(),
  summary: z.string(),
  path: z.string().describe('Of its server-sent events, below /api/v1; over the WebSocket, what to follow'),
  permission: z.string(),
  event: jsonSchema,
});

/** The action by which programs learn what they can follow, and in which form it comes. */
export function listStreams(streams: () => Iterable<LiveStream>) {
  return defineAction({
    name: 'streams.list',
    summary: 'Lists the streams of live events with the form of their events, and what goes over the WebSocket.',
    permission: 'server:read',
    http: 'GET /streams',
    cli: 'stream list',
    examples: ['bnity stream list --json'],
    columns: ['name', 'path', 'permission', 'summary'],
    input: z.strictObject({}),
    output: z.object({
      version: z.literal(1).describe('Of the envelope: `v` of every event'),
      streams: z.array(streamView),
      webSocket: z.object({ path: z.string(), command: jsonSchema, message: jsonSchema }),
    }),
    run: async () => ({
      version: 1 as const,
      streams: Array.from(streams(), ({ name, summary, path, permission, event }) => ({
        name,
        summary,
        path: path.replace(/^\/api\/v1/, ''),
        permission,
        event: z.toJSONSchema(event),
      })),
      webSocket: {
        path: '/live',
        command: z.toJSONSchema(socketCommand, { io: 'input' }),
        message: z.toJSONSchema(socketMessage),
      },
    }),
  });
}
