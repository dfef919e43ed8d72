import type { DeadlineLimits } from './deadline.ts';

/** A provider as its owner set it up: what its kind needs to reach the service. */
export interface ProviderAccess {
  /** As people know it; stands in messages and beside answers. */
  readonly name: string;
  /** Base address, without a slash at its end. */
  readonly address: string;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Settings that only its kind knows, checked by the schema of the kind. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Longest silences of the service. */
  readonly limits: DeadlineLimits;
  /** The key for a bot (slug or id), asked anew for every call. Undefined where the service wants none. Throws a fault that says why it cannot be had. */
  key(bot: string | undefined): Promise<string | undefined>;
  /** Another secret by its name, for services that want more than a key. Undefined where it is not set. */
  secret(name: string, bot: string | undefined): Promise<string | undefined>;
}

/** Where and how one call reaches its model. */
export interface Service extends Pick<ProviderAccess, 'address' | 'headers' | 'options'> {
  /** Name of the provider, as people know it; stands in messages. */
  readonly provider: string;
  /** Id of the model, as the service knows it. */
  readonly model: string;
  readonly key: string | undefined;
}

/** Host and port for messages; never the path, user name or password of the address. */
export function hostOf(service: Pick<Service, 'address'>): string {
  return URL.parse(service.address)?.host ?? 'its address';
}

/** Takes the key, and a password inside the address, out of a text that came from elsewhere. */
export function withoutSecrets(service: Pick<Service, 'address' | 'key'>, text: string): string {
  const password = URL.parse(service.address)?.password;
  return [service.key, password, password && decodeURIComponent(password)].reduce<string>(
    (clean, secret) => (secret ? clean.replaceAll(secret, '…') : clean),
    text,
  );
}

/** A provider as one call of a model sees it. */
export function serviceOf(
  { name, address, headers, options }: ProviderAccess,
  model: string,
  key: string | undefined,
): Service {
  return { provider: name, model, address, headers, options, key };
}
