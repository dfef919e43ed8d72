import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { until } from '../support/product.ts';
import { begin, say, startTalking } from '../support/talk.ts';
import { wire } from '../support/wire.ts';

t.setTimeout(240_000);

await using talking = await startTalking();
const { product, mock } = talking;

const search = (text: string, more: object = {}) =>
  product.client.call('conversations.search', { text, ...more }).then(({ conversations }) => conversations);
const titles = async (text: string, more: object = {}): Promise<string[]> =>
  (await search(text, more)).map(({ title }) => title);

/** A conversation with one exchange, named as wished. */
async function talk(title: string, said: string, answer: string, bot = 'assistant'): Promise<string> {
  const conversation = await begin(product, bot);
  await product.client.call('conversations.rename', { conversation, title });
  mock.script(answer);
  await say(product, conversation, said);
  return conversation;
}

await t.test('CHAT-04: messages are found over HTTP and in the terminal, with the place of each hit', async (t) => {
  const vienna = await talk('Journey', 'How do I get to Wien?', 'By the night train. The station is the Hauptbahnhof.');
  await talk('Journey two', 'Where does the train stop at night?', 'Nowhere: there is none.');
  const [best, ...others] = await search('"night train"');
  t.match(best, { id: vienna, title: 'Journey', bot: { slug: 'assistant' }, message: { by: 'bot', lane: 'main' } });
  t.equal(others.length, 0, 'a phrase is a phrase');
  const { snippet = '', marks = [] } = best?.message ?? {};
  t.strictSame(
    marks.map(([start, end]) => snippet.slice(start, end)),
    ['night train'],
  );
  const { message } = await product.client
    .call('messages.show', { conversation: vienna, message: best?.message?.id ?? '' })
    .then((node) => ({ message: node.text }));
  t.match(message, 'By the night train');
  t.strictSame((await titles('night train')).toSorted(), ['Journey', 'Journey two']);
  t.strictSame(await titles('Hauptbanhof'), ['Journey'], 'with a slip');
  t.match(await search('journey two'), [
    {
      title: 'Journey two',
      titleMarks: [
        [0, 7],
        [8, 11],
      ],
    },
  ]);
  const ran = await product.cli(['conversation', 'search', 'wien "get to"', '--limit', '3']);
  t.equal(ran.code, 0, ran.stderr);
  t.match(ran.stdout, new RegExp(`${vienna} +Journey +How do I get to Wien`));
  const answer = await product.fetch('/api/v1/search/conversations?text=wien&bot=assistant');
  t.match(await answer.json(), { data: { conversations: [{ id: vienna }], complete: true } });
});

await t.test('of equals the later conversation comes first', async (t) => {
  for (const number of [1, 2, 3]) await talk(`Equal ${number}`, 'The capybara question', 'The capybara answer');
  t.strictSame(await titles('capybara'), ['Equal 3', 'Equal 2', 'Equal 1']);
});

await t.test('what is not shown is not found: deleted, left out, other versions; what comes back is', async (t) => {
  const { client } = product;
  const conversation = await talk('Versions', 'A question of an aardvark', 'An answer of a bandicoot');
  const nodes = async () => (await client.call('conversations.show', { conversation })).nodes;
  const isFound = async (word: string): Promise<boolean> => (await search(word)).some(({ id }) => id === conversation);
  const [asked, answered] = await nodes();
  const place = { conversation, message: answered?.id ?? '' };
  mock.script('An answer of a cassowary');
  await client.call('messages.regenerate', place);
  await until('the other answer', async () => (await nodes()).at(-1)?.text.includes('cassowary'));
  t.strictSame([await isFound('bandicoot'), await isFound('cassowary')], [false, true]);
  await client.call('messages.select', { ...place, version: 'previous' });
  t.strictSame([await isFound('bandicoot'), await isFound('cassowary')], [true, false]);
  await client.call('messages.exclude', place);
  t.equal(await isFound('bandicoot'), false);
  await client.call('messages.include', place);
  t.equal(await isFound('bandicoot'), true);
  await client.call('messages.delete', place);
  t.equal(await isFound('bandicoot'), false);
  await client.call('messages.restore', place);
  t.equal(await isFound('bandicoot'), true);
  mock.script('An answer of a dugong');
  await client.call('messages.edit', { conversation, message: asked?.id ?? '', text: 'A question of an echidna' });
  await until('the answer', async () => (await nodes()).at(-1)?.text.includes('dugong'));
  t.strictSame(await Promise.all(['aardvark', 'bandicoot', 'echidna', 'dugong'].map(isFound)), [
    false,
    false,
    true,
    true,
  ]);
  await client.call('conversations.rename', { conversation, title: 'Fossa' });
  t.strictSame([await isFound('versions'), await isFound('fossa')], [false, true]);
  await client.call('conversations.archive', { conversation });
  t.equal(await isFound('dugong'), false);
  t.strictSame(await titles('dugong', { archived: true }), ['Fossa']);
  t.strictSame(await titles('capybara', { archived: true }), []);
  await client.call('conversations.unarchive', { conversation });
  t.equal(await isFound('dugong'), true);
  await client.call('conversations.delete', { conversation });
  t.equal(await isFound('dugong'), false);
  for (const gone of ['dugongs', 'dugomg', '"answer of a dugong"']) t.notOk(await isFound(gone));
});

