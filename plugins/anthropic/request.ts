import { callInWords, claudeThinking, isClaudeSince, paragraphs, shapeInWords, toolsOf } from 'boternity';
import type { ClaudeThinking, ModelFacts, ModelRequest, Service } from 'boternity';
import type Anthropic from '@anthropic-ai/sdk';
import { historyFor, MARK } from './history.ts';

/** The body of a call, with what the SDK's types do not know yet. */
export type Body = Omit<Anthropic.MessageCreateParamsStreaming, 'thinking'> & { readonly thinking?: object };

/** What a call can do without where a service does not take it. `binding`: refuse what was thought before other words. `history`: earlier thoughts. */
export type Change = 'temperature' | 'tool_choice' | 'thinking' | 'effort' | 'format' | 'binding' | 'history';

/** Makes a schema of an answer into one that the service takes. */
export type SchemaForm = (schema: Record<string, unknown>) => Record<string, unknown>;

/** Room for an answer where neither request nor catalogue name one, and the most that is taken unasked. */
const USUAL_LIMIT = 8_192;
const LARGEST_LIMIT = 32_000;

/**
 * The body of a call. What stays the same from turn to turn stands first, byte for byte: settings, tools, system, history. Ends of
 * what may be cached are marked: the tools, the system prompt and the last two messages of the user, before what varies.
 */
export function bodyFor(
  service: Service,
  facts: Pick<ModelFacts, 'output'>,
  request: ModelRequest,
  changes: ReadonlySet<Change>,
  schemaForm: SchemaForm,
): Body {
  const { system, stop, temperature } = request;
  const tools = toolsOf(request);
  const limit = request.maxTokens ?? Math.min(facts.output ?? USUAL_LIMIT, LARGEST_LIMIT);
  const { thinking, effort } = thoughtFor(service.model, request, limit, changes);
  const canForce = !changes.has('tool_choice') && !isClaudeSince(service.model, 5, 1);
  const format = changes.has('format') ? undefined : request.schema;
  // Later models refuse a demand and follow a request.
  const demand = !canForce && request.toolChoice && callInWords(request.toolChoice);
  const shape = changes.has('format') && request.schema && shapeInWords(request.schema.schema);
  const tail = paragraphs(request.tail, demand, shape);
  const takesTemperature = !changes.has('temperature') && !thinking && !isClaudeSince(service.model, 4, 7);
  return {
    model: service.model,
    stream: true,
    max_tokens: limit,
    ...(temperature !== undefined && takesTemperature && { temperature }),
    ...(stop && stop.length > 0 && { stop_sequences: [...stop] }),
    ...(thinking && { thinking: changes.has('binding') ? { ...thinking, block_binding: dropping } : thinking }),
    ...((effort ?? format) && {
      output_config: {
        ...(effort && { effort }),
        ...(format && { format: { type: 'json_schema', schema: schemaForm(format.schema) } }),
      },
    }),
    ...(tools.length > 0 && { tools: toolsFor(tools) }),
    ...(tools.length > request.tools.length && { tool_choice: { type: 'none' } }),
    ...(request.toolChoice !== undefined && canForce && { tool_choice: choiceFor(request.toolChoice) }),
    ...(system !== '' && { system: [{ type: 'text', text: system, ...MARK }] }),
    messages: historyFor(service, request.messages, tail, !changes.has('history')),
  };
}

/** Thoughts whose beginning of the conversation has changed are left out by the service, instead of the whole request refused. */
const dropping = { prefix_mismatch_behavior: 'drop_block' } as const;
export const BINDING_BETA = 'thinking-binding-controls-2026-08-01';

function thoughtFor(model: string, request: ModelRequest, limit: number, changes: ReadonlySet<Change>): ClaudeThinking {
  const { thinking, effort } = claudeThinking(model, request, limit);
  // With a budget, an answer that goes on after a call must begin with the thoughts before it.
  const isBudget = thinking?.type === 'enabled';
  const isLeft = changes.has('thinking') || (isBudget && changes.has('history'));
  return { ...(thinking && !isLeft && { thinking }), ...(effort && !changes.has('effort') && { effort }) };
}

function toolsFor(tools: ModelRequest['tools']): Anthropic.Tool[] {
  return tools.map(({ name, description, parameters }, index) => ({
    name,
    description,
    input_schema: { ...parameters, type: 'object' },
    ...(index === tools.length - 1 && MARK),
  }));
}

function choiceFor(choice: NonNullable<ModelRequest['toolChoice']>): Anthropic.ToolChoice {
  return choice === 'required' ? { type: 'any' } : { type: 'tool', name: choice.name };
}
