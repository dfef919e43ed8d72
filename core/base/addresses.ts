import { BlockList, isIP } from 'node:net';

/**
 * What no bot may reach, by what it is. Sources: the IANA registries of special-purpose addresses (RFC 6890 and its updates), and
 * the addresses under which clouds tell their machines who they are.
 */
const BLOCKED: readonly (readonly [what: string, ...ranges: string[]])[] = [
  ['this machine', '127.0.0.0/8', '0.0.0.0/8', '::1/128', '::/128'],
  ['a private network', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fec0::/10'],
  ['the metadata of a cloud', '169.254.169.254/32', '168.63.129.16/32', '100.100.100.200/32', '192.0.0.192/32'],
  ['the network of this machine', '169.254.0.0/16', 'fe80::/10'],
  ['the network of a provider', '100.64.0.0/10'],
  ['many machines at once', '224.0.0.0/4', 'ff00::/8'],
  ['a range for tests', '198.18.0.0/15', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'],
  ['a range for tests', '2001:db8::/32', '3fff::/20', '2001:2::/48'],
  ['a reserved range', '192.0.0.0/24', '192.88.99.0/24', '240.0.0.0/4', '2001::/32', '2001:10::/28', '2001:20::/28'],
];

/** Public IPv6 addresses; whatever else there may be is reserved. */
const GLOBAL_V6 = blockListOf(['2000::/3']);
const blocked = BLOCKED.map(([what, ...ranges]) => ({ what, list: blockListOf(ranges) }));

/** Says to what an address leads that no bot may reach; undefined for a public one. An IPv4 address inside an IPv6 one counts. */
export function whyBlocked(address: string): string | undefined {
  const plain = plainAddress(address);
  const family = isIP(plain);
  if (family === 0) return 'a reserved range';
  if (family === 4) return whatOf(plain, 'ipv4');
  const inner = embedded(plain);
  if (inner !== undefined) return whatOf(inner, 'ipv4');
  return whatOf(plain, 'ipv6') ?? (GLOBAL_V6.check(plain, 'ipv6') ? undefined : 'a reserved range');
}

/** One spelling for each address: `::ffff:127.0.0.1` is `127.0.0.1`; zones are left out. */
export function plainAddress(address: string): string {
  const [bare = ''] = address.split('%');
  if (isIP(bare) !== 6) return bare;
  const [head, tail] = tailOf(bare);
  return head === '0:0:0:0:0:ffff' ? tail : (URL.parse(`http://[${bare}]`)?.hostname.slice(1, -1) ?? bare);
}

/** A list of addresses and ranges in the form `10.0.0.0/8`. */
export function blockListOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [net = '', bits] = range.split('/');
    const family = isIP(net) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(net, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
  }
  return list;
}

export function isListed(list: BlockList, address: string): boolean {
  const plain = plainAddress(address);
  return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
}

function whatOf(address: string, family: 'ipv4' | 'ipv6'): string | undefined {
  return blocked.find(({ list }) => list.check(address, family))?.what;
}

/** The IPv4 address behind NAT64 (64:ff9b::/96) and 6to4 (2002::/16), whose routers send on to it. */
function embedded(address: string): string | undefined {
  const [head, tail, groups] = tailOf(address);
  if (head === '64:ff9b:0:0:0:0') return tail;
  return groups[0] === 0x2002 ? dotted(groups[1] ?? 0, groups[2] ?? 0) : undefined;
}

/** The first six groups of an IPv6 address, the last two as an IPv4 address, and all of them. */
function tailOf(address: string): [head: string, tail: string, groups: readonly number[]] {
  const short = URL.parse(`http://[${address}]`)?.hostname.slice(1, -1) ?? '';
  const [before = [], after = []] = short.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const groups = [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
  const head = groups.slice(0, 6).map((group) => group.toString(16));
  return [head.join(':'), dotted(groups[6] ?? 0, groups[7] ?? 0), groups];
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
