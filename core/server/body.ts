import type { IncomingMessage } from 'node:http';
import { Fault } from '../base/fault.ts';

/** Largest body of an action, in bytes. A message may have 1 MB; JSON escapes make it longer. */
export const BODY_LIMIT = 8 * 1024 * 1024;

/** Reads a request's body as text. BODY_TOO_LARGE as soon as it is known to be larger. */
export async function readBody(request: IncomingMessage, limit: number): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Reads a JSON object. An empty body is an empty object. */
export async function readJson(request: IncomingMessage, limit = BODY_LIMIT): Promise<Record<string, unknown>> {
  const text = await readBody(request, limit);
  if (text === '') return {};
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/([\w.-]+\+)?json\b/.test(type)) {
    throw new Fault('BODY_TYPE_REFUSED', `The body is ${type === '' ? 'of no known type' : type}, not JSON.`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Fault('BODY_UNREADABLE', `The body is not JSON${placeOf(error)}.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Fault('BODY_UNREADABLE', 'The body is JSON, but not an object.');
  }
  return value as Record<string, unknown>;
}

/** Where the parser stopped. Its own words would quote the body, which may hold a secret. */
function placeOf(error: unknown): string {
  const [, position] = /position (\d+)/.exec(error instanceof Error ? error.message : '') ?? [];
  return position === undefined ? '' : `: it cannot be read from character ${position} on`;
}

function tooLarge(limit: number): Fault {
  return new Fault('BODY_TOO_LARGE', `The body is larger than ${Math.floor(limit / 1024)} kB.`);
}
