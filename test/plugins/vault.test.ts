import { chmod, copyFile, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import t from 'tap';
import { CallError } from '../../core/ui/client.ts';
import { startKeyService } from '../support/key-service.ts';
import { bnity, startProduct, temporaryFolder, type Product } from '../support/product.ts';
import { begin, say } from '../support/talk.ts';
import { openTerminal } from '../support/terminal.ts';

t.setTimeout(240_000);

const LONG = 'sk-0123456789abcdef';

const vaultOf = (home: string): string => path.join(home, '.boternity/vault.json');
const keyOf = (home: string): string => path.join(home, '.boternity/vault.key');

interface Row {
  readonly name: string;
  readonly scope: string;
  readonly backend: string;
  readonly preview: string;
}

async function list({ client }: Product): Promise<Row[]> {
  return (await client.call('secrets.list', {})).secrets;
}

function set({ client }: Product, name: string, value: string, bot?: string): Promise<unknown> {
  return client.call('secrets.set', { name, value, ...(bot !== undefined && { bot }) });
}

/** The code of the fault that a call meets; empty when it meets none. */
async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return '';
  } catch (error) {
    return error instanceof CallError ? error.code : String(error);
  }
}

async function problems({ client }: Product): Promise<string[]> {
  return (await client.call('bots.check', {})).problems.map(({ file, message }) => `${file}: ${message}`);
}

/** A server whose provider `keyed` takes its key from the secret KEYED_API_KEY; what it sends can be seen. */
function providerFile(url: string, key = 'key: KEYED_API_KEY'): string {
  return `providers:\n  keyed:\n    type: openai-compatible\n    address: ${url}\n    ${key}\n    models: [keyed-model]\n`;
}

await t.test(
  'SECU-01: a secret is kept encrypted in files of its owner alone, and no answer gives it back',
  async (t) => {
    await using product = await startProduct();
    const piped = await product.cli(['secret', 'set', 'PIPED_KEY', '--json'], { input: `${LONG}\n` });
    t.equal(piped.code, 0, piped.stderr);
    t.match(JSON.parse(piped.stdout), { name: 'PIPED_KEY', scope: 'global', backend: 'file', preview: '****cdef' });
    const flagged = await product.cli([
      'secret',
      'set',
      'FLAG_KEY',
      '--value',
      'fifteen letters',
      '--bot',
      'assistant',
    ]);
    t.equal(flagged.code, 0, flagged.stderr);
    t.match((await product.cli(['secret', 'set', '--help'])).stdout, /other users of this\s+machine can see a flag/);
    t.strictSame(
      (await list(product)).map(({ name, scope, backend, preview }) => [name, scope, backend, preview]),
      [
        ['PIPED_KEY', 'global', 'file', '****cdef'],
        ['FLAG_KEY', 'assistant', 'file', '****'],
      ],
      'never more than a quarter of a value',
    );
    for (const file of [vaultOf(product.home), keyOf(product.home)]) {
      t.equal((await stat(file)).mode & 0o777, 0o600, file);
      t.notMatch(await readFile(file, 'utf8'), /0123456789|fifteen/);
    }
    const table = await product.cli(['secret', 'list']);
    t.notMatch(table.stdout, '0123456789');
    const document = JSON.stringify(await (await product.fetch('/api/openapi.json')).json());
    t.match(document, '"writeOnly":true', 'the document says which fields only go in');
  },
);

await t.test('a person is asked, sees nothing of what is typed, and can think better of it', async (t) => {
  await using product = await startProduct();
  await using terminal = openTerminal(['secret', 'set', 'TYPED_KEY', '--home', product.home]);
  await terminal.sees('The secret (not shown): ');
  terminal.type(`${LONG}x\x7f\r`);
  const shown = await terminal.sees('****cdef');
  t.equal(await terminal.end(), 0);
  t.notMatch(shown, '0123');
  await using other = openTerminal(['secret', 'set', 'OTHER_KEY', '--home', product.home]);
  await other.sees('not shown');
  other.type('abc\x03');
  t.equal(await other.end(), 130, 'Ctrl+C');
  t.strictSame(
    (await list(product)).map(({ name }) => name),
    ['TYPED_KEY'],
  );
});

