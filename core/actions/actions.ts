import type { z } from 'zod';
import { Fault } from '../base/fault.ts';
import { meterOf, type Meter } from '../base/meter.ts';
import { definePlugin } from '../kernel/plugin.ts';
import { Registry } from '../kernel/registry.ts';
import { KernelError, type Scope } from '../kernel/scope.ts';
import type { Action, ActionCall, Door } from './action.ts';
import { covers, coversSome, type Grant } from './grants.ts';

/** One call of an action on its way through the layers. */
export interface ActionRun extends ActionCall {
  readonly action: Action;
  readonly door: Door;
  /** As it came in; checked by the layer `admit` before anything inside it sees it. */
  readonly input: unknown;
}

/** The service `actions`, one view per consumer: what it adds leaves with it. */
export interface Actions extends Iterable<Action> {
  /** Throws NAME_TAKEN where a model could not tell two tools apart: their names differ by separators or capitals alone. */
  add(...actions: Action[]): void;
  get(name: string): Action | undefined;
  /** Calls back after every change of the set, until the consumer stops. */
  follow(listener: () => void): void;
  /** Tells all names of a bot, given one of them, so that a grant for one name covers the others; until the consumer stops. */
  nameBots(namesOf: NamesOf): void;
  /** All names of a bot: slug and id where there is such a bot, else only what was given. */
  namesOf(bot: string): readonly string[];
  /** Whether grants cover a right, where it concerns a bot for this bot, by whichever name. */
  covers(grants: readonly Grant[], asked: Grant, bot?: string): boolean;
  /** Runs an action as one operation, `action.run`: permission, check of the input, layers of plugins, then the action. */
  run(name: string, call: Omit<ActionRun, 'action'>): Promise<unknown>;
}

/** Slug and id of a bot, given one of them; empty when there is no such bot. Reads nothing. */
export type NamesOf = (bot: string) => readonly string[];

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
    const names = new Registry<NamesOf>('source of names');
    const rights = rightsBy(names);
    const meters = new WeakMap<Action, Meter>();
    const run = context.open('action.run', async ({ action, input, ...call }) => {
      const own = (): Promise<unknown> => action.run(input as Record<string, unknown>, call);
      const kind = call.door === 'bot' ? 'tools' : 'actions';
      return meters.get(action)?.time(kind, action.name, own) ?? own();
    });
    context.wrap('action.run', async (next, call) => next(await admit(call, rights)), ADMIT_ORDER);
    context.provide('actions', (consumer) => actionsFor(consumer, { registry, names, rights, run, meters }));
  },
});

type Rights = Pick<Actions, 'namesOf' | 'covers'>;

function rightsBy(names: Registry<NamesOf>): Rights {
  const namesOf = (bot: string): readonly string[] => {
    const known = [...names].flatMap(([, source]) => source(bot));
    return known.length > 0 ? known : [bot];
  };
  return {
    namesOf,
    covers: (grants, asked, bot) => covers(grants, asked, bot === undefined ? undefined : namesOf(bot)),
  };
}

interface Parts {
  readonly registry: Registry<Action>;
  readonly names: Registry<NamesOf>;
  readonly rights: Rights;
  readonly run: (run: ActionRun) => Promise<unknown>;
  /** Whose action it is: there its calls are counted. */
  readonly meters: WeakMap<Action, Meter>;
}

function actionsFor(consumer: Scope, { registry, names, rights, run, meters }: Parts): Actions {
  return {
    ...rights,
    add(...actions) {
      for (const action of actions) {
        assertTellable(registry, action, consumer);
        registry.add(consumer, action.name, action);
        meters.set(action, meterOf(consumer));
      }
    },
    get: (name) => registry.get(name),
    follow: (listener) => registry.follow(consumer, listener),
    nameBots: (namesOf) => names.add(consumer, consumer.name, namesOf),
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

/** A model that writes `filesRead` or `files-read` means `files_read`; so no other tool may be called anything like it. */
function assertTellable(registry: Registry<Action>, action: Action, { name }: Scope): void {
  if (!action.doors.includes('bot')) return;
  const bare = bareName(action.name);
  for (const [other, { doors }] of registry) {
    if (other === action.name || !doors.includes('bot') || bareName(other) !== bare) continue;
    const both = `The tool "${action.name}" of "${name}" and "${other}" of "${registry.owner(other)}"`;
    throw new KernelError(
      'NAME_TAKEN',
      `${both} differ only by separators or capitals; a model cannot tell them apart.`,
    );
  }
}

/** A name without separators and capitals. */
export function bareName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** Permission first, so that a caller without the grant learns nothing of the input's form; then the input is checked. */
async function admit(run: ActionRun, rights: Rights): Promise<ActionRun> {
  const { action, caller } = run;
  if (!(await mayRun(run, rights))) {
    throw new Fault(
      'CALLER_DENIED',
      `${caller.name} may not run ${action.name}; it needs the grant ${action.permission}.`,
    );
  }
  const checked = action.input.safeParse(run.input ?? {});
  if (!checked.success) throw inputFault(action.name, checked.error);
  return { ...run, input: checked.data };
}

/** A grant for one bot is enough where the input concerns that bot; a `bot` sent along to another action narrows nothing. */
async function mayRun({ action, caller, input }: ActionRun, { covers: mayBy }: Rights): Promise<boolean> {
  const { grants } = caller;
  const { permission } = action;
  if (mayBy(grants, permission)) return true;
  if (!coversSome(grants, permission)) return false;
  const given = typeof input === 'object' && input !== null ? { ...input } : {};
  const bot = await action.bot?.(given);
  return bot === undefined ? action.listsBots : mayBy(grants, permission, bot);
}

/** Of a key that is wrong, what is wrong with it. */
function wordsOf(issue: z.core.$ZodIssue): string {
  return (issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined) ?? issue.message;
}

function inputFault(name: string, error: z.ZodError): Fault {
  const details = error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), message: wordsOf(issue) }));
  const [first] = details;
  const where = first ? ` ${first.path === '' ? '' : `${first.path}: `}${first.message}` : '';
  return new Fault('INPUT_INVALID', `${name} cannot use this input.${where}`, { details });
}
