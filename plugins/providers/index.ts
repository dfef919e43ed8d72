import { definePlugin, redactor } from 'boternity';
import { addProvider, listProviders, removeProvider } from './actions.ts';
import { ProviderFile, type Provider, type Providers } from './provider-file.ts';

declare module 'boternity' {
  interface Services {
    providers: Providers;
  }
  interface Operations {
    /** Finds the key of a provider; by itself only in the environment. */
    'provider.key': (provider: Provider, bot: string | undefined) => Promise<string | undefined>;
  }
}

/** Keeps providers.yaml: which services offer models, where they are and which secret or environment variable holds their key. */
export default definePlugin({
  name: 'providers',
  needs: ['home', 'house', 'actions', 'doctor'],
  provides: ['providers'],
  async setup(context) {
    const { home, house, actions, doctor } = context;
    const file = new ProviderFile(home.files, home.log);
    await file.read();
    house.tellProblems(() => file.problems);
    doctor.check('PROVIDERS_MISSPELT', () => file.misspelt());
    home.watch({
      enter: () => false,
      onChange: (paths) => {
        if (paths.includes('providers.yaml'))
          void file.read().catch((error: unknown) => home.log.error('providers.yaml could not be read', { error }));
      },
    });
    const findKey = context.open('provider.key', async (provider) => keyInEnvironment(provider));
    const keyOf = (provider: Provider, bot?: string): Promise<string | undefined> => findKey(provider, bot);
    context.provide('providers', (consumer) => file.viewFor(consumer, keyOf));
    actions.add(listProviders(file, keyOf), addProvider(file, keyOf), removeProvider(file));
  },
});

function keyInEnvironment({ key, key_env: variable }: Provider): string | undefined {
  for (const name of [key, variable]) {
    const value = name === undefined ? undefined : process.env[name];
    if (name === undefined || !value) continue;
    redactor.add(name, value);
    return value;
  }
  return undefined;
}
