import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { Fault, type ProviderAccess } from 'boternity';

/** What signs requests: an access key of AWS. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** For keys that do not last. */
  readonly sessionToken?: string;
}

/** A request as it is signed. */
export interface Signable {
  readonly method: 'GET' | 'POST';
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Signing {
  readonly region: string;
  readonly service: string;
  /** Now when absent. */
  readonly date?: Date;
}

/** How a call shows who it is: a bearer key, or else what AWS calls Signature Version 4. */
export async function authorized(
  access: ProviderAccess,
  bot: string | undefined,
  key: string | undefined,
  request: Signable,
  region: string,
): Promise<Record<string, string>> {
  if (key !== undefined) return { ...request.headers, authorization: `Bearer ${key}` };
  const credentials = await credentialsOf(access, bot);
  return signed(credentials, request, { region, service: 'bedrock' });
}

async function credentialsOf(access: ProviderAccess, bot: string | undefined): Promise<Credentials> {
  const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const;
  const [accessKeyId, secretAccessKey, sessionToken] = await Promise.all(names.map((each) => access.secret(each, bot)));
  if (accessKeyId && secretAccessKey) {
    const token = sessionToken?.trim();
    return {
      accessKeyId: accessKeyId.trim(),
      secretAccessKey: secretAccessKey.trim(),
      ...(token && { sessionToken: token }),
    };
  }
  throw new Fault('SECRET_MISSING', `${access.name} has neither a key nor an access key of AWS.`, {
    hint: 'Set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: bnity secret set <name>',
  });
}

/** The headers of a request with its signature. Source: AWS, Signature Version 4. */
export async function signed(
  credentials: Credentials,
  { method, address, headers, body }: Signable,
  { region, service, date }: Signing,
): Promise<Record<string, string>> {
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const url = new URL(address);
  const signer = new SignatureV4({ credentials, region, service, sha256: Sha256, applyChecksum: false });
  const request = {
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { ...headers, host: url.host },
    ...(body !== undefined && { body }),
  };
  const { headers: result } = await signer.sign(request, { ...(date && { signingDate: date }) });
  // The connection writes it itself, the same.
  const { host: _, ...others } = result;
  return others;
}

/** SHA-256 of Node in the form that the signer wants. */
class Sha256 {
  readonly #secret: string | Uint8Array | undefined;
  #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret === undefined ? undefined : bytesOf(secret);
    this.#hash = this.#begin();
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {
    this.#hash = this.#begin();
  }

  #begin(): Hash | Hmac {
    return this.#secret === undefined ? createHash('sha256') : createHmac('sha256', this.#secret);
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
