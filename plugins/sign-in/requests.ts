import { BlockList, isIP } from 'node:net';
import { Fault, plainAddress, type Credentials, type Reach } from 'boternity';
import type { Refusals } from './refusals.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** What a request tells of the way it came, judged by where this server is reached. */
export interface RequestChecks {
  /** As `Callers.check`. */
  check(request: Credentials, wants: 'page' | 'route'): void;
  /** Whether a browser says that a page of this server made the request. */
  isOfOwnPage(request: Credentials): boolean;
  /** Whether people reach the server over TLS at the address of the request. */
  isSecure(request: Credentials): boolean;
  /** Address of who asks, also from behind a trusted proxy. */
  addressOf(request: Credentials): string;
  /** Whether it comes from this machine, and nobody passed it on. */
  isLocal(request: Credentials): boolean;
}

/** Checks for a server that is reached as settings say, and at the names it listens on. */
export function createRequestChecks(
  reach: Reach,
  listensOn: () => Iterable<string>,
  refusals: Refusals,
): Readonly<RequestChecks> {
  const origins = new Map(reach.origins.map((origin) => [new URL(origin).host, origin]));

  const originOf = (request: Credentials): string | undefined => {
    const { host, isSecure } = reach.wayOf(request);
    const name = host === undefined ? undefined : parseHost(host);
    if (!name) return undefined;
    const known = origins.get(name.host) ?? origins.get(name.host.replace(/:443$/, ''));
    if (known) return known;
    const own = [localhost(name.hostname), sameAddress(name.hostname, request.localAddress)];
    const isOwn = own.includes(true) || [...listensOn()].some((each) => asHostname(each) === name.hostname);
    return isOwn ? `${isSecure ? 'https' : 'http'}://${name.host}` : undefined;
  };
  const originIn = ({ headers: { origin } }: Credentials): string | undefined =>
    typeof origin === 'string' ? origin.toLowerCase() : undefined;
  const isOwnOrigin = (request: Credentials): boolean => {
    const origin = originIn(request);
    return origin !== undefined && origin === originOf(request);
  };

  return {
    check(request, wants) {
      const { headers } = request;
      if (originOf(request) === undefined) {
        const name = parseHost(reach.wayOf(request).host ?? '');
        if (name) refusals.note('host', name.host);
        throw new Fault(
          'HOST_REFUSED',
          `The request names the host "${String(reach.wayOf(request).host)}", which is not this server.`,
          {
            hint: 'Open the address that the server printed, or name this one in settings.yaml: publicUrl, or allowedOrigins for one more.',
          },
        );
      }
      if (wants === 'page' || reach.allows(originIn(request) ?? '')) return;
      const site = headers['sec-fetch-site'];
      const isForeign = site !== undefined && site !== 'same-origin' && site !== 'none';
      if (isForeign || (headers['origin'] !== undefined && !isOwnOrigin(request))) {
        const page = URL.parse(originIn(request) ?? '');
        if (page) refusals.note('origin', page.origin);
        throw new Fault('ORIGIN_REFUSED', 'The page of another site made this request.');
      }
    },
    isOfOwnPage: (request) => request.headers['sec-fetch-site'] === 'same-origin' || isOwnOrigin(request),
    isSecure: (request) => originOf(request)?.startsWith('https:') ?? false,
    addressOf: (request) => reach.wayOf(request).address,
    isLocal: (request) => !reach.wayOf(request).isPassedOn && isLocal(request),
  };
}

/** Whether the other end of a connection is on this machine. */
function isLocal({ remoteAddress, localAddress }: Credentials): boolean {
  return isLoopback(plainAddress(remoteAddress)) || (localAddress !== undefined && remoteAddress === localAddress);
}

/** Whether an address that a server would listen on is reached from this machine alone. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || (/^[\d.:a-f]+$/i.test(host) && isLoopback(plainAddress(host)));
}

interface Name {
  readonly host: string;
  readonly hostname: string;
}

/** Every request names a host, and nearly all name the same. */
const parsed = new Map<string, Name | undefined>();
const MOST_PARSED = 200;

/** Host and port in the one way of writing them; undefined for what is no host. A name that a stranger's DNS made point here stays a name. */
function parseHost(host: string): Name | undefined {
  if (!parsed.has(host)) {
    if (parsed.size >= MOST_PARSED) parsed.clear();
    parsed.set(host, parseNewHost(host));
  }
  return parsed.get(host);
}

function parseNewHost(host: string): Name | undefined {
  if (!/^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i.test(host)) return undefined;
  const url = URL.parse(`http://${host}`);
  return url ? { host: host.toLowerCase(), hostname: url.hostname } : undefined;
}

function localhost(hostname: string): boolean {
  return hostname === 'localhost' || isLoopback(hostname.replaceAll(/[[\]]/g, ''));
}

/** An address typed as an address: no name can have been bent to it. */
function sameAddress(hostname: string, localAddress: string | undefined): boolean {
  return localAddress !== undefined && hostname === asHostname(plainAddress(localAddress));
}

function asHostname(address: string): string {
  return address.includes(':') ? `[${address.toLowerCase()}]` : address.toLowerCase();
}

function isLoopback(address: string): boolean {
  const kind = isIP(address);
  return kind !== 0 && loopback.check(address, kind === 6 ? 'ipv6' : 'ipv4');
}
