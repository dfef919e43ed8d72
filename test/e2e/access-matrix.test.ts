import t from 'tap';
import type { ActionView } from '../../core/server/list-actions.ts';
import { covers } from '../../core/actions/grants.ts';
import { setUpOwner } from '../support/owner.ts';
import { startProduct } from '../support/product.ts';
import { wire, type WireAnswer } from '../support/wire.ts';

/** Routes that are no actions: the grant they need, or who may use them. A route that is missing here fails the test. */
const others: Readonly<Record<string, string>> = {
  'GET /healthz': 'anyone',
  'GET /readyz': 'anyone',
  'GET /api/v1/gate': 'anyone',
  'GET /api/openapi.json': 'known',
  'GET /api/v1/me': 'known',
  'GET /api/v1/sign-in': 'anyone',
  'POST /api/v1/sign-in': 'anyone',
  'POST /api/v1/sign-out': 'anyone',
  'POST /api/v1/setup': 'anyone',
  'POST /api/v1/setup/look': 'anyone',
  'GET /api/v1/conversations/:conversation/events': 'bots:use',
  'GET /api/v1/fleet/events': 'known',
  'GET /api/v1/bots/:bot/export': 'bots:read',
  'GET /api/v1/bots/:bot/pictures/*path': 'bots:read',
  'POST /api/v1/uploads': 'bots:write',
  'POST /api/v1/bots/:bot/attachments': 'bots:use',
  'DELETE /api/v1/bots/:bot/attachments/:attachment': 'bots:use',
  'GET /api/v1/conversations/:conversation/attachments/:attachment': 'bots:use',
  'GET /api/v1/bots/:bot/storage/files/:name/content': 'storage:read',
  'PUT /api/v1/bots/:bot/storage/files/:name/content': 'storage:write',
  'OPTIONS /api/v1/bots/:bot/storage/uploads': 'storage:write',
  'POST /api/v1/bots/:bot/storage/uploads': 'storage:write',
  'GET /api/v1/bots/:bot/storage/uploads/:upload': 'storage:write',
  'PATCH /api/v1/bots/:bot/storage/uploads/:upload': 'storage:write',
  'DELETE /api/v1/bots/:bot/storage/uploads/:upload': 'storage:write',
  'GET /api/v1/backups/:backup/content': 'server:admin',
  'GET /api/v1/recording': 'server:admin',
  'GET /api/v1/doctor/way/:secret': 'anyone',
  // Git asks in its own way and is answered so; test/e2e/push.test.ts shows its grants.
  'GET /git/*rest': 'git',
  'POST /git/*rest': 'git',
  // Refused in the form of the OpenAI API; which bots a token covers, test/plugins/openai-door.test.ts shows.
  'GET /v1/models': 'openai',
  'GET /v1/models/*model': 'openai',
  'POST /v1/chat/completions': 'openai',
  'POST /v1/responses': 'openai',
  'GET /v1/responses/:response': 'openai',
  'POST /v1/embeddings': 'openai',
  'GET /mock/v1/models': 'models:use',
  'POST /mock/v1/chat/completions': 'models:use',
  'GET /mock/requests': 'models:admin',
};
const pages = [
  '/',
  '/agents',
  '/agents/assistant',
  '/conversations/x',
  '/settings/tokens',
  '/favicon.svg',
  '/manifest.webmanifest',
];

const routesPlugin = `import { defineAction, definePlugin, z } from 'boternity';

export default definePlugin({
  name: 'routes',
  needs: ['actions', 'web'],
  setup({ actions, web }) {
    actions.add(
      defineAction({
        name: 'routes.list',
        summary: 'Lists what is served.',
        permission: 'server:read',
        http: 'GET /served',
        input: z.strictObject({}),
        output: z.object({ served: z.array(z.string()) }),
        run: async () => ({ served: [...web.served] }),
      }),
    );
  },
});
`;

t.setTimeout(300_000);

await using product = await startProduct({
  files: { 'plugins/routes/index.ts': routesPlugin, 'settings.yaml': 'plugins: { routes: true, mock: true }\n' },
});
const session = await setUpOwner(product);
const { actions } = await product.client.call('actions.list', {});
const { served } = (await product.client.call('routes.list', {})) as { served: string[] };
const routes = served.filter((route) => !route.startsWith('HEAD '));
const permissions = new Map([
  ...Object.entries(others),
  ...actions.map((action) => [routeOf(action), action.permission]),
] as [string, string][]);
const guarded = routes.filter((route) => !['anyone', 'git', 'openai'].includes(permissions.get(route) ?? ''));

await t.test('every route that is served has its row', (t) => {
  t.strictSame(
    routes.filter((route) => !permissions.has(route)),
    [],
  );
  t.ok(routes.length > 50, `the walk has seen ${routes.length}`);
  for (const { name, http } of actions) t.ok(http === null || routes.includes(routeOf({ http })), name);
  t.end();
});