await t.test('in branches too, with the branch that shows it', async (t) => {
  const conversation = await talk('Ways', 'Where to?', 'Left or right.');
  const { nodes } = await product.client.call('conversations.show', { conversation });
  mock.script('Then past the quokka.');
  const made = await product.client.call('branches.create', {
    conversation,
    from: nodes.at(-1)?.id ?? '',
    text: 'Left, please',
  });
  await until('the answer', async () => (await search('quokka')).length > 0);
  t.match(await search('quokka'), [{ id: conversation, message: { lane: made.lane } }]);
});

await t.test('a caller finds what their grants cover, and nothing tells of the rest', async (t) => {
  await product.client.call('bots.create', { name: 'Eve' });
  await talk('Of Eve', 'The numbat and the okapi', 'I see.', 'eve');
  await talk('Of the assistant', 'The numbat alone', 'I see.');
  t.strictSame((await titles('numbat')).toSorted(), ['Of Eve', 'Of the assistant']);
  t.strictSame(await titles('numbat', { bot: 'eve' }), ['Of Eve']);
  const { token } = await product.client.call('tokens.create', { name: 'narrow', scopes: ['bots:use@assistant'] });
  const ask = async (text: string): Promise<{ status: number; body: string }> => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await wire(product, `/api/v1/search/conversations?text=${encodeURIComponent(text)}`, { headers });
    return { status: answer.status, body: answer.text };
  };
  const numbat = await ask('numbat');
  t.equal(numbat.status, 200);
  t.match(numbat.body, 'Of the assistant');
  t.notMatch(numbat.body, /Of Eve|okapi/);
  t.notMatch((await ask('okapi')).body, /Of Eve/);
  t.notMatch((await ask('okapo')).body, /okapi/, 'not as a similar word either');
  const { token: none } = await product.client.call('tokens.create', { name: 'none', scopes: ['server:read'] });
  const refused = await wire(product, '/api/v1/search/conversations?text=x', {
    headers: { authorization: `Bearer ${none}` },
  });
  t.equal(refused.status, 403);
});

await t.test('a bot that is renamed keeps its conversations findable; one that is gone leaves nothing', async () => {
  await rename(path.join(product.home, 'bots/eve'), path.join(product.home, 'bots/evelyn'));
  await until('the new name', async () => (await search('okapi'))[0]?.bot.slug === 'evelyn');
  await product.client.call('bots.delete', { bot: 'evelyn' });
  await until('nothing', async () => (await search('okapi')).length === 0);
});

await t.test('wrong searches are told so', async (t) => {
  const status = async (query: string): Promise<[number, string]> => {
    const answer = await product.fetch(`/api/v1/search/conversations${query}`);
    return [answer.status, ((await answer.json()) as { errors?: { code: string }[] }).errors?.[0]?.code ?? ''];
  };
  t.strictSame(await status('?text=%22%22'), [422, 'SEARCH_INVALID']);
  t.strictSame(await status('?text='), [422, 'SEARCH_INVALID']);
  t.strictSame(await status(''), [422, 'INPUT_INVALID']);
  t.strictSame(await status('?text=x&limit=101'), [422, 'INPUT_INVALID']);
  t.strictSame(await status('?text=x&bot=nobody'), [404, 'BOT_MISSING']);
  t.equal((await product.cli(['conversation', 'search', '!'])).code, 5);
});

await t.test(
  'after a restart, a kill and without the cache the same is found; without the plugin it is said',
  async (t) => {
    const before = await search('night train');
    await product.kill9();
    await rm(path.join(product.home, '.boternity/cache'), { recursive: true });
    await product.start();
    t.strictSame(await search('night train'), before);
    await product.stop();
    const offline = (await product.cliJson(['conversation', 'search', 'night train'])) as { conversations: unknown };
    t.strictSame(offline.conversations, before, 'without a server too');
    await product.files.write('settings.yaml', 'plugins:\n  search: false\n');
    await product.start();
    const answer = await product.fetch('/api/v1/search/conversations?text=x');
    t.equal(answer.status, 503);
    t.match(await answer.json(), { errors: [{ code: 'SEARCH_OFF', message: /the plugin "search" does not run/ }] });
    const ran = await product.cli(['conversation', 'search', 'x']);
    t.equal(ran.code, 1);
    t.match(ran.stderr, /plugin "search".*settings\.yaml/s);
    await talk('Still here', 'Are you there?', 'Yes.');
  },
);
