import type { OpenApi, Operation } from './doors.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly example?: unknown;
}

interface Content {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly example?: unknown;
}

/** One method of one path of the document. */
export interface Place {
  readonly method: string;
  /** As the document has it, with `{names}`. */
  readonly path: string;
  readonly id: string;
  /** What every address of it begins with. */
  readonly base: string;
  readonly parameters: readonly Parameter[];
  readonly body: { readonly type: string } & Content;
  readonly hasBody: boolean;
  readonly operation: Operation;
}

/** Everything that the document tells of, in its order. */
export function placesOf(document: OpenApi): Place[] {
  return Object.entries(document.paths).flatMap(([path, item]) => {
    const base = 'servers' in item ? '' : '/api/v1';
    return Object.entries(item)
      .filter(([method]) => method !== 'servers')
      .map(([method, operation]) => placeOf(method.toUpperCase(), path, base, operation));
  });
}

function placeOf(method: string, path: string, base: string, operation: Operation): Place {
  const { content = {} } = (operation['requestBody'] ?? {}) as { content?: Readonly<Record<string, Content>> };
  const [[type, body] = ['', { schema: {} }] as const] = Object.entries(content);
  const parameters = (operation['parameters'] ?? []) as Parameter[];
  return {
    method,
    path,
    base,
    operation,
    parameters,
    id: operation.operationId,
    body: { type, ...body },
    hasBody: type !== '',
  };
}

/** A request to an operation as its examples show it; `given` stands for some of them. */
export function requestOf(
  place: Place,
  given: Readonly<Record<string, string>> = {},
): {
  readonly address: string;
  readonly init: Omit<RequestInit, 'headers'> & { readonly headers: Record<string, string> };
} {
  const { method, path, base, parameters, body, hasBody } = place;
  const valueOf = ({ name, example }: Parameter): string | undefined => given[name] ?? asText(example);
  const query = new URLSearchParams();
  const headers: Record<string, string> = {};
  let address = base + path;
  for (const parameter of parameters) {
    const value = valueOf(parameter);
    if (parameter.in === 'path') address = address.replace(`{${parameter.name}}`, encodeURIComponent(value ?? 'x'));
    else if (value !== undefined && parameter.in === 'query') query.set(parameter.name, value);
    else if (value !== undefined) headers[parameter.name] = value;
  }
  const init = {
    method,
    headers: { ...headers, ...(hasBody && { 'content-type': body.type }) },
    ...(hasBody && { body: typeof body.example === 'string' ? body.example : JSON.stringify(body.example ?? {}) }),
  };
  return { address: query.size > 0 ? `${address}?${query}` : address, init };
}

function asText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Whether an address belongs to a path with `{names}`. */
export function isAt(address: string, place: Pick<Place, 'base' | 'path'>): boolean {
  const parts = (place.base + place.path).split(/\{\w+\}/).map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join('[^/]+')}$`).test(address.split('?', 1)[0] ?? '');
}
