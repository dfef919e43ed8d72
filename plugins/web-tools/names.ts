import { lookup, Resolver } from 'node:dns/promises';
import { refusal } from './refusal.ts';
import type { AddressesOf } from './target.ts';

interface NameOptions {
  /** Empty: as the system looks names up. */
  readonly servers: readonly string[];
  readonly timeoutMs: number;
}

/** A function that gives every address of a name, asked anew each time. */
export function createNames({ servers, timeoutMs }: NameOptions): AddressesOf {
  const find = servers.length === 0 ? findBySystem : findBy(servers, timeoutMs);
  return async (host) => {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error('late')), timeoutMs);
    try {
      const addresses = await Promise.race([find(host), late]);
      if (addresses.length > 0) return addresses;
    } catch (cause) {
      throw refusal('dns_failed', `The name ${host} could not be looked up. Check its spelling.`, { cause });
    } finally {
      clearTimeout(timer);
    }
    throw refusal('dns_failed', `The name ${host} has no address. Check its spelling.`);
  };
}

async function findBySystem(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address);
}

function findBy(servers: readonly string[], timeoutMs: number): AddressesOf {
  const resolver = new Resolver({ timeout: Math.ceil(timeoutMs / 2), tries: 2 });
  resolver.setServers(servers);
  return async (host) => {
    const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    return found.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
  };
}
