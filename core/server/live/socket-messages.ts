import { z } from 'zod';

/** What goes over the WebSocket at /api/v1/live, version 1. Every message is one JSON object in a text frame. */

const id = z
  .union([z.number().int().min(0), z.string().min(1).max(64)])
  .describe('Chosen by the client, for each thing it begins');

/** From the client. */
export const socketCommand = z.union([
  z
    .strictObject({ id, call: z.string().max(100), input: z.record(z.string(), z.unknown()).default({}) })
    .describe('Runs an action: what it tells while it runs, then one answer'),
  z
    .strictObject({
      id,
      follow: z.string().max(500).describe('Path of a stream below /api/v1, as streams.list gives it'),
      cursor: z.string().max(200).optional().describe('Where to go on: of the page, or of the last events'),
    })
    .describe('Follows a stream; answered by `following`, then events until the client leaves or it ends'),
  z.strictObject({ id, leave: z.literal(true) }).describe('Ends what was begun with this id; a call is aborted'),
]);
export type SocketCommand = z.infer<typeof socketCommand>;

/** From the server. */
export const socketMessage = z.union([
  z.strictObject({ id, following: z.literal(true) }),
  z.strictObject({ id, cursor: z.string(), events: z.array(z.unknown()).min(1) }),
  z
    .strictObject({ id, ended: z.literal(true) })
    .describe('There is nothing more to follow here now; try again with the last cursor'),
  z
    .strictObject({ id, stopping: z.literal(true) })
    .describe('The server stops: what is under way still comes, nothing new is taken, then the connection is closed'),
  z.strictObject({ id, progress: z.unknown() }),
  z
    .strictObject({ id: id.nullable(), status: z.number().int(), answer: z.unknown() })
    .describe(
      'The envelope and status as over HTTP: of a call, or a refusal of anything; id is null for what had none',
    ),
  z.strictObject({ beat: z.string() }).describe('Every 15 s; silence of 40 s is a lost connection'),
]);
export type SocketMessage = z.infer<typeof socketMessage>;

/** Why the server closed, beside 1000, 1001 (it stops) and 1009 (a message is too big). */
export const closeCodes = { revoked: 4401, stalled: 4408 } as const;
