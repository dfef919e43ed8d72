import type { ServiceAnswer } from '../../core/testing.ts';

export interface ChatFrames {
  /** How the service tells a thought. */
  readonly thought?: (text: string) => object;
  /** How it sends a call; by fragments with an index when absent. */
  readonly call?: (name: string, input: string, index: number) => readonly object[];
  readonly usage?: (usage: NonNullable<ServiceAnswer['usage']>) => object;
  readonly finish?: Readonly<Partial<Record<NonNullable<ServiceAnswer['stop']>, string>>>;
}

/** The contract's words in Chat Completions, as a service of the family speaks it. */
export function chatFrames(ways: ChatFrames = {}) {
  const { thought = (text) => ({ reasoning_content: text }), call = fragments, usage: tell = usual } = ways;
  return ({ text = [], thinking = [], calls = [], stop = 'end', usage }: ServiceAnswer) => {
    const spoken = [
      ...thinking.map(thought),
      ...text.map((content) => ({ content })),
      ...calls.flatMap(({ name, arguments: input }, index) => call(name, JSON.stringify(input), index)),
    ];
    const finish = { end: 'stop', tools: 'tool_calls', length: 'length', refused: 'content_filter', ...ways.finish };
    const last = {
      choices: [{ index: 0, delta: {}, finish_reason: finish[stop] }],
      ...(usage && { usage: tell(usage) }),
    };
    return {
      spoken: spoken.map((delta) => frame({ choices: [{ index: 0, delta }] })),
      last: [frame(last), 'data: [DONE]\n\n'],
    };
  };
}

export function frame(chunk: unknown): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

function fragments(name: string, input: string, index: number): object[] {
  const half = Math.ceil(input.length / 2);
  return [
    { tool_calls: [{ index, id: `call_${index}`, type: 'function', function: { name, arguments: '' } }] },
    { tool_calls: [{ index, function: { arguments: input.slice(0, half) } }] },
    { tool_calls: [{ index, function: { arguments: input.slice(half) } }] },
  ];
}

function usual({ input, output, cacheRead, cacheWrite }: NonNullable<ServiceAnswer['usage']>): object {
  const prompt_tokens_details = { cached_tokens: cacheRead, cache_write_tokens: cacheWrite };
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output, prompt_tokens_details };
}
