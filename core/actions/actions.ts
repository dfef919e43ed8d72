import type { z } from 'zod';
import { Fault } from '../base/fault.ts';
import { definePlugin } from '../kernel/plugin.ts';
import { Registry } from '../kernel/registry.ts';
import type { Scope } from '../kernel/scope.ts';
import type { Action, ActionCall, Door } from './action.ts';
import { covers } from './grants.ts';

/** One call of an action on its way through the layers. */
export interface ActionRun extends ActionCall {
  readonly action: Action;
  readonly door: Door;
  /** As it came in; checked by the layer `admit` before anything inside it sees it. */
  readonly input: unknown;
}

/** The service `actions`, one view per consumer: what it adds leaves with it. */
export interface Actions extends Iterable<Action> {
  add(...actions: Action[]): void;
  get(name: string): Action | undefined;
  /** Calls back after every change of the set, until the consumer stops. */
  follow(listener: () => void): void;
  /** Runs an action as one operation, `action.run`: permission, check of the input, layers of plugins, then the action. */
  run(name: string, call: Omit<ActionRun, 'action'>): Promise<unknown>;
}

declare module '../kernel/names.ts' {
  interface Services {
    actions: Actions;
  }
  interface Operations {
    'action.run': (run: ActionRun) => Promise<unknown>;
  }
}

/** Where `admit` stands among the layers of `action.run`: outside of everything with the usual order 0. */
const ADMIT_ORDER = -100;

/** Keeps the actions and runs them. */
export default definePlugin({
  name: 'actions',
  provides: ['actions'],
  setup(context) {
    const registry = new Registry<Action>('action');
    const run = context.open('action.run', async ({ action, input, ...call }) =>
      action.run(input as Record<string, unknown>, call),
    );
    context.wrap('action.run', (next, call) => next(admit(call)), ADMIT_ORDER);
    context.provide('actions', (consumer) => actionsFor(consumer, registry, run));
  },
});

function actionsFor(consumer: Scope, registry: Registry<Action>, run: (run: ActionRun) => Promise<unknown>): Actions {
  return {
    add: (...actions) => actions.forEach((action) => registry.add(consumer, action.name, action)),
    get: (name) => registry.get(name),
    follow: (listener) => registry.follow(consumer, listener),
    async run(name, call) {
      const action = registry.get(name);
      if (!action?.doors.includes(call.door)) throw new Fault('ACTION_MISSING', `There is no action "${name}" here.`);
      return run({ ...call, action });
    },
    *[Symbol.iterator]() {
      for (const [, action] of registry) yield action;
    },
  };
}

/** Permission first, so that a caller without the grant learns nothing of the input's form; then the input is checked. */
function admit(run: ActionRun): ActionRun {
  const { action, caller } = run;
  const bot = botOf(action, run.input);
  if (!covers(caller.grants, action.permission, bot)) {
    throw new Fault(
      'CALLER_DENIED',
      `${caller.name} may not run ${action.name}; it needs the grant ${action.permission}.`,
    );
  }
  const checked = action.input.safeParse(run.input ?? {});
  if (!checked.success) throw inputFault(action.name, checked.error);
  return { ...run, input: checked.data };
}

/** The bot an input names, where the action has such a field; a field sent along to another action narrows nothing. */
function botOf(action: Action, input: unknown): string | undefined {
  if (!Object.hasOwn(action.input.shape, 'bot') || typeof input !== 'object' || input === null) return undefined;
  return 'bot' in input ? String(input.bot) : undefined;
}

function inputFault(name: string, error: z.ZodError): Fault {
  const details = error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message }));
  const [first] = details;
  const where = first ? ` ${first.path === '' ? '' : `${first.path}: `}${first.message}` : '';
  return new Fault('INPUT_INVALID', `${name} cannot use this input.${where}`, { details });
}