await t.test('what cannot be a secret is refused, without being repeated', async (t) => {
  await using product = await startProduct();
  const refusals = [
    await product.cli(['secret', 'set', 'EMPTY_KEY'], { input: '\n' }),
    await product.cli(['secret', 'set', 'lower', '--value', LONG]),
    await product.cli(['secret', 'set', 'X', LONG]),
    await product.cli(['secret', 'set', 'X', `--vlaue=${LONG}`]),
    await product.cli(['secret', 'set', 'LARGE_KEY'], { input: LONG.repeat(4_000) }),
    await product.cli(['secret', 'set', 'X', '--value', LONG, '--bot', 'nobody']),
  ];
  t.strictSame(
    refusals.map(({ code }) => code),
    [5, 5, 2, 2, 5, 3],
  );
  for (const { stdout, stderr } of refusals) t.notMatch(stdout + stderr, '0123456789');
  for (const body of [
    `{"value":"${LONG}","extra":1}`,
    `{"value":{"a":"${LONG}"}}`,
    `{"value":"${LONG}`,
    `{"value":"${LONG}",}`,
  ]) {
    const answer = await product.fetch('/api/v1/secrets/X', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body,
    });
    t.ok(answer.status === 422 || answer.status === 400, body);
    t.notMatch(await answer.text(), '0123456789');
  }
  t.strictSame(await list(product), []);
});

await t.test('many changes at once lose none', async (t) => {
  await using product = await startProduct();
  await Promise.all(Array.from({ length: 40 }, (_, at) => set(product, `KEY_${at}`, `value of ${at}`)));
  t.equal((await list(product)).length, 40);
  await Promise.all(
    Array.from({ length: 20 }, (_, at) => product.client.call('secrets.delete', { name: `KEY_${at}` })),
  );
  t.equal((await list(product)).length, 20);
  t.equal(await codeOf(product.client.call('secrets.delete', { name: 'KEY_1' })), 'SECRET_MISSING');
  const shared = await set(product, 'TINY', 'abc');
  t.match(shared, { preview: '****', notes: [/so short/] });
});

await t.test(
  'SECU-01: with a wrong, a missing or an open key nothing opens, nothing is written, and the rest runs',
  async (t) => {
    await using product = await startProduct();
    await set(product, 'KEPT_KEY', LONG);
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
        t.equal(await codeOf(set(product, 'NEW_KEY', 'another value')), code);
        t.equal(await codeOf(product.client.call('secrets.delete', { name: 'KEPT_KEY' })), code);
        t.equal(await codeOf(product.client.call('secrets.rotate_key', {})), code);
        t.ok(before.equals(await readFile(vaultOf(product.home))), 'nothing is overwritten');
        t.match(
          await list(product),
          [{ name: 'KEPT_KEY', backend: 'file', preview: '****' }],
          'it is named all the same',
        );
        const found = (await problems(product)).join('\n');
        t.match(found, /vault\.(json|key): /);
        t.match(found, code === 'VAULT_KEY_EXPOSED' ? /chmod 600/ : /Nothing was changed/);
        t.match((await say(product, await begin(product), 'hi')).answer, { state: 'finished' }, 'bots talk');
        t.match((await product.cli(['status'])).stdout, /vault.*running/);
      });
      await rm(keyOf(product.home), { force: true });
      await writeFile(keyOf(product.home), key, { mode: 0o600 });
      t.match(
        await list(product),
        [{ preview: '****cdef' }],
        'and works again when the key is back, without a restart',
      );
      t.strictSame(await problems(product), []);
    }
  },
);

await t.test(
  'SECU-01: damage to the file is named, never answered by an empty vault, and leaves the other entries in use',
  async (t) => {
    await using product = await startProduct();
    await set(product, 'FIRST_KEY', `${LONG}-first`);
    await set(product, 'SECOND_KEY', `${LONG}-second`);
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
      t.equal(await codeOf(set(product, 'NEW_KEY', 'another value')), 'VAULT_DAMAGED', what);
      t.equal(await codeOf(product.client.call('secrets.delete', { name: 'FIRST_KEY' })), 'VAULT_DAMAGED');
      t.equal(await readFile(vaultOf(product.home), 'utf8'), text, 'it is left as it is');
      t.match((await problems(product)).join(), /\.boternity\/vault\.json: /);
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
      const rows = await list(product);
      t.match(
        rows.find(({ name }) => name === 'SECOND_KEY'),
        { preview: '****cond' },
        `${what}: the other is in use`,
      );
      t.match(
        rows.find(({ name }) => name === 'FIRST_KEY'),
        { preview: '****' },
      );
      t.match((await problems(product)).join(), /FIRST_KEY .*cannot be opened/);
      t.equal(await codeOf(product.client.call('secrets.rotate_key', {})), 'VAULT_DAMAGED', 'it would be lost');
      await set(product, 'THIRD_KEY', 'a new value can be set');
      t.match(
        await readFile(vaultOf(product.home), 'utf8'),
        'FIRST_KEY',
        'and what is damaged stays for whoever restores it',
      );
    }
    await writeFile(vaultOf(product.home), changed({ key: { ...whole.key, id: '0'.repeat(16) } }));
    t.match(
      await list(product),
      [{ preview: '****irst' }, { preview: '****cond' }],
      'a key is right when it opens something',
    );
  },
);

