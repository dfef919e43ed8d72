import type { IncomingHttpHeaders } from 'node:http';
import type { Context } from 'koa';
import type { Caller, Callers } from '../actions/caller.ts';
import { Fault } from '../base/fault.ts';
import type { RequestState } from './http-door.ts';
import { credentialsOf } from './reach.ts';

/**
 * Who asks. Throws CALLER_UNKNOWN. From now on the request ends when the caller's credential is revoked. `headers` are those to
 * look at, where a protocol says who asks in its own way.
 */
export async function identify(
  context: Context,
  callers: Callers,
  headers: IncomingHttpHeaders = context.req.headers,
): Promise<Caller> {
  const caller = await callers.identify({ ...credentialsOf(context.req, context.path), headers });
  if (!caller) throw new Fault('CALLER_UNKNOWN', whyUnknown(context));
  followRevocation(context, caller.revoked);
  return caller;
}

function whyUnknown({ req }: Context): string {
  const isShown = req.headers.authorization !== undefined || req.headers['x-api-key'] !== undefined;
  return isShown ? 'The credential of this request is not valid.' : 'This needs a caller, and nobody is signed in.';
}

/** An answer that has begun is a stream and is cut; one that has not may still tell how the revocation went. */
function followRevocation({ res, state }: Context, revoked: AbortSignal | undefined): void {
  if (!revoked) return;
  const drop = (): void => {
    (state as RequestState).abort(new Fault('CALLER_UNKNOWN', 'The credential of this request was revoked.'));
    if (res.headersSent) res.destroy();
  };
  revoked.addEventListener('abort', drop);
  res.once('close', () => revoked.removeEventListener('abort', drop));
}
