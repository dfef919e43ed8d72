import { inputOf, paragraphs, shapeInWords, toldOf, type Message, type ModelRequest } from 'boternity';
import { grammarSchema } from './grammar.ts';
import type { Ask } from './messages.ts';

/** How lively the answer is where nobody says. */
const TEMPERATURE = 0.7;
const thoughts = { off: 0, low: 512, medium: 2048, high: 8192 } as const;

/** A request as the process that runs the model takes it. */
export function askFor(request: ModelRequest): Ask {
  const { tools, toolChoice, schema, stop = [], temperature = TEMPERATURE, maxTokens, thinking } = request;
  const demanded =
    toolChoice === undefined || toolChoice === 'required'
      ? tools
      : tools.filter(({ name }) => name === toolChoice.name);
  const isCall = toolChoice !== undefined && demanded.length > 0;
  const words = isCall ? [callsInWords(demanded)] : schema ? [shapeInWords(schema.schema)] : [];
  return {
    history: historyOf(request, words),
    ...(isCall && { isCall, shape: { oneOf: demanded.map(callShape) } }),
    ...(!isCall && schema && tools.length === 0 && { shape: grammarSchema(schema.schema) }),
    ...(!isCall &&
      tools.length > 0 && {
        functions: Object.fromEntries(
          tools.map(({ name, description, parameters }) => [name, { description, params: grammarSchema(parameters) }]),
        ),
      }),
    stop,
    temperature,
    ...(maxTokens !== undefined && { maxTokens }),
    ...(thinking && { thoughts: thoughts[thinking] }),
  };
}

function callShape({ name, parameters }: ModelRequest['tools'][number]): object {
  return { type: 'object', properties: { name: { const: name }, arguments: grammarSchema(parameters) } };
}

function callsInWords(tools: ModelRequest['tools']): string {
  const lines = tools.map(
    ({ name, description, parameters }) => `${name}: ${description} ${JSON.stringify(parameters)}`,
  );
  return `Answer with the JSON of one call, {"name": …, "arguments": …}, of one of these:\n${lines.join('\n')}`;
}

type Reply = { readonly type: 'model'; readonly response: (string | object)[] };

/** The system prompt, then turns: what the model said, which tools it called and what they gave is one turn of the model. */
function historyOf({ system, messages, tail }: ModelRequest, words: readonly string[]): Ask['history'] {
  const before = paragraphs(system, ...words);
  const history: ({ readonly type: string; readonly text: string } | Reply)[] = [];
  if (before !== '') history.push({ type: 'system', text: before });
  const results = new Map(
    messages.flatMap((message) => (message.role === 'tool' ? [[message.callId, message] as const] : [])),
  );
  const last = messages.at(-1);
  let reply: Reply | undefined;
  for (const message of messages) {
    if (message.role === 'user') {
      reply = undefined;
      history.push({ type: 'user', text: paragraphs(toldOf(message.content), message === last ? tail : '') });
    } else if (message.role === 'assistant') {
      if (!reply) history.push((reply = { type: 'model', response: [] }));
      reply.response.push(...saidIn(message, results, last, tail));
    }
  }
  if (tail !== '' && (last === undefined || last.role === 'assistant')) history.push({ type: 'user', text: tail });
  return history;
}

function saidIn(
  { text, calls = [] }: Message & { role: 'assistant' },
  results: ReadonlyMap<string, Message & { role: 'tool' }>,
  last: Message | undefined,
  tail: string,
): (string | object)[] {
  const carried = calls.map(({ id, name, arguments: input }, index) => {
    const given = results.get(id);
    const told = given === undefined ? 'No result.' : toldOf(given.content);
    const result = given?.isError ? `Error: ${told}` : told;
    const isLast = last?.role === 'tool' && given !== undefined && last.callId === id;
    return {
      type: 'functionCall',
      name,
      params: inputOf(input),
      result: isLast ? paragraphs(result, tail) : result,
      ...(index === 0 && { startsNewChunk: true }),
    };
  });
  return [...(text === '' ? [] : [text]), ...carried];
}
