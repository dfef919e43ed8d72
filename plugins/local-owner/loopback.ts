import { BlockList } from 'node:net';
import { Fault } from 'boternity';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether the other end of a connection is on this machine. */
export function isLoopbackPeer(address: string): boolean {
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  return loopback.check(plain, plain.includes(':') ? 'ipv6' : 'ipv4');
}

/** Whether a Host header names this machine. Anything else is a name that a stranger's DNS made point here. */
export function isLoopbackHost(host: string | readonly string[] | undefined): boolean {
  if (typeof host !== 'string') return false;
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i.test(host);
}

/**
 * Whether a browser sent the request from the server's own page. Browsers mark what other pages send with Origin or
 * Sec-Fetch-Site; programs send neither.
 */
export function isSameOrigin(headers: Headers): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const origin = headers.origin;
  if (origin === undefined) return true;
  return typeof origin === 'string' && origin.toLowerCase() === `http://${String(headers.host).toLowerCase()}`;
}

/** Throws ADDRESS_REFUSED for an address that others can reach. */
export function assertLoopback(host: string): void {
  if (host === 'localhost' || (/^[\d.:a-f]+$/i.test(host) && isLoopbackPeer(host))) return;
  throw new Fault(
    'ADDRESS_REFUSED',
    `The server will not listen on ${host}: everybody who reaches it would be the owner.`,
  );
}
