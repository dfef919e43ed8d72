import { defineAction, z, type Bots } from 'boternity';
import { reference } from './views.ts';

declare module 'boternity' {
  interface ActionTypes {
    'approvals.list': ReturnType<typeof listApprovals>;
    'approvals.grant': ReturnType<typeof grantApproval>;
  }
}

const waitingView = z.object({
  bot: z.string(),
  kind: z.enum(['identity', 'code']).describe('code: hooks, tools and MCP commands that nobody granted'),
  path: z.string(),
  digest: z.string().describe('SHA-256 of what waits; empty for a removed file'),
});

export function listApprovals(bots: Bots) {
  return defineAction({
    name: 'approvals.list',
    summary: 'Lists what waits for a person: changed identities, and code that arrived and is not granted.',
    permission: 'bots:read',
    http: 'GET /approvals',
    cli: 'approval list [bot]',
    examples: ['bnity approval list', 'bnity approval list assistant'],
    input: z.strictObject({ bot: reference.optional() }),
    output: z.object({ approvals: z.array(waitingView) }),
    async run({ bot }) {
      const asked = bot === undefined ? await bots.all() : [await bots.get(bot)];
      return { approvals: asked.flatMap(({ slug, waiting }) => waiting.map((each) => ({ bot: slug, ...each }))) };
    },
  });
}

export function grantApproval(bots: Bots) {
  return defineAction({
    name: 'approvals.grant',
    summary: 'Grants code of a bot as it lies there now: one file, or all that waits.',
    permission: 'bots:admin',
    http: 'POST /bots/{bot}/approvals',
    cli: 'approval grant <bot> [path]',
    confirm: 'The code will run with the rights of the bot. Read it first.',
    examples: ['bnity approval grant assistant hooks/before_inference --force'],
    input: z.strictObject({
      bot: reference,
      path: z.string().min(1).optional().describe('A path as `approval list` shows it'),
    }),
    output: z.object({ bot: z.string(), waiting: z.number().describe('What still waits') }),
    async run({ bot, path }, { caller }) {
      const kept = await bots.keeper(bot);
      const { slug, waiting } = await kept.grant(path === undefined ? undefined : [path], caller);
      return { bot: slug, waiting: waiting.length };
    },
  });
}
