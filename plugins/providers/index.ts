import { definePlugin, z } from 'boternity';
import type {} from '../models/index.ts';
import type {} from '../vault/index.ts';
import { providerActions } from './actions.ts';
import { checkKey } from './check.ts';
import { impliedByKeys, inEnvironment } from './implied.ts';
import { FILE, ProviderFile } from './provider-file.ts';
import { Roster, type Implied } from './roster.ts';
import type { Providers } from './service.ts';
import { providerSettings } from './settings.ts';
import { upkeepActions } from './upkeep.ts';

export { providerPages } from './pages.ts';
export type { Providers } from './service.ts';

declare module 'boternity' {
  interface Events {
    /** Which providers there are may be different now. */
    'providers.changed': Record<string, never>;
  }
  interface Services {
    providers: Providers;
  }
}

/** Keeps providers.yaml: which services offer models, where they are and which secrets hold their keys. */
export default definePlugin({
  name: 'providers',
  needs: ['home', 'house', 'actions', 'doctor', 'models'],
  provides: ['providers'],
  config: z.strictObject({
    providers: z.record(z.string(), providerSettings).default({}).describe('Fixed; they win over providers.yaml'),
  }),
  async setup(context, { providers: fixed }) {
    const { home, house, actions, doctor, models } = context;
    const findSecret = context.open('secret.find', async (name) => inEnvironment(name));
    const file = new ProviderFile(home.files, home.log);
    const roster = new Roster({ file, models, findSecret, log: home.log, fixed });
    let found: readonly Implied[] = [];
    let byKeys: readonly Implied[] = [];
    const isWritten = (type: string): boolean =>
      roster.all.some((provider) => provider.type === type && provider.source !== 'environment');
    /** Looks at the file and the keys again. */
    const refresh = async (): Promise<void> => {
      byKeys = await impliedByKeys(roster.kinds, isWritten, findSecret, process.env);
      await roster.imply([...byKeys, ...found]);
      context.emit('providers.changed', {});
    };
    const reread = (): void =>
      void file
        .read()
        .then(refresh)
        .catch((error: unknown) => home.log.error(`${FILE} could not be read`, { error }));
    await file.read();
    await refresh();
    context.defer(() => roster.close());
    house.tellProblems(() => roster.problems());
    doctor.check('PROVIDERS_MISSPELT', () => file.misspelt());
    home.watch({ enter: () => false, onChange: (paths) => paths.includes(FILE) && reread() });
    context.on('secret.changed', () => void refresh());
    context.wrap('secret.check', async (next, name, bot) => [
      ...(await next(name, bot)),
      ...(await checkKey(roster, name, bot)),
    ]);
    context.provide('providers', (consumer) => ({
      addKind: (kind) => {
        roster.addKind(consumer, kind);
        void refresh();
      },
      all: () => roster.all,
      found: (implied) => roster.imply([...byKeys, ...(found = implied)]),
      offer: () => roster.offer(),
      heard: (name, listed) => roster.heard(name, listed),
    }));
    const parts = { roster, file, refresh, models, findSecret };
    actions.add(...providerActions(parts), ...upkeepActions(parts));
  },
});
