import { isRequired, ruleFor, sortTools, text, toolNameOf, toolSpecOf, settingsOf, Fault } from 'boternity';
import type { Wishes } from './engine/wishes.ts';
import type { Resolution } from './graph/graph.ts';
import type { PlannedCall } from './graph/steps.ts';
import { argumentsOf, mend, noTool, readCall, type Mending, type Readable, type ReadCall } from './tool-calls.ts';
import type { Action, Actions, Bot, Caller, ToolCall, ToolResult, ToolRule, ToolSpec } from 'boternity';

/** Longest result a model is given, in characters. People see the whole in the details. */
const RESULT_LIMIT = 50_000;

/** The field that names the bot an action concerns. A tool concerns the bot that calls it, so the field is not the model's to fill in. */
const BOT_FIELD = 'bot';

/** The turn ends with a call of the client's: it cannot wait for others meanwhile. */
const ALONE =
  'This tool is carried out by the client and cannot be called beside others. Call it again, alone, when you have their results.';

interface Tool extends Readable {
  readonly rule: Exclude<ToolRule, 'deny'>;
}

interface Holder {
  readonly tools: ReadonlyMap<string, Tool>;
  readonly actions: Actions;
  readonly bot: Bot;
}

/** The tools of one bot: what its settings ask for of what the actions offer. */
export interface ToolBelt {
  /** Sorted by name. */
  readonly specs: readonly ToolSpec[];
  /** Without those of the client. */
  readonly own: readonly ToolSpec[];
  /** Which tools calls mean, and whether these can take the arguments. */
  read(calls: readonly ToolCall[]): ReadCall[];
  /** A call that could not be read, put right where that is possible. Never one of a tool that the bot does not have. */
  mend(broken: ReadCall, mending: Mending): ReadCall;
  /** What becomes of calls: carried out, asked for first, or refused with words for the model. `allowed` are tools that need no asking any more. */
  plan(calls: readonly ReadCall[], allowed: ReadonlySet<string>): PlannedCall[];
  /** Whether all of these are calls of tools that the client carries out. */
  isForClient(calls: readonly ToolCall[]): boolean;
  /** Runs a call in the bot's name. Failures are results. */
  run(call: ToolCall, signal: AbortSignal): Promise<ToolResult>;
}

/** Why edits of who this bot is wait for a person: one of its tools reaches the files of the machine. */
export function whyWait(bot: Pick<Bot, 'id' | 'files'>, actions: Actions): string | undefined {
  const [name] = [...toolsOf(bot, actions)].find(([, { action }]) => action.reach === 'machine') ?? [];
  return name && `its tool ${name} reaches the files of this machine`;
}

/** A tool of the client stands in the place of one of the bot's own with the same name. */
export function toolBeltFor(bot: Bot, actions: Actions, wishes?: Wishes): ToolBelt {
  const tools = wishes?.withoutTools ? new Map<string, Tool>() : toolsOf(bot, actions);
  const foreign = wishes?.tools ?? [];
  for (const { name } of foreign) tools.delete(name);
  const isForeign = ({ name }: ToolCall): boolean => foreign.some((tool) => tool.name === name);
  const holder: Holder = { tools, actions, bot };
  const own = sortTools([...tools.values()].map(({ action }) => withoutBot(toolSpecOf(action))));
  return {
    own,
    specs: sortTools([...own, ...foreign]),
    read: (calls) =>
      calls.map((call) =>
        isForeign(call) ? { call, resolution: given, wrong: ALONE, isForClient: true } : readCall(call, tools),
      ),
    mend: (broken, mending) => mend(broken, mending, tools),
    plan: (calls, allowed) => calls.map((call) => planFor(call, holder, allowed)),
    isForClient: (calls) => calls.length > 0 && calls.every(isForeign),
    run: (call, signal) => runCall(call, holder, signal),
  };
}

const given: Resolution = { name: 'exact', arguments: 'given' };

function toolsOf(bot: Pick<Bot, 'id' | 'files' | 'brought'>, actions: Actions): Map<string, Tool> {
  const named = settingsOf(bot).tools;
  const settings = { ...named, allow: [...named.allow, ...(bot.brought?.tools ?? [])] };
  const tools = new Map<string, Tool>();
  for (const action of actions) {
    if (!action.doors.includes('bot')) continue;
    const rule = ruleFor(toolNameOf(action), settings, action.rule);
    if (rule === 'deny') continue;
    tools.set(toolNameOf(action), { action, rule, inputOf: (input) => withBot(input, bot, action) });
  }
  return tools;
}

function planFor(
  { call, resolution, wrong }: ReadCall,
  { tools, bot }: Holder,
  allowed: ReadonlySet<string>,
): PlannedCall {
  if (wrong !== undefined) return { call, resolution, refusal: wrong };
  if (tools.get(call.name)?.rule === 'allow' || allowed.has(call.name)) return { call, resolution };
  return { call, resolution, approval: { required: isRequired(call.name, settingsOf(bot).tools) } };
}

async function runCall(written: ToolCall, { tools, actions, bot }: Holder, signal: AbortSignal): Promise<ToolResult> {
  // Read again: since it was planned a person may have taken the tool away.
  const { call, wrong } = readCall(written, tools);
  const tool = tools.get(call.name);
  if (!tool || wrong !== undefined) return refusal(wrong ?? noTool(call.name, tools.keys()));
  try {
    const output = await actions.run(tool.action.name, {
      door: 'bot',
      caller: callerFor(bot, tool.action),
      input: tool.inputOf(argumentsOf(call)),
      signal,
      progress: () => undefined,
    });
    return { content: [text(bounded(JSON.stringify(output) ?? 'null'))], details: output, isError: false };
  } catch (error) {
    return refusal(describe(Fault.from(error)));
  }
}

/** The bot as it asks for one action: with the right for that, and for what concerns a bot only over itself. */
function callerFor({ id, slug }: Bot, { bot, permission }: Action): Caller {
  return { kind: 'bot', id, name: slug, grants: [bot === undefined ? permission : `${permission}@${id}`] };
}

function hasBotField({ input }: Action): boolean {
  return Object.hasOwn(input.shape, BOT_FIELD);
}

function withBot(input: unknown, bot: Pick<Bot, 'id'>, action: Action): unknown {
  if (!hasBotField(action) || typeof input !== 'object' || input === null) return input;
  return { ...input, [BOT_FIELD]: bot.id };
}

function withoutBot(spec: ToolSpec): ToolSpec {
  const {
    properties = {},
    required = [],
    ...rest
  } = spec.parameters as {
    properties?: Record<string, unknown>;
    required?: string[];
  };
  if (!Object.hasOwn(properties, BOT_FIELD)) return spec;
  const { [BOT_FIELD]: _, ...others } = properties;
  return {
    ...spec,
    parameters: { ...rest, properties: others, required: required.filter((name) => name !== BOT_FIELD) },
  };
}

function refusal(message: string): ToolResult {
  return { content: [text(message)], isError: true };
}

function describe(fault: Fault): string {
  const details = fault.details.map((detail) => `${detail.path}: ${detail.message}`).join('; ');
  return [`${fault.code}: ${fault.message}`, details].filter((part) => part !== '').join(' ');
}

function bounded(result: string): string {
  if (result.length <= RESULT_LIMIT) return result;
  return `${result.slice(0, RESULT_LIMIT)}\n[cut: ${result.length - RESULT_LIMIT} more characters]`;
}
