import t from 'tap';
import { startKeyService } from '../support/key-service.ts';
import { startProduct, temporaryFolder, type Product } from '../support/product.ts';
import { lacksSecretService, startSecretService } from '../support/secret-service.ts';
import { codeOf, keyedProvider, listSecrets, LONG, problemsOf, setSecret } from '../support/secrets.ts';
import { begin, say } from '../support/talk.ts';

t.setTimeout(120_000);

const KEY = 'KEYED_API_KEY';
const lack = lacksSecretService();
const where = lack === undefined ? {} : { skip: lack };

const settings = (vault: string): Record<string, string> => ({ 'settings.yaml': `plugins:\n  vault: ${vault}\n` });

/** Variables that make a package look as if it were not installed. */
const without = (name: string): Record<string, string> => {
  const hook = `import { registerHooks } from 'node:module';
    registerHooks({ resolve(specifier, context, next) {
      if (specifier === '${name}') throw Object.assign(new Error('not found'), { code: 'ERR_MODULE_NOT_FOUND' });
      return next(specifier, context);
    } });`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hook)}` };
};

/** Why the bot did not answer; empty when it did. */
async function failureOf(product: Product, bot = 'assistant'): Promise<string> {
  const { answer } = await say(product, await begin(product, bot), 'hi');
  return answer.state === 'finished' ? '' : `${answer.reason}`;
}

await t.test(
  'SECU-02: a secret in the keychain wins over the file, one for a bot over one for all',
  where,
  async (t) => {
    await using folder = await temporaryFolder();
    await using keyring = await startSecretService(folder.path);
    await using service = await startKeyService();
    await using home = await temporaryFolder({ 'providers.yaml': keyedProvider(service.url) });
    {
      await using product = await startProduct({ home: home.path });
      await setSecret(product, KEY, 'from the file of all');
      const { id } = await product.client.call('bots.create', { name: 'Ada' });
      keyring.store(`bot/${id}/${KEY}`, 'from the keychain for ada');
      keyring.store(`global/${KEY}`, 'from the keychain for all');
      keyring.store('global/not a name', 'of somebody else');
    }
    await using product = await startProduct({ home: home.path, env: keyring.env });
    t.equal(await failureOf(product), '');
    t.equal(await failureOf(product, 'ada'), '');
    t.strictSame(service.keys.slice(-2), ['from the keychain for all', 'from the keychain for ada']);
    t.match(await product.cliJson(['secret', 'list']), {
      secrets: [
        { scope: 'global', backend: 'keychain', preview: '**** all', behind: ['file'] },
        { scope: 'ada', backend: 'keychain', behind: [] },
      ],
    });
    t.match(await setSecret(product, KEY, LONG), { backend: 'file', behind: [] }, 'what is set counts at once');
    t.equal(keyring.lookup(`global/${KEY}`), undefined, 'so the one that would win is gone');
    t.match(await product.client.call('secrets.delete', { name: KEY, bot: 'ada' }), { from: ['keychain'] });
  },
);

await t.test('SECU-02: secrets are kept in the keychain when the settings say so', where, async (t) => {
  await using folder = await temporaryFolder();
  await using keyring = await startSecretService(folder.path);
  await using service = await startKeyService();
  const files = { ...settings('{ store: keychain }'), 'providers.yaml': keyedProvider(service.url) };
  await using product = await startProduct({ files, env: keyring.env });
  t.match(await setSecret(product, KEY, LONG), { backend: 'keychain', preview: '****cdef' });
  t.equal(keyring.lookup(`global/${KEY}`), LONG);
  t.notOk(await product.files.read('.boternity/vault.json'), 'no file is made');
  t.equal(await failureOf(product), '');
  t.equal(service.keys.at(-1), LONG);
  await setSecret(product, KEY, `${LONG}-anew`);
  t.equal(await failureOf(product), '');
  t.equal(service.keys.at(-1), `${LONG}-anew`);
  await product.client.call('secrets.delete', { name: KEY });
  t.equal(keyring.lookup(`global/${KEY}`), undefined);
  t.strictSame(await listSecrets(product), []);
});

await t.test(
  'SECU-02: the key of the vault lies in the keychain; while that is locked the rest runs',
  where,
  async (t) => {
    await using folder = await temporaryFolder();
    await using home = await temporaryFolder(settings('{ key: keychain }'));
    const keyId = async (): Promise<string> => {
      const { key } = JSON.parse((await home.read('.boternity/vault.json')) ?? '') as { key: { id: string } };
      return key.id;
    };
    let id = '';
    {
      await using keyring = await startSecretService(folder.path);
      await using product = await startProduct({ home: home.path, env: keyring.env });
      await setSecret(product, 'KEPT_KEY', LONG);
      id = await keyId();
      t.match(keyring.lookup(`vault-master-key/${id}`), /^[0-9a-f]{64}$/);
      t.notOk(await home.read('.boternity/vault.key'), 'it is in no file');
      await product.client.call('secrets.rotate_key', {});
      t.equal(keyring.lookup(`vault-master-key/${id}`), undefined, 'the old one is gone');
      id = await keyId();
      t.strictSame(await problemsOf(product), []);
    }
    {
      await using keyring = await startSecretService(folder.path, true);
      t.equal(keyring.lookup(`vault-master-key/${id}`), undefined, 'it is locked');
      await using product = await startProduct({ home: home.path, env: keyring.env });
      const before = await home.read('.boternity/vault.json');
      t.equal(await codeOf(setSecret(product, 'X', 'y')), 'VAULT_KEY_MISSING');
      t.match((await problemsOf(product)).join(), /in the keychain, which cannot be read: it is locked/);
      t.match(await listSecrets(product), [{ name: 'KEPT_KEY', preview: '****' }]);
      t.equal(await failureOf(product), '');
      t.equal(await home.read('.boternity/vault.json'), before);
    }
    await using keyring = await startSecretService(folder.path);
    await using product = await startProduct({ home: home.path, env: keyring.env });
    t.match(await listSecrets(product), [{ name: 'KEPT_KEY', preview: '****cdef' }]);
  },
);

await t.test('SECU-02: without a keychain everything else works, and who asks for it is told', async (t) => {
  await using service = await startKeyService();
  const providers = { 'providers.yaml': keyedProvider(service.url) };
  for (const env of [{}, without('@napi-rs/keyring')]) {
    await using product = await startProduct({ files: providers, env });
    t.match(await setSecret(product, KEY, LONG), { backend: 'file' });
    t.equal(await failureOf(product), '');
    t.strictSame(await problemsOf(product), [], 'nobody asked for it');
  }
  for (const [env, why] of [
    [{}, /there is none on this machine/],
    [without('@napi-rs/keyring'), /the package @napi-rs\/keyring is not installed/],
  ] as const) {
    await using product = await startProduct({ files: { ...providers, ...settings('{ store: keychain }') }, env });
    const ran = await product.cli(['secret', 'set', KEY], { input: LONG });
    t.equal(ran.code, 1);
    t.match(ran.stderr, /KEYCHAIN_UNREACHABLE/);
    t.match(ran.stderr, why);
    t.match(await failureOf(product), /may be in the keychain, which cannot be read/, 'not: it is not set');
    t.match((await problemsOf(product)).join(), /keychain/);
  }
  const files = settings('{ store: keychain, keychain: false }');
  await using product = await startProduct({ files });
  t.equal(await codeOf(setSecret(product, KEY, LONG)), 'KEYCHAIN_UNREACHABLE');
});
