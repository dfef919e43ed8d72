import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { plainAddress } from '../base/addresses.ts';
import { matcherOf } from './reach-settings.ts';

const isLoopback = matcherOf(['127.0.0.0/8', '::1']);

/** Whether nothing of a connection leaves this machine. `host`: where the server listens, which may be one address beside loopback. */
export function isOfThisMachine({ remoteAddress = '', localAddress = '' }: Socket, host: string): boolean {
  const [remote, local] = [plainAddress(remoteAddress), plainAddress(localAddress)];
  return (isLoopback(remote) && isLoopback(local)) || (remote === local && local === host);
}

/** Answers who came without TLS from elsewhere: a page is led to its address with TLS, everything else is told. */
export function askForTls(request: IncomingMessage, response: ServerResponse): void {
  const { headers, url = '/', method } = request;
  const host = /^[\w.:[\]-]+$/.exec(headers.host ?? '')?.[0];
  const place = host === undefined ? undefined : `https://${host}`;
  const isPage = (method === 'GET' || method === 'HEAD') && url.startsWith('/');
  const sentence = `This port speaks TLS. Use ${place ?? 'an address that begins with https://'}.\n`;
  response.writeHead(isPage && place !== undefined ? 308 : 426, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    connection: isPage ? 'close' : 'upgrade, close',
    ...(isPage && place !== undefined ? { location: place + url } : { upgrade: 'TLS/1.2, HTTP/1.1' }),
  });
  response.end(sentence);
}
