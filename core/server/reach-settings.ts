import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

/** First parts of paths that mean something by themselves: a base path with one of them would be taken for it. */
const TAKEN = /^\/(?:api|v1|git|mcp|ui)(?:\/|$)/;

/** Where people reach the server: origin, and the base path where it has one, without a slash at the end. */
const publicUrl = z
  .string()
  .transform((text, context) => {
    const url = URL.parse(text);
    const wrong = url && /^https?:$/.test(url.protocol) ? wrongIn(url) : 'write an address: https://bots.example.com';
    if (url && wrong === undefined) return url.origin + url.pathname.replace(/\/$/, '');
    context.addIssue({ code: 'custom', message: wrong ?? '' });
    return z.NEVER;
  })
  .describe('Address by which people reach the server, with its base path: https://example.com/bots');

/** An origin as browsers send it. */
const origin = z.string().transform((text, context) => {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/' && wrongIn(url) === undefined) return url.origin;
  context.addIssue({ code: 'custom', message: 'write scheme, name and port only: https://board.example.com' });
  return z.NEVER;
});

const proxy = z
  .string()
  .refine((text) => rangeOf(text) !== undefined, 'write an address or a range of addresses: 127.0.0.1, 10.0.0.0/8');

const pemFile = z.string().min(1);

/** Settings of how the server is reached. In settings.yaml and in boternity.config.ts. */
export const reachShape = {
  publicUrl: publicUrl.optional(),
  trustedProxies: z
    .array(proxy)
    .optional()
    .describe('Addresses of proxies whose word on who asks counts: 127.0.0.1, 10.0.0.0/8; nobody is believed without'),
  allowedOrigins: z
    .array(origin)
    .optional()
    .describe('Further origins: other names of this server, and pages of others that may call its API'),
  tls: z
    .strictObject({
      cert: pemFile.describe('File of the certificate and its chain, PEM'),
      key: pemFile.describe('File of its private key, PEM'),
    })
    .optional()
    .describe('Certificate by which the server speaks TLS itself; paths are relative to the home'),
};

function wrongIn({ pathname, search, hash, username, password }: URL): string | undefined {
  if (search !== '' || hash !== '' || username !== '' || password !== '') return 'leave out what follows the path';
  if (!/^(?:\/[\w.~-]+)*\/?$/.test(pathname)) return 'use letters, digits, ".", "_", "~" and "-" in the path';
  return TAKEN.test(pathname) ? `choose another path: ${pathname} has a meaning already` : undefined;
}

/** What of an address or range a `BlockList` wants to know; undefined when it is none. */
function rangeOf(text: string): { address: string; bits: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [address = '', bits, ...more] = text.split('/');
  const kind = isIP(address);
  const most = kind === 6 ? 128 : 32;
  if (kind === 0 || more.length > 0 || (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > most))) {
    return undefined;
  }
  return { address, bits: bits === undefined ? most : Number(bits), family: kind === 6 ? 'ipv6' : 'ipv4' };
}

/** Tells whether an address is one of these addresses and ranges. */
export function matcherOf(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const range of ranges.map(rangeOf)) if (range) list.addSubnet(range.address, range.bits, range.family);
  return (address) => {
    const kind = isIP(address);
    return kind !== 0 && list.check(address, kind === 6 ? 'ipv6' : 'ipv4');
  };
}