await t.test(
  'CVE-2026-25593: without a credential nothing but the gate is open, not even to this machine',
  async (t) => {
    for (const route of guarded) {
      const { status, code, headers } = await ask(route, {});
      t.equal(status, 401, route);
      t.equal(code, 'CALLER_UNKNOWN', route);
      t.match(headers['www-authenticate'], /^Bearer/, route);
    }
    for (const route of routes.filter((each) => permissions.get(each) === 'anyone')) {
      const { status } = await ask(route, {});
      t.ok([200, 404, 422, 401].includes(status), `${route}: ${status}`);
    }
  },
);

await t.test(
  'CVE-2026-28472: a credential that is there and wrong is nobody, by whatever scheme and beside whatever else',
  async (t) => {
    const wrong = 'bnity_' + '0'.repeat(64);
    const right = await product.credentials();
    const { cookie } = session;
    const attempts: Record<string, Record<string, string>> = {
      bearer: { authorization: `Bearer ${wrong}` },
      'an empty bearer': { authorization: 'Bearer ' },
      'another scheme': { authorization: `Digest ${wrong}` },
      basic: { authorization: basic('owner', wrong) },
      'the password of the owner': { authorization: basic('ada@example.com', 'correct horse battery') },
      'an API key': { 'x-api-key': wrong },
      'a cookie': { cookie: `${cookie.split('=')[0]}=${'0'.repeat(64)}` },
      'the secret of a session as a bearer': { authorization: `Bearer ${cookie.split('=')[1]}` },
      'a wrong bearer beside a right cookie': { authorization: `Bearer ${wrong}`, cookie },
      'a wrong key beside a right cookie': { 'x-api-key': wrong, cookie },
      'a wrong key beside a right bearer': { ...right, 'x-api-key': wrong },
      'a wrong cookie beside a right bearer': { ...right, cookie: `${cookie.split('=')[0]}=none` },
      'a token in the address': {},
    };
    for (const [what, headers] of Object.entries(attempts)) {
      for (const route of guarded) {
        const query = what === 'a token in the address' ? `?token=${right.authorization?.slice(7)}&access_token=x` : '';
        const { status } = await ask(route, headers, query);
        if (status !== 401) t.fail(`${route} with ${what}: ${status}`);
      }
      t.pass(what);
    }
  },
);

await t.test(
  'git is asked for a token, and for nothing less',
  { skip: !routes.includes('GET /git/*rest') },
  async (t) => {
    const place = '/git/assistant.git/info/refs?service=git-upload-pack';
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await wire(product, place, { headers })).status;
    const { token: small } = await product.client.call('tokens.create', { name: 'git small', scopes: ['bots:use'] });
    const { token: right } = await product.client.call('tokens.create', {
      name: 'git',
      scopes: ['bots:read@assistant'],
    });
    const unknown = await wire(product, place);
    t.equal(unknown.status, 401);
    t.match(unknown.headers['www-authenticate'], /^Basic /);
    t.equal(await status({ authorization: basic('ada', 'correct horse battery') }), 401);
    t.equal(await status({ cookie: session.cookie }), 401, 'a page is no git');
    t.equal(await status({ authorization: basic('ada', small) }), 403);
    t.equal(await status({ authorization: basic('ada', right) }), 200);
    t.equal(await status({ 'x-api-key': right }), 200);
  },
);

await t.test(
  'programs that speak the OpenAI protocol are asked for a token, and get the bots that it covers',
  async (t) => {
    const doors = routes.filter((route) => permissions.get(route) === 'openai');
    t.equal(doors.length, 6);
    const body = { model: 'boternity/assistant', messages: [{ role: 'user', content: 'hi' }], input: 'hi' };
    const { token: small } = await product.client.call('tokens.create', {
      name: 'openai small',
      scopes: ['bots:read', 'bots:write', 'models:admin'],
    });
    const { token: right } = await product.client.call('tokens.create', {
      name: 'openai',
      scopes: ['bots:use@assistant'],
    });
    for (const route of doors) {
      const wrong = { bearer: { authorization: 'Bearer bnity_0' }, cookie: { cookie: session.cookie }, nothing: {} };
      for (const [what, headers] of Object.entries(wrong)) {
        const { status, text, headers: told } = await ask(route, headers, '', body);
        t.equal(status, 401, `${route} with ${what}`);
        t.match(JSON.parse(text), { error: { code: 'invalid_api_key', type: 'invalid_request_error' } }, route);
        t.match(told['www-authenticate'], /^Bearer/, route);
      }
      if (route === 'GET /v1/models') continue;
      const refused = await ask(route, { authorization: `Bearer ${small}` }, '', body);
      t.equal(refused.status, 404, `${route} without bots:use`);
      const code = route.startsWith('GET /v1/responses') ? 'previous_response_not_found' : 'model_not_found';
      t.match(JSON.parse(refused.text), { error: { code } }, route);
    }
    const list = async (token: string): Promise<unknown> =>
      JSON.parse((await ask('GET /v1/models', { authorization: `Bearer ${token}` })).text);
    t.match(await list(small), { data: [] });
    t.match(await list(right), { data: [{ id: 'boternity/assistant' }] });
  },
);

