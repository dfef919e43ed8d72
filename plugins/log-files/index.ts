import { definePlugin, z } from 'boternity';
import { removeOldLogs } from './old-logs.ts';

/** How often it is looked what may go, in milliseconds. */
const ROUND_MS = 60 * 60_000;

/** Removes the server's logs when they are old, or too many. */
export default definePlugin({
  name: 'log-files',
  needs: ['home', 'house'],
  config: z
    .strictObject({
      days: z.number().int().positive().default(14).describe('How long logs are kept'),
      megabytes: z
        .number()
        .int()
        .positive()
        .default(500)
        .describe('What all logs together may take; the oldest go first'),
    })
    .prefault({}),
  setup(context, limits) {
    const { home, house } = context;
    if (!house.isServer) return;
    const look = (): void =>
      void removeOldLogs(home, limits).catch((error: unknown) =>
        home.log.warn('Old logs could not be removed', { error }),
      );
    const timer = setInterval(look, ROUND_MS).unref();
    context.defer(() => clearInterval(timer));
    look();
  },
});
