import { isRequired, ruleFor, sortTools, toolNameOf, settingsOf } from 'boternity';
import type { Wishes } from '../engine/wishes.ts';
import type { Resolution } from '../graph/graph.ts';
import type { PlannedCall } from '../graph/steps.ts';
import { argumentsOf, mend, noTool, readCall, type Mending, type ReadCall } from './read-call.ts';
import { foundIn, FOUND_PLACES, MOST_SHOWN, SEARCH, searchTool } from './search.ts';
import { actionTool, refusal, type Tool } from './tool.ts';
import type { Action, Actions, Bot, BotSettings, CalledAt, ToolCall, ToolResult, ToolRule, ToolSpec } from 'boternity';

/** The turn ends with a call of the client's: it cannot wait for others meanwhile. */
const ALONE =
  'This tool is carried out by the client and cannot be called beside others. Call it again, alone, when you have their results.';

/** The tools of one bot: what its settings ask for of what the actions offer. */
export interface ToolBelt {
  /** Its own, all of them, sorted by name. */
  readonly own: readonly ToolSpec[];
  /**
   * What the prompt shows, at most a dozen of its own and all of the client's: sorted by name, and behind them those that were
   * found in this conversation, as they were found, so that what stands before stays the same bytes.
   */
  shown(found: Iterable<string>): ToolSpec[];
  /** Which tools calls mean, and whether these can take the arguments. */
  read(calls: readonly ToolCall[]): ReadCall[];
  /** A call that could not be read, put right where that is possible. Never one of a tool that the bot does not have. */
  mend(broken: ReadCall, mending: Mending): ReadCall;
  /** What becomes of calls: carried out, asked for first, or refused with words for the model. `allowed` are tools that need no asking any more. */
  plan(calls: readonly ReadCall[], allowed: ReadonlySet<string>): PlannedCall[];
  /** Whether all of these are calls of tools that the client carries out. */
  isForClient(calls: readonly ToolCall[]): boolean;
  /** Runs a call in the bot's name. Failures are results. */
  run(call: ToolCall, signal: AbortSignal, at: CalledAt): Promise<ToolResult>;
  /** Whether what a tool gives may hold words of strangers; so it is with tools that are not the bot's. */
  isForeign(name: string): boolean;
  /** Tools that a result makes known and that the prompt does not show yet. */
  newIn(call: ToolCall, result: ToolResult, found: Iterable<string>): string[];
}

/** Why edits of who this bot is wait for a person: one of its tools reaches the files of the machine. */
export function whyWait(bot: Pick<Bot, 'files'>, actions: Actions): string | undefined {
  const [name] = [...namesOf(bot, actions)].find(([, { action }]) => action.reach === 'machine') ?? [];
  return name && `its tool ${name} reaches the files of this machine`;
}

/** A tool of the client stands in the place of one of the bot's own with the same name. */
export function toolBeltFor(bot: Bot, actions: Actions, wishes?: Wishes): ToolBelt {
  const foreign = wishes?.tools ?? [];
  const tools = wishes?.withoutTools ? new Map<string, Tool>() : toolsOf(bot, actions);
  for (const { name } of foreign) tools.delete(name);
  const isForeign = ({ name }: ToolCall): boolean => foreign.some((tool) => tool.name === name);
  const own = sortTools([...tools.values()].map(({ spec }) => spec));
  const always = shownAlways(own, bot);
  const shown = (found: Iterable<string>): ToolSpec[] => [
    ...sortTools([...always, ...foreign]),
    ...[...found]
      .flatMap((name) => (always.some((each) => each.name === name) ? [] : (tools.get(name)?.spec ?? [])))
      .slice(-FOUND_PLACES),
  ];
  return {
    own,
    shown,
    read: (calls) =>
      calls.map((call) =>
        isForeign(call) ? { call, resolution: given, wrong: ALONE, isForClient: true } : readCall(call, tools),
      ),
    mend: (broken, mending) => mend(broken, mending, tools),
    plan: (calls, allowed) => calls.map((call) => planFor(call, tools, bot, allowed)),
    isForClient: (calls) => calls.length > 0 && calls.every(isForeign),
    run: (call, signal, at) => runCall(call, tools, signal, at),
    isForeign: (name) => tools.get(name)?.isForeign ?? true,
    newIn(call, result, found) {
      const known = new Set(shown(found).map(({ name }) => name));
      return foundIn(call.name, result)
        .filter((name) => !known.has(name))
        .slice(0, FOUND_PLACES);
    },
  };
}

