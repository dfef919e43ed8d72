import path from 'node:path';
import { definePlugin, z, type Problem } from 'boternity';
import { deleteSecret, listSecrets, rotateKey, safely, setSecret, type SecretCheck } from './actions.ts';
import { Keychain } from './keychain.ts';
import { SecretVault, type Vault } from './vault.ts';
import { VaultFile } from './vault-file.ts';

export { vaultPages } from './pages.ts';

declare module 'boternity' {
  interface Services {
    vault: Vault;
  }
  interface Events {
    /** A secret has another value, or none any more; any of them where no name is told. */
    'secret.changed': { readonly name: string | null };
  }
  interface Operations {
    /** The value of a secret, for a bot that may have one of its own; by itself only of the environment. */
    'secret.find': (name: string, bot: string | undefined) => Promise<string | undefined>;
    /** Tries a secret where it is used. Whoever uses secrets wraps this and adds what came of it. */
    'secret.check': (name: string, bot: string | undefined) => Promise<readonly SecretCheck[]>;
  }
}

const vaultConfig = z.strictObject({
  key: z
    .enum(['file', 'password', 'keychain'])
    .default('file')
    .describe('Where the key of the encrypted file comes from'),
  store: z.enum(['file', 'keychain']).default('file').describe('Where new secrets are kept'),
  keychain: z.boolean().default(true).describe('Off: the keychain of the operating system is left alone'),
});

/** Keeps secrets for plugins: environment, keychain of the operating system, encrypted file. */
export default definePlugin({
  name: 'vault',
  needs: ['home', 'house', 'bots', 'actions'],
  provides: ['vault'],
  config: vaultConfig,
  async setup(context, config) {
    const { home, house, bots, actions } = context;
    const environment = process.env;
    const keychain = new Keychain(config.keychain);
    const file = new VaultFile({ folder: path.join(home.path, '.boternity'), keychain, environment }, config.key);
    const vault = new SecretVault({ file, keychain, bots, environment, store: config.store });
    // Opened now, so that nothing of it is in the first answer. A vault that cannot be opened is told and stops nobody.
    context.starting('the vault');
    await file.all();
    if (config.store === 'keychain') await keychain.read();
    const problems = (): Problem[] => [
      ...file.problems(),
      ...(config.store === 'keychain' && keychain.why !== undefined ? [noKeychain(keychain.why)] : []),
    ];
    for (const { message } of problems()) home.log.warn(`The vault has a problem: ${message}`);
    house.tellProblems(problems);
    const check = context.open('secret.check', async () => []);
    context.wrap('secret.find', async (next, name, bot) => (await vault.get(name, { bot })) ?? next(name, bot));
    const changed = (name: string): void => context.emit('secret.changed', { name });
    actions.add(
      listSecrets(vault),
      setSecret(vault, safely(check), changed),
      deleteSecret(vault, changed),
      rotateKey(file),
    );
    context.provide('vault', () => vault);
    context.emit('secret.changed', { name: null });
  },
});

function noKeychain(why: string): Problem {
  const message = `plugins.vault.store: secrets are to be kept in the keychain, which cannot be used: ${why}`;
  return { file: 'settings.yaml', line: 1, column: 1, level: 'error', message };
}
