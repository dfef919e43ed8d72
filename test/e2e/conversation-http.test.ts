import t, { type Test } from 'tap';
import type { NodeView } from '../../plugins/conversations/views.ts';
import { until } from '../support/product.ts';
import { begin, changesIn, journalOf, say, sees, startTalking } from '../support/talk.ts';
import { wire, type WireAnswer } from '../support/wire.ts';

t.setTimeout(120_000);

await using talking = await startTalking();
const { product, mock } = talking;
const { client } = product;
const headers = await product.credentials();

t.beforeEach(() => mock.clear());

function ask(place: string, method = 'GET', body?: object): Promise<WireAnswer> {
  return wire(product, `/api/v1/conversations/${place}`, { method, headers, ...(body !== undefined && { body }) });
}

const textsOf = (nodes: readonly NodeView[]): string[] => nodes.map(({ text }) => text);

/** What is refused changes nothing: the journal is as it was, and the conversation sound. */
async function refuses(t: Test, conversation: string, cases: readonly Refusal[]): Promise<void> {
  const before = await journalOf(product, conversation);
  for (const [what, place, status, code, body = {}] of cases) {
    const [method = '', path = ''] = place.split(' ');
    const answer = await ask(
      `${conversation}${path}`,
      method,
      method === 'GET' || method === 'DELETE' ? undefined : body,
    );
    t.strictSame([answer.status, answer.code], [status, code], what);
    t.ok((answer.message ?? '').length > 10, `${what}: ${answer.message}`);
  }
  t.strictSame(await journalOf(product, conversation), before, 'the journal is as it was');
  t.match(await client.call('conversations.audit', { conversation }), { ok: true });
}

type Refusal = readonly [what: string, place: string, status: number, code: string, body?: object];

await t.test('messages are paged before and after one, without it, in whole turns, and the pages join', async (t) => {
  const conversation = await begin(product);
  const calls = [{ name: 'time_now' }, { name: 'time_now' }];
  mock.script('Answer 0.', { calls }, 'Answer 1.', ...[2, 3, 4, 5].map((at) => `Answer ${at}.`));
  for (let at = 0; at < 6; at += 1) await say(product, conversation, `Question ${at}`);
  const { nodes } = await client.call('conversations.show', { conversation });
  t.equal(nodes.length, 15, 'six messages and answers; one answer in two parts, with two calls');
  const list = async (query: object) => client.call('messages.list', { conversation, ...query });
  const ids = (some: readonly NodeView[]): string[] => some.map(({ id }) => id);

  for (const limit of [1, 2, 3, 4, 14, 15, 1000]) {
    const forward: NodeView[] = [];
    const [first] = nodes;
    for (let after = first?.id ?? ''; ; after = forward.at(-1)?.id ?? '') {
      const { messages, hasMore } = await list({ after, limit });
      t.ok(messages.length >= Math.min(limit, nodes.length - 1 - forward.length), 'as many as were asked for');
      t.not(messages[0]?.id, after, 'without the one itself');
      forward.push(...messages);
      if (!hasMore) break;
      t.not(nodes[ids(nodes).indexOf(forward.at(-1)?.id ?? '') + 1]?.turn, forward.at(-1)?.turn, 'no turn is cut');
    }
    t.strictSame(ids(forward), ids(nodes).slice(1), `forward by ${limit}`);
    const back: NodeView[] = [];
    for (let query: object = { limit }; ; query = { limit, before: back[0]?.id }) {
      const { messages, hasMore } = await list(query);
      back.unshift(...messages);
      if (!hasMore) break;
      t.equal(messages[0]?.kind, 'user', 'no turn is cut');
    }
    t.strictSame(ids(back), ids(nodes), `back by ${limit}`);
  }
  t.strictSame(await list({ after: nodes.at(-1)?.id }), { messages: [], hasMore: false }, 'nothing behind the last');
  t.strictSame(await list({ before: nodes[0]?.id }), { messages: [], hasMore: false }, 'nor before the first');
  const { lane } = await client.call('branches.create', { conversation, from: nodes[1]?.id ?? '' });
  const told = await product.cliJson(['message', 'list', conversation, '--after', nodes.at(-2)?.id ?? '']);
  t.match(told, { messages: [{ text: 'Answer 5.' }], hasMore: false }, 'the terminal does the same');

  const list404 = `GET /messages?after=${nodes[3]?.id}&lane=${lane}`;
  await refuses(t, conversation, [
    ['an unknown place', 'GET /messages?before=nothing', 404, 'NODE_MISSING'],
    ['an unknown place', 'GET /messages?after=nothing', 404, 'NODE_MISSING'],
    ['an empty place', 'GET /messages?after=', 404, 'NODE_MISSING'],
    ['a place of another branch', list404, 404, 'NODE_MISSING'],
    ['both ends', `GET /messages?after=${nodes[0]?.id}&before=${nodes[9]?.id}`, 422, 'INPUT_INVALID'],
    ['an unknown branch', 'GET /messages?lane=nothing', 404, 'LANE_MISSING'],
    ['too few', 'GET /messages?limit=0', 422, 'INPUT_INVALID'],
    ['too many', 'GET /messages?limit=1001', 422, 'INPUT_INVALID'],
    ['no number', 'GET /messages?limit=ten', 422, 'INPUT_INVALID'],
    ['an unknown place of the page', 'GET ?before=nothing', 404, 'NODE_MISSING'],
    ['an unknown message', 'GET /messages/nothing', 404, 'NODE_MISSING'],
  ]);
  const elsewhere = await begin(product);
  t.equal((await ask(`${elsewhere}/messages/${nodes[0]?.id}`)).code, 'NODE_MISSING', 'of another conversation');
  for (const place of ['nothing', 'nothing/messages', '..%2f..%2fassistant', '%00', 'a'.repeat(2_000)])
    t.match(await ask(place), { status: 404, code: 'CONVERSATION_MISSING' }, place.slice(0, 30));
});

