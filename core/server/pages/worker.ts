import { createHash } from 'node:crypto';
import type { PageAnswer } from './answer.ts';
import type { ServedFile } from './folder.ts';
import type { Site } from './site.ts';
import { commonHeaders } from './policy.ts';

/** Where the service worker of the application lies; from there it is over every page. */
export const WORKER_PATH = '/sw.js';

/** What stands in public/ and belongs to the shell. */
const STATICS = ['/favicon.svg', '/icon-192.png', '/manifest.webmanifest'];

/** What a service worker may do: ask this server for files. */
const policy = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'";

/**
 * The service worker with the list of what it keeps: the page itself and the files of the shell. It is another one as soon as one of
 * them is, which is how browsers learn of a new version.
 */
export function answerWorker(
  source: ServedFile,
  { document, offline }: Pick<Site, 'document' | 'offline'>,
  basePath: string,
): PageAnswer {
  const text = source.body.toString();
  const hash = createHash('sha256').update(document).update(offline.join('\n')).update(text);
  const files = ['/', ...STATICS, ...offline].map((file) => basePath + file);
  const shell = { version: hash.digest('base64url').slice(0, 16), basePath, files };
  return {
    status: 200,
    headers: {
      ...commonHeaders,
      'content-type': source.type,
      'content-security-policy': policy,
      'cache-control': 'no-cache',
    },
    body: `const SHELL = ${JSON.stringify(shell)};\n${text}`,
  };
}
