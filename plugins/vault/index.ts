import path from 'node:path';
import { definePlugin, Fault, z, type Problem } from 'boternity';
import type {} from '../providers/index.ts';
import { deleteSecret, listSecrets, rotateKey, setSecret, type SecretCheck } from './actions.ts';
import { Keychain } from './keychain.ts';
import { SecretVault, type Vault } from './vault.ts';
import { VaultFile } from './vault-file.ts';

declare module 'boternity' {
  interface Services {
    vault: Vault;
  }
  interface Operations {
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
    context.wrap('provider.key', async (next, provider, bot) => {
      const value = provider.key === undefined ? undefined : await vault.get(provider.key, { bot });
      return value ?? next(provider, bot);
    });
    actions.add(listSecrets(vault), setSecret(vault, safely(check)), deleteSecret(vault), rotateKey(file));
    context.provide('vault', () => vault);
  },
});

function noKeychain(why: string): Problem {
  const message = `plugins.vault.store: secrets are to be kept in the keychain, which cannot be used: ${why}`;
  return { file: 'settings.yaml', line: 1, column: 1, level: 'error', message };
}

/** A check that fails by itself says so; the secret is kept all the same. */
function safely(check: (name: string, bot: string | undefined) => Promise<readonly SecretCheck[]>): typeof check {
  return async (name, bot) => {
    try {
      return await check(name, bot);
    } catch (error) {
      return [{ provider: '', ok: false, message: Fault.from(error).message }];
    }
  };
}
