import { anchorOf, table } from './markdown.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly description?: string;
}

interface Body {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema; readonly example?: unknown }>>;
  readonly description?: string;
}

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly 'x-permission'?: string;
  readonly 'x-command'?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: Body;
  readonly responses?: Readonly<Record<string, Body>>;
}

/** What is read of an OpenAPI 3.1 document. */
export interface Document {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Placed {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** docs/reference/http.md: every route with its grant, its inputs and what it answers. */
export function httpReference(document: Document): string {
  const groups = Map.groupBy(operationsOf(document), ({ operation: { tags = [] } }) => tags[0] ?? 'other');
  const names = [...groups.keys()].toSorted();
  return [
    '# Reference: HTTP',
    '',
    'Every route of the standard plugins. How to sign in, the envelope of answers and errors: [http.md](../http.md). A server tells the same, with',
    'every schema in full, at `/api/openapi.json`. Written by `node tools/reference.ts` from that document; do not edit.',
    '',
    names.map((name) => `[${name}](#${anchorOf(name)})`).join(' · '),
    '',
    ...names.flatMap((name) => group(name, groups.get(name) ?? [])),
  ]
    .join('\n')
    .replace(/\n+$/, '\n');
}

function group(name: string, operations: readonly Placed[]): string[] {
  return [`## ${name}`, '', ...operations.flatMap(section)];
}

function operationsOf({ servers: [api], paths }: Document): Placed[] {
  return Object.entries(paths).flatMap(([place, { servers, ...methods }]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: servers === undefined ? (api?.url ?? '') + place : place,
      operation: operation as Operation,
    })),
  );
}

function section({ method, path, operation }: Placed): string[] {
  const { summary = '', requestBody, responses = {} } = operation;
  const permission = operation['x-permission'];
  const command = operation['x-command'];
  const told = [
    summary,
    permission === 'anyone' ? 'Anybody may.' : permission && `Needs \`${permission}\`.`,
    command && `In the terminal: \`${command}\`.`,
  ];
  const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const isJson = type === 'application/json';
  const example = isJson ? content?.example : undefined;
  return [
    `### \`${method} ${path}\``,
    '',
    told.filter(Boolean).join(' '),
    '',
    ...table(['input', 'in', 'is', ''], [...parametersOf(operation), ...(isJson ? fieldsOf(content?.schema) : [])]),
    ...(type !== undefined && !isJson ? [`The body is \`${type}\`.`, ''] : []),
    ...(isEmpty(example) ? [] : ['```json', JSON.stringify(example), '```', '']),
    ...answersOf(responses),
  ];
}

function isEmpty(example: unknown): boolean {
  return example === undefined || (typeof example === 'object' && Object.keys(example ?? {}).length === 0);
}

function parametersOf({ parameters = [] }: Operation): string[][] {
  return parameters.map(({ name, in: place, required, schema, description }) => [
    `\`${name}\``,
    place,
    kindOf(schema) + (required === true ? ', needed' : ''),
    description ?? '',
  ]);
}

function fieldsOf(schema: Schema = {}): string[][] {
  return Object.entries(schema.properties ?? {}).map(([name, field]) => [
    `\`${name}\``,
    'body',
    kindOf(field) + (schema.required?.includes(name) === true ? ', needed' : ''),
    field.description ?? '',
  ]);
}

/** What stands in `data` of each good answer; of routes in a form of their own, what it is. */
function answersOf(responses: Readonly<Record<string, Body>>): string[] {
  const good = Object.entries(responses).filter(([status]) => /^[23]/.test(status));
  return good.flatMap(([status, { description = '', content = {} }]) => {
    const [type, found] = Object.entries(content)[0] ?? [];
    const properties = found?.schema?.properties ?? {};
    const data = properties._links ? properties.data?.properties : properties;
    const fields = Object.entries(data ?? {}).map(([name, field]) => `\`${name}\` ${kindOf(field)}`);
    const what =
      fields.length > 0 ? fields.join(', ') : type === 'application/json' ? description : (type ?? description);
    return [`Answers ${status}: ${what}${/[.!?]$/.test(what) ? '' : '.'}`, ''];
  });
}

/** A type in a word or two. */
function kindOf(schema: Schema = {}): string {
  const { $ref, type, enum: choices, anyOf, oneOf, items } = schema;
  if ($ref !== undefined) return $ref.slice($ref.lastIndexOf('/') + 1);
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const).replaceAll('"', '')}\``;
  if (choices) return choices.map((choice) => `\`${JSON.stringify(choice).replaceAll('"', '')}\``).join(' or ');
  const either = anyOf ?? oneOf;
  if (either) return [...new Set(either.map(kindOf))].join(' or ');
  if (type === 'array') return `list of ${kindOf(items)}`;
  if (typeof type === 'string') return type;
  return type ? type.join(' or ') : 'anything';
}
