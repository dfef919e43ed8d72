import { text, type Message, type Model, type ModelRequest, type Part, type ToolCall, type Usage } from 'boternity';

type End = Extract<Part, { type: 'end' }>;

/** A whole answer of a model, gathered. */
export interface Heard {
  readonly text: string;
  readonly thinking: string;
  readonly calls: readonly ToolCall[];
  readonly usage: Usage | undefined;
  readonly end: End;
  readonly parts: readonly Part[];
}

/** Asks a model and reads its answer to the end. */
export async function hear(
  model: Model,
  request: ModelRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<Heard> {
  const parts: Part[] = [];
  for await (const part of model.stream(request, signal)) parts.push(part);
  const end = parts.at(-1);
  if (end?.type !== 'end') throw new Error('The answer has no end.');
  return {
    text: parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    thinking: parts.map((part) => (part.type === 'thinking' ? part.text : '')).join(''),
    calls: parts.flatMap((part) => (part.type === 'call' ? [part.call] : [])),
    usage: parts.find((part) => part.type === 'usage')?.usage,
    end,
    parts,
  };
}

/** A request that asks one thing, or has a history. */
export function ask(said: string | readonly Message[], rest: Partial<ModelRequest> = {}): ModelRequest {
  const messages = typeof said === 'string' ? [user(said)] : said;
  return { system: '', tools: [], messages, tail: '', ...rest };
}

export function user(said: string): Message {
  return { role: 'user', content: [text(said)] };
}

export function assistant(said: string, calls: readonly ToolCall[] = []): Message {
  return { role: 'assistant', text: said, calls };
}

export function toolResult(call: ToolCall, result: string, isError = false): Message {
  return { role: 'tool', callId: call.id, name: call.name, content: [text(result)], isError };
}