const given: Resolution = { name: 'exact', arguments: 'given' };

/**
 * A dozen at most. Where there are more: the search, those that a turn cannot go on without, those that bot.yaml names letter by
 * letter, those that plugins bring, in their order, then the others by name; places stay free for what is found.
 */
function shownAlways(own: readonly ToolSpec[], bot: Bot): ToolSpec[] {
  if (own.length <= MOST_SHOWN) return [...own];
  const { tools } = settingsOf(bot);
  const isFirst = [
    (name: string) => name === SEARCH,
    (name: string) => isRequired(name, tools),
    (name: string) => tools.allow.includes(name) || tools.ask.includes(name),
    ...(bot.brought?.tools ?? []).map((brought) => (name: string) => name === brought),
    () => true,
  ];
  const rank = ({ name }: ToolSpec): number => isFirst.findIndex((is) => is(name));
  const isSearched = own.some(({ name }) => name === SEARCH);
  return own.toSorted((a, b) => rank(a) - rank(b)).slice(0, isSearched ? MOST_SHOWN - FOUND_PLACES : MOST_SHOWN);
}

function toolsOf(bot: Bot, actions: Actions): Map<string, Tool> {
  const tools = new Map(
    [...namesOf(bot, actions)].map(
      ([name, { action, rule }]) => [name, actionTool(action, rule, bot, actions)] as const,
    ),
  );
  const rule = ruleFor(SEARCH, settingsOf(bot).tools, 'allow');
  if (tools.size > MOST_SHOWN && rule !== 'deny' && !tools.has(SEARCH)) {
    const specs = [...tools.values()].map(({ spec }) => spec);
    tools.set(SEARCH, searchTool(specs, rule));
  }
  return tools;
}

interface Named {
  readonly action: Action;
  readonly rule: Exclude<ToolRule, 'deny'>;
}

/** The tools that a bot may use, by name. */
function namesOf(bot: Pick<Bot, 'files' | 'brought'>, actions: Actions): Map<string, Named> {
  const named = settingsOf(bot).tools;
  const { tools: allowed = [], asks = [] } = bot.brought ?? {};
  const settings: BotSettings['tools'] = {
    ...named,
    allow: [...named.allow, ...allowed],
    // What bot.yaml allows by its name needs no asking.
    ask: [...named.ask, ...asks.filter((tool) => ruleFor(tool, named) !== 'allow')],
  };
  const tools = new Map<string, Named>();
  for (const action of actions) {
    if (!action.doors.includes('bot')) continue;
    const rule = ruleFor(toolNameOf(action), settings, action.rule);
    if (rule !== 'deny') tools.set(toolNameOf(action), { action, rule });
  }
  return tools;
}

function planFor(
  { call, resolution, wrong }: ReadCall,
  tools: ReadonlyMap<string, Tool>,
  bot: Bot,
  allowed: ReadonlySet<string>,
): PlannedCall {
  if (wrong !== undefined) return { call, resolution, refusal: wrong };
  if (tools.get(call.name)?.rule === 'allow' || allowed.has(call.name)) return { call, resolution };
  return { call, resolution, approval: { required: isRequired(call.name, settingsOf(bot).tools) } };
}

async function runCall(
  written: ToolCall,
  tools: ReadonlyMap<string, Tool>,
  signal: AbortSignal,
  at: CalledAt,
): Promise<ToolResult> {
  // Read again: since it was planned a person may have taken the tool away.
  const { call, wrong } = readCall(written, tools);
  const tool = tools.get(call.name);
  if (!tool || wrong !== undefined) return refusal(wrong ?? noTool(call.name, tools.keys()));
  return tool.run(argumentsOf(call), signal, at);
}
