import type { ServiceAnswer } from '../../core/testing.ts';
import type { Asked } from './model-service.ts';

/** Numbered and named as OpenAI sends them. */
export function events(list: readonly object[]): string[] {
  return list.map((event, at) => {
    const { type } = event as { type: string };
    return `event: ${type}\ndata: ${JSON.stringify({ ...event, sequence_number: at })}\n\n`;
  });
}

/** The contract's words as items of a response: thoughts, a message, calls. */
export function framesOf(answer: ServiceAnswer): { spoken: string[]; last: string[] } {
  const { text = [], thinking = [], calls = [], stop = 'end', usage } = answer;
  const list: object[] = [{ type: 'response.created', response: { id: 'resp_1', status: 'in_progress' } }];
  let output_index = -1;
  const begin = (item: object): void => {
    output_index += 1;
    list.push({ type: 'response.output_item.added', output_index, item });
  };
  if (thinking.length > 0) {
    begin({ id: 'rs_1', type: 'reasoning', summary: [] });
    for (const delta of thinking)
      list.push({ type: 'response.reasoning_summary_text.delta', output_index, summary_index: 0, delta });
    const summary = [{ type: 'summary_text', text: thinking.join('') }];
    const item = { id: 'rs_1', type: 'reasoning', summary, encrypted_content: 'c2VhbGVk' };
    list.push({ type: 'response.output_item.done', output_index, item });
  }
  if (text.length > 0) {
    begin({ id: 'msg_1', type: 'message', role: 'assistant', content: [] });
    for (const delta of text) list.push({ type: 'response.output_text.delta', output_index, content_index: 0, delta });
    if (answer.trouble === undefined)
      list.push({ type: 'response.output_text.done', output_index, content_index: 0, text: text.join('') });
  }
  for (const [index, { name, arguments: input }] of calls.entries()) {
    const item = { id: `fc_${index}`, type: 'function_call', call_id: `call_${index}`, name, arguments: '' };
    begin(item);
    const written = JSON.stringify(input);
    for (const delta of [written.slice(0, 3), written.slice(3)])
      list.push({ type: 'response.function_call_arguments.delta', output_index, delta });
    list.push({ type: 'response.output_item.done', output_index, item: { ...item, arguments: written } });
  }
  const reason = { length: 'max_output_tokens', refused: 'content_filter', end: undefined, tools: undefined }[stop];
  const type = reason === undefined ? 'completed' : 'incomplete';
  const told = usage && {
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: usage.cacheRead, cache_write_tokens: usage.cacheWrite },
    output_tokens: usage.output,
  };
  const response = { id: 'resp_1', status: type, incomplete_details: reason && { reason }, usage: told ?? null };
  return { spoken: events(list), last: events([{ type: `response.${type}`, response }]) };
}

/** What the real service refuses, as far as a provider could get it wrong. */
export function wrongWith({ json, headers }: Asked, key = 'sk-test'): string | undefined {
  const known = new Set(
    'model stream store include reasoning temperature max_output_tokens text instructions tools tool_choice input'.split(
      ' ',
    ),
  );
  const unknown = Object.keys(json).find((name) => !known.has(name));
  if (unknown !== undefined) return `Unknown parameter: '${unknown}'.`;
  if (headers.authorization !== `Bearer ${key}`) return 'no key';
  if (json.store !== false) return 'store has to be off';
  if (typeof json.max_output_tokens === 'number' && json.max_output_tokens < 16) return 'below minimum value';
  const known_calls = new Set<unknown>();
  for (const item of json.input as Record<string, unknown>[]) {
    if (item.type === 'function_call') known_calls.add(item.call_id);
    if (item.type === 'function_call_output' && !known_calls.has(item.call_id)) return 'No tool call found';
    if (typeof item.call_id === 'string' && item.call_id.length > 64) return "'call_id': string too long";
    if (item.role !== undefined && item.content === '') return 'empty content';
  }
  return undefined;
}

/** An error that is reported inside a stream. */
export const errorEvent = events([
  { type: 'error', code: 'server_error', message: 'The engine is overloaded', param: null },
]).join('');
