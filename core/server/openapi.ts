import type { Action, JsonSchema } from '../actions/action.ts';
import { operationOfAction } from './openapi-action.ts';
import * as parts from './openapi-parts.ts';
import type { Operation } from './openapi-parts.ts';
import { operationOfRoute } from './openapi-route.ts';
import type { Schemas } from './openapi-schema.ts';
import type { DescribedRoute } from './web.ts';

/** What the document tells of. */
export interface Described {
  readonly actions: Iterable<Action>;
  /** Routes that are no actions. */
  readonly routes: Iterable<DescribedRoute>;
  readonly version: string;
  /** Where the server is reached; empty for where the document was read. */
  readonly address: string;
}

/** Where addresses of the API begin. Paths of the document are relative to it; those of other routes name their own server. */
const API = '/api/v1';

/** The OpenAPI 3.1 document of everything that answers over HTTP, but for the page. */
export function openApi({ actions, routes, version, address }: Described): JsonSchema {
  const schemas: Schemas = { ...parts.schemas };
  const paths: Record<string, Record<string, unknown>> = {};
  const operations: Operation[] = [];
  const place = (method: string, path: string, operation: Operation): void => {
    const isApi = path.startsWith(`${API}/`);
    const key = (isApi ? path.slice(API.length) : path).replaceAll('+}', '}');
    paths[key] ??= isApi ? {} : { servers: [{ url: `${address}/` }] };
    paths[key][method.toLowerCase()] = operation;
    operations.push(operation);
  };
  for (const action of actions) {
    if (!action.http || !action.doors.includes('http')) continue;
    const [method = 'GET', path = '/'] = action.http.split(' ');
    place(method, API + path, operationOfAction(action, method, path, schemas));
  }
  for (const route of routes) place(route.method, route.path, operationOfRoute(route, schemas));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Boternity',
      version,
      description: 'A self-hosted server for a fleet of AI bots. Answers below /api/v1 stand in one envelope.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: address + API }],
    tags: tagsOf(operations),
    paths,
    components: {
      schemas,
      responses: parts.responses,
      headers: parts.headers,
      securitySchemes: parts.securitySchemes,
    },
  };
}

/** The groups of operations, each with what can be done with it. */
function tagsOf(operations: readonly Operation[]): object[] {
  const groups = Map.groupBy(operations, ({ tags: [tag] }) => tag);
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, group]) => {
      const verbs = group.map(({ operationId }) => operationId.slice(name.length + 1) || operationId);
      const title = name.charAt(0).toUpperCase() + name.slice(1);
      return { name, description: `${title}: ${verbs.join(', ')}.` };
    });
}
