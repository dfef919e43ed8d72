import type { Context } from 'koa';
import type { Callers } from '../actions/caller.ts';
import { credentialsOf, type Reach } from './reach.ts';

/** What programs may send and read across origins. Credentials stand in headers: cookies never come along. */
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const SENT = [
  'accept',
  'authorization',
  'content-type',
  'if-match',
  'if-none-match',
  'idempotency-key',
  'last-event-id',
  'tus-resumable',
  'upload-length',
  'upload-metadata',
  'upload-offset',
  'x-api-key',
  'x-requested-with',
].join(', ');
const READ = [
  'content-disposition',
  'etag',
  'location',
  'retry-after',
  'tus-resumable',
  'upload-length',
  'upload-offset',
  'x-boternity-file',
  'x-boternity-version',
  'x-request-id',
].join(', ');
/** How long a browser may keep the answer to its question, in seconds. */
const KEPT_SECONDS = 600;

/** Tells browsers which other pages may read answers (Fetch standard, CORS protocol). True where that was the question. */
export function answerCors(context: Context, reach: Reach, callers: Pick<Callers, 'check'>): boolean {
  if (reach.origins.length === 0) return false;
  context.vary('origin');
  const { origin } = context.headers;
  if (origin === undefined || !reach.allows(origin)) return false;
  context.set({ 'access-control-allow-origin': origin, 'access-control-expose-headers': READ });
  if (context.method !== 'OPTIONS' || context.headers['access-control-request-method'] === undefined) return false;
  callers.check(credentialsOf(context.req, context.path), 'route');
  context.set({
    'access-control-allow-methods': METHODS,
    'access-control-allow-headers': SENT,
    'access-control-max-age': String(KEPT_SECONDS),
  });
  context.vary('access-control-request-headers');
  context.status = 204;
  return true;
}
