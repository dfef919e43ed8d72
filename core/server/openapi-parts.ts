import type { JsonSchema } from '../actions/action.ts';
import { faultTable } from '../base/fault-table.ts';

/** What stands at a method of a path. */
export interface Operation {
  readonly operationId: string;
  readonly tags: readonly [string];
  readonly [key: string]: unknown;
}

/** The form of every answer below /api/v1 around its data. */
export function envelopeOf(data: JsonSchema, error: JsonSchema = { $ref: '#/components/schemas/Error' }): JsonSchema {
  return {
    type: 'object',
    required: ['data', 'meta', 'errors', '_links'],
    properties: {
      data,
      meta: { $ref: '#/components/schemas/Meta' },
      errors: { type: 'array', items: error },
      _links: { type: 'object', additionalProperties: { type: 'string' } },
    },
  };
}

/** A parameter of an operation; its description stands beside its schema. */
export function parameter(
  name: string,
  place: 'path' | 'query' | 'header',
  { description, ...schema }: JsonSchema,
  { required = place === 'path', example }: { readonly required?: boolean; readonly example?: unknown } = {},
): object {
  return {
    name,
    in: place,
    required,
    ...(description !== undefined && { description }),
    schema,
    ...(example !== undefined && { example }),
  };
}

/** What every answer carries. */
export const everyHeader = { 'x-request-id': { $ref: '#/components/headers/RequestId' } };

const meanings: Readonly<Record<number, string>> = {
  400: 'The body cannot be read',
  401: 'Nobody is signed in, or the credential is not valid',
  403: 'The caller lacks the grant',
  404: 'Something that the request names is not there',
  409: 'It does not fit the state that things are in',
  413: 'The body or a part of it is too large',
  415: 'The body is no JSON',
  422: 'The input is not valid; `details` name the fields',
  429: 'Too many attempts',
};

/** Statuses with a response of their own. Every other refusal is the response `default`. */
export const refusals: readonly number[] = Object.keys(meanings).map(Number);

/** Name of the response of a status among the components. */
export function refusalOf(status: number | 'default'): { readonly $ref: string } {
  return { $ref: `#/components/responses/${status === 'default' ? 'Refused' : `Refused${status}`}` };
}

export const responses = {
  ...Object.fromEntries(refusals.map((status) => [`Refused${status}`, refused(status)])),
  Refused: {
    description: 'Refused or failed; `errors` say why and what to do',
    headers: everyHeader,
    content: { 'application/json': { schema: envelopeOf({ type: 'null' }) } },
  },
};

/** A refusal with this status: only codes that have it can be in it. */
function refused(status: number): object {
  const codes = Object.entries(faultTable).flatMap(([code, row]) => (row.status === status ? [code] : []));
  const error = {
    allOf: [{ $ref: '#/components/schemas/Error' }, { properties: { code: { enum: codes } } }],
  };
  return {
    description: meanings[status],
    headers: { ...everyHeader, ...(status === 429 && { 'retry-after': { $ref: '#/components/headers/RetryAfter' } }) },
    content: { 'application/json': { schema: envelopeOf({ type: 'null' }, codes.length > 0 ? error : undefined) } },
  };
}

export const headers = {
  RequestId: {
    description: 'Id of the request, which the log names too',
    schema: { type: 'string' },
  },
  RetryAfter: { description: 'Seconds to wait before the next attempt', schema: { type: 'integer', minimum: 1 } },
};

export const securitySchemes = {
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'bnity',
    description:
      'The session of a person who signed in on the page. The cookie’s name goes on with a mark of the home.',
  },
  token: { type: 'http', scheme: 'bearer', description: 'An API token, with the grants that it was made with' },
  key: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The same token in another header' },
};

/** Any one of the credentials, with the grant where one is needed. */
export function securityFor(permission: string | undefined): object[] {
  return Object.keys(securitySchemes).map((scheme) => ({ [scheme]: permission === undefined ? [] : [permission] }));
}

export const schemas: Readonly<Record<string, JsonSchema>> = {
  Meta: {
    type: 'object',
    required: ['request_id', 'timestamp', 'response_time_ms'],
    properties: {
      request_id: { type: 'string' },
      timestamp: { type: 'string', format: 'date-time' },
      response_time_ms: { type: 'number' },
    },
  },
  Error: {
    type: 'object',
    required: ['code', 'title', 'message', 'hint'],
    properties: {
      code: { type: 'string', enum: Object.keys(faultTable), description: 'Permanent' },
      title: { type: 'string' },
      message: { type: 'string', description: 'What happened and why' },
      hint: { type: 'string', description: 'What to do' },
      details: {
        type: 'array',
        items: {
          type: 'object',
          required: ['path', 'message'],
          properties: { path: { type: 'string' }, message: { type: 'string' } },
        },
      },
    },
  },
  Events: {
    type: 'string',
    description:
      'Server-sent events: `progress` while it runs, then `result` with the envelope of the answer, or `error` with that of the refusal',
  },
};
