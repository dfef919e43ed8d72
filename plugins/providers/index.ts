import { definePlugin } from 'boternity';
import { addProvider, listProviders, removeProvider } from './actions.ts';
import { ProviderFile, type Providers } from './provider-file.ts';

declare module 'boternity' {
  interface Services {
    providers: Providers;
  }
}

/** Keeps providers.yaml: which services offer models, where they are and which environment variable holds their key. */
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
    context.provide('providers', (consumer) => file.viewFor(consumer));
    actions.add(listProviders(file), addProvider(file), removeProvider(file));
  },
});
