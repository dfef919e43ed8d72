import { defineAction, Fault, z } from 'boternity';
import { attribute } from './semconv.ts';
import { rootOf, type Span } from './span.ts';
import type { TraceStore } from './store.ts';

declare module 'boternity' {
  interface ActionTypes {
    'traces.show': ReturnType<typeof showTrace>;
  }
}

const spanView = z.object({
  id: z.string().describe('16 hex digits'),
  parent: z.string().nullable(),
  depth: z.number().describe('0: the turn itself'),
  name: z.string(),
  start: z.string(),
  startMs: z.number().describe('Milliseconds since the turn began'),
  durationMs: z.number(),
  error: z.boolean(),
  summary: z.string().describe('Who was asked and why, what it took, how it ended'),
  attributes: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
    .describe('Names of the GenAI conventions of OpenTelemetry'),
});

export function showTrace(store: TraceStore) {
  return defineAction({
    name: 'traces.show',
    summary: 'Shows what happened in a turn: the agent, its calls of models and of tools, with times, tokens and why.',
    permission: 'traces:read',
    http: 'GET /traces/{run}',
    cli: 'trace <run>',
    columns: ['name', 'startMs', 'durationMs', 'summary'],
    examples: ['bnity trace 019…', 'bnity trace 019… --json'],
    input: z.strictObject({ run: z.string().min(1).describe('Id of an answer, or of a turn') }),
    output: z.object({
      trace: z.string().describe('32 hex digits, as a collector knows it'),
      running: z.boolean().describe('The turn has not ended'),
      spans: z.array(spanView),
    }),
    async run({ run }) {
      const spans = await store.of(run);
      const [first] = spans;
      if (!first) throw new Fault('TRACE_MISSING', `There is no trace of "${run}".`);
      const root = spans.find(({ id, trace }) => id === rootOf(trace));
      const beganMs = Math.min(...spans.map(({ startMs }) => startMs));
      // What belongs to the turn and began while it was being read comes behind it.
      const ordered = root ? [root, ...spans.filter((span) => span !== root)] : spans;
      return { trace: first.trace, running: !root, spans: ordered.map((span) => viewOf(span, beganMs)) };
    },
  });
}

function viewOf(
  { id, parent, name, startMs, endMs, isError, attributes }: Span,
  beganMs: number,
): z.input<typeof spanView> {
  const rounded = (ms: number): number => Math.round(ms * 10) / 10;
  return {
    id,
    parent,
    depth: parent === null ? 0 : 1,
    name,
    start: new Date(startMs).toISOString(),
    startMs: rounded(startMs - beganMs),
    durationMs: rounded(endMs - startMs),
    error: isError,
    summary: summaryOf(attributes),
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([key, value]) => [key, typeof value === 'object' ? [...value] : value]),
    ),
  };
}

/** A line for people: `openai, 812 in, 94 out, $0.0021, instead of one/big: server`. */
function summaryOf(attributes: Span['attributes']): string {
  const told = (name: keyof typeof attribute): string => String(attributes[attribute[name]] ?? '');
  const chosen = told('chosen');
  return [
    told('provider'),
    told('inputTokens') === '' ? '' : `${told('inputTokens')} in`,
    told('outputTokens') === '' ? '' : `${told('outputTokens')} out`,
    told('cost') === '' ? '' : `$${told('cost')}`,
    chosen === '' || chosen === 'wanted' ? '' : `instead of ${chosen}`,
    told('outcome'),
    told('errorMessage'),
  ]
    .filter((part) => part !== '')
    .join(', ');
}
