import { once } from 'node:events';
import { connect } from 'node:net';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { faultTable } from '../../../core/base/fault-table.ts';
import { testHouse } from '../../../core/testing.ts';
import standardPlugins from '../../../plugins/standard.ts';
import { Contract, inParallel } from '../../support/doors.ts';
import { isAt, placesOf, requestOf, type Place } from '../../support/openapi-walk.ts';
import { guestConfig, guestPlugin, probePlugin } from '../../support/probe-plugin.ts';
import { treePlugin } from '../../support/tree-plugin.ts';
import { startProduct, type Product } from '../../support/product.ts';

const AT_ONCE = 8;
const plugins = {
  'plugins/tree/index.ts': treePlugin,

  'plugins/probe/index.ts': probePlugin,
  // No port of the web is open, so that an example fetches nothing from outside.
  'settings.yaml': 'plugins:\n  probe: true\n  mock: true\n  tree: true\n  web-tools: { ports: [1] }\n',
};

t.setTimeout(120_000);

await using owned = await startProduct({ files: plugins });
await using closed = await startProduct({
  files: {
    ...plugins,
    'boternity.config.ts': guestConfig,
    'plugins/guest/index.ts': guestPlugin,
    'grants.json': '["*"]',
  },
});
const { id: conversation } = await owned.client.call('conversations.create', { bot: 'assistant' });
const contract = await Contract.of(owned);
const { document } = contract;
const places = placesOf(document);
/** Another server may have other operations: where nobody signs in, nothing is there for it. */
const guarded = placesOf((await Contract.of(closed)).document).filter(
  ({ operation }) => (operation['security'] as object[]).length > 0,
);

interface Heard {
  readonly place: Place;
  readonly status: number;
  readonly headers: Headers;
  readonly type: string;
  readonly body: unknown;
}

/** Sends a request and reads its answer; of a stream only its beginning. */
async function hear(product: Product, place: Place, address: string, init: RequestInit): Promise<Heard> {
  const leave = new AbortController();
  const response = await product.fetch(address, { ...init, signal: leave.signal });
  const type = response.headers.get('content-type') ?? '';
  const isStream = type.startsWith('text/event-stream');
  const text = isStream ? '' : await response.text();
  leave.abort();
  const body: unknown = type.startsWith('application/json') ? JSON.parse(text) : text;
  return { place, status: response.status, headers: response.headers, type, body };
}

function assertAsTold(t: Test, { place, status, headers, type, body }: Heard): void {
  const what = `${place.method} ${place.path} ${status}`;
  t.equal(contract.answerProblems(place.method, place.path, { status, type, body }), '', what);
  t.ok(headers.get('x-request-id'), `${what} has the id of its request`);
}

function codeOf({ body }: Heard): string {
  return (body as { errors?: { code: string }[] }).errors?.[0]?.code ?? 'none';
}

/** Makes the same kind of request to many operations and holds every answer against the document. */
async function walk(
  t: Test,
  product: Product,
  some: readonly Place[],
  shape: (place: Place) => { address: string; init: RequestInit },
  wanted?: { status: number; code?: string },
): Promise<Heard[]> {
  const heard = await inParallel(some, AT_ONCE, (place) => {
    const { address, init } = shape(place);
    return hear(product, place, address, init);
  });
  t.ok(heard.length > 0, 'there is something to walk');
  for (const answer of heard) {
    assertAsTold(t, answer);
    if (wanted) t.equal(answer.status, wanted.status, `${answer.place.id} ${JSON.stringify(answer.body)}`);
    if (wanted?.code) t.equal(codeOf(answer), wanted.code, answer.place.id);
  }
  return heard;
}

await t.test('APIL-01: the document passes a validator of the standard and tells every action', async (t) => {
  const { valid, errors } = await new Validator().validate({ ...document });
  t.ok(valid, JSON.stringify(errors));
  const { actions } = await owned.client.call('actions.list', {});
  for (const { name, http } of actions.filter(({ doors }) => doors.includes('http'))) {
    const [method, path = ''] = (http ?? '').split(' ');
    const place = places.find((each) => each.method === method && each.path === path.replace('+}', '}'));
    t.equal(place?.id, name, `${name} is told at ${http}`);
  }
  const others = places.filter(({ id }) => actions.every(({ name }) => name !== id));
  t.ok(others.some(({ path }) => path === '/healthz') && others.some(({ id }) => id === 'conversations.events'));
});

