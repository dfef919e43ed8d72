import t from 'tap';
import { begin, journalOf, startTalking } from '../support/talk.ts';

t.setTimeout(60_000);

const limits = (messages: number, stops: number): string =>
  `plugins:\n  conversations: { messagesPerMinute: ${messages}, stopsPerMinute: ${stops} }\n`;

await t.test('who sends too much waits as long as Retry-After says, others do not', async (t) => {
  await using talking = await startTalking({ files: { 'settings.yaml': limits(3, 2) } });
  const { product, mock } = talking;
  const { token } = await product.client.call('tokens.create', { name: 'fast', scopes: ['bots:use', 'bots:read'] });
  const { token: other } = await product.client.call('tokens.create', { name: 'slow', scopes: ['bots:use'] });
  const conversation = await begin(product);
  const post = (place: string, body: object, key = token) =>
    fetch(new URL(place, product.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const place = `/api/v1/conversations/${conversation}`;
  const send = (key = token) => post(`${place}/messages`, { text: 'hi' }, key);
  for (const wrong of [{ text: 5 }, { nonsense: true }])
    t.equal((await post(`${place}/messages`, wrong)).status, 422, 'what is refused anyhow does not count');
  for (const _ of [1, 2, 3]) t.equal((await send()).status, 202);
  const lines = (await journalOf(product, conversation)).length;
  const refused = await send();
  t.equal(refused.status, 429);
  t.match(await refused.json(), {
    errors: [{ code: 'REQUESTS_TOO_MANY', message: /\(fast\) has sent 3 messages in a minute/ }],
  });
  const wait = Number(refused.headers.get('retry-after'));
  t.ok(wait >= 1 && wait <= 20, `${wait} s: a third of a minute until the next`);
  t.equal((await send(other)).status, 202, 'another token has limits of its own');
  t.ok((await journalOf(product, conversation)).length > lines);
  t.equal(
    (await fetch(new URL(place, product.url), { headers: { authorization: `Bearer ${token}` } })).status,
    200,
    'reading is free',
  );

  const chat = { model: 'boternity/assistant', messages: [{ role: 'user', content: 'hi' }] };
  const late = { ...chat, messages: [{ role: 'user', content: 'too much' }] };
  const door = await post('/v1/chat/completions', late);
  t.equal(door.status, 429, 'by whichever door');
  t.ok(Number(door.headers.get('retry-after')) >= 1);
  t.match(await door.json(), { error: { code: 'rate_limit_exceeded', type: 'rate_limit_error' } });
  t.equal((await post('/v1/chat/completions', chat, other)).status, 200);
  t.notOk(
    mock.requests().some(({ body }) => body.includes('too much')),
    'no model is asked',
  );

  const stop = () => post(`${place}/stop`, {});
  for (const _ of [1, 2]) t.not((await stop()).status, 429);
  t.equal((await stop()).status, 429, 'stops and retries are counted by themselves');
});

await t.test('without a limit in the settings nobody waits', async (t) => {
  await using talking = await startTalking({ files: { 'settings.yaml': limits(0, 0) } });
  const { product, mock } = talking;
  mock.script({ text: 'Long.', hangMs: 60_000 });
  const conversation = await begin(product);
  for (let at = 0; at < 50; at += 1) await product.client.call('messages.send', { conversation, text: 'hi' });
  const { messages } = await product.client.call('conversations.show', { conversation });
  t.equal(messages, 50);
});
