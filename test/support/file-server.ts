import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of files for downloads, that takes ranges and can be told to break off. */
export interface FileServer extends AsyncDisposable {
  readonly url: string;
  /** Method, path and range of each request. */
  readonly requests: readonly string[];
  /** The next answer ends after so many bytes, without saying so. */
  breakAfter(bytes: number): void;
}

export async function startFileServer(files: Readonly<Record<string, Buffer>>): Promise<FileServer> {
  const requests: string[] = [];
  let most = Number.POSITIVE_INFINITY;
  const server = createServer((request, response) => {
    const range = request.headers.range ?? '';
    requests.push(`${request.method} ${request.url} ${range}`.trim());
    const file = files[request.url ?? ''];
    const start = Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? 0);
    if (!file || start >= file.length) {
      response.writeHead(file ? 416 : 404).end();
      return;
    }
    const rest = file.subarray(start);
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': rest.length });
    if (request.method === 'HEAD') response.end();
    else if (most >= rest.length) response.end(rest);
    else response.write(rest.subarray(0, most), () => setTimeout(() => response.destroy(), 50));
    most = Number.POSITIVE_INFINITY;
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    breakAfter: (bytes) => (most = bytes),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
