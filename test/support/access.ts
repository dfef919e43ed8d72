import type { ProviderAccess } from 'boternity';

export interface AccessOptions extends Partial<Omit<ProviderAccess, 'address' | 'key' | 'limits'>> {
  readonly key?: string | undefined | ProviderAccess['key'];
  /** Longest silence before the first word, and between two pieces, in milliseconds. */
  readonly firstMs?: number;
  readonly idleMs?: number;
}

/** A provider at an address, as the house would give it to its kind. */
export function accessTo(address: string, options: AccessOptions = {}): ProviderAccess {
  const { key, firstMs = 60_000, idleMs = 120_000, ...rest } = options;
  return {
    name: 'acme',
    headers: {},
    options: {},
    ...rest,
    address,
    limits: { firstMs, idleMs },
    secret: rest.secret ?? (async () => undefined),
    key: typeof key === 'function' ? key : async () => key,
  };
}
