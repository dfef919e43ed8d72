/** Where and how a service is reached: what the parts of this plugin share about one model. */
export interface Service {
  /** Name of the provider, as people know it; stands in messages. */
  readonly provider: string;
  /** Id of the model, as the service knows it. */
  readonly model: string;
  readonly address: string;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Found anew for each call, because it may change. */
  key: string | undefined;
}

/** Host and port for messages; never the path, user name or password of the address. */
export function hostOf(service: Service): string {
  return URL.parse(service.address)?.host ?? 'its address';
}

/** Takes the key, and a password inside the address, out of a text that came from elsewhere. */
export function withoutSecrets(service: Service, text: string): string {
  const password = URL.parse(service.address)?.password;
  return [service.key, password, password && decodeURIComponent(password)].reduce<string>(
    (clean, secret) => (secret ? clean.replaceAll(secret, '…') : clean),
    text,
  );
}
