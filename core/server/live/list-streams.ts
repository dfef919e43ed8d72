import { z } from 'zod';
import { defineAction } from '../../actions/action.ts';
import type { LiveStream } from './live.ts';
import { socketCommand, socketMessage } from './socket-messages.ts';

declare module '../../kernel/names.ts' {
  interface ActionTypes {
    'streams.list': ReturnType<typeof listStreams>;
  }
}

const socket = { path: '/live', permission: 'caller' } as const;
const sent = { io: 'input' } as const;
const jsonSchema = z.record(z.string(), z.unknown()).describe('JSON Schema, draft 2020-12');

const streamView = z.object({
  name: z.string(),
  summary: z.string(),
  path: z.string().describe('Of its server-sent events, below /api/v1; over the WebSocket, what to follow'),
  permission: z.string(),
  event: jsonSchema,
});

const socketView = streamView.omit({ event: true, name: true }).extend({
  name: z.enum(['command', 'message']),
  schema: jsonSchema,
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
      webSocket: z.array(socketView).describe('What goes over the WebSocket: from the client, and from the server'),
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
      webSocket: [
        {
          ...socket,
          name: 'command' as const,
          summary: 'What a client sends.',
          schema: z.toJSONSchema(socketCommand, sent),
        },
        {
          ...socket,
          name: 'message' as const,
          summary: 'What the server sends.',
          schema: z.toJSONSchema(socketMessage),
        },
      ],
    }),
  });
}
