import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Fault } from 'boternity';

/** The body of a request, unzipped where git has zipped it. Errors of it come out as PUSH_BROKEN. */
export function bodyOf(request: IncomingMessage): Readable {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return request;
  if (encoding !== 'gzip' && encoding !== 'x-gzip')
    throw new Fault('PUSH_BROKEN', `The body is ${encoding}; gzip is what is known here.`);
  const plain = createGunzip();
  request.pipe(plain);
  request.once('error', (error) => plain.destroy(error));
  request.once('close', () => {
    if (!request.complete) plain.destroy(new Fault('INTERRUPTED', 'The caller left.'));
  });
  return plain;
}
