import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { ActionView } from '../../core/server/list-actions.ts';
import type { Input } from './door-cases.ts';
import type { Product, Ran } from './product.ts';

/** An answer of the HTTP door. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly data: unknown;
    readonly meta: Readonly<Record<string, unknown>>;
    readonly errors: readonly {
      readonly code: string;
      readonly message: string;
      readonly hint: string;
      readonly details?: readonly { readonly path: string; readonly message: string }[];
    }[];
    readonly _links: Readonly<Record<string, string>>;
  };
}

/** Runs an action through the listening port: path, query and body as OpenAPI tells them. */
export async function throughHttp(product: Product, action: ActionView, input: Input): Promise<Answer> {
  const [method = '', template = ''] = (action.http ?? '').split(' ');
  const inPath = new Set([...template.matchAll(/\{(\w+)\+?\}/g)].map((found) => found[1]));
  const route = template.replaceAll(/\{(\w+)\+?\}/g, (_, name: string) => encodeURIComponent(String(input[name])));
  const rest = Object.entries(input).filter(([name]) => !inPath.has(name));
  if (method === 'GET' || method === 'DELETE') {
    const query = new URLSearchParams(rest.map(([name, value]) => [name, String(value)]));
    return send(product, `/api/v1${route}?${query}`, { method });
  }
  const body = JSON.stringify(Object.fromEntries(rest));
  return send(product, `/api/v1${route}`, { method, body, headers: { 'content-type': 'application/json' } });
}

/** A request as the owner, unless it brings another credential. */
export async function send(product: Product, place: string, init: RequestInit = {}): Promise<Answer> {
  const response = await product.fetch(place, init);
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
}

/** Runs an action through a child process of the command line: words from its grammar, flags from the names of its fields. */
export function throughCli(product: Product, action: ActionView, input: Input): Promise<Ran> {
  const named = new Set<string>();
  const words = (action.cli ?? '').split(' ').flatMap((part) => {
    const name = /^[<[](\w+)/.exec(part)?.[1];
    if (name === undefined) return [part];
    named.add(name);
    return input[name] === undefined ? [] : [asText(input[name])];
  });
  const flags = Object.entries(input)
    .filter(([name]) => !named.has(name))
    .flatMap(([name, value]) =>
      [`--${name.replaceAll('_', '-')}`, value === true ? [] : [value].flat().map(asText)].flat(),
    );
  return product.cli([...words, ...flags, ...(action.confirm === null ? [] : ['--force']), '--json']);
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

interface Response {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, unknown>>;
}

export interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, Response>>;
  readonly [key: string]: unknown;
}

export interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly responses: Readonly<Record<string, Response>>;
    readonly schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
}

/** The published document, and the checks that it gives. */
export class Contract {
  readonly document: OpenApi;
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });

  constructor(document: OpenApi) {
    this.document = document;
    this.#ajv.addSchema(document, 'openapi');
  }

  static async of(product: Pick<Product, 'fetch'>): Promise<Contract> {
    const response = await product.fetch('/api/openapi.json');
    return new Contract((await response.json()) as OpenApi);
  }

  /** What is wrong with an answer over HTTP, as the document tells it; empty when nothing is. */
  problems(action: ActionView, { status, body }: Answer): string {
    const [method = '', path = ''] = (action.http ?? '').split(' ');
    return this.answerProblems(method, path, { status, type: 'application/json', body });
  }

  /** The same for the data alone, which is what a terminal gets. */
  dataProblems(action: ActionView, status: number, data: unknown): string {
    const [method = '', path = ''] = (action.http ?? '').split(' ');
    const place = this.#place(method, path, status, 'application/json');
    return 'wrong' in place ? place.wrong : this.#check(`${place.pointer}/schema/properties/data`, data);
  }

  /** The same for any route. `type` is the content type of the body. */
  answerProblems(method: string, path: string, answer: { status: number; type: string; body: unknown }): string {
    const place = this.#place(method, path, answer.status, answer.type);
    return 'wrong' in place ? place.wrong : this.#check(`${place.pointer}/schema`, answer.body);
  }

  /** Where the document tells of an answer. A success must be named, a refusal may be the default. */
  #place(method: string, path: string, status: number, type: string): { pointer: string } | { wrong: string } {
    const route = path.replaceAll('+}', '}');
    const told = this.document.paths[route]?.[method.toLowerCase()]?.responses ?? {};
    const key = told[status] ? String(status) : 'default';
    const response = told[key];
    if (!response || (key === 'default' && status < 400)) return { wrong: `${method} ${path} never answers ${status}` };
    const named = /^#(\/components\/responses\/(\w+))$/.exec(response.$ref ?? '');
    const { content = {} } = (named ? this.document.components.responses[named[2] ?? ''] : response) ?? {};
    const [plain = ''] = type.split(';');
    if (!content[plain]) return { wrong: `${method} ${path} never answers ${status} with ${type}` };
    const operation = `/paths/${escaped(route)}/${method.toLowerCase()}/responses/${key}`;
    return { pointer: `${named?.[1] ?? operation}/content/${escaped(plain)}` };
  }

  #check(pointer: string, value: unknown): string {
    let validate: ValidateFunction | undefined;
    try {
      validate = this.#ajv.getSchema(`openapi#${pointer}`);
    } catch (error) {
      return `the document does not compile at ${pointer}: ${String(error)}`;
    }
    if (!validate) return `the document has nothing at ${pointer}`;
    return validate(value) ? '' : this.#ajv.errorsText(validate.errors);
  }
}

function escaped(name: string): string {
  return encodeURIComponent(name.replaceAll('/', '~1'));
}

/** Does the work for all items, a few at once, and keeps their order. */
export async function inParallel<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
