import { once } from 'node:events';
import { request as open, type IncomingMessage } from 'node:http';
import fc from 'fast-check';
import t from 'tap';
import { covers, mayGrant } from '../../core/actions/grants.ts';
import { probePlugin } from '../support/probe-plugin.ts';
import { setUpOwner } from '../support/owner.ts';
import { until } from '../support/product.ts';
import { begin, say, startTalking } from '../support/talk.ts';
import { wire } from '../support/wire.ts';

t.setTimeout(300_000);

/** A tool that changes a bot: what a model says in `bot` must not count. */
const namingPlugin = `import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { defineAction, definePlugin, z } from 'boternity';

export default definePlugin({
  name: 'naming',
  needs: ['home', 'actions', 'callers'],
  setup({ home, actions, callers }) {
    const note = (text) => appendFile(path.join(home.path, 'notes.txt'), text + '\\n');
    actions.add(
      defineAction({
        name: 'names.note',
        summary: 'Notes a word about a bot.',
        permission: 'bots:write',
        http: 'POST /names/{bot}',
        doors: ['http', 'bot'],
        input: z.strictObject({ bot: z.string(), word: z.string() }),
        output: z.object({ bot: z.string() }),
        async run({ bot, word }, { caller }) {
          await note([bot, word, ...caller.grants].join(' '));
          return { bot };
        },
      }),
      defineAction({
        name: 'names.owner',
        summary: 'Tells the owner.',
        permission: 'server:read',
        http: 'GET /owner',
        input: z.strictObject({}),
        output: z.record(z.string(), z.unknown()),
        run: async () => ({ ...callers.owner() }),
      }),
    );
  },
});
`;

await using talking = await startTalking({
  files: {
    'plugins/probe/index.ts': probePlugin,
    'plugins/naming/index.ts': namingPlugin,
    'settings.yaml': 'model: mock/mock-model\nplugins: { probe: true, naming: true, demo: { delayMs: 50 } }\n',
  },
});
const { product, mock } = talking;
const { client } = product;
const eve = await client.call('bots.create', { name: 'Eve' });
const assistant = await client.call('bots.show', { bot: 'assistant' });
let count = 0;

/** The header of a new token with these scopes. */
async function token(...scopes: string[]): Promise<{ authorization: string }> {
  count += 1;
  const { token: secret } = await client.call('tokens.create', { name: `token ${count}`, scopes });
  return { authorization: `Bearer ${secret}` };
}

await t.test(
  'CVE-2026-45349: a grant for one bot covers its conversations and nothing of others, by slug and by id',
  async (t) => {
    const [own, others] = [await begin(product), await begin(product, 'eve')];
    for (const name of ['assistant', assistant.id]) {
      const headers = await token(`bots:use@${name}`, `bots:read@${name}`);
      const status = async (place: string, method = 'GET', body?: object): Promise<number> => {
        const given = { method, headers, ...(body !== undefined && { body }) };
        if (place.endsWith('/events')) return streamStatus(place, headers);
        return (await wire(product, `/api/v1${place}`, given)).status;
      };
      for (const bot of ['assistant', assistant.id]) {
        t.equal(await status(`/bots/${bot}`), 200, `${name} shows ${bot}`);
        t.equal(await status('/conversations', 'POST', { bot }), 201, `${name} begins with ${bot}`);
        t.equal(await status(`/conversations?bot=${bot}`), 200);
      }
      for (const bot of ['eve', eve.id, 'nobody', ' assistant', '']) {
        t.equal(await status('/conversations', 'POST', { bot }), 403, `${name} does not begin with "${bot}"`);
        if (bot.trim() === bot && bot !== '') t.equal(await status(`/bots/${bot}`), 403);
      }
      t.equal(await status('/conversations', 'POST', { bot: ['assistant'] }), 403);
      for (const [conversation, expected] of [
        [own, 200],
        [others, 403],
        ['nothing', 403],
      ] as const) {
        t.equal(await status(`/conversations/${conversation}`), expected, `${name} reads ${conversation}`);
        t.equal(await status(`/conversations/${conversation}/events`), expected);
        t.equal(await status(`/conversations/${conversation}/stop`, 'POST', {}), expected);
        const sent = await status(`/conversations/${conversation}/messages`, 'POST', { text: 'hi' });
        t.equal(sent, expected === 200 ? 202 : expected);
        const smuggled = await status(`/conversations/${conversation}/messages`, 'POST', {
          text: 'hi',
          bot: 'assistant',
        });
        t.equal(smuggled, expected === 200 ? 422 : expected, 'a bot that is sent along changes nothing');
      }
      t.equal(await status(`/conversations/${others}`, 'DELETE'), 403);
      t.equal(await status(`/bots/${assistant.slug}`, 'DELETE'), 403);
      t.equal(await status('/check'), 403, 'what is about all bots is not covered');
      t.equal(await status('/server'), 403);

      const bots = (await wire(product, '/api/v1/bots', { headers })).data as { bots: { slug: string }[] };
      t.strictSame(
        bots.bots.map(({ slug }) => slug),
        ['assistant'],
        'lists show what may be seen',
      );
      const listed = (await wire(product, '/api/v1/conversations', { headers })).data as {
        conversations: { bot: { slug: string } }[];
      };
      t.ok(listed.conversations.length >= 2 && listed.conversations.every(({ bot }) => bot.slug === 'assistant'));
      const limited = (await wire(product, '/api/v1/conversations?limit=1', { headers })).data as typeof listed;
      t.equal(limited.conversations.length, 1);
    }
    const deaf = await token('bots:use@assistant');
    t.equal((await wire(product, '/api/v1/bots', { headers: deaf })).status, 403, 'to talk is not to look');
    await until(
      'the answers',
      async () => (await client.call('conversations.show', { conversation: own })).state === 'idle',
    );
  },
);

