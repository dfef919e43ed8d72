import type { Action, JsonSchema } from '../actions/action.ts';
import type { BotSettings } from '../bots/bot-files.ts';
import type { ToolSpec } from './model.ts';

export type ToolRule = 'allow' | 'ask' | 'deny';

/** Name of an action as a tool: dots become underscores. */
export function toolNameOf(action: Pick<Action, 'name'>): string {
  return action.name.replaceAll('.', '_');
}

/**
 * What holds for a tool: what the bot's settings say, deny over ask over allow; where they name it nowhere, what its action
 * says (`unnamed`), else deny. `*` stands for any part of a name.
 */
export function ruleFor(name: string, tools: BotSettings['tools'], unnamed: ToolRule = 'deny'): ToolRule {
  const isIn = (patterns: readonly string[]): boolean => patterns.some((pattern) => matchesPattern(pattern, name));
  if (isIn(tools.deny)) return 'deny';
  if (isIn(tools.ask)) return 'ask';
  return isIn(tools.allow) ? 'allow' : unnamed;
}

function matchesPattern(pattern: string, name: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => RegExp.escape(part))
    .join('[^]*');
  return new RegExp(`^${source}$`).test(name);
}

/** An action as a model sees it. The schema is closed and lists no dialect. */
export function toolSpecOf(action: Action): ToolSpec {
  return { name: toolNameOf(action), description: action.summary, parameters: close(action.inputSchema) };
}

/** Closes every object of a schema, so that strict servers accept it and models invent no fields. */
function close(schema: JsonSchema): JsonSchema {
  const rest = Object.fromEntries(
    Object.entries(schema).filter(([key]) => key !== '$schema' && !key.startsWith('x-')),
  ) as JsonSchema;
  const isObject = rest.type === 'object';
  const properties = rest.properties as Record<string, JsonSchema> | undefined;
  return {
    ...rest,
    ...(isObject && {
      properties: Object.fromEntries(Object.entries(properties ?? {}).map(([key, value]) => [key, close(value)])),
      additionalProperties: rest.additionalProperties ?? false,
    }),
    ...(typeof rest.items === 'object' && rest.items !== null && { items: close(rest.items as JsonSchema) }),
  };
}
