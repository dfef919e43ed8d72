import { isIP } from 'node:net';
import { plainAddress, whyBlocked } from 'boternity';
import type { Allowances } from './config.ts';
import { refusal } from './refusal.ts';

/** Names that never belong to the public web. */
const PRIVATE_NAMES = /(^|\.)(localhost|local|internal|corp|home\.arpa)$/;

/** Where one request goes: the addresses are those that were checked, and the only ones that may be connected to. */
export interface Target {
  readonly url: URL;
  /** Host without the brackets of IPv6. */
  readonly host: string;
  readonly addresses: readonly string[];
}

export type AddressesOf = (host: string) => Promise<readonly string[]>;

/** Reads an address as a browser does, which also makes `127.0.0.1` of its decimal, octal and hexadecimal spellings. */
export function readUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base);
  if (!url) throw refusal('invalid_url', 'The address is no URL. Write it in full: https://example.com/page.');
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw refusal('unsupported_scheme', `Only http and https are fetched, not ${url.protocol.slice(0, 20)}//.`);
  if (url.username !== '' || url.password !== '')
    throw refusal('userinfo_not_allowed', 'The address holds a user name or password. Leave them out.');
  url.hash = '';
  url.hostname = url.hostname.replace(/\.$/, '');
  return url;
}

/** Checks port, name and every address of a URL. One blocked address is enough to refuse all. */
export async function checkTarget(url: URL, allowed: Allowances, addressesOf: AddressesOf): Promise<Target> {
  const host = hostOf(url);
  const port = portOf(url);
  if (!allowed.ports.has(port)) {
    const ports = [...allowed.ports].join(', ');
    throw refusal('port_not_allowed', `Port ${port} is not allowed; allowed are ${ports} (plugins.web-tools.ports).`);
  }
  const isOwn = allowed.hasHost(host);
  if (!isOwn && PRIVATE_NAMES.test(host))
    throw refusal('destination_blocked', `${host} is a name of a private network, not of the public web.`);
  const addresses = isIP(host) === 0 ? await addressesOf(host) : [host];
  for (const address of addresses) {
    if (isOwn || allowed.hasAddress(address)) continue;
    const what = whyBlocked(address);
    if (what !== undefined)
      throw refusal('destination_blocked', `${host} leads to ${what}, which is not fetched from.`);
  }
  return { url, host, addresses: addresses.map(plainAddress) };
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}