await t.test('a grant for a bot that is gone is not one for the next of its name', async (t) => {
  await client.call('bots.create', { name: 'Short', slug: 'short' });
  const headers = await token('bots:read@short');
  t.equal((await wire(product, '/api/v1/bots/short', { headers })).status, 200);
  await client.call('bots.delete', { bot: 'short' });
  await client.call('bots.create', { name: 'Other', slug: 'short' });
  t.equal((await wire(product, '/api/v1/bots/short', { headers })).status, 403);
});

await t.test(
  'GHSA-4jpw-hj22-2xmc: over HTTP a token mints only what it has, no longer than it lives, and takes along what it made',
  async (t) => {
    const scope = fc.constantFrom(
      '*',
      'bots:read',
      'bots:write',
      'bots:use',
      'bots:admin',
      'bots:use@assistant',
      `bots:use@${assistant.id}`,
      'bots:read@eve',
      'tokens:write',
      'server:read',
    );
    const namesOf = (bot: string): string[] =>
      bot === 'assistant' || bot === assistant.id ? ['assistant', assistant.id] : [bot];
    let minted = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(scope, { maxLength: 4 }),
        fc.uniqueArray(scope, { minLength: 1, maxLength: 3 }),
        async (held, wanted) => {
          const headers = await token('tokens:write', ...held);
          count += 1;
          const answer = await wire(product, '/api/v1/tokens', {
            headers,
            body: { name: `token ${count}`, scopes: wanted },
          });
          const mayAll = wanted.every((each) => mayGrant(['tokens:write', ...held], each, namesOf));
          if (answer.status !== (mayAll ? 201 : 403)) throw new Error(`${answer.status} for ${wanted.join(' ')}`);
          if (!mayAll) return;
          minted += 1;
          const { token: secret } = answer.data as { token: string };
          const child = { 'x-api-key': secret };
          const status = async (place: string): Promise<number> =>
            (await wire(product, place, { headers: child })).status;
          const maySee = covers(['tokens:write', ...held], 'bots:read', ['eve', eve.id]);
          if ((await status('/api/v1/bots/eve')) === 200 && !maySee) throw new Error('It sees more.');
        },
      ),
      { numRuns: 60 },
    );
    t.ok(minted > 5, `${minted} were minted`);

    const { token: parent, id } = await client.call('tokens.create', {
      name: 'parent',
      scopes: ['tokens:write', 'bots:read'],
      days: 1,
    });
    const body = { name: 'child', scopes: ['tokens:write', 'bots:read'], days: 0 };
    const child = (await wire(product, '/api/v1/tokens', { headers: { 'x-api-key': parent }, body })).data as {
      token: string;
      expiresAt: string;
    };
    t.ok(Date.parse(child.expiresAt) <= Date.now() + 86_400_000, 'a child does not outlive its parent');
    const grandchild = (
      await wire(product, '/api/v1/tokens', {
        headers: { 'x-api-key': child.token },
        body: { ...body, name: 'grandchild' },
      })
    ).data as { token: string };
    t.equal((await wire(product, '/api/v1/bots', { headers: { 'x-api-key': grandchild.token } })).status, 200);
    t.strictSame(await client.call('tokens.revoke', { token: id }), { id, revoked: 3 });
    for (const secret of [parent, child.token, grandchild.token])
      t.equal((await wire(product, '/api/v1/bots', { headers: { 'x-api-key': secret } })).status, 401);
    const narrow = await token('accounts:write', 'tokens:write', 'sessions:write');
    for (const [method, place] of [
      ['PUT', '/account/password'],
      ['POST', '/setup-link'],
    ] as const)
      t.equal(
        (await wire(product, `/api/v1${place}`, { method, headers: narrow, body: { password: 'x'.repeat(20) } }))
          .status,
        403,
        'no way around',
      );
  },
);