await t.test('what cannot be done with a message is refused, and why is said', async (t) => {
  const conversation = await begin(product);
  mock.script({ calls: [{ name: 'time_now' }] }, 'One.', 'Two.', 'Three.');
  const first = await say(product, conversation, 'First');
  const task = first.nodes.find(({ kind }) => kind === 'task');
  const second = await say(product, conversation, 'Second');
  const message = second.page.nodes.find(({ kind, turn }) => kind === 'user' && turn === second.answer.turn);
  const { lane } = await client.call('branches.create', { conversation, from: first.answer.id });
  const at = (node: { id: string } | undefined): string => `/messages/${node?.id}`;
  await refuses(t, conversation, [
    ['retry of a message', `POST ${at(message)}/retry`, 409, 'RETRY_REFUSED'],
    ['retry of an answer that is whole', `POST ${at(second.answer)}/retry`, 409, 'RETRY_REFUSED'],
    ['another answer to a call', `POST ${at(task)}/regenerate`, 409, 'REGENERATE_REFUSED'],
    ['another answer in the place of a message', `POST ${at(message)}/regenerate`, 409, 'REGENERATE_REFUSED'],
    ['an edit of an answer', `PATCH ${at(second.answer)}`, 409, 'EDIT_REFUSED', { text: 'Words in its mouth' }],
    ['an edit to nothing', `PATCH ${at(message)}`, 422, 'MESSAGE_EMPTY', { text: ' \n' }],
    ['nothing to say', 'POST /messages', 422, 'MESSAGE_EMPTY', { text: ' \t\n\u00a0' }],
    ['no text at all', 'POST /messages', 422, 'INPUT_INVALID'],
    ['to an unknown branch', 'POST /messages', 404, 'LANE_MISSING', { text: 'hi', lane: 'nothing' }],
    ['a branch behind a call', 'POST /branches', 409, 'FORK_REFUSED', { from: task?.id }],
    ['a branch behind nothing', 'POST /branches', 404, 'NODE_MISSING', { from: 'nothing' }],
    ['a call deleted', `DELETE ${at(task)}`, 409, 'DELETE_REFUSED'],
    ['what a branch begins behind deleted', `DELETE ${at(first.answer)}`, 409, 'DELETE_REFUSED'],
    ['a version that is not there', `POST ${at(second.answer)}/select`, 404, 'VERSION_MISSING', { version: 2 }],
    ['a merge with itself', 'POST /merge', 409, 'MERGE_REFUSED', { branches: [lane], into: lane }],
    ['a stop of an unknown branch', 'POST /stop', 404, 'LANE_MISSING', { lane: 'nothing' }],
    ...(['retry', 'regenerate', 'stop', 'exclude', 'include', 'restore'] as const).map((what): Refusal => [
      `${what} of nothing`,
      `POST /messages/nothing/${what}`,
      404,
      'NODE_MISSING',
    ]),
    ['delete of nothing', 'DELETE /messages/nothing', 404, 'NODE_MISSING'],
  ]);
  t.match(
    await ask(`${conversation}/stop`, 'POST', {}),
    { status: 200, data: { stopped: false } },
    'a stop of nothing',
  );
  t.match(await ask(`${conversation}${at(second.answer)}/stop`, 'POST', {}), { status: 200, data: { stopped: false } });
  const cli = await product.cli(['message', 'retry', conversation, second.answer.id]);
  t.match(cli, { code: 1, stdout: '', stderr: /cannot be tried again/ }, 'the terminal says the same');

  await client.call('messages.delete', { conversation, message: second.answer.id });
  await refuses(t, conversation, [
    ['a branch behind what is deleted', 'POST /branches', 409, 'FORK_REFUSED', { from: second.answer.id }],
    ['another answer in its place', `POST ${at(second.answer)}/retry`, 409, 'RETRY_REFUSED'],
  ]);
  await client.call('messages.restore', { conversation, message: second.answer.id });
  t.equal((await client.call('conversations.show', { conversation })).nodes.at(-1)?.text, 'Two.');
});

