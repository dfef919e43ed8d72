import { z } from 'zod';
import type { JsonSchema } from '../actions/action.ts';
import * as parts from './openapi-parts.ts';
import { envelopeOf, everyHeader, parameter, refusalOf, securityFor, type Operation } from './openapi-parts.ts';
import { placeSchema, type Schemas } from './openapi-schema.ts';
import type { DescribedRoute, RouteAnswer, RouteDescription } from './web.ts';

/** A route that is no action as an operation of the document. One that nobody described is there all the same, without a summary. */
export function operationOfRoute(route: DescribedRoute, schemas: Schemas): Operation {
  const { method, path, permission, describe } = route;
  const name = describe?.name ?? `${method} ${path}`;
  const inPath = [...path.matchAll(/\{(\w+)\+?\}/g)].map((found) => found[1] ?? '');
  const isOpen = permission === 'anyone';
  const needs = permission === 'caller' ? undefined : permission;
  const refusals = [
    ...(isOpen ? [] : [401, ...(needs === undefined ? [] : [403]), 429]),
    ...(inPath.length > 0 ? [404] : []),
  ];
  const place: Place = (schema, part) =>
    placeSchema(z.toJSONSchema(schema, { io: 'input' }), `${name}.${part}`, schemas);
  return {
    operationId: name,
    summary: describe?.summary ?? '',
    tags: [describe ? (name.split('.')[0] ?? name) : 'other'],
    security: isOpen ? [] : securityFor(needs),
    'x-permission': permission,
    parameters: [
      ...inPath.map((parameter) => pathParameter(parameter, describe)),
      ...fieldsOf(describe?.query, 'query'),
      ...fieldsOf(describe?.headers, 'header'),
    ],
    ...(describe?.body && { requestBody: bodyOf(describe.body, place) }),
    responses: {
      ...(describe?.refusal ? {} : Object.fromEntries(refusals.map((status) => [status, refusalOf(status)]))),
      ...Object.fromEntries(
        Object.entries(describe?.answers ?? {}).map(([status, answer]) => [status, answerOf(answer, place, status)]),
      ),
      default: describe?.refusal ? refusedBy(describe.refusal, place) : refusalOf('default'),
    },
  };
}

type Place = (schema: z.ZodType, part: string) => JsonSchema;

function bodyOf({ type, schema }: NonNullable<RouteDescription['body']>, place: Place): object {
  if (!schema) return { required: true, content: { [type]: { schema: { type: 'string' } } } };
  const { examples, ...shape } = place(schema, 'body');
  const example = Array.isArray(examples) ? { example: examples[0] as unknown } : {};
  return { required: true, content: { [type]: { schema: shape, ...example } } };
}

function pathParameter(name: string, describe: RouteDescription | undefined): object {
  const { example, description } = describe?.params?.[name] ?? {};
  return parameter(name, 'path', { type: 'string', ...(description !== undefined && { description }) }, { example });
}

function fieldsOf(fields: z.ZodObject | undefined, place: 'query' | 'header'): object[] {
  if (!fields) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(fields, { io: 'input' });
  return Object.entries(properties as Record<string, JsonSchema>).map(([name, schema]) =>
    parameter(name, place, schema, {
      required: required.includes(name),
      ...(Array.isArray(schema.examples) && { example: schema.examples[0] as unknown }),
    }),
  );
}

function answerOf(
  { description, type = 'application/json', schema, data }: RouteAnswer,
  place: Place,
  status: string,
): object {
  const shape = (): JsonSchema => {
    if (data) return envelopeOf(place(data, `answer${status}`));
    return schema ? place(schema, `answer${status}`) : { type: 'string' };
  };
  const content = Object.fromEntries([type].flat().map((each) => [each, { schema: shape() }]));
  return { description, headers: everyHeader, content };
}

interface Media {
  readonly schema: object;
}

/** A refusal in the form of the route, or in that of the house where the request did not come so far. */
function refusedBy(refusal: RouteAnswer, place: Place): object {
  const own = answerOf(refusal, place, 'Refused') as { readonly content: Readonly<Record<string, Media>> };
  const house: Readonly<Record<string, Media>> = parts.responses.Refused.content;
  const both = Object.entries(own.content).map(([type, media]): [string, Media] => {
    const other = house[type];
    return [type, other ? { schema: { anyOf: [media.schema, other.schema] } } : media];
  });
  return { ...own, content: { ...house, ...Object.fromEntries(both) } };
}
