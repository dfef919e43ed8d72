import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { bnity, startProduct, temporaryFolder } from '../support/product.ts';
import { codeOf, keyOf, listSecrets, LONG, problemsOf, setSecret, vaultOf } from '../support/secrets.ts';
import { begin, say } from '../support/talk.ts';

t.setTimeout(240_000);

await t.test(
  'SECU-01: with a wrong, a missing or an open key nothing opens, nothing is written, and the rest runs',
  async (t) => {
    await using product = await startProduct();
    await setSecret(product, 'KEPT_KEY', LONG);
    const before = await readFile(vaultOf(product.home));
    const key = await readFile(keyOf(product.home));
    const cases: [string, () => Promise<void>][] = [
      ['VAULT_KEY_WRONG', () => writeFile(keyOf(product.home), `${'ab'.repeat(32)}\n`)],
      ['VAULT_KEY_WRONG', () => writeFile(keyOf(product.home), 'no key\n')],
      ['VAULT_KEY_MISSING', () => rm(keyOf(product.home))],
      ['VAULT_KEY_EXPOSED', () => chmod(keyOf(product.home), 0o644)],
    ];
    for (const [code, harm] of cases) {
      await harm();
      await product.stop();
      await product.start();
      await t.test(code, async (t) => {
        t.equal(await codeOf(setSecret(product, 'NEW_KEY', 'another value')), code);
        t.equal(await codeOf(product.client.call('secrets.delete', { name: 'KEPT_KEY' })), code);
        t.equal(await codeOf(product.client.call('secrets.rotate_key', {})), code);
        t.ok(before.equals(await readFile(vaultOf(product.home))), 'nothing is overwritten');
        t.match(
          await listSecrets(product),
          [{ name: 'KEPT_KEY', backend: 'file', preview: '****' }],
          'it is named all the same',
        );
        const found = (await problemsOf(product)).join('\n');
        t.match(found, /vault\.(json|key): /);
        t.match(found, code === 'VAULT_KEY_EXPOSED' ? /chmod 600/ : /Nothing was changed/);
        t.match((await say(product, await begin(product), 'hi')).answer, { state: 'finished' }, 'bots talk');
        t.match((await product.cli(['status'])).stdout, /vault.*running/);
      });
      await rm(keyOf(product.home), { force: true });
      await writeFile(keyOf(product.home), key, { mode: 0o600 });
      t.match(
        await listSecrets(product),
        [{ preview: '****cdef' }],
        'and works again when the key is back, without a restart',
      );
      t.strictSame(await problemsOf(product), []);
    }
  },
);

