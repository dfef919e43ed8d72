import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { codexSettings, setUpCodex } from '../support/door-cases-codex.ts';
import { startIdentityService, type IdentityService } from '../support/identity-service.ts';
import { openAiRefusals, stageOver, startService, type ModelService } from '../support/model-service.ts';
import { startProduct, type Product } from '../support/product.ts';
import { providerContract } from '../../core/testing.ts';
import { startModelHouse } from '../support/model-house.ts';
import { errorEvent, framesOf, wrongWith } from '../support/responses-wire.ts';

interface Stage extends AsyncDisposable {
  readonly product: Product;
  readonly identity: IdentityService;
  readonly models: ModelService;
  /** Begins a sign-in and does what the browser would do at its address; gives where that is sent back to. */
  open(): Promise<URL>;
  /** Asks the model a word, as the check of a secret does; gives what came of it. */
  ask(): Promise<{ ok: boolean; message: string } | undefined>;
}

const events = [
  { type: 'response.created', response: { id: 'r', status: 'in_progress' } },
  {
    type: 'response.output_item.added',
    output_index: 0,
    item: { id: 'm', type: 'message', role: 'assistant', content: [] },
  },
  { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'Well.' },
  {
    type: 'response.completed',
    response: { id: 'r', status: 'completed', usage: { input_tokens: 3, output_tokens: 2 } },
  },
];

