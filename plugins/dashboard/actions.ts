import { defineAction, z, type Actions } from 'boternity';
import { asking } from './ask.ts';
import { gather } from './gather.ts';
import { listCheck, type ModelLists } from './model-lists.ts';
import type { Spend } from './spend.ts';
import { dashboard } from './views.ts';

declare module 'boternity' {
  interface ActionTypes {
    'dashboard.show': ReturnType<typeof showDashboard>;
    'dashboard.models': ReturnType<typeof checkModels>;
  }
}

/** The grant of those who may have services asked for their lists. */
const COMPARE = 'providers:admin';

export function showDashboard(actions: Actions, spend: Spend) {
  return defineAction({
    name: 'dashboard.show',
    summary: 'Shows what waits for a person, the latest conversations and calls of models, providers and spending.',
    permission: 'server:read',
    http: 'GET /dashboard',
    cli: 'dashboard show',
    examples: ['bnity dashboard show --json'],
    input: z.strictObject({}),
    output: dashboard,
    run: async (_input, { caller, signal }) => ({
      ...(await gather(asking(actions, caller, signal), spend)),
      mayCompare: actions.covers(caller.grants, COMPARE),
    }),
  });
}

export function checkModels(actions: Actions, lists: ModelLists) {
  return defineAction({
    name: 'dashboard.models',
    summary: 'Compares the models that are listed for each provider with those that it has.',
    permission: COMPARE,
    http: 'POST /dashboard/models',
    cli: 'dashboard models',
    columns: ['provider', 'listed', 'gone', 'problem'],
    examples: ['bnity dashboard models', 'bnity dashboard models --fresh'],
    input: z.strictObject({
      fresh: z
        .boolean()
        .default(false)
        .describe('Ask every provider now; else each is asked every ten minutes at most'),
    }),
    output: z.object({ lists: z.array(listCheck) }),
    run: async ({ fresh }, { caller, signal }) => ({
      lists: (await lists.check(asking(actions, caller, signal), fresh)) ?? [],
    }),
  });
}
