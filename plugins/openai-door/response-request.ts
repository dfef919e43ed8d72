import { isId, z } from 'boternity';
import type { Past } from '../conversations/service.ts';
import { refused } from './errors.ts';
import { commonFields, contentOf, effort, isAbsent, isAtMost, mostTools } from './request-parts.ts';
import { readBody, specOf, textFormat, toolFields, toolWishes } from './request-parts.ts';
import type { Asked } from './where.ts';

const item = z.union(
  [
    z.looseObject({
      type: z.literal('message').optional(),
      role: z.enum(['system', 'developer', 'user', 'assistant']),
      content: contentOf('input_text', 'output_text', 'text', 'refusal'),
    }),
    z.looseObject({
      type: z.literal('function_call'),
      call_id: z.string().min(1),
      name: z.string(),
      arguments: z.string(),
    }),
    z.looseObject({
      type: z.literal('function_call_output'),
      call_id: z.string(),
      output: contentOf('input_text', 'output_text', 'text'),
    }),
    z.looseObject({ type: z.literal('reasoning') }),
  ],
  { error: 'An item is a message of text, a function_call, a function_call_output or a reasoning.' },
);

const responseBody = z.looseObject({
  ...commonFields,
  input: z.union([z.string(), z.array(z.unknown())], { error: 'Send a text, or a list of items.' }),
  instructions: z.string().nullish(),
  text: textFormat,
  reasoning: z.looseObject({ effort }).nullish(),
  previous_response_id: z.string().nullish(),
  max_output_tokens: z.number().int().positive().nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  tools: z
    .array(z.looseObject({ type: z.literal('function', { error: 'Only functions can be tools.' }), ...toolFields }))
    .max(mostTools)
    .nullish(),
});

const cannot = {
  background: isAbsent,
  conversation: isAbsent,
  prompt: isAbsent,
  top_logprobs: isAtMost(0),
};

/** What a response repeats of its request. */
export type Echo = Readonly<Record<string, unknown>>;

/** Reads the body of POST /v1/responses. Throws INPUT_INVALID that names the field. */
export function readResponse(body: Readonly<Record<string, unknown>>): { readonly asked: Asked; readonly echo: Echo } {
  const read = readBody(body, responseBody, cannot);
  const instructions: Past[] = read.instructions ? [{ role: 'system', text: read.instructions }] : [];
  return {
    echo: {
      instructions: read.instructions ?? null,
      max_output_tokens: read.max_output_tokens ?? null,
      metadata: read.metadata ?? {},
      previous_response_id: read.previous_response_id ?? null,
      temperature: read.temperature ?? null,
      tool_choice: read.tool_choice ?? 'auto',
      tools: read.tools ?? [],
    },
    asked: {
      model: read.model,
      isStream: read.stream ?? false,
      user: read.user ?? undefined,
      field: 'input',
      previous: previousOf(read.previous_response_id ?? undefined),
      past: [...instructions, ...pastOf(read.input)],
      wishes: {
        ...toolWishes(read.tool_choice, (read.tools ?? []).map(specOf)),
        ...(typeof read.temperature === 'number' && { temperature: read.temperature }),
        ...(typeof read.max_output_tokens === 'number' && { maxTokens: read.max_output_tokens }),
        ...(read.text && { schema: read.text }),
        ...(read.reasoning?.effort && { thinking: read.reasoning.effort }),
      },
    },
  };
}

/** The name of a response: where it stands. */
export function responseId({ conversation, turn }: { readonly conversation: string; readonly turn: string }): string {
  return `resp_${conversation}_${turn}`;
}

function previousOf(id: string | undefined): Asked['previous'] {
  if (id === undefined) return undefined;
  const place = placeOf(id);
  if (!place) throw refused('previous_response_id', 'This is not the name of a response of this server.');
  return place;
}

/** Where a response stands; undefined where it is no name of one. */
export function placeOf(id: string): { readonly conversation: string; readonly turn: string } | undefined {
  const [prefix, conversation = '', turn = ''] = id.split('_');
  return prefix === 'resp' && isId(conversation) && isId(turn) ? { conversation, turn } : undefined;
}

/** Calls stand as items of their own behind the words they belong to. */
function pastOf(input: string | readonly unknown[]): Past[] {
  if (typeof input === 'string') return [{ role: 'user', text: input }];
  if (input.length === 0) throw refused('input', 'Send at least one item.');
  const past: Past[] = [];
  for (const [at, value] of input.entries()) {
    const read = item.safeParse(value);
    if (!read.success) throw refused(`input[${at}]`, whyNot(read.error));
    const said = read.data;
    if (said.type === 'reasoning') continue;
    if (said.type === 'function_call_output') past.push({ role: 'tool', callId: said.call_id, text: said.output });
    else if (said.type === 'function_call')
      addCall(past, { id: said.call_id, name: said.name, arguments: said.arguments });
    else if (said.role === 'assistant') past.push({ role: 'assistant', text: said.content, calls: [] });
    else past.push({ role: said.role === 'user' ? 'user' : 'system', text: said.content });
  }
  return past;
}

function addCall(past: Past[], call: { readonly id: string; readonly name: string; readonly arguments: string }): void {
  const last = past.at(-1);
  if (last?.role === 'assistant') past[past.length - 1] = { ...last, calls: [...last.calls, call] };
  else past.push({ role: 'assistant', text: '', calls: [call] });
}

function whyNot({ issues }: z.ZodError): string {
  return issues[0]?.message ?? 'is not valid';
}
