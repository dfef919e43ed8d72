import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { z } from 'zod';
import type { Credentials } from '../actions/caller.ts';
import { plainAddress } from '../base/addresses.ts';
import { definePlugin } from '../kernel/plugin.ts';
import { matcherOf } from './reach-settings.ts';

/** The way on which a request came, as far as it can be believed. */
export interface Way {
  /** Address of who asks. */
  readonly address: string;
  /** Host and port that they named. */
  readonly host: string | undefined;
  /** Whether they came over TLS. */
  readonly isSecure: boolean;
  /** Whether somebody in between says to have passed it on; believed or not. */
  readonly isPassedOn: boolean;
}

/** The service `reach`: where people reach this server, and whom it believes about that. */
export interface Reach {
  /** Without a slash at its end; undefined where settings name none. */
  readonly publicUrl: string | undefined;
  /** `/bots` of `https://example.com/bots`; empty at the root. Requests may come with it or, from a proxy that cuts it off, without. */
  readonly basePath: string;
  /** Origins by which this server is reached, and those of pages that may call it. */
  readonly origins: readonly string[];
  /** Whether the page of an origin may call the API, with a token. */
  allows(origin: string): boolean;
  /** Whether an address is that of a proxy whose word counts. */
  trusts(address: string): boolean;
  wayOf(request: Pick<Credentials, 'headers' | 'remoteAddress' | 'isEncrypted'>): Way;
}

declare module '../kernel/names.ts' {
  interface Services {
    reach: Reach;
  }
}

const config = z.strictObject({
  publicUrl: z.string().optional(),
  trustedProxies: z.array(z.string()),
  allowedOrigins: z.array(z.string()),
});

/** Tells the parts of the server how it is reached from outside. */
export default definePlugin({
  name: 'reach',
  provides: ['reach'],
  config,
  setup(context, { publicUrl, trustedProxies, allowedOrigins }) {
    const reach = createReach({ publicUrl, trustedProxies, allowedOrigins });
    context.provide('reach', () => reach);
  },
});

function createReach({ publicUrl, trustedProxies, allowedOrigins }: z.output<typeof config>): Reach {
  const url = publicUrl === undefined ? undefined : new URL(publicUrl);
  const trusts = matcherOf(trustedProxies);
  const allowed = new Set(allowedOrigins);
  return {
    publicUrl,
    basePath: url?.pathname.replace(/\/$/, '') ?? '',
    origins: [...new Set([...(url ? [url.origin] : []), ...allowed])],
    allows: (origin) => allowed.has(origin.toLowerCase()),
    trusts: (address) => trusts(plainAddress(address)),
    wayOf: (request) => wayOf(request, trusts),
  };
}

/** What a request tells of where it comes from. */
export function credentialsOf(request: IncomingMessage, path = pathOf(request)): Credentials {
  const { headers, socket, method = 'GET' } = request;
  const { remoteAddress = '', localAddress = '' } = socket;
  return { headers, remoteAddress, localAddress, isEncrypted: 'encrypted' in socket, method, path };
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '/';
}

/** An address without the base path, where it has it. */
export function belowBase(url: string, basePath: string): string {
  const rest = url.startsWith(basePath) ? url.slice(basePath.length) : undefined;
  return rest !== undefined && /^(?:[/?]|$)/.test(rest) ? rest.replace(/^(?!\/)/, '/') : url;
}

/** Anybody can write these headers, so they count only where a trusted proxy wrote them. */
function wayOf(
  { headers, remoteAddress, isEncrypted = false }: Parameters<Reach['wayOf']>[0],
  trusts: (address: string) => boolean,
): Way {
  const peer = plainAddress(remoteAddress);
  const text = (name: string): string | undefined => headers[name]?.toString();
  const own = { address: peer, host: text('host'), isSecure: isEncrypted };
  const isPassedOn = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'].some((name) => headers[name] !== undefined);
  if (!trusts(peer)) return { ...own, isPassedOn };
  const told = toldBy(text);
  const address = told.addresses.findLast((each) => !trusts(each)) ?? told.addresses[0] ?? peer;
  return {
    // Somebody who cannot be named is whoever passed them on.
    address: isIP(address) === 0 ? peer : address,
    host: told.host ?? own.host,
    isSecure: told.proto === undefined ? own.isSecure : told.proto === 'https',
    isPassedOn,
  };
}

interface Told {
  /** From the first who asked to the last who passed it on. */
  readonly addresses: readonly string[];
  readonly proto: string | undefined;
  readonly host: string | undefined;
}

/**
 * What proxies say by X-Forwarded-For, -Proto and -Host; by Forwarded (RFC 7239) where none of those is there: a proxy that writes
 * the one passes on what its client wrote in the other. Of several values the last is the nearest proxy's.
 */
function toldBy(text: (name: string) => string | undefined): Told {
  const listed = (name: string): string[] => (text(name) ?? '').split(',').map((part) => part.trim());
  const last = (name: string): string | undefined => listed(name).at(-1)?.toLowerCase() || undefined;
  const names = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'];
  if (names.some((name) => text(name) !== undefined)) {
    const addresses = listed('x-forwarded-for').filter(Boolean).map(withoutPort);
    return { addresses, proto: last('x-forwarded-proto'), host: last('x-forwarded-host') };
  }
  const hops = listed('forwarded')
    .filter(Boolean)
    .map((hop) => new Map(hop.split(';').map(pairOf)));
  const nearest = hops.at(-1);
  const addresses = hops.map((hop) => withoutPort(hop.get('for') ?? ''));
  return { addresses, proto: nearest?.get('proto')?.toLowerCase(), host: nearest?.get('host')?.toLowerCase() };
}

function pairOf(pair: string): [string, string] {
  const [name = '', ...value] = pair.split('=');
  return [name.trim().toLowerCase(), value.join('=').trim().replaceAll('"', '')];
}

/** `203.0.113.9:4711` and `[2001:db8::1]:4711` without port and brackets. */
function withoutPort(text: string): string {
  const [, inside] = /^\[([^\]]+)\](?::\d+)?$/.exec(text) ?? [];
  const address = inside ?? text.replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1');
  return plainAddress(address);
}
