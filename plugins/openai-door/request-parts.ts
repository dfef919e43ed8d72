import { z, type ToolSpec } from 'boternity';
import type { Wishes } from '../conversations/service.ts';
import { refused } from './errors.ts';

type Body = Readonly<Record<string, unknown>>;

/** Whether a field that cannot be honoured says nothing else than what is done anyhow. */
export const isAbsent = (value: unknown): boolean => value === null || value === undefined || value === false;
export const isEmpty = (value: unknown): boolean =>
  isAbsent(value) || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
export const isAtMost =
  (most: number) =>
  (value: unknown): boolean =>
    isAbsent(value) || (typeof value === 'number' && value <= most);

/** Reads a body by its form, without what this server cannot do. Throws INPUT_INVALID that names the field. */
export function readBody<Schema extends z.ZodType>(
  body: Body,
  schema: Schema,
  cannot: Readonly<Record<string, (value: unknown) => boolean>>,
): z.output<Schema> {
  for (const [field, isHarmless] of Object.entries(cannot))
    if (!isHarmless(body[field])) throw refused(field, 'This server cannot honour this field. Leave it out.');
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw refused(placeOf(issue?.path ?? []), issue?.message ?? 'is not valid');
}

/** `messages[0].content[1].type`, as clients of the protocol know it. */
function placeOf(path: readonly PropertyKey[]): string {
  return path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at > 0 ? '.' : ''}${String(part)}`))
    .join('');
}

/** Fields that both protocols have. */
export const commonFields = {
  model: z.string({ error: 'Name a model, such as boternity/assistant.' }).min(1),
  stream: z.boolean().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  user: z.string().max(1_000).nullish(),
  tool_choice: z
    .union(
      [
        z.enum(['none', 'auto', 'required']),
        z.looseObject({ type: z.literal('function'), function: z.looseObject({ name: z.string() }) }),
        z.looseObject({ type: z.literal('function'), name: z.string() }),
      ],
      { error: 'Only "auto", "none", "required" and the name of a function can be honoured.' },
    )
    .nullish(),
};

const shape = {
  name: z.string().regex(/^[\w-]{1,64}$/, 'Use letters, digits, _ and -, at most 64.'),
  schema: z.record(z.string(), z.unknown(), { error: 'Send the JSON Schema of the answer.' }),
};

/** The shape of the answer in Chat Completions; undefined where any text will do. */
export const responseFormat = z
  .discriminatedUnion(
    'type',
    [
      z.looseObject({ type: z.literal('text') }),
      z.looseObject({ type: z.literal('json_schema'), json_schema: z.looseObject(shape) }),
    ],
    { error: 'Only text and json_schema can be honoured.' },
  )
  .nullish()
  .transform((format) => (format?.type === 'json_schema' ? schemaOf(format.json_schema) : undefined));

/** The same in Responses, where it stands in `text.format`. */
export const textFormat = z
  .looseObject({
    format: z
      .discriminatedUnion(
        'type',
        [z.looseObject({ type: z.literal('text') }), z.looseObject({ type: z.literal('json_schema'), ...shape })],
        { error: 'Only text and json_schema can be honoured.' },
      )
      .nullish(),
  })
  .nullish()
  .transform((given) => (given?.format?.type === 'json_schema' ? schemaOf(given.format) : undefined));

function schemaOf({ name, schema }: z.output<z.ZodObject<typeof shape>>): NonNullable<Wishes['schema']> {
  return { name, schema };
}

/** How much the model is to think, by the names that the protocols have for it. */
export const effort = z
  .enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh'], { error: 'Use none, minimal, low, medium or high.' })
  .nullish()
  .transform((given) => (given ? efforts[given] : undefined));

const efforts = { none: 'off', minimal: 'low', low: 'low', medium: 'medium', high: 'high', xhigh: 'high' } as const;

/** Text, or pieces of text of these types. */
export function contentOf(...types: readonly string[]) {
  const piece = z.looseObject({
    type: z.enum(types, { error: 'Only text can be sent; this piece is something else.' }),
    text: z.string().optional(),
    refusal: z.string().optional(),
  });
  return z
    .unknown()
    .transform((value) => (typeof value === 'string' ? [{ type: types[0] ?? '', text: value }] : (value ?? [])))
    .pipe(z.array(piece, { error: 'Send a text, or a list of pieces of text.' }))
    .transform((pieces) => pieces.map(({ text, refusal }) => text ?? refusal ?? '').join(''));
}

/** A tool of the client, without what surrounds it. */
export const toolFields = {
  name: z.string().regex(/^[\w-]{1,64}$/, 'Use letters, digits, _ and -, at most 64.'),
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
};

export const mostTools = 128;

export function specOf({ name, description, parameters }: z.output<z.ZodObject<typeof toolFields>>): ToolSpec {
  return { name, description: description ?? '', parameters: parameters ?? { type: 'object', properties: {} } };
}

/**
 * What the model may, or has to, call. Where a call is asked for, the tools of the program alone are offered: one of the bot's own
 * would run here, and the program would never see it.
 */
export function toolWishes(
  choice: z.output<typeof commonFields.tool_choice>,
  tools: readonly ToolSpec[],
): Pick<Wishes, 'tools' | 'withoutTools' | 'toolChoice'> {
  if (choice === 'none') return { withoutTools: true, tools: [] };
  if (choice === 'auto' || !choice) return { withoutTools: false, tools };
  if (tools.length === 0) throw refused('tool_choice', 'Send the tools of which one has to be called.');
  if (choice === 'required') return { withoutTools: true, tools, toolChoice: 'required' };
  const named = 'function' in choice && isNamed(choice.function) ? choice.function.name : String(choice['name']);
  if (!tools.some(({ name }) => name === named))
    throw refused('tool_choice', `There is no tool ${JSON.stringify(named)} in this request.`);
  return { withoutTools: true, tools, toolChoice: { name: named } };
}

function isNamed(value: unknown): value is { readonly name: string } {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string';
}
