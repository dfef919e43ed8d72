import type { DoorCase } from './door-cases.ts';
import type { IdentityService } from './identity-service.ts';
import type { Product } from './product.ts';

/** Settings of the plugin that lead to an identity server, as JSON. */
export function codexSettings({ url }: IdentityService): string {
  return JSON.stringify({ identity: url, client: 'test-client', port: 0 });
}

/** Makes a provider whose owner has agreed. */
export async function setUpCodex(product: Product, rest: object = {}): Promise<void> {
  await product.client.call('providers.add', { name: 'codex', options: { accept_terms: true }, ...rest });
}

/** How the actions of plugins/codex are tried at every door. */
export function codexCases(identity: IdentityService): Readonly<Record<string, DoorCase>> {
  const begin = async (product: Product): Promise<{ answer: string }> => {
    await setUpCodex(product);
    const { url } = await product.client.call('codex.sign_in', {});
    return { answer: identity.grant(url).href };
  };
  const empty = { wrong: { nonsense: 'x' }, right: {} };
  return {
    'codex.sign_in': {
      ...empty,
      prepare: async (product) => (await setUpCodex(product), {}),
      check: ({ t, output }) => t.match(output.url, `${identity.url}/oauth/authorize`),
    },
    'codex.finish': {
      wrong: { answer: 'x'.repeat(10_001) },
      right: { answer: 'code' },
      prepare: begin,
      check: ({ t, output }) => t.match(output, { signedIn: true, until: /Z$/ }),
    },
    'codex.sign_out': { ...empty, check: ({ t, output }) => t.match(output, { signedIn: false, until: null }) },
    'codex.status': { ...empty, check: ({ t, output }) => t.type(output.signedIn, 'boolean') },
  };
}
