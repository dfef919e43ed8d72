import { textOf } from 'boternity';

const USUAL = 'us-east-1';
const KEY_PREFIX = 'bedrock-api-key-';
/** Stands in the address until the region of a call is known. */
const PLACE = '{region}';

/** The runtime of Bedrock, in the region of the call. */
export const ADDRESS = `https://bedrock-runtime.${PLACE}.amazonaws.com`;

/**
 * The region of a call: that of the options, else the one that a short-lived key is bound to, else AWS_REGION or AWS_DEFAULT_REGION.
 * Such a key works nowhere else, so it stands before the environment.
 */
export function regionFor(
  options: Readonly<Record<string, unknown>>,
  key: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const { AWS_REGION, AWS_DEFAULT_REGION } = environment;
  return textOf(options.region) || regionIn(key) || AWS_REGION || AWS_DEFAULT_REGION || USUAL;
}

/** The region inside a key of the form `bedrock-api-key-…`, which is a signed address in base64. */
export function regionIn(key = ''): string | undefined {
  if (!key.startsWith(KEY_PREFIX)) return undefined;
  const address = Buffer.from(key.slice(KEY_PREFIX.length), 'base64').toString('latin1');
  const [, scope = ''] = /X-Amz-Credential=([^&]+)/.exec(address) ?? [];
  const [, , region = ''] = scope.split(/%2F|\//i);
  return /^[a-z]{2}(-[a-z]+)+-\d+$/.test(region) ? region : undefined;
}

export function addressIn(address: string, region: string): string {
  return address.replace(PLACE, region);
}

/** Where the lists of models are: beside the runtime, under a name of its own. */
export function controlAddress(address: string): string {
  return address.replace('//bedrock-runtime.', '//bedrock.');
}
