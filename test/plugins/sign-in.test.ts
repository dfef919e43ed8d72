import { argon2Sync } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { ada, printedLink, setupToken, setUpOwner, signInOwner } from '../support/owner.ts';
import { bnity, startProduct, temporaryFolder, until, type Product } from '../support/product.ts';
import { freePort } from '../support/reverse-proxy.ts';
import { openTerminal } from '../support/terminal.ts';
import { wire } from '../support/wire.ts';

t.setTimeout(300_000);

const account = { name: ada.name, email: ada.email, password: ada.password };
const { email, password } = ada;

await t.test('a setup link makes the owner once; of two who use it at the same time one gets through', async (t) => {
  await using product = await startProduct();
  const first = (await printedLink(product)).slice(-64);
  t.match((await wire(product, '/api/v1/sign-in')).data, { account: 'none' });
  t.match(await look(product, first), { status: 200, data: { isNew: true } }, 'the start prints one');
  const token = await setupToken(product);
  t.match(await look(product, first), { status: 403, code: 'SETUP_LINK_INVALID' }, 'a new one takes its place');
  t.equal((await look(product, '0'.repeat(64))).status, 403);

  const short = await setUp(product, token, { password: 'eleven char' });
  t.match(short, { status: 422, code: 'INPUT_INVALID', message: /at least 12 characters/ });
  const broken = await setUp(product, token, { name: 'Eve <eve@evil.example>\nAuthor: x' });
  t.equal(broken.status, 422, 'a name that would break a line of history');
  t.equal((await look(product, token)).status, 200, 'a mistake does not use it up');

  const answers = await Promise.all([setUp(product, token), setUp(product, token, { name: 'Eve' })]);
  t.strictSame(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 403],
  );
  t.equal((await setUp(product, token)).status, 403, 'used');
  t.equal(await product.files.read('.boternity/setup.json'), undefined);
  t.equal((await product.client.call('accounts.show', {})).name, answers[0]?.status === 201 ? ada.name : 'Eve');

  await product.stop();
  await product.start();
  await until('the greeting', () => product.heard.stdout.includes('Ctrl+C'));
  t.notMatch(product.heard.stdout, 'setup?token', 'with an owner the start prints none');
});

await t.test(
  'what is kept of passwords, links, sessions and tokens cannot be used, and only the server user may read it',
  async (t) => {
    await using product = await startProduct();
    const token = await setupToken(product);
    const { cookie } = await setUpOwner(product);
    const { token: api } = await product.client.call('tokens.create', { name: 'ci', scopes: ['bots:read'] });
    const link = await setupToken(product);
    await wire(product, '/api/v1/sign-in', { body: { email, password: 'a wrong long password' } });
    const file = JSON.parse((await product.files.read('.boternity/accounts.json')) ?? '') as {
      owner: { password: string };
    };
    const [, , version, parameters, salt = '', hash = ''] = file.owner.password.split('$');
    t.equal(version, 'v=19');
    t.equal(parameters, 'm=19456,t=2,p=1');
    t.equal(Buffer.from(salt, 'base64').length, 16);
    const own = { message: password, nonce: Buffer.from(salt, 'base64'), memory: 19_456, passes: 2, parallelism: 1 };
    t.equal(
      argon2Sync('argon2id', { ...own, tagLength: 32 })
        .toString('base64')
        .replace(/=+$/, ''),
      hash,
      'argon2id',
    );
    for (const name of ['accounts.json', 'sessions.json', 'tokens.json', 'setup.json', 'cli-token']) {
      t.equal((await stat(path.join(product.home, '.boternity', name))).mode & 0o777, 0o600, name);
    }
    await product.stop();
    const secrets = [password, token, link, cookie.split('=')[1] ?? 'none', api, 'a wrong long password'];
    const everything = [...(await textsOf(product.home)), product.heard.stderr];
    t.ok(everything.length > 10, 'the walk has seen files');
    for (const secret of secrets)
      t.notOk(
        everything.some((text) => text.includes(secret)),
        'in no file and no log',
      );
  },
);

