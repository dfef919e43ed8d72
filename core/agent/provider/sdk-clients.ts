import type { Service } from './service.ts';

/** Clients that are kept; the one that was used longest ago goes first. */
const MOST_KEPT = 64;

/**
 * Clients of an SDK, one for an address, a key and headers, made at the first call and shared by all models there. One that could
 * not be made is tried again.
 */
export function sdkClients<Client>(make: (service: Service) => Promise<Client>): (service: Service) => Promise<Client> {
  const kept = new Map<string, Promise<Client>>();
  return (service) => {
    const name = JSON.stringify([service.address, service.key, service.headers]);
    const client = kept.get(name) ?? make(service);
    kept.delete(name);
    kept.set(name, client);
    client.catch(() => kept.delete(name));
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    return client;
  };
}

/** Makes something without a variable of the environment that an SDK reads and has no option against. Nothing else runs meanwhile. */
export function withoutVariable<T>(variable: string, make: () => T): T {
  const { [variable]: kept } = process.env;
  delete process.env[variable];
  try {
    return make();
  } finally {
    if (kept !== undefined) process.env[variable] = kept;
  }
}
