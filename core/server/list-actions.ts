import { z } from 'zod';
import { defineAction } from '../actions/action.ts';
import type { Actions } from '../actions/actions.ts';
import { covers } from '../actions/grants.ts';
import type { OwnedPanel } from './pages/pages.ts';

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
    'actions.routes': ReturnType<typeof listRoutes>;
    'panels.list': ReturnType<typeof listPanels>;
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

/** The action by which clients learn where the others are: all that they need of them, in a tenth of the bytes. */
export function listRoutes(actions: Actions) {
  return defineAction({
    name: 'actions.routes',
    summary: 'Tells where each action is on HTTP.',
    permission: 'server:read',
    http: 'GET /actions/routes',
    cli: 'action routes',
    examples: ['bnity action routes'],
    input: z.strictObject({}),
    output: z.object({
      routes: z.record(z.string(), z.string()).describe('Name of an action: method and path below /api/v1'),
    }),
    run: async () => ({
      routes: Object.fromEntries([...actions].flatMap(({ name, http }) => (http ? [[name, http]] : []))),
    }),
  });
}

const panelView = z.object({
  path: z.string(),
  title: z.string(),
  icon: z.string(),
  element: z.string(),
  module: z.string().describe('Address of the module that defines the element'),
  plugin: z.string(),
  order: z.number(),
});

/** The action by which the page learns its panels. `addressOf` gives the address of a panel's module. */
export function listPanels(panels: () => Iterable<OwnedPanel>, addressOf: (panel: OwnedPanel) => string) {
  return defineAction({
    name: 'panels.list',
    summary: 'Lists the panels of the web application that the caller may use.',
    permission: 'server:read',
    http: 'GET /panels',
    cli: 'panel list',
    columns: ['path', 'title', 'element', 'plugin'],
    examples: ['bnity panel list'],
    input: z.strictObject({}),
    output: z.object({ panels: z.array(panelView) }),
    run: async (_input, { caller }) => ({
      panels: Iterator.from(panels())
        .filter(({ permission }) => permission === undefined || covers(caller.grants, permission))
        .map((panel) => {
          const { path, title, icon, element, plugin, order = 0 } = panel;
          return { path, title, icon, element, plugin, order, module: addressOf(panel) };
        })
        .toArray()
        .toSorted((a, b) => a.order - b.order),
    }),
  });
}
