import type { IncomingMessage, ServerResponse } from 'node:http';
import Router, { type RouterMiddleware } from '@koa/router';
import Koa, { type Context } from 'koa';
import type { Actions } from '../actions/actions.ts';
import type { Caller, Callers } from '../actions/caller.ts';
import { Fault } from '../base/fault.ts';
import { createId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import { redactor } from '../base/redact.ts';
import { BODY_LIMIT, readBody, readJson } from './body.ts';
import { failure, success, type Request } from './envelope.ts';
import { handlerOf, routeOf, type RequestState } from './http-door.ts';
import { answerCors } from './cors.ts';
import { identify } from './identify.ts';
import { openApi } from './openapi.ts';
import { assertMayUse } from './may-use.ts';
import { ownRoutes } from './own-routes.ts';
import type { Pages } from './pages/pages.ts';
import { belowBase, credentialsOf, type Reach } from './reach.ts';
import { routerPath } from './route-path.ts';
import type { UnderWay } from './under-way.ts';
import type { Route } from './web.ts';

export interface AppOptions {
  readonly actions: Actions;
  readonly callers: Callers;
  readonly reach: Reach;
  readonly routes: () => Iterable<Route>;
  readonly pages: Pick<Pages, 'handle'>;
  /** Element and address of the module that lets people sign in. */
  readonly gate: () => { readonly element: string; readonly module: string } | undefined;
  readonly log: Log;
  readonly version: string;
  /** Whether everything has started: /readyz. */
  readonly isReady: () => boolean;
  readonly underWay: UnderWay;
}

/** What watches the server is told as long as there is one. */
const health = new Set(['/healthz', '/readyz']);

const nobody: Caller = { kind: 'program', id: 'nobody', name: 'Nobody', grants: [] };

/** The Koa application. `reroute` makes the next request see the actions and routes of today; `served` lists them. */
export function createApp(options: AppOptions): {
  handle: (request: IncomingMessage, response: ServerResponse) => void;
  reroute: () => void;
  served: () => string[];
} {
  const app = new Koa<RequestState>();
  let router: Router<RequestState> | undefined;
  app.on('error', (error: unknown) => options.log.error('A request failed outside of its handler', { error }));
  const { callers, reach } = options;
  app.use(async (context, next) => {
    context.url = belowBase(context.url, reach.basePath);
    begin(context);
    options.underWay.follow(context.res);
    try {
      if (!health.has(context.path)) options.underWay.assertOpen();
      if (!answerCors(context, reach, callers)) await next();
    } catch (error) {
      answerFault(context, Fault.from(error), options.log);
    }
    redactBody(context);
  });
  const current = (): Router<RequestState> => (router ??= createRouter(options));
  app.use(async (context, next) => {
    await current().routes()(context as never, next);
  });
  app.use(async (context) => {
    if (context.status !== 404 || context.body !== undefined || context.respond === false) return;
    callers.check(credentialsOf(context.req, context.path), 'page');
    const isPage = context.method === 'GET' || context.method === 'HEAD';
    if (!isPage || /^\/(api|v1|git|mcp)(\/|$)/.test(context.path)) throw absent(router, context);
    if (!leadBelowBase(context, reach)) await answerPage(context, options.pages);
  });
  const handle = app.callback();
  return {
    handle: (request, response) => void handle(request, response),
    reroute: () => (router = undefined),
    served: () => current().stack.flatMap(({ methods, path }) => methods.map((method) => `${method} ${String(path)}`)),
  };
}

/**
 * Pages stand below the base path, because their links lead there. A request that names the public host has been there: a proxy
 * cut the base path off.
 */
function leadBelowBase(context: Context, reach: Reach): boolean {
  const { basePath, publicUrl } = reach;
  if (basePath === '' || context.originalUrl.startsWith(`${basePath}/`)) return false;
  const way = reach.wayOf(credentialsOf(context.req));
  if (context.originalUrl !== basePath && way.host === new URL(publicUrl ?? '').host) return false;
  context.redirect(basePath + context.url);
  return true;
}

function begin(context: Context): void {
  const id = createId();
  const path = context.originalUrl.split('?', 1)[0] ?? '/';
  const request: Request = { id, startedMs: performance.now(), path };
  const gone = new AbortController();
  context.res.once('close', () => {
    if (!context.res.writableFinished) gone.abort(new Fault('INTERRUPTED', 'The caller left.'));
  });
  context.state.request = request;
  context.state.signal = gone.signal;
  context.state.abort = (reason: Fault) => gone.abort(reason);
  context.set('x-request-id', id);
  context.set('x-content-type-options', 'nosniff');
  // What the API answers is for who asked, and for no cache on the way or in the browser.
  if (context.path.startsWith('/api/')) context.set('cache-control', 'no-store');
}

/** Answers that are values become JSON here, so that none of them leaves with a secret. */
function redactBody(context: Context): void {
  const { body } = context;
  const isValue = typeof body === 'object' && body !== null && !(body instanceof Uint8Array) && !('pipe' in body);
  if (redactor.isEmpty || !isValue) return;
  context.body = redactor.json(body);
  context.type = 'json';
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
    const { isStopping } = options.underWay;
    const isReady = options.isReady() && !isStopping;
    context.status = isReady ? 200 : 503;
    context.body = { status: isReady ? 'ready' : isStopping ? 'stopping' : 'starting' };
  });
  const { callers, reach } = options;
  const checked: RouterMiddleware<RequestState> = async (context, next) => {
    callers.check(credentialsOf(context.req, context.path), 'route');
    await next();
  };
  const known: RouterMiddleware<RequestState> = async (context, next) => {
    callers.check(credentialsOf(context.req, context.path), 'route');
    context.state.caller = await identify(context, callers);
    await next();
  };
  router.get('/api/v1/gate', checked, (context) => {
    context.body = success(context.state.request, options.gate() ?? null);
  });
  router.get('/api/openapi.json', known, (context) => {
    const { actions, routes, version } = options;
    context.body = openApi({ actions, routes: [...ownRoutes, ...routes()], version, address: reach.publicUrl ?? '' });
  });
  for (const action of options.actions) {
    const route = routeOf(action);
    if (route) router.register(route.path, [route.method], [known, handlerOf(action, options.actions)]);
  }
  for (const route of options.routes()) {
    const guard = route.permission === 'anyone' ? checked : known;
    router.register(routerPath(route.path), [route.method], [guard, rawHandler(route, options)]);
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

function rawHandler(route: Route, { actions, callers }: AppOptions): RouterMiddleware<RequestState> {
  return async (context) => {
    const caller = context.state.caller ?? nobody;
    const { req: request, res: response, params } = context;
    await assertMayUse({ ...route, what: route.path }, { caller, params, actions });
    let isAnswered = false;
    response.statusCode = 200;
    await route.handle({
      request,
      response,
      params,
      url: context.URL,
      caller,
      id: context.state.request.id,
      signal: context.state.signal,
      identify: (headers) => identify(context, callers, headers),
      json: (limit) => readJson(request, limit),
      answer(data, { status = 200, headers = {} } = {}) {
        isAnswered = true;
        context.status = status;
        context.set(headers);
        context.body = success(context.state.request, data);
      },
      text: (limit = BODY_LIMIT) => readBody(request, limit),
    });
    if (isAnswered) return;
    // Revoked before the stream began, so that nothing was there to cut.
    if (context.state.signal.aborted && !response.writableEnded) response.destroy();
    context.respond = false;
  };
}

async function answerPage(context: Context, pages: Pick<Pages, 'handle'>): Promise<void> {
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
  if (context.status === 401) context.set('www-authenticate', challengeFor(context.path));
  if (fault.retryAfterSeconds !== undefined) context.set('retry-after', String(fault.retryAfterSeconds));
  context.body = failure(request, fault);
  if (!context.req.complete || fault.code === 'SERVER_STOPPING') context.set('connection', 'close');
}

/** Git asks for a password only when it is told to; a browser that was told so would ask with a window of its own. */
function challengeFor(path: string): string {
  return path.startsWith('/git/') ? 'Basic realm="Boternity", charset="UTF-8"' : 'Bearer realm="Boternity"';
}
