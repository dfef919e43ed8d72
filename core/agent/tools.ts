import type { Action, JsonSchema } from '../actions/action.ts';
import type { BotSettings } from '../bots/bot-files.ts';
import type { ToolSpec } from './model.ts';

export type ToolRule = 'allow' | 'ask' | 'deny';

type Patterns = Omit<BotSettings['tools'], 'repair'>;

/** Name of an action as a tool: dots become underscores. */
export function toolNameOf(action: Pick<Action, 'name'>): string {
  return action.name.replaceAll('.', '_');
}

/**
 * What holds for a tool: what the bot's settings say, deny over ask over allow; where they name it nowhere, what its action
 * says (`unnamed`), else deny. `*` stands for any part of a name.
 */
export function ruleFor(name: string, tools: Patterns, unnamed: ToolRule = 'deny'): ToolRule {
  const isIn = (patterns: readonly string[]): boolean => patterns.some((pattern) => matchesPattern(pattern, name));
  if (isIn(tools.deny)) return 'deny';
  if (isIn(tools.ask)) return 'ask';
  return isIn(tools.allow) ? 'allow' : unnamed;
}

/** Whether a turn cannot go on when a person denies a call of this tool. */
export function isRequired(name: string, tools: Patterns): boolean {
  return tools.required.some((pattern) => matchesPattern(pattern, name));
}

/** Patterns as they were read; asked for with every tool of every turn. */
const read = new Map<string, RegExp>();
const MOST_READ = 1_000;

function matchesPattern(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return pattern === name;
  const known = read.get(pattern);
  if (known) return known.test(name);
  const source = pattern
    .split('*')
    .map((part) => RegExp.escape(part))
    .join('[^]*');
  const expression = new RegExp(`^${source}$`);
  if (read.size >= MOST_READ) read.clear();
  read.set(pattern, expression);
  return expression.test(name);
}

/** An action as a model sees it. The schema is closed and lists no dialect. */
export function toolSpecOf(action: Action): ToolSpec {
  return { name: toolNameOf(action), description: action.summary, parameters: close(action.inputSchema) };
}

/** Whether a keyword tells a model anything: each stands in every prompt. What is left out is checked all the same. */
function tells(schema: JsonSchema, key: string, value: unknown): boolean {
  if (key === '$schema' || key.startsWith('x-')) return false;
  if (key === 'pattern') return schema.format === undefined;
  if (key === 'maximum' || key === 'minimum') return Math.abs(Number(value)) !== Number.MAX_SAFE_INTEGER;
  return key !== 'minLength' || value !== 1;
}

/** Keywords that hold a schema, a list of schemas, or schemas by name. */
const nested = ['items', 'additionalProperties', 'not', 'anyOf', 'oneOf', 'allOf', 'prefixItems', '$defs'];

/** Closes every object of a schema, at any depth, so that strict servers accept it and models invent no fields. */
function close(schema: JsonSchema): JsonSchema {
  const rest = Object.fromEntries(
    Object.entries(schema).filter(([key, value]) => tells(schema, key, value)),
  ) as JsonSchema;
  const isObject = rest.type === 'object';
  const properties = rest.properties as Record<string, JsonSchema> | undefined;
  return {
    ...rest,
    ...(isObject && {
      properties: Object.fromEntries(Object.entries(properties ?? {}).map(([key, value]) => [key, close(value)])),
      additionalProperties: rest.additionalProperties ?? false,
    }),
    ...Object.fromEntries(
      nested.filter((key) => isSchema(rest[key])).map((key) => [key, closeWithin(key, rest[key] as JsonSchema)]),
    ),
  };
}

function closeWithin(key: string, value: JsonSchema): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => (isSchema(each) ? close(each) : each));
  if (key !== '$defs') return close(value);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, isSchema(each) ? close(each) : each]));
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null;
}
