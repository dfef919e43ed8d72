import type { RouterContext } from '@koa/router';
import type { Action } from '../actions/action.ts';
import type { Actions } from '../actions/actions.ts';
import type { Caller } from '../actions/caller.ts';
import { coerceTexts } from '../actions/coerce.ts';
import { Fault } from '../base/fault.ts';
import { readJson } from './body.ts';
import { failure, success, type Request } from './envelope.ts';
import { routerPath } from './route-path.ts';
import { beginEvents, encodeEvent } from './sse.ts';

/** How often a stream shows that it lives, in milliseconds. */
const BEAT_MS = 15_000;

/** What every request carries once it is known. */
export interface RequestState {
  request: Request;
  caller: Caller;
  signal: AbortSignal;
  abort: (reason: Fault) => void;
}

/** Method and path of an action for the router, or undefined when it has no HTTP form. */
export function routeOf(action: Action): { method: string; path: string } | undefined {
  if (!action.http || !action.doors.includes('http')) return undefined;
  const [method = 'GET', path = '/'] = action.http.split(' ');
  return { method, path: `/api/v1${routerPath(path)}` };
}

/** The handler of an action: input from path, query and body; the answer in the envelope, or as events when they are asked for. */
export function handlerOf(action: Action, actions: Actions): (context: RouterContext<RequestState>) => Promise<void> {
  return async (context) => {
    const { caller, signal, request } = context.state;
    const input = await inputOf(action, context);
    const wantsEvents = context.get('accept').startsWith('text/event-stream');
    if (wantsEvents)
      return streamed(context, (progress) =>
        actions.run(action.name, { caller, signal, input, door: 'http', progress }),
      );
    const data = await actions.run(action.name, { caller, signal, input, door: 'http', progress: () => undefined });
    context.status = action.status;
    context.body = success(request, data);
  };
}

async function inputOf(action: Action, context: RouterContext<RequestState>): Promise<Record<string, unknown>> {
  const query = Object.fromEntries(Object.entries(context.query).filter((entry) => entry[1] !== undefined)) as Record<
    string,
    string | string[]
  >;
  const body = ['POST', 'PUT', 'PATCH'].includes(context.method) ? await readJson(context.req) : {};
  return { ...coerceTexts(query, action.inputSchema), ...body, ...coerceTexts(context.params, action.inputSchema) };
}

/** The stream begins with the first thing to tell, so that a refusal before it is answered with its own status. */
async function streamed(
  context: RouterContext<RequestState>,
  run: (progress: (fact: unknown) => void) => Promise<unknown>,
): Promise<void> {
  const { res: response } = context;
  const { request, caller } = context.state;
  let beat: NodeJS.Timeout | undefined;
  const begin = (): void => {
    if (caller.revoked?.aborted) throw new Fault('CALLER_UNKNOWN', 'The credential of this request was revoked.');
    if (beat) return;
    context.respond = false;
    beginEvents(response, { 'x-request-id': request.id });
    beat = setInterval(() => response.write(': beat\n\n'), BEAT_MS);
  };
  const late = setTimeout(() => caller.revoked?.aborted || begin(), BEAT_MS);
  try {
    const data = await run((fact) => {
      begin();
      response.write(encodeEvent('progress', fact));
    });
    begin();
    response.end(encodeEvent('result', success(request, data)));
  } catch (error) {
    if (!beat) throw error;
    response.end(encodeEvent('error', failure(request, Fault.from(error))));
  } finally {
    clearTimeout(late);
    clearInterval(beat);
  }
}