await t.test('SECU-01: a new key opens everything, the old one nothing', async (t) => {
  await using product = await startProduct();
  await set(product, 'KEPT_KEY', LONG);
  await set(product, 'KEPT_KEY', `${LONG}-of-ada`, 'assistant');
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
  t.match(await list(product), [{ preview: '****cdef' }, { preview: '****-ada', scope: 'assistant' }]);
  await writeFile(keyOf(product.home), before.key);
  t.equal(await codeOf(set(product, 'X', 'y')), 'VAULT_KEY_WRONG');
  await writeFile(keyOf(product.home), after.key);

  // What a crash can leave: the next key beside the old file, and the new file beside the old key.
  const next = path.join(product.home, '.boternity/vault.key.next');
  await writeFile(next, `${'cd'.repeat(32)}\n`, { mode: 0o600 });
  await product.kill9();
  await product.start();
  t.match(await list(product), [{ preview: '****cdef' }, {}], 'stopped before the file was written');
  t.equal(await codeOf(stat(next)).then(Boolean), true, 'what was prepared is gone');
  await writeFile(next, after.key, { mode: 0o600 });
  await writeFile(keyOf(product.home), before.key);
  await product.kill9();
  await product.start();
  t.match(await list(product), [{ preview: '****cdef' }, {}], 'stopped after the file was written');
  t.equal(await readFile(keyOf(product.home), 'utf8'), after.key, 'the change of keys was finished');
});

