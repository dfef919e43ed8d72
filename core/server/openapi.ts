import type { Action, JsonSchema } from '../actions/action.ts';
import { faultTable } from '../base/fault-table.ts';

/** The OpenAPI 3.1 document of all actions that have an HTTP form. */
export function openApi(actions: Iterable<Action>, version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const action of actions) {
    if (!action.http || !action.doors.includes('http')) continue;
    const [method = 'GET', path = '/'] = action.http.split(' ');
    (paths[path.replaceAll('+}', '}')] ??= {})[method.toLowerCase()] = operationOf(action, method, path);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Boternity', version, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/api/v1' }],
    paths,
    components: { schemas: { Error: errorSchema, Meta: metaSchema } },
  };
}

function operationOf(action: Action, method: string, path: string): Record<string, unknown> {
  const {
    properties = {},
    required = [],
    ...rest
  } = action.inputSchema as { properties?: Record<string, JsonSchema>; required?: string[] };
  const inPath = [...path.matchAll(/\{(\w+)\+?\}/g)].map((found) => found[1] ?? '');
  const others = Object.keys(properties).filter((key) => !inPath.includes(key));
  const hasBody = method !== 'GET' && method !== 'DELETE';
  const parameter = (name: string, place: 'path' | 'query'): unknown => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: properties[name] ?? {},
  });
  const body = {
    ...withoutDialect(rest),
    type: 'object',
    properties: Object.fromEntries(others.map((key) => [key, properties[key]])),
    required: required.filter((key) => others.includes(key)),
  };
  return {
    operationId: action.name,
    summary: action.summary,
    tags: [action.name.split('.')[0]],
    'x-permission': action.permission,
    parameters: [
      ...inPath.map((name) => parameter(name, 'path')),
      ...(hasBody ? [] : others.map((name) => parameter(name, 'query'))),
    ],
    ...(hasBody && {
      requestBody: { required: body.required.length > 0, content: { 'application/json': { schema: body } } },
    }),
    responses: {
      [action.status]: {
        description: 'Done',
        content: { 'application/json': { schema: envelopeOf(withoutDialect(action.outputSchema)) } },
      },
      default: {
        description: 'Refused or failed',
        content: { 'application/json': { schema: envelopeOf({ type: 'null' }) } },
      },
    },
  };
}

function withoutDialect(schema: JsonSchema): JsonSchema {
  const { $schema: _, ...rest } = schema;
  return rest;
}

function envelopeOf(data: JsonSchema): JsonSchema {
  return {
    type: 'object',
    required: ['data', 'meta', 'errors', '_links'],
    properties: {
      data,
      meta: { $ref: '#/components/schemas/Meta' },
      errors: { type: 'array', items: { $ref: '#/components/schemas/Error' } },
      _links: { type: 'object', additionalProperties: { type: 'string' } },
    },
  };
}

const metaSchema: JsonSchema = {
  type: 'object',
  required: ['request_id', 'timestamp', 'response_time_ms'],
  properties: {
    request_id: { type: 'string' },
    timestamp: { type: 'string', format: 'date-time' },
    response_time_ms: { type: 'number' },
  },
};

const errorSchema: JsonSchema = {
  type: 'object',
  required: ['code', 'title', 'message', 'hint'],
  properties: {
    code: { type: 'string', enum: Object.keys(faultTable) },
    title: { type: 'string' },
    message: { type: 'string' },
    hint: { type: 'string' },
    details: {
      type: 'array',
      items: { type: 'object', properties: { path: { type: 'string' }, message: { type: 'string' } } },
    },
  },
};