await t.test(
  'SECU-01: damage to the file is named, never answered by an empty vault, and leaves the other entries in use',
  async (t) => {
    await using product = await startProduct();
    await setSecret(product, 'FIRST_KEY', `${LONG}-first`);
    await setSecret(product, 'SECOND_KEY', `${LONG}-second`);
    const good = await readFile(vaultOf(product.home), 'utf8');
    const whole = JSON.parse(good) as { key: { id: string }; secrets: Record<string, { nonce: string; data: string }> };
    const first = whole.secrets['global/FIRST_KEY'] ?? { nonce: '', data: '' };
    const second = whole.secrets['global/SECOND_KEY'];
    const changed = (change: object): string => JSON.stringify({ ...whole, ...change });
    const unreadable: [string, string][] = [
      ['cut off', good.slice(0, 120)],
      ['empty', ''],
      ['overwritten', 'hello'],
      ['of another form', '{"format":1,"key":{"id":"x","from":"file"},"secrets":{}}'],
      ['of a later version', changed({ format: 2 })],
    ];
    for (const [what, text] of unreadable) {
      await writeFile(vaultOf(product.home), text);
      t.equal(await codeOf(setSecret(product, 'NEW_KEY', 'another value')), 'VAULT_DAMAGED', what);
      t.equal(await codeOf(product.client.call('secrets.delete', { name: 'FIRST_KEY' })), 'VAULT_DAMAGED');
      t.equal(await readFile(vaultOf(product.home), 'utf8'), text, 'it is left as it is');
      t.match((await problemsOf(product)).join(), /\.boternity\/vault\.json: /);
    }
    const flipped = `${first.data.startsWith('A') ? 'B' : 'A'}${first.data.slice(1)}`;
    const harmed: [string, Record<string, unknown>][] = [
      ['tampered with', { 'global/FIRST_KEY': { ...first, data: flipped }, 'global/SECOND_KEY': second }],
      ['cut short', { 'global/FIRST_KEY': { ...first, data: first.data.slice(0, 8) }, 'global/SECOND_KEY': second }],
      ['replaced by another', { 'global/FIRST_KEY': second, 'global/SECOND_KEY': second }],
      ['moved to a bot', { 'bot/someone/FIRST_KEY': first, 'global/FIRST_KEY': 5, 'global/SECOND_KEY': second }],
    ];
    for (const [what, secrets] of harmed) {
      await writeFile(vaultOf(product.home), changed({ secrets }));
      const rows = await listSecrets(product);
      t.match(
        rows.find(({ name }) => name === 'SECOND_KEY'),
        { preview: '****cond' },
        `${what}: the other is in use`,
      );
      t.match(
        rows.find(({ name }) => name === 'FIRST_KEY'),
        { preview: '****' },
      );
      t.match((await problemsOf(product)).join(), /FIRST_KEY .*cannot be opened/);
      t.equal(await codeOf(product.client.call('secrets.rotate_key', {})), 'VAULT_DAMAGED', 'it would be lost');
      await setSecret(product, 'THIRD_KEY', 'a new value can be set');
      t.match(
        await readFile(vaultOf(product.home), 'utf8'),
        'FIRST_KEY',
        'and what is damaged stays for whoever restores it',
      );
    }
    await writeFile(vaultOf(product.home), changed({ key: { ...whole.key, id: '0'.repeat(16) } }));
    t.match(
      await listSecrets(product),
      [{ preview: '****irst' }, { preview: '****cond' }],
      'a key is right when it opens something',
    );
  },
);

await t.test('SECU-01: a new key opens everything, the old one nothing', async (t) => {
  await using product = await startProduct();
  await setSecret(product, 'KEPT_KEY', LONG);
  await setSecret(product, 'KEPT_KEY', `${LONG}-of-ada`, 'assistant');
  const before = {
    key: await readFile(keyOf(product.home), 'utf8'),
    vault: await readFile(vaultOf(product.home), 'utf8'),
  };
  const ran = await product.cli(['secret', 'rotate-key', '--json']);
  t.match(JSON.parse(ran.stdout), { secrets: 2, key: 'file' });
  const after = {
    key: await readFile(keyOf(product.home), 'utf8'),
    vault: await readFile(vaultOf(product.home), 'utf8'),
  };
  t.not(after.key, before.key);
  await product.stop();
  await product.start();
  t.match(await listSecrets(product), [{ preview: '****cdef' }, { preview: '****-ada', scope: 'assistant' }]);
  await writeFile(keyOf(product.home), before.key);
  t.equal(await codeOf(setSecret(product, 'X', 'y')), 'VAULT_KEY_WRONG');
  await writeFile(keyOf(product.home), after.key);

  // What a crash can leave: the next key beside the old file, and the new file beside the old key.
  const next = path.join(product.home, '.boternity/vault.key.next');
  await writeFile(next, `${'cd'.repeat(32)}\n`, { mode: 0o600 });
  await product.kill9();
  await product.start();
  t.match(await listSecrets(product), [{ preview: '****cdef' }, {}], 'stopped before the file was written');
  t.equal(await codeOf(stat(next)).then(Boolean), true, 'what was prepared is gone');
  await writeFile(next, after.key, { mode: 0o600 });
  await writeFile(keyOf(product.home), before.key);
  await product.kill9();
  await product.start();
  t.match(await listSecrets(product), [{ preview: '****cdef' }, {}], 'stopped after the file was written');
  t.equal(await readFile(keyOf(product.home), 'utf8'), after.key, 'the change of keys was finished');
});