await t.test('SECU-01: kill -9 at any moment of a change of keys loses nothing', async (t) => {
  await using product = await startProduct();
  const names = Array.from({ length: 12 }, (_, at) => `KEY_${String(at).padStart(2, '0')}`);
  for (const name of names) await set(product, name, `${LONG}-${name}`);
  let rotations = 0;
  for (let round = 0; round < 12; round += 1) {
    const { client } = product;
    let isOver = false;
    const rotating = (async () => {
      while (!isOver) {
        await client.call('secrets.rotate_key', {});
        rotations += 1;
      }
    })().catch(() => undefined);
    await sleep(5 + round * 7);
    await product.kill9();
    isOver = true;
    await rotating;
    await product.start();
    const rows = await list(product);
    t.strictSame(
      rows.map(({ name, preview }) => `${name} ${preview}`),
      names.map((name) => `${name} ****${name.slice(-4)}`),
    );
  }
  t.ok(rotations > 0, `${rotations} changes of keys`);
  t.strictSame(await problems(product), []);
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
  t.match(await list(product), [{ preview: '****cdef' }], 'the server that changed it goes on with it');
  t.equal(await codeOf(set(product, 'MORE_KEY', `${LONG}-more`)), '');
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

await t.test(
  'SECU-03: the environment wins over what is kept, a bot over all, and each bot has a variable of its own',
  async (t) => {
    await using service = await startKeyService();
    const files = { 'providers.yaml': providerFile(service.url) };
    await using folder = await temporaryFolder(files);
    const keyFor = async (product: Product, bot: string): Promise<string> => {
      const { answer } = await say(product, await begin(product, bot), 'hi');
      return answer.state === 'finished' ? (service.keys.at(-1) ?? '') : `${answer.reason}`;
    };
    const run = async (env: Record<string, string>, look: (product: Product) => Promise<void>): Promise<void> => {
      await using product = await startProduct({ home: folder.path, env });
      await look(product);
    };
    await run({}, async (product) => {
      await product.client.call('bots.create', { name: 'Ada Two' });
      t.match(await keyFor(product, 'ada-two'), 'The secret KEYED_API_KEY, which is the key of keyed, is not set');
      t.equal(service.keys.length, 0, 'and nothing is sent without it');
      await set(product, 'KEYED_API_KEY', 'kept for all');
      await set(product, 'KEYED_API_KEY', 'kept for ada', 'ada-two');
      t.equal(await keyFor(product, 'ada-two'), 'kept for ada');
      t.equal(await keyFor(product, 'assistant'), 'kept for all');
      await set(product, 'KEYED_API_KEY', 'kept for ada, anew', 'ada-two');
      t.equal(await keyFor(product, 'ada-two'), 'kept for ada, anew', 'a change counts at once');
    });
    await run({ BOTERNITY_KEYED_API_KEY: 'prefixed variable' }, async (product) => {
      t.equal(await keyFor(product, 'ada-two'), 'prefixed variable');
    });
    await run({ BOTERNITY_KEYED_API_KEY: 'prefixed variable', KEYED_API_KEY: 'plain variable' }, async (product) => {
      t.equal(await keyFor(product, 'ada-two'), 'plain variable');
      const rows = (await product.cliJson(['secret', 'list'])) as { secrets: Record<string, unknown>[] };
      t.match(rows.secrets[0], {
        scope: 'global',
        backend: 'environment',
        variable: 'KEYED_API_KEY',
        behind: ['file'],
      });
      const answer = await set(product, 'KEYED_API_KEY', 'set in vain');
      t.match(answer, { backend: 'environment', notes: ['The environment variable KEYED_API_KEY wins over it.'] });
    });
    await run(
      { KEYED_API_KEY: 'plain variable', BOTERNITY_ADA_TWO_KEYED_API_KEY: "ada's variable" },
      async (product) => {
        t.equal(await keyFor(product, 'ada-two'), "ada's variable");
        t.equal(await keyFor(product, 'assistant'), 'plain variable');
        t.match(await list(product), [{ scope: 'global' }, { scope: 'ada-two', backend: 'environment' }]);
      },
    );
    await run({}, async (product) => {
      const { id } = await product.client.call('bots.show', { bot: 'ada-two' });
      await product.client.call('bots.delete', { bot: 'ada-two' });
      t.match((await list(product)).at(-1), { scope: id }, 'what belonged to a bot that is no more');
      await product.client.call('secrets.delete', { name: 'KEYED_API_KEY', bot: id });
      await product.client.call('secrets.delete', { name: 'KEYED_API_KEY' });
      t.strictSame(await list(product), [], 'can be removed by its id');
    });
    await run({ KEYED_API_KEY: 'plain variable' }, async (product) => {
      const ran = await product.cli(['secret', 'delete', 'KEYED_API_KEY', '--force']);
      t.equal(ran.code, 3);
      t.match(ran.stderr, 'comes from the environment variable KEYED_API_KEY alone');
    });
  },
);

await t.test('a secret is tried with the provider that uses it, and kept whatever comes of it', async (t) => {
  await using service = await startKeyService();
  await using product = await startProduct({ files: { 'providers.yaml': providerFile(service.url) } });
  t.match((await product.cli(['provider', 'list'])).stdout, 'secret KEYED_API_KEY (not set)');
  service.takes = ['the right key for it'];
  const right = await product.cli(['secret', 'set', 'KEYED_API_KEY'], { input: 'the right key for it' });
  t.match(right.stdout, /keyed +true +keyed takes it: keyed-model answered\./);
  t.match((await product.cli(['provider', 'list'])).stdout, 'secret KEYED_API_KEY (set)');
  const wrong = await product.cli(['secret', 'set', 'KEYED_API_KEY', '--json'], { input: 'a wrong key for it' });
  t.equal(wrong.code, 0);
  t.match(JSON.parse(wrong.stdout), {
    preview: '****r it',
    checks: [{ provider: 'keyed', ok: false, message: /does not accept/ }],
  });
  t.notMatch(wrong.stdout, 'wrong key', 'though the service repeats it');
  const calls = service.keys.length;
  const unchecked = await product.cli(['secret', 'set', 'KEYED_API_KEY', '--no-check', '--json'], {
    input: 'unchecked key',
  });
  t.match(JSON.parse(unchecked.stdout), { checks: [] });
  t.equal(service.keys.length, calls, 'nothing was asked');
  t.match(await set(product, 'UNUSED_KEY', 'nobody uses this'), { checks: [] });
  await service[Symbol.asyncDispose]();
  t.match(await set(product, 'KEYED_API_KEY', 'nobody answers'), {
    checks: [{ ok: false, message: /does not answer/ }],
  });
});

await t.test('a provider with a variable, and a server without the vault, find keys as before', async (t) => {
  await using service = await startKeyService();
  const env = { PLAIN_KEY: 'from a variable', KEYED_API_KEY: 'by its name' };
  for (const [line, key] of [
    ['key_env: PLAIN_KEY', 'from a variable'],
    ['key: KEYED_API_KEY', 'by its name'],
  ] as const) {
    const files = {
      'providers.yaml': providerFile(service.url, line),
      'settings.yaml': 'plugins:\n  vault: { key: nonsense }\n',
    };
    await using product = await startProduct({ files, env });
    await say(product, await begin(product), 'hi');
    t.equal(service.keys.at(-1), key);
    t.match((await problems(product)).join(), /"vault" refuses its settings/, 'a vault that cannot start stops nobody');
  }
  await using product = await startProduct();
  const ran = await product.cli(['provider', 'add', 'x', '--address', service.url, '--models', 'm', '--key', LONG]);
  t.equal(ran.code, 5);
  t.match(ran.stderr, 'write the name of a secret in capitals, never the key itself');
  t.notMatch(ran.stderr, '0123456789');
  await copyFile(path.join(product.home, 'providers.yaml'), path.join(product.home, 'copy.yaml'));
  t.match(await product.files.read('copy.yaml'), 'bnity secret set OPENAI_API_KEY');
});