await t.test(
  'GHSA-m8wm-r5vq-qjpg: a token ends with its time, and a revoked credential loses what streams to it',
  async (t) => {
    const conversation = await begin(product);
    const place = `/api/v1/conversations/${conversation}/events`;
    const { cookie } = await setUpOwner(product);
    const made = await client.call('tokens.create', { name: 'reader', scopes: ['bots:use@assistant', 'probe:use'] });
    const spared = await streamFrom(place, await token('bots:use'));
    const byToken = await streamFrom(place, { authorization: `Bearer ${made.token}` });
    const byCookie = await streamFrom(place, { cookie });
    await say(product, conversation, 'To all');
    for (const stream of [byToken, byCookie, spared]) t.match(stream.text(), 'To all');
    await client.call('tokens.revoke', { token: 'reader' });
    await client.call('sessions.revoke_all', {});
    await Promise.all([byToken.ended, byCookie.ended]);
    await say(product, conversation, 'A secret afterwards');
    t.notMatch(byToken.text() + byCookie.text(), 'A secret afterwards', 'nothing more is heard');
    await until('what the other hears', () => spared.text().includes('A secret afterwards'));
    t.equal(spared.isOver(), false, 'others hear on');
    spared.close();
    t.equal(
      await streamStatus(`/conversations/${conversation}/events`, { authorization: `Bearer ${made.token}` }),
      401,
    );

    const late = await client.call('tokens.create', { name: 'late', scopes: ['bots:read'] });
    await product.stop();
    const file = (await product.files.read('.boternity/tokens.json')) ?? '';
    await product.files.write(
      '.boternity/tokens.json',
      file.replace(late.expiresAt ?? 'none', new Date(Date.now() + 1_500).toISOString()),
    );
    await product.start();
    const headers = { authorization: `Bearer ${late.token}` };
    await until('the end of its time', async () => (await wire(product, '/api/v1/bots', { headers })).status === 401);
    t.notOk((await product.client.call('tokens.list', {})).tokens.some(({ name }) => name === 'late'));
  },
);

await t.test('a bot that calls a tool about a bot means itself, whatever the model says', async (t) => {
  await product.files.write('bots/assistant/bot.yaml', 'tools:\n  allow: [names_note, bots_list]\n');
  await until('the tools', async () => {
    const { settings } = await product.client.call('bots.show', { bot: 'assistant' });
    return JSON.stringify(settings).includes('names_note');
  });
  mock.clear();
  mock.script(
    { calls: [{ name: 'names_note', arguments: { bot: 'eve', word: 'mine' } }] },
    { calls: [{ name: 'names_note', arguments: { word: 'too' } }] },
    'Done.',
  );
  const conversation = await begin(product);
  await say(product, conversation, 'Note it');
  const notes = (await product.files.read('notes.txt')) ?? '';
  t.equal(notes, `${assistant.id} mine bots:write@${assistant.id}\n${assistant.id} too bots:write@${assistant.id}\n`);
  const offered = JSON.stringify(talking.bodies()[0]?.tools);
  t.match(offered, '"word"');
  t.notMatch(offered, '"bot":', "the field is not the model's to fill in");
});

await t.test("edits on disk are the owner's, by name and address", async (t) => {
  const owner = (await wire(product, '/api/v1/owner', { headers: await product.credentials() })).data;
  t.strictSame(owner, { kind: 'person', id: 'owner', name: 'Ada Lovelace', email: 'ada@example.com' });
});

async function streamStatus(place: string, headers: Record<string, string>): Promise<number> {
  const stream = await streamFrom(`/api/v1${place.replace('/api/v1', '')}`, headers);
  stream.close();
  return stream.status;
}

/** A stream of events that is read as it comes. */
async function streamFrom(place: string, headers: Record<string, string>) {
  const request = open(new URL(place, product.url), { headers: { ...headers, connection: 'close' } });
  request.on('error', () => undefined).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  let isOver = false;
  response.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      isOver = true;
      resolve();
    };
    response.on('error', end).on('close', end);
  });
  return {
    status: response.statusCode ?? 0,
    text: () => text,
    isOver: () => isOver,
    ended,
    close: () => request.destroy(),
  };
}
