import { eachPart, type Model, type ModelRequest, type Part, type ToolResult, type Usage } from 'boternity';
import type { ToolPlace } from '../conversations/engine/job.ts';
import type { TurnEnded } from '../conversations/facts.ts';
import { attribute, EXECUTE_TOOL, INVOKE_AGENT, operations } from './semconv.ts';
import { known, newSpan, nowMs, rootOf, traceOf, type AttributeValue, type Span } from './span.ts';

type Keep = (span: Span) => void;

/** The same answer, of which a span is kept when it ends, however it does. */
export function tracedModel(
  parts: AsyncIterable<Part>,
  model: Model,
  request: ModelRequest,
  keep: Keep,
): AsyncIterable<Part> {
  let startMs = 0;
  let firstMs: number | undefined;
  let usage: Usage | undefined;
  let end: Extract<Part, { type: 'end' }> | undefined;
  const begin = (): AsyncIterable<Part> => {
    startMs = nowMs();
    return parts;
  };
  const see = (part: Part): Part => {
    if (part.type === 'usage') usage = part.usage;
    else if (part.type === 'end') end = part;
    else if (part.type !== 'notice') firstMs ??= nowMs();
    return part;
  };
  return eachPart(begin, see, () => {
    const trace = traceOf(request.about?.turn);
    const { failure } = end ?? {};
    keep({
      trace,
      id: newSpan(),
      parent: rootOf(trace),
      name: `${operations[request.about?.purpose ?? 'chat']} ${model.id}`,
      startMs,
      endMs: nowMs(),
      isError: failure !== undefined,
      attributes: known({
        ...whatFor(model, request),
        [attribute.inputTokens]: usage?.input,
        [attribute.outputTokens]: usage?.output,
        [attribute.cacheRead]: usage?.cacheRead,
        [attribute.cacheWrite]: usage?.cacheWrite,
        [attribute.cost]: usage?.cost,
        [attribute.finishReasons]: [end?.stop ?? 'aborted'],
        [attribute.firstToken]: firstMs === undefined ? undefined : Math.round((firstMs - startMs) * 10) / 10,
        [attribute.error]: failure?.kind,
        [attribute.errorMessage]: failure?.message,
      }),
    });
  });
}

function whatFor({ id, provider }: Model, request: ModelRequest): Record<string, AttributeValue | undefined> {
  const { about, bot, temperature, maxTokens } = request;
  const passed = about?.attempts ?? [];
  return {
    [attribute.operation]: operations[about?.purpose ?? 'chat'],
    [attribute.provider]: provider,
    [attribute.model]: id,
    [attribute.temperature]: temperature,
    [attribute.maxTokens]: maxTokens,
    [attribute.agentId]: bot,
    [attribute.conversation]: about?.conversation,
    [attribute.turn]: about?.turn,
    [attribute.run]: about?.run,
    [attribute.chosen]:
      passed.length === 0 ? 'wanted' : passed.map((each) => `${each.provider}/${each.model}: ${each.why}`).join(', '),
    [attribute.prompt]: about?.prompt?.map((each) => `${each.id} ${each.sha256} ${each.tokens}`),
  };
}

/** The same result of a tool, of which a span is kept. */
export async function tracedTool(run: () => Promise<ToolResult>, at: ToolPlace, keep: Keep): Promise<ToolResult> {
  const startMs = nowMs();
  let isError = true;
  try {
    const result = await run();
    ({ isError } = result);
    return result;
  } finally {
    const trace = traceOf(at.turn);
    keep({
      trace,
      id: newSpan(),
      parent: rootOf(trace),
      name: `${EXECUTE_TOOL} ${at.call.name}`,
      startMs,
      endMs: nowMs(),
      isError,
      attributes: {
        [attribute.operation]: EXECUTE_TOOL,
        [attribute.toolName]: at.call.name,
        [attribute.toolCall]: at.call.id,
        [attribute.agentId]: at.bot,
        [attribute.conversation]: at.conversation,
        [attribute.turn]: at.turn,
        [attribute.outcome]: isError ? 'error' : 'ok',
      },
    });
  }
}

/** The span of a whole turn. */
export function turnSpan({ bot, conversation, turn, runs, startedAt, state }: TurnEnded): Span {
  const trace = traceOf(turn);
  return {
    trace,
    id: rootOf(trace),
    parent: null,
    name: `${INVOKE_AGENT} ${bot.slug}`,
    startMs: Date.parse(startedAt),
    endMs: nowMs(),
    isError: state === 'failed',
    attributes: {
      [attribute.operation]: INVOKE_AGENT,
      [attribute.agentId]: bot.id,
      [attribute.agentName]: bot.slug,
      [attribute.conversation]: conversation,
      [attribute.turn]: turn,
      [attribute.run]: runs,
      [attribute.finishReasons]: [state],
    },
  };
}
