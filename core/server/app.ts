import type { IncomingMessage, ServerResponse } from 'node:http';
import Router, { type RouterMiddleware } from '@koa/router';
import Koa, { type Context } from 'koa';
import type { Actions } from '../actions/actions.ts';
import type { Caller, Callers } from '../actions/caller.ts';
import { covers } from '../actions/grants.ts';
import { Fault } from '../base/fault.ts';
import { createId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import { BODY_LIMIT, readBody } from './body.ts';
import { failure, type Request } from './envelope.ts';
import { handlerOf, routeOf, type RequestState } from './http-door.ts';
import { openApi } from './openapi.ts';
import type { Pages } from './pages/pages.ts';
import { routerPath } from './route-path.ts';
import type { Route } from './web.ts';

export interface AppOptions {
  readonly actions: Actions;
  readonly callers: Callers;
  readonly routes: () => Iterable<Route>;
  readonly pages: Pick<Pages, 'handle'>;
  readonly log: Log;
  readonly version: string;
  /** Whether everything has started: /readyz. */
  readonly isReady: () => boolean;
}

const nobody: Caller = { kind: 'program', id: 'nobody', name: 'Nobody', grants: [] };

/** The Koa application. `reroute` makes the next request see the actions and routes of today. */
export function createApp(options: AppOptions): {
  handle: (request: IncomingMessage, response: ServerResponse) => void;
  reroute: () => void;
} {
  const app = new Koa<RequestState>();
  let router: Router<RequestState> | undefined;
  app.on('error', (error: unknown) => options.log.error('A request failed outside of its handler', { error }));
  app.use(async (context, next) => {
    begin(context);
    try {
      await next();
    } catch (error) {
      answerFault(context, Fault.from(error), options.log);
    }
  });
  app.use(async (context, next) => {
    router ??= createRouter(options);
    await router.routes()(context as never, next);
  });
  app.use(async (context) => {
    if (context.status !== 404 || context.body !== undefined || context.respond === false) return;
    if (/^\/(api|v1|git|mcp)(\/|$)/.test(context.path)) throw absent(router, context);
    await answerPage(context, options.pages);
  });
  const handle = app.callback();
  return { handle: (request, response) => void handle(request, response), reroute: () => (router = undefined) };
}

function begin(context: Context): void {
  const id = createId();
  const request: Request = { id, startedMs: performance.now(), path: context.path };
  const gone = new AbortController();
  context.res.once('close', () => {
    if (!context.res.writableFinished) gone.abort(new Fault('INTERRUPTED', 'The caller left.'));
  });
  context.state.request = request;
  context.state.signal = gone.signal;
  context.set('x-request-id', id);
  context.set('x-content-type-options', 'nosniff');
}

function createRouter(options: AppOptions): Router<RequestState> {
  const router = new Router<RequestState>();
  const plain = (path: string, body: () => unknown): void => {
    router.get(path, (context) => {
      context.body = body();
    });
  };
  plain('/healthz', () => ({ status: 'ok' }));
  router.get('/readyz', (context) => {
    context.status = options.isReady() ? 200 : 503;
    context.body = { status: options.isReady() ? 'ready' : 'starting' };
  });
  const known = signIn(options.callers);
  router.get('/api/openapi.json', known, (context) => {
    context.body = openApi(options.actions, options.version);
  });
  for (const action of options.actions) {
    const route = routeOf(action);
    if (route) router.register(route.path, [route.method], [known, handlerOf(action, options.actions)]);
  }
  for (const route of options.routes()) {
    const guards = route.permission === 'anyone' ? [] : [known];
    router.register(routerPath(route.path), [route.method], [...guards, rawHandler(route)]);
  }
  return router;
}

/** Why a path of the API has no answer: no such route, or no such method of it. */
function absent(router: Router<RequestState> | undefined, context: Context): Fault {
  const methods = router?.match(context.path, context.method).path.flatMap((layer) => layer.methods) ?? [];
  if (methods.length === 0) return new Fault('ROUTE_MISSING', `There is no ${context.method} ${context.path}.`);
  const allowed = [...new Set(methods)].join(', ');
  context.set('allow', allowed);
  return new Fault('METHOD_WRONG', `${context.path} has no ${context.method}; it has ${allowed}.`);
}

function signIn(callers: Callers): RouterMiddleware<RequestState> {
  return async (context, next) => {
    const caller = await callers.identify({
      headers: context.req.headers,
      remoteAddress: context.req.socket.remoteAddress ?? '',
      method: context.method,
      path: context.path,
    });
    if (!caller) throw new Fault('CALLER_UNKNOWN', 'This needs a caller, and nobody is signed in.');
    context.state.caller = caller;
    await next();
  };
}

function rawHandler(route: Route): RouterMiddleware<RequestState> {
  return async (context) => {
    const caller = context.state.caller ?? nobody;
    if (route.permission !== 'anyone' && !covers(caller.grants, route.permission, context.params.bot)) {
      throw new Fault(
        'CALLER_DENIED',
        `${caller.name} may not use ${route.path}; it needs the grant ${route.permission}.`,
      );
    }
    const { req: request, res: response } = context;
    response.statusCode = 200;
    await route.handle({
      request,
      response,
      params: context.params,
      url: context.URL,
      caller,
      signal: context.state.signal,
      text: (limit = BODY_LIMIT) => readBody(request, limit),
    });
    context.respond = false;
  };
}

async function answerPage(context: Context, pages: Pick<Pages, 'handle'>): Promise<void> {
  if (context.method !== 'GET' && context.method !== 'HEAD')
    throw new Fault('ROUTE_MISSING', `There is no ${context.method} ${context.path}.`);
  const page = await pages.handle(context.path, context.req.headers);
  if (!page) throw new Fault('ROUTE_MISSING', `There is nothing at ${context.path}.`);
  context.status = page.status;
  context.set(page.headers);
  context.body = page.body;
}

function answerFault(context: Context, fault: Fault, log: Log): void {
  const { request } = context.state as RequestState;
  if (fault.code === 'INTERNAL')
    log.error('A request met an unexpected error', { request: request.id, path: request.path, error: fault.cause });
  if (context.res.headersSent) {
    context.respond = false;
    context.res.destroy();
    return;
  }
  context.status = fault.row.status === 499 ? 503 : fault.row.status;
  context.body = failure(request, fault);
  if (!context.req.complete) context.set('connection', 'close');
}