await t.test('a wrong password and an unknown account are told alike, and too many tries must wait', async (t) => {
  await using product = await startProduct();
  const { headers } = await setUpOwner(product);
  const attempt = (from: string, mail: string, secret: string) =>
    wire(product, '/api/v1/sign-in', { body: { email: mail, password: secret }, from });
  const wrong = await attempt('127.0.0.1', email, 'a wrong long password');
  const unknown = await attempt('127.0.0.1', 'eve@example.com', 'a wrong long password');
  t.match(wrong, { status: 401, code: 'SIGN_IN_FAILED' });
  t.strictSame([wrong.status, wrong.code, wrong.message], [unknown.status, unknown.code, unknown.message]);
  t.equal((await attempt('127.0.0.1', ` ${email.toUpperCase()} `, password)).status, 200, 'an e-mail has no case');

  await Promise.all(Array.from({ length: 8 }, (_, at) => attempt('127.0.0.1', `${at}@example.com`, password)));
  const late = await attempt('127.0.0.1', email, password);
  t.match(late, { status: 429, code: 'ATTEMPTS_TOO_MANY' }, 'the right password waits too');
  t.ok(Number(late.headers['retry-after']) > 0 && Number(late.headers['retry-after']) <= 300);
  t.equal((await attempt('127.0.0.2', email, password)).status, 200, 'another address need not');
  t.equal((await wire(product, '/api/v1/me', { headers })).status, 200, 'nor who is signed in');
  t.equal((await product.cli(['list'])).code, 0, 'nor the terminal');
  for (let at = 10; at < 15; at += 1) {
    await Promise.all(Array.from({ length: 10 }, () => attempt(`127.0.0.${at}`, email, 'a wrong long password')));
  }
  t.equal((await attempt('127.0.0.99', email, password)).status, 429, 'many addresses together guess no more');
  t.equal((await attempt('127.0.0.99', 'other@example.com', password)).status, 401);
});

await t.test('a session is a new secret at every sign-in, survives a crash, and ends by itself', async (t) => {
  await using product = await startProduct();
  const first = await setUpOwner(product);
  const [name = ''] = first.cookie.split('=');
  const planted = `${name}=${'a'.repeat(64)}`;
  const entered = await wire(product, '/api/v1/sign-in', { body: { email, password }, headers: { cookie: planted } });
  const set = String(entered.headers['set-cookie']);
  t.match(set, /^bnity-[0-9a-f]{8}=[0-9a-f]{64}; Path=\/; Max-Age=7776000; HttpOnly; SameSite=Strict$/);
  t.notMatch(set, 'a'.repeat(64), 'what was planted is not taken');
  t.equal(await statusWith(product, planted), 401);
  const second = set.split(';')[0] ?? '';
  const again = await wire(product, '/api/v1/sign-in', { body: { email, password }, headers: { cookie: second } });
  t.equal(await statusWith(product, second), 401, 'the one that came along ends');
  const third = String(again.headers['set-cookie']).split(';')[0] ?? '';
  await product.kill9();
  await product.start();
  t.equal(await statusWith(product, third), 200, 'an answer means it is on disk');

  const { sessions } = await product.client.call('sessions.list', {});
  t.equal(sessions.length, 2);
  t.match(sessions[0], { device: 'unknown', address: '127.0.0.1', current: false });
  await product.client.call('sessions.revoke', { session: sessions.at(-1)?.id ?? '' });
  t.equal(await statusWith(product, first.cookie), 401, 'revoked');
  await t.rejects(product.client.call('sessions.revoke', { session: 'x' }), { code: 'SESSION_MISSING', status: 404 });
  const out = await wire(product, '/api/v1/sign-out', { body: {}, headers: { cookie: third, origin: product.url } });
  t.match(out.headers['set-cookie'], /Max-Age=0/);
  t.equal(await statusWith(product, third), 401, 'signed out');

  const days = (count: number): string => new Date(Date.now() - count * 86_400_000).toISOString();
  const ages = [
    { createdAt: days(40), lastSeenAt: days(29), status: 200 },
    { createdAt: days(40), lastSeenAt: days(31), status: 401 },
    { createdAt: days(91), lastSeenAt: days(0), status: 401 },
  ];
  for (const { status, ...age } of ages) {
    const { cookie } = await signInOwner(product);
    await product.stop();
    const file = JSON.parse((await product.files.read('.boternity/sessions.json')) ?? '') as { entries: object[] };
    const entries = file.entries.map((entry) => ({ ...entry, ...age }));
    await product.files.write('.boternity/sessions.json', JSON.stringify({ ...file, entries }));
    await product.start();
    t.equal(await statusWith(product, cookie), status, JSON.stringify(age));
  }
});

