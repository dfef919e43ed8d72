import { msg, str, worded, type Answer } from 'boternity/ui';

export type Provider = Answer<'providers.list'>['providers'][number];
export type ProviderStatus = Answer<'providers.status'>['providers'][number];
export type Kind = Answer<'providers.kinds'>['kinds'][number];

type Schema = Readonly<Record<string, unknown>>;

/** What few people need. */
export const RARE = ['keys', 'window', 'facts', 'priority', 'headers', 'timeout', 'idle', 'disabled'];

/**
 * The schema of a provider's form: that of the action, with what its kind says filled in, and a field for the key itself, which goes to
 * the vault. `isNew`: it gets a name too.
 */
export function schemaFor(action: Schema, kinds: readonly Kind[], type: string, isNew: boolean): Schema {
  const {
    name,
    key,
    models,
    address,
    options: _,
    type: given,
    ...rest
  } = action['properties'] as Record<string, Schema>;
  const kind = kinds.find((one) => one.type === type);
  const secret = kind?.key ?? undefined;
  const properties = {
    type: {
      ...given,
      title: msg('Kind'),
      description: undefined,
      oneOf: kinds.map(({ type: only, title }) => ({ const: only, title: worded(title) })),
    },
    ...(isNew && { name: { ...name, title: msg('Name'), default: type } }),
    secret: {
      type: 'string',
      writeOnly: true,
      title: msg('Key'),
      description: msg(
        'Paste it here: it is kept encrypted and never shown again. Leave it empty to keep the one that is there.',
      ),
    },
    address: { ...address, title: msg('Address'), ...(kind?.address && { default: kind.address }) },
    models: { ...models, title: msg('Models') },
    key: { ...key, title: msg('Name of the secret that holds the key'), ...(secret && { default: secret }) },
    ...(kind?.options ? { options: { ...(kind.options as Schema), title: msg('Options of this kind') } } : {}),
    ...rest,
  };
  return { ...action, properties, required: kind?.address == null && !kind?.options ? ['address'] : [] };
}

/** How a provider does, in a word. */
export function stateWords(status: ProviderStatus | undefined): string {
  if (!status) return '';
  const words = {
    closed: status.lastSuccess === null ? msg('not used yet') : msg('ready'),
    'half-open': msg('is tried again'),
    open: msg('paused after failures'),
    disabled: msg('off'),
    unusable: msg('cannot be used'),
  };
  return words[status.state];
}

/** What is known of its calls. */
export function callWords({ calls, failed }: ProviderStatus): string {
  if (calls === 0) return msg('no calls yet');
  if (failed > 0) return msg(str`${calls} calls, ${failed} of them failed`);
  return calls === 1 ? msg('1 call') : msg(str`${calls} calls`);
}
