import type { Action, JsonSchema } from '../actions/action.ts';
import { exampleOf } from '../actions/example.ts';
import { envelopeOf, everyHeader, parameter, refusalOf, securityFor, type Operation } from './openapi-parts.ts';
import { placeSchema, type Schemas } from './openapi-schema.ts';

interface Fields {
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required: readonly string[];
  readonly rest: JsonSchema;
  readonly example: Readonly<Record<string, unknown>>;
}

/** An action as an operation of the document. Definitions of its schemas are added to `schemas`. */
export function operationOfAction(action: Action, method: string, path: string, schemas: Schemas): Operation {
  const fields = fieldsOf(action, schemas);
  const names = Object.keys(fields.properties);
  const inPath = [...path.matchAll(/\{(\w+)\+?\}/g)].map((found) => found[1] ?? '');
  const others = names.filter((name) => !inPath.includes(name));
  const hasBody = method !== 'GET' && method !== 'DELETE';
  return {
    operationId: action.name,
    summary: action.summary,
    tags: [action.name.split('.')[0] ?? action.name],
    security: securityFor(action.permission),
    'x-permission': action.permission,
    ...(action.cli && { 'x-command': `bnity ${action.cli}` }),
    parameters: [
      ...inPath.map((name) =>
        parameterOf(name, 'path', path.includes(`{${name}+}`) ? withSlashes(name, fields) : fields),
      ),
      ...(hasBody ? [] : others.map((name) => parameterOf(name, 'query', fields))),
    ],
    ...(hasBody && { requestBody: bodyOf(others, fields) }),
    responses: responsesOf(action, hasBody, method, inPath.length > 0, schemas),
  };
}

function fieldsOf(action: Action, schemas: Schemas): Fields {
  const { properties, required, ...rest } = placeSchema(action.inputSchema, `${action.name}.input`, schemas);
  return {
    properties: (properties ?? {}) as Fields['properties'],
    required: (required ?? []) as string[],
    rest,
    example: exampleOf(action, action.inputSchema),
  };
}

/** What takes the rest of an address says so: the document's own notation cannot. */
function withSlashes(name: string, fields: Fields): Fields {
  const { description, ...schema } = fields.properties[name] ?? {};
  const told = [description, 'slashes are part of it'].filter((each) => typeof each === 'string').join('; ');
  return { ...fields, properties: { ...fields.properties, [name]: { ...schema, description: told } } };
}

function parameterOf(name: string, place: 'path' | 'query', { properties, required, example }: Fields): object {
  return parameter(name, place, properties[name] ?? {}, {
    required: place === 'path' || required.includes(name),
    example: example[name],
  });
}

function bodyOf(names: readonly string[], { properties, required, rest, example }: Fields): object {
  const needed = required.filter((name) => names.includes(name));
  const schema = {
    ...rest,
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, properties[name]])),
    ...(needed.length > 0 && { required: needed }),
  };
  const shown = Object.fromEntries(
    names.flatMap((name) => (example[name] === undefined ? [] : [[name, example[name]]])),
  );
  return { required: needed.length > 0, content: { 'application/json': { schema, example: shown } } };
}

function responsesOf(
  action: Action,
  hasBody: boolean,
  method: string,
  hasPlace: boolean,
  schemas: Schemas,
): Record<string, unknown> {
  const data = placeSchema(action.outputSchema, `${action.name}.output`, schemas);
  const statuses = [
    ...(hasBody ? [400, 413, 415] : []),
    401,
    403,
    ...(hasPlace ? [404] : []),
    ...(method === 'GET' ? [] : [409]),
    422,
    429,
  ];
  const json = { 'application/json': { schema: envelopeOf(data) } };
  const events = { 'text/event-stream': { schema: { $ref: '#/components/schemas/Events' } } };
  // A stream begins before the end is known, so it always says 200.
  const streamed = {
    description: 'Told as it goes, when the request accepts events',
    headers: everyHeader,
    content: events,
  };
  const done = {
    description: 'Done',
    headers: everyHeader,
    content: action.status === 200 ? { ...json, ...events } : json,
  };
  return {
    ...(action.status !== 200 && { 200: streamed }),
    [action.status]: done,
    ...Object.fromEntries(statuses.map((status) => [status, refusalOf(status)])),
    default: refusalOf('default'),
  };
}