await t.test('a request with a cookie changes something only when a page of this server made it', async (t) => {
  await using product = await startProduct();
  const { cookie } = await setUpOwner(product);
  const origin = product.url;
  const json = 'application/json';
  const tries: [Record<string, string>, number][] = [
    [{ origin, 'content-type': json }, 201],
    [{ 'sec-fetch-site': 'same-origin', 'content-type': json }, 201],
    [{ 'content-type': json }, 403],
    [{ origin, 'content-type': 'text/plain' }, 403],
    [{ origin, 'content-type': 'application/x-www-form-urlencoded' }, 403],
    [{ origin: 'null', 'content-type': json }, 403],
    [{ origin: 'http://evil.example', 'content-type': json }, 403],
    [{ origin: origin.replace('http:', 'https:'), 'content-type': json }, 403],
    [{ origin: 'http://127.0.0.1:1', 'content-type': json }, 403],
    [{ origin, 'sec-fetch-site': 'cross-site', 'content-type': json }, 403],
    [{ 'sec-fetch-site': 'same-site', 'content-type': json }, 403],
    [{ 'sec-fetch-site': 'none', 'content-type': json }, 403],
  ];
  for (const [headers, expected] of tries) {
    const { status } = await wire(product, '/api/v1/bots', {
      body: { name: 'Forged' },
      headers: { cookie, ...headers },
    });
    t.equal(status, expected, JSON.stringify(headers));
  }
  t.equal((await product.client.call('bots.list', {})).bots.length, 3);
  t.equal((await wire(product, '/api/v1/bots', { headers: { cookie } })).status, 200, 'looking is free');
  const body = { email, password };
  for (const headers of [{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
    t.equal(
      (await wire(product, '/api/v1/sign-in', { body, headers })).code,
      'ORIGIN_REFUSED',
      'nobody is signed in from afar',
    );
  }
  const form = await wire(product, '/api/v1/sign-in', { body, headers: { 'content-type': 'text/plain' } });
  t.ok([400, 415].includes(form.status), 'nor by the form of another page');
  const preflight = await wire(product, '/api/v1/bots', {
    method: 'OPTIONS',
    headers: { origin: 'http://evil.example' },
  });
  t.equal(preflight.headers['access-control-allow-origin'], undefined);
});

await t.test('behind a proxy with TLS the public address counts, and the cookie is for TLS alone', async (t) => {
  await using product = await startProduct({
    files: {
      'settings.yaml':
        'publicUrl: https://bots.example\ntrustedProxies: [127.0.0.1]\nallowedOrigins: [https://board.example]\n',
    },
  });
  const token = await setupToken(product);
  t.match(await printedLink(product), 'https://bots.example/#/setup?token=');
  const headers = { host: 'bots.example', origin: 'https://bots.example', 'x-forwarded-for': '6.6.6.6, 203.0.113.9' };
  const body = { ...account, token };
  const made = await wire(product, '/api/v1/setup', { body, headers });
  t.equal(made.status, 201);
  t.match(made.headers['set-cookie'], /; Secure$/);
  const { sessions } = await product.client.call('sessions.list', {});
  t.equal(sessions[0]?.address, '203.0.113.9', 'what the proxy saw, not what was made up');
  const cookie = String(made.headers['set-cookie']).split(';')[0] ?? '';
  const asked = async (from: string, more: Record<string, string>): Promise<number> =>
    (await wire(product, '/api/v1/sign-in', { body: { email, password: 'wrong' }, headers: more, from })).status;
  for (let at = 0; at < 10; at += 1) await asked('127.0.0.1', { ...headers, 'x-forwarded-for': '203.0.113.7' });
  t.equal(await asked('127.0.0.1', { ...headers, 'x-forwarded-for': '203.0.113.7' }), 429, 'each visitor is counted');
  t.equal(await asked('127.0.0.1', headers), 401, 'and not the proxy');
  const forwarded = { ...headers, 'x-forwarded-for': '', forwarded: 'for="[2001:db8::7]:4711";proto=https' };
  t.equal(await asked('127.0.0.1', forwarded), 401);
  for (let at = 0; at < 10; at += 1) await asked('127.0.0.2', { ...headers, 'x-forwarded-for': `203.0.113.${at}` });
  t.equal(await asked('127.0.0.2', headers), 429, 'who is no trusted proxy writes for himself alone');
  const lied = { host: 'evil.example', 'x-forwarded-host': 'bots.example', 'x-forwarded-proto': 'https' };
  t.equal((await wire(product, '/api/v1/gate', { headers: lied, from: '127.0.0.2' })).code, 'HOST_REFUSED');
  t.equal((await wire(product, '/api/v1/gate', { headers: lied, from: '127.0.0.1' })).status, 200);
  const command = { ...headers, ...(await product.credentials()) };
  t.equal(
    (await wire(product, '/api/v1/bots', { headers: command })).status,
    401,
    'commands of this machine come alone',
  );

  const board = { host: 'bots.example', origin: 'https://board.example', 'sec-fetch-site': 'cross-site' };
  const { token: key } = await product.client.call('tokens.create', { name: 'board', scopes: ['bots:read'] });
  const read = await wire(product, '/api/v1/bots', { headers: { ...board, authorization: `Bearer ${key}` } });
  t.match(read, { status: 200, headers: { 'access-control-allow-origin': 'https://board.example', vary: /origin/i } });
  t.equal(read.headers['access-control-allow-credentials'], undefined);
  t.equal(
    (await wire(product, '/api/v1/bots', { headers: { ...board, cookie } })).code,
    'ORIGIN_REFUSED',
    'no cookies',
  );
  const asks = { ...board, 'access-control-request-method': 'POST' };
  const preflight = await wire(product, '/api/v1/bots', { method: 'OPTIONS', headers: asks });
  t.match(preflight, { status: 204, headers: { 'access-control-allow-headers': /authorization/ } });
  const others = await wire(product, '/api/v1/bots', {
    method: 'OPTIONS',
    headers: { ...asks, origin: 'https://evil.example' },
  });
  t.equal(others.headers['access-control-allow-origin'], undefined);
  const elsewhere = { ...headers, cookie, origin: 'http://bots.example' };
  t.equal((await wire(product, '/api/v1/bots', { body: { name: 'X' }, headers: elsewhere })).code, 'ORIGIN_REFUSED');
  t.equal((await wire(product, '/', { headers: { host: 'other.example' } })).status, 403);
  const { findings } = await product.client.call('doctor.plan', {});
  const refused = findings.filter(({ id }) => id === 'VISITORS_REFUSED');
  t.match(
    new Map(refused.map(({ about, message }) => [about, message])),
    new Map([
      ['evil.example', /^A request to evil\.example was refused/],
      ['other.example', /^A request to/],
      ['http://bots.example', /^A request of a page of/],
    ]),
    'the doctor tells the owner whom it sent away',
  );
});

await t.test('the terminal needs no sign-in and finds every way back: setup-link, password', async (t) => {
  await using product = await startProduct();
  const { cookie } = await setUpOwner(product);
  const { token } = await product.client.call('tokens.create', { name: 'ci', scopes: ['bots:read'] });
  const changed = await product.cli(['password', '--json'], { input: 'a password from a file\n' });
  t.equal(changed.code, 0, changed.stderr);
  t.strictSame(JSON.parse(changed.stdout), { changed: true, endedSessions: 1 });
  t.equal(await statusWith(product, cookie), 401, 'all sessions end');
  t.equal((await wire(product, '/api/v1/bots', { headers: { 'x-api-key': token } })).status, 200, 'tokens do not');
  t.equal((await product.cli(['password'], { input: 'short' })).code, 5);
  {
    await using terminal = openTerminal(['password', '--home', product.home]);
    await terminal.sees('(not shown)');
    terminal.type('a password that is typed\r');
    const shown = await terminal.sees('endedSessions');
    t.notMatch(shown, 'that is typed', 'nobody sees it');
    t.equal(await terminal.end(), 0);
  }
  await signInOwner(product, { ...ada, password: 'a password that is typed' });
  await product.stop();
  t.equal((await product.cli(['password'], { input: ada.password })).code, 0, 'without a server too');
  const { url } = (await product.cliJson(['setup-link'])) as { url: string };
  t.match(url, /^http:\/\/127\.0\.0\.1:4242\/#\/setup\?token=/, 'where it will listen');
  await product.start();
  t.equal((await look(product, url.slice(-64))).status, 200, 'the link waits for the next start');
  await signInOwner(product);

  const own = await product.files.read('.boternity/cli-token');
  await product.stop();
  await product.start();
  t.not(await product.files.read('.boternity/cli-token'), own, 'every start makes another token');
  t.equal((await product.fetch('/api/v1/me', { headers: { authorization: `Bearer ${own}` } })).status, 401);
  await product.files.write('.boternity/cli-token', 'nonsense');
  t.match(await product.cli(['list']), { code: 4, stderr: /CALLER_UNKNOWN/ });
});

await t.test('files that are broken open the door to nobody, and are put aside, not overwritten', async (t) => {
  for (const content of ['{"v":1,', '{"v":2,"owner":{}}']) {
    await using product = await startProduct({ files: { '.boternity/accounts.json': content } });
    t.match((await wire(product, '/api/v1/sign-in')).data, { account: 'broken' });
    await until('the greeting', () => product.heard.stdout.includes('Ctrl+C'));
    t.notMatch(product.heard.stdout, 'setup?token', 'no link for whoever comes first');
    t.match(await wire(product, '/api/v1/sign-in', { body: { email, password } }), {
      status: 503,
      code: 'ACCOUNT_UNREADABLE',
    });
    t.equal((await wire(product, '/api/v1/bots')).status, 401);
    t.match(JSON.parse((await product.cli(['check', '--json'])).stdout), {
      ok: false,
      problems: [{ file: '.boternity/accounts.json' }],
    });
    await setUpOwner(product);
    const put = (await readdir(path.join(product.home, '.boternity'))).find((name) =>
      name.startsWith('accounts.json.broken'),
    );
    t.equal(await product.files.read(`.boternity/${put}`), content);
  }
  await using product = await startProduct();
  const { cookie } = await setUpOwner(product);
  await product.stop();
  await product.files.write('.boternity/sessions.json', 'x');
  await product.files.write('.boternity/tokens.json', '{"v":1,"entries":[{"id":1}]}');
  await product.start();
  t.equal(await statusWith(product, cookie), 401);
  await product.client.call('tokens.create', { name: 'new', scopes: ['bots:read'] });
  await signInOwner(product);
  t.strictSame((await product.client.call('bots.check', {})).problems, [], 'and the new ones count');
});

await t.test('others may reach the server only once there is an owner', async (t) => {
  await using home = await temporaryFolder();
  const refused = await bnity(['serve', '--port', '0', '--host', '0.0.0.0', '--home', home.path]);
  t.match(refused, { code: 1, stderr: /ADDRESS_REFUSED.*owner account/s });
  {
    await using product = await startProduct({ home: home.path, args: ['--port', String(await freePort())] });
    const refusals = (): number => product.heard.stderr.split('will not listen on 0.0.0.0 before').length - 1;
    for (const [file, text] of [
      ['settings.yaml', 'host: 0.0.0.0\n'],
      ['boternity.config.ts', "export default { host: '0.0.0.0' };\n"],
    ] as const) {
      const before = refusals();
      await product.files.write(file, text);
      await until(`${file} is refused`, () => refusals() > before, 20_000);
      t.match((await product.owner())?.url, 'http://127.0.0.1:', 'it goes on where it was');
      await rm(path.join(product.home, file));
    }
    await until(
      'it answers',
      () =>
        product.fetch('/readyz').then(
          ({ ok }) => ok,
          () => false,
        ),
      20_000,
    );
    await setUpOwner(product);
  }
  await using open = await startProduct({ home: home.path, args: ['--port', '0', '--host', '0.0.0.0'] });
  const { port } = new URL(open.url);
  const status = async (host: string): Promise<number> =>
    (await wire(open, '/api/v1/bots', { headers: { host } })).status;
  t.equal(await status(`127.0.0.1:${port}`), 401, 'without a credential, from this machine too');
  t.equal(await status(`rebound.example:${port}`), 403);
  t.equal((await open.cli(['list'])).code, 0);
});

function look(product: Product, token: string) {
  return wire(product, '/api/v1/setup/look', { body: { token } });
}

function setUp(product: Product, token: string, changes: Partial<typeof account> = {}) {
  return wire(product, '/api/v1/setup', { body: { ...account, ...changes, token } });
}

async function statusWith(product: Product, cookie: string): Promise<number> {
  return (await wire(product, '/api/v1/me', { headers: { cookie } })).status;
}

async function textsOf(home: string): Promise<string[]> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return Promise.all(files.map((file) => readFile(file, 'utf8')));
}
