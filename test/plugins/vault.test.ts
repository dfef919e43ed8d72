import { copyFile, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { startKeyService } from '../support/key-service.ts';
import { startProduct, temporaryFolder, type Product } from '../support/product.ts';
import { codeOf, keyedProvider, keyOf, listSecrets, LONG, problemsOf, setSecret, vaultOf } from '../support/secrets.ts';
import { begin, say } from '../support/talk.ts';
import { openTerminal } from '../support/terminal.ts';

t.setTimeout(120_000);

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
      (await listSecrets(product)).map(({ name, scope, backend, preview }) => [name, scope, backend, preview]),
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
    t.notMatch(table.stdout, '01234');
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
    (await listSecrets(product)).map(({ name }) => name),
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
  for (const { stdout, stderr } of refusals) t.notMatch(stdout + stderr, '01234');
  for (const body of [
    `{"value":"${LONG}","extra":1}`,
    `{"value":{"a":"${LONG}"}}`,
    `{"value":"${LONG}`,
    `{"value":"${LONG}",}`,
    // The parser's own words would quote ten characters from here on.
    `{"value": ${LONG}}`,
  ]) {
    const answer = await product.fetch('/api/v1/secrets/X', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body,
    });
    t.ok(answer.status === 422 || answer.status === 400, body);
    t.notMatch(await answer.text(), '01234');
  }
  t.strictSame(await listSecrets(product), []);
});

await t.test('many changes at once lose none', async (t) => {
  await using product = await startProduct();
  await Promise.all(Array.from({ length: 40 }, (_, at) => setSecret(product, `KEY_${at}`, `value of ${at}`)));
  t.equal((await listSecrets(product)).length, 40);
  await Promise.all(
    Array.from({ length: 20 }, (_, at) => product.client.call('secrets.delete', { name: `KEY_${at}` })),
  );
  t.equal((await listSecrets(product)).length, 20);
  t.equal(await codeOf(product.client.call('secrets.delete', { name: 'KEY_1' })), 'SECRET_MISSING');
  const shared = await setSecret(product, 'TINY', 'abc');
  t.match(shared, { preview: '****', notes: [/so short/] });
});

await t.test(
  'SECU-03: the environment wins over what is kept, a bot over all, and each bot has a variable of its own',
  async (t) => {
    await using service = await startKeyService();
    const files = { 'providers.yaml': keyedProvider(service.url) };
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
      await setSecret(product, 'KEYED_API_KEY', 'kept for all');
      await setSecret(product, 'KEYED_API_KEY', 'kept for ada', 'ada-two');
      t.equal(await keyFor(product, 'ada-two'), 'kept for ada');
      t.equal(await keyFor(product, 'assistant'), 'kept for all');
      await setSecret(product, 'KEYED_API_KEY', 'kept for ada, anew', 'ada-two');
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
      const answer = await setSecret(product, 'KEYED_API_KEY', 'set in vain');
      t.match(answer, { backend: 'environment', notes: ['The environment variable KEYED_API_KEY wins over it.'] });
    });
    await run(
      { KEYED_API_KEY: 'plain variable', BOTERNITY_ADA_TWO_KEYED_API_KEY: "ada's variable" },
      async (product) => {
        t.equal(await keyFor(product, 'ada-two'), "ada's variable");
        t.equal(await keyFor(product, 'assistant'), 'plain variable');
        t.match(await listSecrets(product), [{ scope: 'global' }, { scope: 'ada-two', backend: 'environment' }]);
      },
    );
    await run({}, async (product) => {
      const { id } = await product.client.call('bots.show', { bot: 'ada-two' });
      await product.client.call('bots.delete', { bot: 'ada-two' });
      t.match((await listSecrets(product)).at(-1), { scope: id }, 'what belonged to a bot that is no more');
      await product.client.call('secrets.delete', { name: 'KEYED_API_KEY', bot: id });
      await product.client.call('secrets.delete', { name: 'KEYED_API_KEY' });
      t.strictSame(await listSecrets(product), [], 'can be removed by its id');
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
  await using product = await startProduct({ files: { 'providers.yaml': keyedProvider(service.url) } });
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
  t.match(await setSecret(product, 'UNUSED_KEY', 'nobody uses this'), { checks: [] });
  await service[Symbol.asyncDispose]();
  t.match(await setSecret(product, 'KEYED_API_KEY', 'nobody answers'), {
    checks: [{ ok: false, message: /does not answer/ }],
  });
});

await t.test('a provider with a variable, and a server without the vault, find keys as before', async (t) => {
  await using service = await startKeyService();
  const env = { PLAIN_KEY: 'from a variable', KEYED_API_KEY: 'by its name' };
  for (const [line, key] of [
    ['key: PLAIN_KEY', 'from a variable'],
    ['key: KEYED_API_KEY', 'by its name'],
  ] as const) {
    const files = {
      'providers.yaml': keyedProvider(service.url, line),
      'settings.yaml': 'plugins:\n  vault: { key: nonsense }\n',
    };
    await using product = await startProduct({ files, env });
    await say(product, await begin(product), 'hi');
    t.equal(service.keys.at(-1), key);
    t.match(
      (await problemsOf(product)).join(),
      /"vault" refuses its settings/,
      'a vault that cannot start stops nobody',
    );
  }
  await using product = await startProduct();
  const ran = await product.cli(['provider', 'add', 'x', '--address', service.url, '--models', 'm', '--key', LONG]);
  t.equal(ran.code, 5);
  t.match(ran.stderr, 'write the name of a secret in capitals, never the key itself');
  t.notMatch(ran.stderr, '01234');
  await copyFile(path.join(product.home, 'providers.yaml'), path.join(product.home, 'copy.yaml'));
  t.match(await product.files.read('copy.yaml'), 'bnity secret set OPENAI_API_KEY');
});