await t.test('APIL-01: the document keeps the rules of the house', (t) => {
  const ids = places.map(({ id }) => id);
  t.equal(new Set(ids).size, ids.length, 'each operation has a name of its own');
  const shapes = new Set(Object.keys(document.paths).map((path) => path.replaceAll(/\{\w+\}/g, '{}')));
  t.equal(shapes.size, Object.keys(document.paths).length, 'no two paths differ only in the names of their parameters');
  const tags = new Map(
    (document as unknown as { tags: { name: string; description: string }[] }).tags.map((tag) => [
      tag.name,
      tag.description,
    ]),
  );
  for (const { id, method, path, operation, parameters, body, hasBody } of places) {
    const placeholders = [...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1]);
    const inPath = parameters.filter((parameter) => parameter.in === 'path');
    t.match(id, /^[a-z]\w*\.\w+$/, `${method} ${path} has a name; say it in \`describe\` of its web.route`);
    t.match(operation['summary'], /^[A-Z].{8,}\.$/, `${id} has a summary of one sentence`);
    t.match(operation['x-permission'], /^([a-z-]+:(read|write|use|admin)|\*|anyone|caller)$/, `${id} names its grant`);
    t.ok(
      (operation['tags'] as string[]).every((tag) => tags.get(tag)),
      `${id} is in a group that is described`,
    );
    t.strictSame(
      inPath.map(({ name }) => name),
      placeholders,
      `${id} declares what stands in its path`,
    );
    const needed = parameters.filter(({ required }) => required);
    t.ok(
      needed.every(({ example }) => example !== undefined),
      `${id} shows its parameters by example`,
    );
    const wanted = (body.schema['required'] ?? []) as string[];
    const shown = Object.keys(body.example ?? {});
    t.ok(
      wanted.every((name) => shown.includes(name)),
      `${id} shows its body by example`,
    );
    t.equal(hasBody, operation['requestBody'] !== undefined);
    t.ok(
      operation.responses['default'] && Object.keys(operation.responses).some((status) => status.startsWith('2')),
      id,
    );
  }
  const foreign = new Set(JSON.stringify(document).match(/"x-[\w-]+":/g));
  t.strictSame([...foreign].toSorted(), ['"x-command":', '"x-permission":', '"x-request-id":'], 'no marks but our own');
  t.end();
});

await t.test('APIL-01: every schema is valid, every reference leads somewhere, every example fits', (t) => {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, validateFormats: false });
  for (const [name, schema] of Object.entries(document.components.schemas)) ajv.addSchema(within(schema), nameIn(name));
  const texts = JSON.stringify(document);
  for (const [, pointer = ''] of texts.matchAll(/"\$ref":"#(\/[^"]+)"/g)) {
    const found = pointer
      .slice(1)
      .split('/')
      .reduce<unknown>(
        (at, name) => (at as Record<string, unknown> | undefined)?.[name.replaceAll('~1', '/')],
        document,
      );
    t.ok(found, `${pointer} is there`);
  }
  const schemas = [...schemasIn(document)];
  t.ok(schemas.length > places.length, 'the walk has seen them');
  for (const schema of schemas) t.doesNotThrow(() => ajv.compile(within(schema)), JSON.stringify(schema));
  for (const { id, parameters, body } of places) {
    for (const { name, schema, example } of parameters) {
      const check = ajv.compile(within(schema));
      if (example !== undefined) t.ok(check(example), `${id} ${name}: ${ajv.errorsText(check.errors)}`);
    }
    const check = ajv.compile(within(body.schema));
    if (body.example !== undefined) t.ok(check(body.example), `${id} body: ${ajv.errorsText(check.errors)}`);
  }
  const refused = ajv.compile(within({ $ref: '#/components/schemas/Error' }));
  const error = { code: 'BOT_MISSING', title: 'x', message: 'x', hint: 'x' };
  t.ok(refused(error) && !refused({ ...error, code: 'NO_SUCH_CODE' }), 'every code is listed, and only those');
  t.ok(Object.keys(faultTable).every((code) => refused({ ...error, code })));
  t.end();
});

/** Every schema of the document, wherever it stands. */
function* schemasIn(value: unknown): Generator<Readonly<Record<string, unknown>>> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value) as [string, Record<string, unknown>][]) {
    if (key === 'schema') yield inner;
    else if (key === 'schemas') yield* Object.values(inner) as Record<string, unknown>[];
    else yield* schemasIn(inner);
  }
}

