import { callInWords, claudeThinking, fieldsOf, isClaudeSince, paragraphs, toolsOf, type Fields } from 'boternity';
import type { ModelFacts, ModelRequest, Service } from 'boternity';
import { CACHE_POINT, historyFor, type Block } from './history.ts';

/** What a call can do without where a model does not take it. `format`: the shape of the answer; a tool stands in for it. `history`: earlier thoughts. */
export type Change =
  | 'cache'
  | 'temperature'
  | 'choice'
  | 'thinking'
  | 'format'
  | 'stop'
  | 'history'
  | `profile ${number}`;

/** A tool whose input is the answer, for models that know no shape of an answer. */
export const JSON_TOOL = 'json';

const USUAL_LIMIT = 4_096;
const LARGEST_LIMIT = 32_000;

/** The body of a call. What stays the same from turn to turn stands first, byte for byte. Source: Amazon Bedrock API Reference, ConverseStream. */
export function bodyFor(
  service: Service,
  facts: Pick<ModelFacts, 'output'>,
  request: ModelRequest,
  changes: ReadonlySet<Change>,
): string {
  const { model } = service;
  const asTool = request.schema !== undefined && isJsonByTool(model, changes);
  const limit = request.maxTokens ?? Math.min(facts.output ?? USUAL_LIMIT, LARGEST_LIMIT);
  const more = changes.has('thinking') ? {} : thinkingFields(model, request, asTool, limit);
  const isThinking = 'thinking' in more || 'reasoningConfig' in more;
  const takesTemperature = !changes.has('temperature') && !isThinking && !isClaudeSince(model, 4, 7);
  const { system, stop, temperature, schema } = request;
  const caches = !changes.has('cache') && /claude|nova/.test(model);
  const canForce = !changes.has('choice') && !isClaudeSince(model, 5, 1);
  const choice = asTool ? { name: JSON_TOOL } : request.toolChoice;
  const tools = toolsFor(request, asTool, caches && /claude/.test(model));
  const tail = paragraphs(request.tail, choice !== undefined && !canForce && callInWords(choice));
  const body = {
    inferenceConfig: {
      maxTokens: limit,
      ...(temperature !== undefined && takesTemperature && { temperature }),
      ...(stop && stop.length > 0 && !changes.has('stop') && { stopSequences: [...stop] }),
    },
    ...(Object.keys(more).length > 0 && { additionalModelRequestFields: more }),
    ...(schema && !asTool && { outputConfig: formatFor(schema) }),
    ...(tools.length > 0 && {
      toolConfig: { tools, ...(choice !== undefined && canForce && { toolChoice: choiceFor(choice) }) },
    }),
    ...(system !== '' && { system: [{ text: system }, ...(caches ? [CACHE_POINT] : [])] }),
    messages: historyFor(service, request.messages, {
      tail,
      withThoughts: !changes.has('history'),
      withCache: caches,
    }),
  };
  return JSON.stringify(body);
}

/** Whether an answer in JSON is asked for by a tool. Of Amazon's own models it is known that they have no other way. */
function isJsonByTool(model: string, changes: ReadonlySet<Change>): boolean {
  return changes.has('format') || model.includes('amazon.nova');
}

function formatFor({ name, schema }: NonNullable<ModelRequest['schema']>): object {
  const jsonSchema = { name, schema: JSON.stringify(schema) };
  return { textFormat: { type: 'json_schema', structure: { jsonSchema } } };
}

function toolsFor(request: ModelRequest, asTool: boolean, caches: boolean): Block[] {
  const answer =
    asTool && request.schema
      ? [{ name: JSON_TOOL, description: 'Takes your answer.', parameters: request.schema.schema }]
      : [];
  const tools = [...toolsOf(request), ...answer].map(({ name, description, parameters }) => ({
    toolSpec: { name, description: description || name, inputSchema: { json: { ...parameters, type: 'object' } } },
  }));
  return caches && tools.length > 0 ? [...tools, CACHE_POINT] : tools;
}

type Choice = NonNullable<ModelRequest['toolChoice']>;

function choiceFor(choice: Choice): Block {
  return choice === 'required' ? { any: {} } : { tool: { name: choice.name } };
}

/** Thinking goes beside the common fields, in words of each maker. */
function thinkingFields(model: string, request: ModelRequest, asTool: boolean, limit: number): Fields {
  const { thinking: wanted } = request;
  if (model.includes('claude')) {
    const choice = request.toolChoice ?? (asTool ? { name: JSON_TOOL } : undefined);
    const { thinking, effort } = claudeThinking(model, { ...request, ...(choice && { toolChoice: choice }) }, limit);
    return { ...(thinking && { thinking }), ...(effort && { output_config: { effort } }) };
  }
  if (wanted === undefined || wanted === 'off') return {};
  if (model.includes('amazon.nova-2')) return { reasoningConfig: { type: 'enabled', maxReasoningEffort: wanted } };
  return model.includes('openai.gpt') ? { reasoning_effort: wanted } : fieldsOf(undefined);
}
