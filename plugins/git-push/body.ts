import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Fault } from 'boternity';
import { unreadable } from './unreadable.ts';

/** The body of a request, unzipped where git has zipped it. Throws BODY_UNREADABLE, also later where the zipped bytes are wrong. */
export function bodyOf(request: IncomingMessage): Readable {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return request;
  if (encoding !== 'gzip' && encoding !== 'x-gzip')
    throw unreadable(`The body is ${encoding}; gzip is what is known here.`);
  const plain = createGunzip();
  request.pipe(plain);
  request.once('close', () => {
    if (!request.complete) plain.destroy(new Fault('INTERRUPTED', 'The caller left.'));
  });
  return Readable.from(withFaults(plain), { objectMode: false });
}

async function* withFaults(plain: Readable): AsyncGenerator<Buffer> {
  try {
    yield* plain as AsyncIterable<Buffer>;
  } catch (error) {
    throw Fault.is(error) ? error : unreadable('The body says that it is gzip, and is not.');
  }
}
