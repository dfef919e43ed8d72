import { Fault, text, toolSpecOf } from 'boternity';
import type { Action, Actions, Bot, CalledAt, Caller, ToolResult, ToolRule, ToolSpec, z } from 'boternity';

/** Longest result a model is given, in characters. People see the whole in the details. */
const RESULT_LIMIT = 50_000;

/** The field that names the bot an action concerns. A tool concerns the bot that calls it, so the field is not the model's to fill in. */
const BOT_FIELD = 'bot';

/** Something that a bot can call. */
export interface Tool {
  readonly spec: ToolSpec;
  readonly rule: Exclude<ToolRule, 'deny'>;
  readonly input: z.ZodObject;
  /** Whether its results may hold words of strangers. */
  readonly isForeign: boolean;
  /** What a model gave, with what is not the model's to fill in. */
  inputOf(given: unknown): unknown;
  /** Failures are results. */
  run(given: unknown, signal: AbortSignal, at?: CalledAt): Promise<ToolResult>;
}

/** An action as a bot's tool: in the bot's name, about this bot alone. */
export function actionTool(
  action: Action,
  rule: Tool['rule'],
  bot: Pick<Bot, 'id' | 'slug'>,
  actions: Pick<Actions, 'run'>,
): Tool {
  const inputOf = (given: unknown): unknown => withBot(given, bot, action);
  return {
    spec: specOf(action),
    rule,
    input: action.input,
    isForeign: action.isForeign,
    inputOf,
    async run(given, signal, at) {
      try {
        const output = await actions.run(action.name, {
          door: 'bot',
          caller: callerFor(bot, action),
          input: inputOf(given),
          signal,
          progress: () => undefined,
          ...(at && { at }),
        });
        return { content: [text(bounded(JSON.stringify(output) ?? 'null'))], details: output, isError: false };
      } catch (error) {
        return refusal(describe(Fault.from(error)));
      }
    },
  };
}

/** What a model reads instead of a result. */
export function refusal(message: string): ToolResult {
  return { content: [text(message)], isError: true };
}

/** The bot as it asks for one action: with the right for that, and for what concerns a bot only over itself. */
function callerFor({ id, slug }: Pick<Bot, 'id' | 'slug'>, { bot, permission }: Action): Caller {
  return { kind: 'bot', id, name: slug, grants: [bot === undefined ? permission : `${permission}@${id}`] };
}

function withBot(input: unknown, bot: Pick<Bot, 'id'>, action: Action): unknown {
  if (!Object.hasOwn(action.input.shape, BOT_FIELD) || typeof input !== 'object' || input === null) return input;
  return { ...input, [BOT_FIELD]: bot.id };
}

const specs = new WeakMap<Action, ToolSpec>();

function specOf(action: Action): ToolSpec {
  const known = specs.get(action);
  if (known) return known;
  const spec = withoutBot(toolSpecOf(action));
  specs.set(action, spec);
  return spec;
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

function describe(fault: Fault): string {
  const details = fault.details.map((detail) => `${detail.path}: ${detail.message}`).join('; ');
  return [`${fault.code}: ${fault.message}`, details].filter((part) => part !== '').join(' ');
}

function bounded(result: string): string {
  if (result.length <= RESULT_LIMIT) return result;
  return `${result.slice(0, RESULT_LIMIT)}\n[cut: ${result.length - RESULT_LIMIT} more characters]`;
}
