import type { Usage } from 'boternity';
import type { Reply, ReplyEnd } from '../conversations/service.ts';
import { responseId, type Echo } from './response-request.ts';
import type { StreamEvent, Voice } from './serve.ts';

type Item = Readonly<Record<string, unknown>>;

interface ResponseVoice extends Voice {
  /** A response that has no good end. */
  state(status: 'in_progress' | 'failed', text: string, error?: { code: string; message: string }): object;
}

/** The form of `response` and of its events. */
export function responseVoice(
  reply: Pick<Reply, 'turn' | 'conversation'>,
  model: string,
  echo: Echo,
  at = Date.now(),
): ResponseVoice {
  const base = {
    id: responseId(reply),
    object: 'response',
    created_at: Math.floor(at / 1_000),
    model,
    ...echo,
    parallel_tool_calls: true,
    text: { format: { type: 'text' } },
    top_p: null,
    truncation: 'disabled',
    store: true,
  };
  const open = { ...base, status: 'in_progress', error: null, incomplete_details: null, output: [], usage: null };
  const message = `msg_${reply.turn}`;
  let isSpeaking = false;
  let number = 0;
  const tell = (event: string, data: object): StreamEvent => ({
    event,
    data: { type: event, sequence_number: number++, ...data },
  });
  const spot = { item_id: message, output_index: 0, content_index: 0 };

  const speak = (): StreamEvent[] => {
    if (isSpeaking) return [];
    isSpeaking = true;
    return [
      tell('response.output_item.added', { output_index: 0, item: messageOf(message) }),
      tell('response.content_part.added', { ...spot, part: textPart('') }),
    ];
  };
  const said = (text: string): StreamEvent[] => [
    tell('response.output_text.done', { ...spot, text, logprobs: [] }),
    tell('response.content_part.done', { ...spot, part: textPart(text) }),
    tell('response.output_item.done', { output_index: 0, item: messageOf(message, text) }),
  ];
  const called = (item: Item, output_index: number): StreamEvent[] => {
    const at = { item_id: item['id'], output_index };
    const json = item['arguments'];
    return [
      tell('response.output_item.added', { output_index, item: { ...item, arguments: '', status: 'in_progress' } }),
      tell('response.function_call_arguments.delta', { ...at, delta: json }),
      tell('response.function_call_arguments.done', { ...at, name: item['name'], arguments: json }),
      tell('response.output_item.done', { output_index, item }),
    ];
  };
  const whole = (text: string, end: ReplyEnd): object => ({
    ...open,
    ...ending(end),
    output: outputOf(message, text, end),
    usage: usageOf(end.usage),
  });
  return {
    begin: () => [tell('response.created', { response: open }), tell('response.in_progress', { response: open })],
    text: (delta) => [...speak(), tell('response.output_text.delta', { ...spot, delta, logprobs: [] })],
    end: (text, end) => {
      const hasText = text !== '' || end.calls.length === 0;
      const events = hasText ? [...speak(), ...said(text)] : [];
      const calls = outputOf(message, text, end).slice(hasText ? 1 : 0);
      for (const [at, item] of calls.entries()) events.push(...called(item, at + (hasText ? 1 : 0)));
      const name = ending(end).status === 'incomplete' ? 'response.incomplete' : 'response.completed';
      return [...events, tell(name, { response: whole(text, end) })];
    },
    fail: ({ error: { code, message: words } }) => [
      tell('response.failed', { response: { ...open, status: 'failed', error: { code, message: words } } }),
    ],
    whole,
    state: (status, text, error) => ({
      ...open,
      status,
      error: error ?? null,
      output: text === '' ? [] : [messageOf(message, text)],
    }),
    farewell: '',
  };
}

function ending({ finish }: ReplyEnd): { readonly status: string; readonly incomplete_details: object | null } {
  if (finish === 'length') return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
  if (finish === 'refused') return { status: 'incomplete', incomplete_details: { reason: 'content_filter' } };
  return { status: 'completed', incomplete_details: null };
}

function outputOf(message: string, text: string, { calls }: ReplyEnd): Item[] {
  return [
    ...(text !== '' || calls.length === 0 ? [messageOf(message, text)] : []),
    ...calls.map(({ id, name, arguments: json }, at) => ({
      type: 'function_call',
      id: `fc_${message.slice('msg_'.length)}_${at}`,
      call_id: id,
      name,
      arguments: json,
      status: 'completed',
    })),
  ];
}

function messageOf(id: string, text?: string): Item {
  const status = text === undefined ? 'in_progress' : 'completed';
  return { type: 'message', id, role: 'assistant', status, content: text === undefined ? [] : [textPart(text)] };
}

function textPart(text: string): object {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

/** What a provider is silent about counts as none. */
function usageOf({ input, output, cacheRead }: Usage): object {
  const [given, made] = [input ?? 0, output ?? 0];
  return {
    input_tokens: given,
    input_tokens_details: { cached_tokens: cacheRead ?? 0 },
    output_tokens: made,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: given + made,
  };
}
