import { shapeInWords, type ModelRequest, type Service, type ToolSpec } from 'boternity';
import { contentsFor } from './contents.ts';
import { cleanSchema, withoutDialect } from './schema.ts';
import { generationOf } from './service.ts';
import { thinkingFor, type Refusable } from './thinking.ts';

/** The service takes no more texts that end an answer. */
const MOST_STOPS = 5;
/** Since then tools and a shape of the answer go together. */
const FIRST_WITH_BOTH = 3;

export interface BodyOptions {
  /** What the service has refused before. */
  readonly without: ReadonlySet<Refusable>;
  /** Whether the model is known to think. */
  readonly thinks: boolean | undefined;
}

/**
 * The body of a call. What stays the same from turn to turn stands first, byte for byte: system, tools, settings, history. The tail
 * is the last part of the last content, be it the user's words or results of tools.
 */
export function requestBody(service: Service, request: ModelRequest, { without, thinks }: BodyOptions): object {
  const { tools, toolChoice, schema } = request;
  const isApart = schema !== undefined && tools.length > 0 && (generationOf(service.model) ?? 0) < FIRST_WITH_BOTH;
  const system = [request.system, isApart ? shapeInWords(withoutDialect(schema.schema)) : ''].filter(
    (text) => text !== '',
  );
  const settings = settingsFor(service, isApart ? withoutShape(request) : request, without, thinks);
  const declarations = tools.map((tool) => declarationFor(tool, without.has('jsonSchema')));
  return {
    ...(system.length > 0 && { systemInstruction: { parts: system.map((text) => ({ text })) } }),
    ...(tools.length > 0 && { tools: [{ functionDeclarations: declarations }] }),
    ...(toolChoice !== undefined && tools.length > 0 && { toolConfig: choiceFor(toolChoice) }),
    ...(Object.keys(settings).length > 0 && { generationConfig: settings }),
    contents: contentsFor(service, request),
  };
}

function settingsFor(
  { model }: Service,
  { temperature, maxTokens, stop, schema, thinking }: ModelRequest,
  without: ReadonlySet<Refusable>,
  thinks: boolean | undefined,
): object {
  const thinkingConfig = thinkingFor(model, thinking, without, thinks);
  const shape = schema && withoutDialect(schema.schema);
  return {
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
    ...(stop && { stopSequences: stop.slice(0, MOST_STOPS) }),
    ...(shape && { responseMimeType: 'application/json' }),
    ...(shape && (without.has('jsonSchema') ? { responseSchema: cleanSchema(shape) } : { responseJsonSchema: shape })),
    ...(thinkingConfig && { thinkingConfig }),
  };
}

function withoutShape(request: ModelRequest): ModelRequest {
  const { schema: _, ...rest } = request;
  return rest;
}

function declarationFor({ name, description, parameters }: ToolSpec, isOld: boolean): object {
  return isOld
    ? { name, description, parameters: cleanSchema(parameters) }
    : { name, description, parametersJsonSchema: withoutDialect(parameters) };
}

function choiceFor(choice: NonNullable<ModelRequest['toolChoice']>): object {
  const only = choice === 'required' ? {} : { allowedFunctionNames: [choice.name] };
  return { functionCallingConfig: { mode: 'ANY', ...only } };
}