/** A schema of the document by itself: what it refers to has a name of its own. */
function within(schema: Readonly<Record<string, unknown>>): object {
  const text = JSON.stringify(schema).replaceAll(/"#\/components\/schemas\/([\w.-]+)"/g, (_, name: string) =>
    JSON.stringify(nameIn(name)),
  );
  return JSON.parse(text) as object;
}

function nameIn(name: string): string {
  return `${name}.schema`;
}

await t.test('nothing in an input or an answer is beyond what a schema can say', async (t) => {
  await using house = await testHouse({ plugins: standardPlugins, watch: false });
  for (const { name, input, output } of house.actions) {
    t.doesNotThrow(() => z.toJSONSchema(input, { io: 'input', unrepresentable: 'throw' }), `${name} takes it`);
    t.doesNotThrow(() => z.toJSONSchema(output, { io: 'output', unrepresentable: 'throw' }), `${name} answers it`);
  }
});

await t.test('APIL-01: every operation answers its own example as it is told', async (t) => {
  const order = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
  for (const method of order) {
    const some = places.filter((place) => place.method === method);
    const heard = await walk(t, owned, some, (place) => requestOf(place, method === 'GET' ? { conversation } : {}));
    for (const answer of heard) {
      t.not(codeOf(answer), 'INPUT_INVALID', `${answer.place.id} takes its example`);
      // Nobody is reached from here; that somebody was looked for is an answer too.
      const isFarAway = ['MODEL_DOWNLOAD_FAILED', 'PLUGIN_INSTALL'].includes(codeOf(answer) ?? '');
      t.ok(answer.status < 500 || isFarAway, `${answer.place.id} ${answer.status}`);
    }
    t.ok(
      heard.some(({ status }) => status < 300),
      `some ${method} succeed`,
    );
  }
});

await t.test('APIL-01: a path that takes the rest of an address is told as such, and takes it', async (t) => {
  const climb = places.find(({ id }) => id === 'trees.climb');
  if (!climb) throw new Error('trees.climb is not told.');
  t.equal(climb.path, '/trees/{path}');
  t.match(climb.parameters, [{ name: 'path', in: 'path', required: true, description: /slashes/ }]);
  for (const address of ['/api/v1/trees/oak/branch/twig', requestOf(climb).address]) {
    const answer = await hear(owned, climb, address, {});
    t.match(answer.body, { data: { twigs: ['oak', 'branch', 'twig'] } }, address);
    assertAsTold(t, answer);
  }
});

await t.test('APIL-01: routes that are no actions answer as they are told', async (t) => {
  const { actions } = await owned.client.call('actions.list', {});
  const raw = places.filter(({ id, method }) => method === 'GET' && actions.every(({ name }) => name !== id));
  const heard = await walk(t, owned, raw, (place) => requestOf(place, { conversation }));
  for (const { place, status, type } of heard.filter(({ place }) =>
    /^(health|openapi|conversations|fleet|mock)\./.test(place.id),
  )) {
    t.equal(status, 200, place.id);
    t.match(type, place.id.endsWith('.events') ? 'text/event-stream' : 'application/json');
  }
});

await t.test(
  'an operation that is asked for events answers with events, or with the refusal as it is told',
  async (t) => {
    const asking = places.filter(({ operation }) => JSON.stringify(operation.responses).includes('schemas/Events'));
    const reading = asking.filter(({ method }) => method === 'GET');
    t.ok(asking.length > reading.length);
    const heard = await walk(t, owned, reading, (place) => {
      const { address, init } = requestOf(place);
      return { address, init: { ...init, headers: { accept: 'text/event-stream' } } };
    });
    t.ok(heard.some(({ type }) => type.startsWith('text/event-stream')));
  },
);

await t.test('401 and 403: without a credential, and without the grant, as they are told', async (t) => {
  await walk(
    t,
    closed,
    guarded,
    (place) => {
      const { address, init } = requestOf(place);
      return { address, init: { ...init, headers: { ...init.headers, 'x-nobody': '1' } } };
    },
    { status: 401, code: 'CALLER_UNKNOWN' },
  );
  await closed.files.write('grants.json', '[]');
  const granted = guarded.filter(({ operation }) => operation['x-permission'] !== 'caller');
  await walk(t, closed, granted, (place) => requestOf(place), { status: 403, code: 'CALLER_DENIED' });
});

