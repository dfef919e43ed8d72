import { callInWords, hostOf, paragraphs, shapeInWords } from 'boternity';
import type { ModelFacts, ModelRequest, Service, ToolSpec } from 'boternity';
import type OpenAI from 'openai';
import { effortFor, type Refused } from '../refusals.ts';
import type { ChatDialect } from './dialect.ts';
import { messagesFor } from './messages.ts';

type Body = OpenAI.ChatCompletionCreateParamsStreaming;

/**
 * The body of a call. What stays the same from turn to turn stands first, byte for byte: settings, tools, system, history. The
 * tail stands at the very end: a user message after a tool result is refused by strict services, and any other place would
 * change bytes that a cache holds.
 */
export function requestBody(
  service: Service,
  request: ModelRequest,
  facts: ModelFacts,
  dialect: ChatDialect,
  refusals: Refused,
): Body {
  const { temperature, maxTokens, stop, schema, tools, toolChoice } = request;
  const effort = facts.abilities?.thinking === false ? undefined : effortFor(request.thinking, refusals);
  const shape = schema && shapeFor(schema, dialect.hasSchema !== false, refusals);
  const choice = toolChoice !== undefined && dialect.hasToolChoice === false ? callInWords(toolChoice) : undefined;
  return {
    model: service.model,
    stream: true,
    ...(!refusals.has('stream_options') && { stream_options: { include_usage: true } }),
    ...(temperature !== undefined && !refusals.has('temperature') && { temperature }),
    ...(maxTokens !== undefined && { [dialect.limit ?? limitName(service)]: maxTokens }),
    ...(effort !== undefined && (dialect.effort ?? usualEffort)(effort)),
    ...(stop && !refusals.has('stop') && { stop: [...stop] }),
    ...(shape?.format && { response_format: shape.format }),
    ...(tools.length > 0 && { tools: tools.map(toolFor) }),
    ...(toolChoice !== undefined && !choice && { tool_choice: choiceFor(toolChoice) }),
    ...dialect.fields?.(request, service, facts),
    messages: messagesFor(service, withWords(request, [shape?.words, choice]), facts, dialect),
  };
}

interface Shape {
  readonly format?: NonNullable<Body['response_format']>;
  /** What the model is told instead, where the service does not see to the shape. */
  readonly words?: string;
}

/** A service that knows no schemas is asked for JSON, and one that knows not even that is only told so. */
function shapeFor({ name, schema }: NonNullable<ModelRequest['schema']>, hasSchema: boolean, refusals: Refused): Shape {
  if (hasSchema && !refusals.has('json_schema'))
    return { format: { type: 'json_schema', json_schema: { name, schema, strict: true } } };
  const words = shapeInWords(schema);
  return refusals.has('json_object') ? { words } : { format: { type: 'json_object' }, words };
}

function withWords(request: ModelRequest, words: readonly (string | undefined)[]): ModelRequest {
  const tail = paragraphs(request.tail, ...words);
  return tail === request.tail ? request : { ...request, tail };
}

function usualEffort(effort: string): { reasoning_effort: OpenAI.ReasoningEffort } {
  return { reasoning_effort: effort as OpenAI.ReasoningEffort };
}

/** OpenAI's own newer models refuse `max_tokens`; the others know nothing else. */
function limitName(service: Service): 'max_completion_tokens' | 'max_tokens' {
  return hostOf(service) === 'api.openai.com' ? 'max_completion_tokens' : 'max_tokens';
}

function choiceFor(choice: NonNullable<ModelRequest['toolChoice']>): OpenAI.ChatCompletionToolChoiceOption {
  return choice === 'required' ? choice : { type: 'function', function: { name: choice.name } };
}

function toolFor({ name, description, parameters }: ToolSpec): OpenAI.ChatCompletionFunctionTool {
  return { type: 'function', function: { name, description, parameters } };
}