await t.test('SECU-01: kill -9 at any moment of a change of keys loses nothing', async (t) => {
  await using product = await startProduct();
  const names = Array.from({ length: 12 }, (_, at) => `KEY_${String(at).padStart(2, '0')}`);
  for (const name of names) await setSecret(product, name, `${LONG}-${name}`);
  let rotations = 0;
  for (let round = 0; round < 12; round += 1) {
    const { client } = product;
    const rotating = (async () => {
      for (;;) {
        await client.call('secrets.rotate_key', {});
        rotations += 1;
      }
    })().catch(() => undefined);
    await sleep(5 + round * 7);
    await product.kill9();
    await rotating;
    await product.start();
    const rows = await listSecrets(product);
    t.strictSame(
      rows.map(({ name, preview }) => `${name} ${preview}`),
      names.map((name) => `${name} ****${name.slice(-4)}`),
    );
  }
  t.ok(rotations > 0, `${rotations} changes of keys`);
  t.strictSame(await problemsOf(product), []);
});

await t.test('SECU-01: a password opens the vault, from a variable or a file; another one does not', async (t) => {
  const settings = { 'settings.yaml': 'plugins:\n  vault: { key: password }\n' };
  await using home = await temporaryFolder(settings);
  const password = 'correct horse battery';
  const asked = (env: Record<string, string>, ...words: string[]) =>
    bnity([...words, '--home', home.path], { env, input: `${LONG}\n` });
  const one = { BOTERNITY_VAULT_PASSWORD: password };
  const refused = await asked({}, 'secret', 'set', 'KEPT_KEY');
  t.equal(refused.code, 1);
  t.match(refused.stderr, /neither BOTERNITY_VAULT_PASSWORD nor .*VAULT_KEY_MISSING/);
  t.equal((await asked(one, 'secret', 'set', 'KEPT_KEY')).code, 0);
  const text = (await home.read('.boternity/vault.json')) ?? '';
  t.match(JSON.parse(text), { key: { from: 'password', salt: /^[\w+/]{22}==$/ } });
  t.notOk(await home.read('.boternity/vault.key'), 'there is no key on disk');
  t.match(
    (await asked({ BOTERNITY_VAULT_PASSWORD: 'wrong' }, 'secret', 'list')).stdout,
    /KEPT_KEY +global +file +\*{4}\n/,
  );
  t.match((await asked({ BOTERNITY_VAULT_PASSWORD: 'wrong' }, 'secret', 'set', 'X')).stderr, 'VAULT_KEY_WRONG');
  await home.write('password.txt', `${password}\n`);
  const file = { BOTERNITY_VAULT_PASSWORD_FILE: path.join(home.path, 'password.txt') };
  t.match((await asked(file, 'secret', 'list')).stdout, '****cdef');
  t.equal((await asked(one, 'secret', 'rotate-key')).code, 0);
  t.not(text, await home.read('.boternity/vault.json'));
  t.match((await asked(one, 'secret', 'list')).stdout, '****cdef', 'the same password with another salt');

  await using product = await startProduct({ home: home.path, env: one });
  const changed = await product.cli(['secret', 'rotate-key', '--password', '-', '--json'], {
    input: 'a new password\n',
  });
  t.match(JSON.parse(changed.stdout), { notes: [/before the next start/] }, changed.stderr);
  t.match(await listSecrets(product), [{ preview: '****cdef' }], 'the server that changed it goes on with it');
  t.equal(await codeOf(setSecret(product, 'MORE_KEY', `${LONG}-more`)), '');
  await product.stop();
  t.match((await asked(one, 'secret', 'set', 'X')).stderr, 'VAULT_KEY_WRONG', 'the old password opens nothing');
  const two = { BOTERNITY_VAULT_PASSWORD: 'a new password' };
  t.match((await asked(two, 'secret', 'list')).stdout, '****cdef');

  await home.write('settings.yaml', 'plugins:\n  vault: { key: file }\n');
  t.match((await asked(two, 'check')).stdout, /kind "password", the settings ask for "file"/);
  t.equal((await asked(two, 'secret', 'rotate-key')).code, 0, 'another kind of key is a change of keys');
  t.match((await asked({}, 'secret', 'list')).stdout, '****cdef');
  t.match((await asked({}, 'secret', 'rotate-key', '--password', 'x')).stderr, 'INPUT_INVALID');
});