async function stage(): Promise<Stage> {
  await using undo = new AsyncDisposableStack();
  const identity = undo.use(await startIdentityService());
  const models = undo.use(
    await startService(({ headers }) => {
      const isGood = identity.good.has(String(headers.authorization).replace('Bearer ', ''));
      if (!isGood) return { status: 401, json: { error: { message: 'Your token has expired.' } } };
      return { frames: events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`) };
    }),
  );
  const settings = `plugins:\n  codex: ${codexSettings(identity)}\n`;
  const product = undo.use(await startProduct({ files: { 'settings.yaml': settings } }));
  await setUpCodex(product, { address: models.url, key: 'SPARE', models: ['gpt-6.1-sol'] });
  const rest = undo.move();
  return {
    product,
    identity,
    models,
    open: async () => identity.grant((await product.client.call('codex.sign_in', {})).url),
    async ask() {
      const { checks } = await product.client.call('secrets.set', { name: 'SPARE', value: 'a-value-of-no-use' });
      return checks.find(({ provider }) => provider === 'codex');
    },
    [Symbol.asyncDispose]: () => rest[Symbol.asyncDispose](),
  };
}

/** Everything that lies in a folder, as text. */
async function allOf(folder: string): Promise<string> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, 'latin1').catch(() => '')))).join('\n');
}

await t.test(
  'one signs in by a browser on this machine; the tokens are in the vault, encrypted, and nowhere else',
  async (t) => {
    await using staged = await stage();
    const { product, identity, models } = staged;
    t.match(await staged.ask(), { ok: false, message: /Nobody is signed in for Codex.*bnity codex sign-in/ });
    t.equal(models.asked.length, 0, 'nothing is sent without a token');

    const back = await staged.open();
    back.hostname = '127.0.0.1';
    const page = await fetch(back);
    t.equal(page.status, 200);
    t.match(await page.text(), 'You are signed in');
    await t.rejects(fetch(back), 'and the way back is closed');
    const standing = await product.client.call('codex.status', {});
    t.match(standing, { signedIn: true, until: /Z$/ });

    t.match(await staged.ask(), { ok: true });
    const [asked] = models.asked;
    t.equal(asked?.path, '/responses');
    t.equal(asked?.headers['chatgpt-account-id'], 'acct_7');
    t.equal(asked?.headers['originator'], 'boternity');
    t.match(asked?.json, { store: false, stream: true, instructions: /./ });
    t.equal(asked?.json.max_output_tokens, undefined, 'the service takes no limit');

    const [token = ''] = identity.good;
    const everything = `${await allOf(product.home)}${product.heard.stdout}${product.heard.stderr}${JSON.stringify(standing)}`;
    t.match(everything, 'codex');
    t.notMatch(everything, token);
    t.notMatch(everything, /rt_secret_/);
    const { secrets } = await product.client.call('secrets.list', {});
    t.same(
      secrets.map(({ name }) => name).filter((name) => name.startsWith('CODEX_')),
      ['CODEX_ACCESS_TOKEN', 'CODEX_REFRESH_TOKEN'],
    );
    t.notMatch(JSON.stringify(secrets), token);

    await product.client.call('codex.sign_out', {});
    t.match(await product.client.call('codex.status', {}), { signedIn: false });
    t.match(await staged.ask(), { ok: false, message: /Nobody is signed in/ });
  },
);

await t.test(
  'without a browser on this machine the address is pasted; answers of another sign-in are refused',
  async (t) => {
    await using staged = await stage();
    const { product, identity } = staged;
    const finish = (answer: string) => product.client.call('codex.finish', { answer });
    await t.rejects(finish('some-code'), { code: 'CODEX_SIGN_IN_FAILED' }, 'none is open');
    const back = await staged.open();
    const forged = new URL(back);
    forged.searchParams.set('state', 'another');
    await t.rejects(finish(forged.href), { code: 'CODEX_SIGN_IN_FAILED', message: /another sign-in/ });
    await t.rejects(finish(`${back.searchParams.get('code')}#another`), { code: 'CODEX_SIGN_IN_FAILED' });
    forged.hostname = '127.0.0.1';
    t.equal((await fetch(forged)).status, 403, 'at the way back too');
    const denied = new URL(back);
    denied.searchParams.set('error', 'access_denied');
    await t.rejects(finish(denied.href), { message: /access_denied/ });
    t.equal(identity.asked.length, 0, 'and none of them reached the identity server');

    const ran = await product.cli(['codex', 'finish', '--json'], { input: `${back.href}\n` });
    t.equal(ran.code, 0, ran.stderr);
    t.match(JSON.parse(ran.stdout), { signedIn: true, until: /Z$/ });
    const code = (await staged.open()).searchParams.get('code') ?? '';
    t.match(await finish(code), { signedIn: true }, 'the code alone will do');
    await staged.open();
    await t.rejects(finish(code), { code: 'CODEX_SIGNED_OUT' }, 'a code of an earlier sign-in has another verifier');
  },
);

await t.test('a token is renewed before its end, and once when it is refused, however many ask', async (t) => {
  await using staged = await stage();
  const { product, identity, models } = staged;
  identity.lifetime = 60;
  await product.client.call('codex.finish', { answer: (await staged.open()).href });
  identity.lifetime = 3600;
  const renewals = () => identity.asked.filter(({ body }) => body.includes('grant_type=refresh_token')).length;
  t.ok((await staged.ask())?.ok);
  t.equal(renewals(), 1, 'a minute before its end');
  t.ok((await staged.ask())?.ok);
  t.equal(renewals(), 1, 'and not again');

  await product.kill9();
  await product.start();
  identity.good.clear();
  const before = models.asked.length;
  const both = await Promise.all([staged.ask(), staged.ask(), staged.ask()]);
  t.same(
    both.map((each) => each?.ok),
    [true, true, true],
  );
  t.equal(renewals(), 2, 'one renewal for all of them');
  t.ok(models.asked.length - before <= 6);

  await product.kill9();
  await product.start();
  identity.good.clear();
  identity.isStrict = true;
  t.match(await staged.ask(), {
    ok: false,
    message: /refuses the sign-in for Codex \(refresh_token_reused\).*bnity codex sign-in/,
  });
});

await t.test('nobody signs in before the owner has agreed', async (t) => {
  await using product = await startProduct();
  await t.rejects(product.client.call('codex.sign_in', {}), { code: 'CODEX_NOT_SET_UP' });
  const added = await product.client.call('providers.add', { name: 'codex' });
  t.match(added.problem, /accept_terms: write true if you agree: Experimental/);
  await t.rejects(product.client.call('codex.sign_in', {}), { code: 'CODEX_NOT_SET_UP' });
  t.match(added.warning, /^Experimental/);
});

await t.test('the provider codex keeps the contract, with a token of the vault', async (t) => {
  await using home = await startModelHouse({});
  const token = 'a-token-of-somebody-who-signed-in';
  await home.put('/api/v1/secrets/CODEX_ACCESS_TOKEN', { value: token, check: false });
  const entry = { type: 'codex', models: ['gpt-6.1-sol'], options: { accept_terms: true } };
  const stage = stageOver({
    modelAt: (address, patience) => home.modelAt(entry, address, patience),
    frames: framesOf,
    error: errorEvent,
    refusals: openAiRefusals,
    wrongWith: (asked) => wrongWith(asked, token),
  });
  await providerContract(t, { stage, lacks: ['stop', 'limits'] });
});
