import { z } from 'zod';
import { defineAction } from '../actions/action.ts';
import type { Actions } from '../actions/actions.ts';

const actionView = z.object({
  name: z.string(),
  summary: z.string(),
  permission: z.string(),
  http: z.string().nullable(),
  cli: z.string().nullable(),
  examples: z.array(z.string()),
  doors: z.array(z.string()),
  confirm: z.string().nullable(),
  columns: z.array(z.string()).nullable(),
  input: z.record(z.string(), z.unknown()).describe('JSON Schema'),
});
export type ActionView = z.infer<typeof actionView>;

declare module '../kernel/names.ts' {
  interface ActionTypes {
    'actions.list': ReturnType<typeof listActions>;
  }
}

/** The action by which clients and the command line learn what there is. */
export function listActions(actions: Actions) {
  return defineAction({
    name: 'actions.list',
    summary: 'Lists every action with its route, command and input.',
    permission: 'server:read',
    http: 'GET /actions',
    cli: 'action list',
    examples: ['bnity action list --json'],
    input: z.strictObject({}),
    output: z.object({ actions: z.array(actionView) }),
    run: async () => ({
      actions: Array.from(actions, (action) => ({
        name: action.name,
        summary: action.summary,
        permission: action.permission,
        http: action.http ?? null,
        cli: action.cli ?? null,
        examples: [...action.examples],
        doors: [...action.doors],
        confirm: action.confirm ?? null,
        columns: action.columns ? [...action.columns] : null,
        input: action.inputSchema,
      })),
    }),
  });
}
