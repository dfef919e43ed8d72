import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { ada, setUpOwner, signInOwner } from '../support/owner.ts';
import { startProduct, until } from '../support/product.ts';

t.setTimeout(180_000);

interface Refusal {
  readonly code: string;
  readonly details?: readonly { path: string; message: string }[];
}

await using product = await startProduct({
  files: {
    'settings.yaml': '# mine\nplugins:\n  # slow, for shows\n  demo:\n    delayMs: 20 # a pause\n',
    'providers.yaml':
      '# all of them\nproviders:\n  local: # in the cellar\n    type: openai-compatible\n    address: http://127.0.0.1:9/v1 # old box\n    models: [llama3.2]\n',
  },
});
const session = await setUpOwner(product);

/** A request of the page, with the session of somebody who is signed in. */
async function asPage(method: string, place: string, body?: object, headers = session.headers): Promise<Response> {
  return fetch(new URL(`/api/v1${place}`, product.url), {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  });
}

async function refusal(response: Response): Promise<Refusal> {
  return ((await response.json()) as { errors: [Refusal] }).errors[0];
}

await t.test(
  'the e-mail changes with the current password only, the name without; the terminal needs none',
  async (t) => {
    const wrong = await asPage('PATCH', '/account', { email: 'new@example.com', current: 'not my password' });
    t.equal(wrong.status, 422);
    t.match(await refusal(wrong), { code: 'INPUT_INVALID', details: [{ path: 'current' }] });
    const without = await asPage('PATCH', '/account', { email: 'new@example.com' });
    t.equal(without.status, 422, 'a session that somebody found open is not enough');
    t.match(await product.files.read('.boternity/accounts.json'), ada.email);
    t.equal(
      (await asPage('PATCH', '/account', { name: 'Ada', email: ada.email })).status,
      200,
      'the same address is no change',
    );
    t.equal((await asPage('PATCH', '/account', { email: 'new@example.com', current: ada.password })).status, 200);
    t.match(await product.files.read('.boternity/accounts.json'), /"new@example\.com"/);
    await product.cliJson(['account', 'update', '--email', ada.email]);
    t.ok((await signInOwner(product)).cookie);
  },
);

await t.test(
  'a plugin says what it is, refuses settings that are wrong by path, and turns off and on again',
  async (t) => {
    const { plugins } = await product.client.call('plugins.settings', {});
    const of = (name: string) => plugins.find((plugin) => plugin.name === name);
    t.match(of('demo'), { state: 'running', origin: 'product', config: { delayMs: 20 } });
    t.match(of('demo')?.schema, { properties: { delayMs: { type: 'number', default: 12 } } });
    t.match(
      of('mock'),
      { state: 'off', origin: 'shipped', schema: null },
      'one that is off is told without running its code',
    );
    t.ok((of('conversations')?.effects ?? 0) > 10 && (of('conversations')?.startedInMs ?? 0) > 0);

    const wrong = await asPage('PUT', '/plugins/demo', { config: { delayMs: 'slow' } });
    t.equal(wrong.status, 422);
    t.match(await refusal(wrong), { code: 'INPUT_INVALID', details: [{ path: 'config.delayMs' }] });
    t.match(await product.files.read('settings.yaml'), 'delayMs: 20', 'and nothing is written');
    t.equal((await asPage('PUT', '/plugins/demo', { config: { delayMs: 3 } })).status, 200);
    t.equal(
      await product.files.read('settings.yaml'),
      '# mine\nplugins:\n  # slow, for shows\n  demo:\n    delayMs: 3 # a pause\n',
      'comments stay, those inside too',
    );

    t.equal((await asPage('POST', '/plugins/mock/enable', {})).status, 200);
    const stateOf = async (name: string) =>
      (await product.client.call('plugins.settings', {})).plugins.find((plugin) => plugin.name === name)?.state;
    await until('the plugin', async () => (await stateOf('mock')) === 'running');
    t.equal((await asPage('POST', '/plugins/mock/disable', {})).status, 200);
    await until('its end', async () => (await stateOf('mock')) === 'off');
    const needed = await asPage('POST', '/plugins/sign-in/disable', {});
    t.equal(needed.status, 409);
    t.match(await refusal(needed), { code: 'PLUGIN_NEEDED' });
    t.equal((await asPage('POST', '/plugins/nobody/enable', {})).status, 404);
  },
);