await t.test('while an answer is given: what must wait is refused, and a retry that is queued is one', async (t) => {
  const conversation = await begin(product);
  using live = client.conversation(conversation);
  mock.script({ error: { status: 400, message: 'no such thing' } }, { text: 'Begun and not ended', hangAfter: 2 });
  const failed = await say(product, conversation, 'First');
  const at = `/messages/${failed.answer.id}`;
  const again = await client.call('messages.retry', { conversation, message: failed.answer.id });
  const running = `/messages/${again.message}`;
  await sees(live, ({ nodes }) => nodes.some(({ id, text }) => id === again.message && text !== ''));
  await refuses(t, conversation, [
    ['the same retry again', `POST ${at}/retry`, 409, 'RETRY_REFUSED'],
    ['a retry of what runs', `POST ${running}/retry`, 409, 'RETRY_REFUSED'],
    ['another answer', `POST ${running}/regenerate`, 409, 'NODE_BUSY'],
    ['an edit of the message before it', `PATCH /messages/${live.page?.nodes[0]?.id}`, 409, 'NODE_BUSY', { text: 'x' }],
    ['a branch behind it', 'POST /branches', 409, 'FORK_REFUSED', { from: again.message }],
    ['left out of prompts', `POST ${running}/exclude`, 409, 'NODE_BUSY'],
    ['the archive', 'POST /archive', 409, 'NODE_BUSY'],
  ]);
  const hungUp = mock.hungUp();
  const queued = await live.send('Second');
  const stopped = await ask(`${conversation}${running}/stop`, 'POST', {});
  t.match(stopped, { status: 200, data: { stopped: true } });
  await until('the end of the call', () => mock.hungUp() === hungUp + 1);
  const page = await sees(live, ({ state }) => state === 'idle');
  t.match(textsOf(page.nodes), ['First', 'Begun and not ende', 'Second', 'Mock: Second']);
  t.match(
    page.nodes.find(({ id }) => id === queued.reply),
    { state: 'finished' },
    'what waited is answered',
  );
});

await t.test(
  'what is deleted while it is answered stops, with what waits behind it; other branches go on',
  async (t) => {
    for (const what of ['the answer', 'the message'] as const) {
      mock.clear();
      const conversation = await begin(product);
      mock.script('One.', { text: 'Begun and not ended', hangAfter: 2 }, { text: 'Aside and not ended', hangAfter: 2 });
      const { answer } = await say(product, conversation, 'First');
      using live = client.conversation(conversation);
      const second = await live.send('Second');
      await sees(live, ({ nodes }) => nodes.some(({ id, text }) => id === second.reply && text !== ''));
      const aside = await client.call('branches.create', { conversation, from: answer.id, text: 'Aside' });
      using other = client.conversation(conversation, { lane: aside.lane });
      await sees(other, ({ nodes }) => nodes.some(({ id, text }) => id === aside.reply && text !== ''));
      const third = await live.send('Third');
      const deleted = what === 'the answer' ? second.reply : second.message;
      await client.call('messages.delete', { conversation, message: deleted });
      const page = await sees(live, ({ nodes }) => !nodes.some(({ id }) => id === deleted));
      t.equal(page.active, null);
      t.match(
        page.nodes.find(({ id }) => id === third.reply),
        { state: 'stopped', text: '' },
        'what waited was not asked',
      );
      t.equal(mock.requests().length, 3);
      const runs = changesIn(await journalOf(product, conversation), 'node').length;
      t.equal(runs, 8, 'nothing new was begun');
      t.equal((await client.call('messages.show', { conversation, message: second.reply })).run?.state, 'canceled');
      t.equal((await client.call('messages.show', { conversation, message: aside.reply ?? '' })).state, 'running');
      await other.stop();
      t.match(await client.call('conversations.audit', { conversation }), { ok: true });
    }
  },
);