await t.test(
  'GHSA-rqpp-rjj8-7wv8, CVE-2026-45395: every right but the needed one is not enough, by every scheme, whatever is claimed',
  async (t) => {
    const needed = new Set([...permissions.values()].filter((permission) => permission.includes(':')));
    needed.add('*');
    for (const permission of needed) {
      const scopes = [...needed].filter((other) => other !== '*' && !covers([other], permission));
      const { token } = await product.client.call('tokens.create', { name: `without ${permission}`, scopes });
      for (const route of routes.filter((each) => permissions.get(each) === permission)) {
        const claims = { 'x-scopes': '*', 'x-role': 'admin', 'x-grants': '["*"]' };
        for (const shown of [
          { authorization: `Bearer ${token}` },
          { authorization: basic('anybody', token) },
          { 'x-api-key': token },
          { authorization: `Bearer ${token}`, ...claims },
        ]) {
          const { status, code, message } = await ask(route, shown, '?scopes=*&grants=*', {
            scopes: ['*'],
            grants: ['*'],
          });
          t.equal(status, 403, `${route} with ${Object.keys(shown).join(', ')}`);
          t.equal(code, 'CALLER_DENIED', route);
          t.match(message, `the grant ${permission}`, route);
        }
      }
    }
  },
);

await t.test('the owner is let through by command, by token and by session', async (t) => {
  const { token } = await product.client.call('tokens.create', { name: 'all', scopes: ['*'] });
  const ways = { command: await product.credentials(), token: { authorization: `Bearer ${token}` } };
  for (const [way, headers] of Object.entries(ways)) {
    for (const route of guarded) {
      const { status } = await ask(route, headers);
      t.ok([200, 201, 202, 400, 404, 409, 415, 422].includes(status), `${route} by ${way}: ${status}`);
    }
  }
  // The commands above have ended all sessions; that is what two of the routes do.
  const { headers } = await setUpOwner(product);
  const ending = new Set(['DELETE /api/v1/sessions', 'DELETE /api/v1/sessions/:session']);
  for (const route of guarded.filter((each) => !ending.has(each))) {
    const { status } = await ask(route, headers);
    t.ok([200, 201, 202, 400, 404, 409, 415, 422].includes(status), `${route} by session: ${status}`);
  }
});

await t.test('pages are for everybody, and hold nothing of anybody', async (t) => {
  for (const page of pages) {
    const known = await ask(`GET ${page}`, await product.credentials());
    const unknown = await ask(`GET ${page}`, {});
    t.equal(unknown.status, 200, page);
    t.equal(unknown.text, known.text, page);
    t.notMatch(unknown.text, /Ada|ada@example|bnity-[0-9a-f]{8}|You are/, page);
  }
});

await t.test(
  'CVE-2026-25253: a name that a stranger made point here gets nothing, whatever it asks for and shows',
  async (t) => {
    const credentials = { ...(await product.credentials()), host: 'rebound.example' };
    for (const route of [...routes, ...pages.map((page) => `GET ${page}`)]) {
      const { status, code } = await ask(route, credentials);
      if (/\/(healthz|readyz)$/.test(route)) t.equal(status, 200, route);
      else t.strictSame([status, code], [403, 'HOST_REFUSED'], route);
    }
  },
);

function routeOf({ http }: Pick<ActionView, 'http'>): string {
  const [method = '', template = ''] = (http ?? '').split(' ');
  return `${method} /api/v1${template.replaceAll(/\{(\w+)(\+?)\}/g, (_, name: string, rest: string) => `${rest === '' ? ':' : '*'}${name}`)}`;
}

function basic(name: string, password: string): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
}

/** A request for something that is not there: whoever is let through changes nothing. */
function ask(route: string, headers: Record<string, string>, query = '', body: object = {}): Promise<WireAnswer> {
  const [method = '', template = ''] = route.split(' ');
  const place = template.replaceAll(/[:*]\w+/g, 'nothing-of-this-name') + query;
  const hasBody = method === 'POST' || method === 'PUT' || method === 'PATCH';
  const typed = { 'content-type': 'application/json', ...headers };
  return wire(product, place, { method, headers: typed, ...(hasBody && { body }) });
}