await t.test('what a plugin calls secret is never told; sent back as it was told it stays', async (t) => {
  const secrets = ['tr0ub4dor-and-3', 'swordfish-42', 'open-sesame-77'];
  await product.files.write(
    'plugins/pager/index.ts',
    `import { definePlugin, z } from 'boternity';
export default definePlugin({
  name: 'pager',
  config: z.object({
    to: z.string(),
    token: z.string().meta({ writeOnly: true }),
    hooks: z.array(z.object({ name: z.string(), key: z.string().meta({ writeOnly: true }).optional() })).default([]),
  }),
  setup() {},
});
`,
  );
  await product.files.write('plugins/torn/index.ts', 'this is no program');
  const text = (await product.files.read('settings.yaml')) ?? '';
  const [first = '', second = '', third = ''] = secrets;
  await product.files.write(
    'settings.yaml',
    `${text}  pager:\n    to: ada # me\n    token: ${first}\n    hooks: [{ name: a, key: ${second} }, { name: b }]\n  torn: { password: ${third} }\n`,
  );
  const rowOf = async (name: string) =>
    (await product.client.call('plugins.settings', {})).plugins.find((plugin) => plugin.name === name);
  await until('the plugin', async () => (await rowOf('pager'))?.state === 'running');
  const told = await rowOf('pager');
  t.strictSame(told?.config, {
    to: 'ada',
    token: '********',
    hooks: [{ name: 'a', key: '********' }, { name: 'b' }],
  });
  for (const place of ['/plugins/settings', '/settings'])
    for (const secret of secrets) t.notMatch(await (await asPage('GET', place)).text(), secret, place);

  const answer = await asPage('PUT', '/plugins/pager', { config: { ...told?.config, to: 'grace' } });
  t.equal(answer.status, 200);
  t.notMatch(await answer.text(), first);
  const kept = (await product.files.read('settings.yaml')) ?? '';
  for (const part of ['to: grace # me', `token: ${first}`, second]) t.match(kept, part);
  t.equal((await asPage('PUT', '/plugins/pager', { config: { to: 'grace', token: 'another-one-9' } })).status, 200);
  t.match(await product.files.read('settings.yaml'), 'token: another-one-9');
  t.notMatch(await product.files.read('settings.yaml'), second);
  await product.files.write('settings.yaml', text);
  await until('its end', async () => (await rowOf('pager'))?.state === 'off');
});

await t.test(
  'an entry of a provider that changes keeps its comments; wrong options are refused before they are written',
  async (t) => {
    const entry = { type: 'openai-compatible', address: 'http://127.0.0.1:10/v1', models: ['llama3.2', 'tiny'] };
    t.equal((await asPage('PUT', '/providers/local', entry)).status, 200);
    const text = (await product.files.read('providers.yaml')) ?? '';
    for (const kept of ['# all of them', '# in the cellar', '# old box', ':10/v1', 'tiny']) t.match(text, kept);
    const headers = await asPage('PUT', '/providers/local', { ...entry, headers: { authorization: 'x' } });
    t.equal(headers.status, 422);
    t.match((await refusal(headers)).details?.[0]?.path, /^headers/);
    const options = await asPage('PUT', '/providers/openai', { options: { api: 'smoke signals' } });
    t.equal(options.status, 422);
    t.match(await refusal(options), { details: [{ path: 'options.api' }] });
    t.equal(await product.files.read('providers.yaml'), text);
  },
);

await t.test(
  'a member without rights sees no section of the server and gets 403 from what stands behind them',
  async (t) => {
    const { token } = await product.client.call('tokens.create', {
      name: 'member',
      scopes: ['server:read', 'bots:read', 'bots:use', 'providers:read', 'settings:read', 'secrets:read'],
    });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const { data } = (await (await asPage('GET', '/panels', undefined, headers)).json()) as {
      data: { panels: { path: string }[] };
    };
    const paths = data.panels.map(({ path }) => path);
    t.ok(paths.includes('settings/appearance') && paths.includes('conversations'));
    t.same(
      paths.filter((path) => path.startsWith('system/settings')),
      [],
    );
    const refused: [string, string, object?][] = [
      ['PUT', '/providers/local', {}],
      ['PUT', '/secrets/A_KEY', { value: 'x' }],
      ['PUT', '/settings/port', { value: 1 }],
      ['PUT', '/plugins/demo', { state: 'off' }],
      ['POST', '/backups', {}],
      ['PATCH', '/account', { name: 'Eve' }],
      ['DELETE', '/bots/assistant'],
    ];
    for (const [method, place, body] of refused)
      t.equal((await asPage(method, place, body, headers)).status, 403, `${method} ${place}`);
  },
);

await t.test('an editor that empties a file before it writes it changes nothing in between', async (t) => {
  const config =
    "import { defineConfig } from 'boternity';\nexport default defineConfig({ publicUrl: 'http://bots.example' });\n";
  await using edited = await startProduct({
    files: { 'boternity.config.ts': config, 'settings.yaml': 'trustedProxies: [127.0.0.1]\n' },
  });
  const line = connect(Number(new URL(edited.url).port), '127.0.0.1');
  let isCut = false;
  line.on('close', () => (isCut = true)).on('error', () => undefined);
  await once(line, 'connect');
  for (const [file, text] of [
    ['boternity.config.ts', config],
    ['settings.yaml', 'trustedProxies: [127.0.0.1]\n'],
  ] as const) {
    await edited.files.write(file, '');
    await sleep(150);
    await edited.files.write(file, text);
  }
  await sleep(1_000);
  t.notOk(isCut, 'the door stood open all the while');
  const { settings } = await edited.client.call('settings.list', {});
  const found = new Map(settings.map(({ key, value }) => [key, value]));
  t.match([found.get('publicUrl'), found.get('trustedProxies')], ['http://bots.example', ['127.0.0.1']]);
  line.destroy();
});
