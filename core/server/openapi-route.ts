import { z } from 'zod';
import type { JsonSchema } from '../actions/action.ts';
import { everyHeader, parameter, refusalOf, securityFor, type Operation } from './openapi-parts.ts';
import { placeSchema, type Schemas } from './openapi-schema.ts';
import type { DescribedRoute, RouteAnswer, RouteDescription } from './web.ts';

/** A route that is no action as an operation of the document. One that nobody described is there all the same, without a summary. */
export function operationOfRoute(route: DescribedRoute, schemas: Schemas): Operation {
  const { method, path, permission } = route;
  const describe = route.describe === 'protocol' ? undefined : route.describe;
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
      ...Object.fromEntries(refusals.map((status) => [status, refusalOf(status)])),
      ...Object.fromEntries(
        Object.entries(describe?.answers ?? {}).map(([status, answer]) => [status, answerOf(answer, place, status)]),
      ),
      default: refusalOf('default'),
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
    parameter(name, place, schema, { required: required.includes(name) }),
  );
}

function answerOf(
  { description, type = 'application/json', schema }: RouteAnswer,
  place: Place,
  status: string,
): object {
  if (!schema && type === 'none') return { description, headers: everyHeader };
  const shape = schema ? place(schema, `answer${status}`) : { type: 'string' };
  return { description, headers: everyHeader, content: { [type]: { schema: shape } } };
}
