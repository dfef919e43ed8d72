import { defineAction, z, type Bots, type Home } from 'boternity';
import { levels, readLogs } from './read.ts';

declare module 'boternity' {
  interface ActionTypes {
    'logs.list': ReturnType<typeof listLogs>;
  }
}

export function listLogs(home: Home, bots: Bots) {
  return defineAction({
    name: 'logs.list',
    summary: 'Lists the last lines of the log of the server, oldest first: all, or those about one bot or one run.',
    permission: 'server:admin',
    http: 'GET /logs',
    cli: 'log list',
    columns: ['time', 'level', 'message', 'bot', 'run'],
    examples: ['bnity log list', 'bnity log list --level warn --limit 20', 'bnity log list --about-bot ada'],
    input: z.strictObject({
      // Not `bot`: a grant for one bot does not open the log of the server.
      about_bot: z.string().min(1).max(200).optional().describe('Slug or id of a bot'),
      run: z.string().min(1).max(200).optional().describe('Id of an answer or of a turn'),
      level: z.enum(levels).optional().describe('This level and more serious ones'),
      limit: z.number().int().min(1).max(1_000).default(100).describe('Lines at most'),
    }),
    output: z.object({
      lines: z.array(
        z.looseObject({ time: z.string(), level: z.enum(levels), message: z.string() }).describe('Fields as written'),
      ),
    }),
    async run({ about_bot: bot, run, level, limit }) {
      const names = bot === undefined ? undefined : [bot, ...bots.namesOf(bot)];
      return { lines: await readLogs(home.path, { bots: names, run, level }, limit) };
    },
  });
}