await t.test('404: what an address names and is not there, and what is no address', async (t) => {
  const named = places.filter(
    ({ method, parameters }) =>
      method !== 'PUT' &&
      parameters.some(({ name, in: place }) => place === 'path' && /^(bot|conversation)$/.test(name)),
  );
  const heard = await walk(
    t,
    owned,
    named,
    (place) => requestOf(place, { bot: 'no-such-bot', conversation: 'no-such' }),
    { status: 404 },
  );
  t.ok(heard.every((answer) => codeOf(answer).endsWith('_MISSING')));
  const [any] = places;
  if (!any) throw new Error('The document is empty.');
  const nowhere = await hear(owned, any, '/api/v1/no/such/route', {});
  t.equal(nowhere.status, 404);
  assertAsTold(t, nowhere);
});

await t.test('405: a method that an address does not have; the answer names those that it has', async (t) => {
  const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
  const tried = places.flatMap((place) => {
    const { address } = requestOf(place);
    const here = places.filter((other) => isAt(address, other)).map((other) => other.method);
    // What is no part of the API is asked of the page first, when somebody only wants to look.
    const missing = methods.find((method) => !here.includes(method) && (place.base !== '' || method !== 'GET'));
    return missing === undefined ? [] : [{ place, address, method: missing, here }];
  });
  t.ok(tried.length > 20);
  const heard = await inParallel(tried, AT_ONCE, async ({ place, address, method, here }) => ({
    here,
    answer: await hear(owned, place, address, { method }),
  }));
  for (const { here, answer } of heard) {
    t.equal(answer.status, 405, answer.place.path);
    t.equal(codeOf(answer), 'METHOD_WRONG');
    assertAsTold(t, answer);
    for (const method of here) t.match(answer.headers.get('allow'), method, answer.place.path);
  }
});

const taking = places.filter(({ hasBody, operation }) => hasBody && 413 in operation.responses);

await t.test('400, 415, 422: a body that cannot be read, one of another type, one with a wrong field', async (t) => {
  const withBody =
    (body: string, type = 'application/json') =>
    (place: Place) => {
      const { address, init } = requestOf(place);
      return { address, init: { ...init, body, headers: { 'content-type': type } } };
    };
  await walk(t, owned, taking, withBody('{"a":'), { status: 400, code: 'BODY_UNREADABLE' });
  await walk(t, owned, taking, withBody('{}', 'text/plain'), { status: 415, code: 'BODY_TYPE_REFUSED' });
  const strict = taking.filter(({ body }) => body.schema['additionalProperties'] === false);
  await walk(t, owned, strict, withBody('{"no_such_field":1}'), { status: 422, code: 'INPUT_INVALID' });
  const asking = places.filter(({ hasBody, operation }) => !hasBody && 422 in operation.responses);
  await walk(
    t,
    owned,
    asking,
    (place) => {
      const { address, init } = requestOf(place);
      return { address: `${address}${address.includes('?') ? '&' : '?'}no_such_field=1`, init };
    },
    { status: 422, code: 'INPUT_INVALID' },
  );
});

await t.test('413: a body above the limit is refused by its announcement alone', async (t) => {
  const { port, host } = new URL(owned.url);
  const some = taking.slice(0, 5);
  const token = await owned.files.read('.boternity/cli-token');
  for (const place of some) {
    const socket = connect(Number(port), '127.0.0.1');
    const { address, init } = requestOf(place);
    socket.write(
      `${init.method} ${address} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n{`,
    );
    const [data] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    const [head = '', body = ''] = data.toString().split('\r\n\r\n');
    const status = Number(head.slice(9, 12));
    t.equal(status, 413, place.id);
    t.equal(
      contract.answerProblems(place.method, place.path, { status, type: 'application/json', body: JSON.parse(body) }),
      '',
    );
  }
});

await t.test('409: what does not fit the state of things', async (t) => {
  const create = places.find(({ id }) => id === 'bots.create');
  if (!create) throw new Error('bots.create is gone.');
  const { address, init } = requestOf(create);
  const again = { ...init, body: JSON.stringify({ name: 'Again', slug: 'assistant' }) };
  const answer = await hear(owned, create, address, again);
  t.equal(answer.status, 409);
  t.equal(codeOf(answer), 'BOT_EXISTS');
  assertAsTold(t, answer);
});
