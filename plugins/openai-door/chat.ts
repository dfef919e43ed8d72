import type { Usage } from 'boternity';
import type { Reply, ReplyEnd } from '../conversations/service.ts';
import type { Voice } from './serve.ts';

const finishes = {
  stop: 'stop',
  length: 'length',
  refused: 'content_filter',
  calls: 'tool_calls',
  failed: 'stop',
} as const;

/** The form of `chat.completion` and `chat.completion.chunk`. */
export function chatVoice({ turn }: Pick<Reply, 'turn'>, model: string, wantsUsage: boolean): Voice {
  const base = { id: `chatcmpl-${turn}`, created: Math.floor(Date.now() / 1_000), model };
  const chunk = (delta: object, finish: string | null = null): { data: object } => ({
    data: {
      ...base,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      ...(wantsUsage && { usage: null }),
    },
  });
  return {
    begin: () => [chunk({ role: 'assistant', content: '', refusal: null })],
    text: (content) => [chunk({ content })],
    end: (_text, end) => [
      ...(end.calls.length > 0
        ? [chunk({ tool_calls: callsOf(end).map((call, index) => Object.assign({ index }, call)) })]
        : []),
      chunk({}, finishes[end.finish]),
      ...(wantsUsage
        ? [{ data: { ...base, object: 'chat.completion.chunk', choices: [], usage: usageOf(end.usage) } }]
        : []),
    ],
    fail: (error) => [{ data: error }],
    whole: (text, end) => ({
      ...base,
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: text === '' && end.calls.length > 0 ? null : text,
            refusal: null,
            ...(end.calls.length > 0 && { tool_calls: callsOf(end) }),
          },
          logprobs: null,
          finish_reason: finishes[end.finish],
        },
      ],
      usage: usageOf(end.usage),
    }),
    farewell: 'data: [DONE]\n\n',
  };
}

function callsOf({ calls }: ReplyEnd): object[] {
  return calls.map(({ id, name, arguments: text }) => ({ id, type: 'function', function: { name, arguments: text } }));
}

/** What a provider is silent about counts as none. */
function usageOf({ input, output, cacheRead }: Usage): object {
  const [prompt, completion] = [input ?? 0, output ?? 0];
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cacheRead ?? 0 },
  };
}
