import t from 'tap';
import { until } from '../support/product.ts';
import { ask, HEADER, model, refuses, startDoor } from '../support/openai.ts';

t.setTimeout(120_000);

/** A plugin of somebody else: vectors of three numbers, at most two texts at a time. */
const embedder = `
import { definePlugin } from 'boternity';
const calls = [];
export default definePlugin({
  name: 'tiny', needs: ['models'],
  setup({ models }) {
    models.addEmbedder({
      id: 'count', provider: 'tiny', dimensions: 3, mostTexts: 2,
      async embed(texts, signal) {
        signal.throwIfAborted();
        if (texts.length > 2) throw new Error('too many');
        const vectors = texts.map((text) => [text.length, text.split(' ').length, 0.5]);
        return { vectors: texts.includes('short') ? [[1]] : vectors, tokens: texts.join(' ').split(' ').length };
      },
    });
  },
});
`;

await using door = await startDoor({ more: '  tiny: true\n', files: { 'plugins/tiny/index.ts': embedder } });
const { talking, token, clientWith, pageOf } = door;
const { product, mock } = talking;
const ai = clientWith(token);
const weather = {
  type: 'function' as const,
  function: { name: 'weather', parameters: { type: 'object', properties: {} } },
};

await t.test('an embedder of a plugin answers the official client, in both formats', async (t) => {
  t.ok((await ai.models.list()).data.some(({ id, owned_by }) => id === 'tiny/count' && owned_by === 'tiny'));
  const input = ['one', 'two words', 'and three words'];
  const whole = await ai.embeddings.create({ model: 'tiny/count', input });
  const vectors = [
    [3, 1, 0.5],
    [9, 2, 0.5],
    [15, 3, 0.5],
  ];
  t.strictSame(
    whole.data.map(({ embedding }) => embedding),
    vectors,
    'three texts, two at a time, in their order; the client reads base64 by itself',
  );
  t.match(whole, { object: 'list', model: 'tiny/count', usage: { prompt_tokens: 6, total_tokens: 6 } });
  t.strictSame(
    whole.data.map(({ index }) => index),
    [0, 1, 2],
  );
  const float = await ai.embeddings.create({ model: 'count', input: 'one', encoding_format: 'float', dimensions: 3 });
  t.strictSame(float.data[0]?.embedding, [3, 1, 0.5]);
  const raw = await product.fetch('/v1/embeddings', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'count', input: 'one', encoding_format: 'base64' }),
  });
  const { data } = (await raw.json()) as { data: { embedding: string }[] };
  const bytes = Buffer.from(data[0]?.embedding ?? '', 'base64');
  t.strictSame(
    [0, 4, 8].map((at) => bytes.readFloatLE(at)),
    [3, 1, 0.5],
  );
  const { calls } = await product.client.call('usage.list', {});
  t.match(calls[0], { purpose: 'embedding', provider: 'tiny', model: 'count', outcome: 'end', output: 0, cost: null });
  t.type(calls[0]?.input, 'number', 'what it read is written down as every call is');
});

await t.test('what cannot be embedded is refused with the field; a wrong embedder is a failure', async (t) => {
  const embed = (more: object) => ai.embeddings.create({ model: 'count', input: 'one', ...more });
  await refuses(t, embed({ model: 'other' }), {
    status: 404,
    code: 'model_not_found',
    message: /There are: tiny\/count/,
  });
  await refuses(t, embed({ model }), { status: 404 });
  await refuses(t, embed({ input: [1, 2, 3] }), { status: 400, param: 'input', message: /no tokens/ });
  await refuses(t, embed({ input: [[1, 2]] }), { status: 400, param: 'input' });
  await refuses(t, embed({ input: [] }), { status: 400, param: 'input' });
  await refuses(t, embed({ input: ['a', ''] }), { status: 400, param: 'input', message: /empty/ });
  await refuses(t, embed({ input: Array.from({ length: 2_049 }, () => 'a') }), { status: 400, param: 'input' });
  await refuses(t, embed({ input: 'a'.repeat(1_000_001) }), { status: 400, param: 'input' });
  await refuses(t, embed({ encoding_format: 'int8' }), { status: 400, param: 'encoding_format' });
  await refuses(t, embed({ dimensions: 2 }), { status: 400, param: 'dimensions' });
  const once = { maxRetries: 0 };
  const short = ai.embeddings.create({ model: 'count', input: 'short' }, once);
  await refuses(t, short, { status: 500, code: 'model_failed', message: /something else than 1 vectors of 3/ });
  const { token: other } = await product.client.call('tokens.create', { name: 'other', scopes: ['models:read'] });
  await refuses(t, clientWith(other).embeddings.create({ model: 'count', input: 'one' }), { status: 404 });
  t.strictSame((await clientWith(other).models.list()).data, []);
});

await t.test('a call that has to be made is asked of the model, with the tools of the program alone', async (t) => {
  const bodyAt = (at: number) => JSON.parse(mock.requests().at(at)?.body ?? '{}') as Record<string, unknown>;
  mock.script({ calls: [{ name: 'weather' }] }, { calls: [{ name: 'weather' }] });
  const required = await ask(ai, 'Weather?', { tools: [weather], tool_choice: 'required' });
  t.match(required.choices[0], {
    finish_reason: 'tool_calls',
    message: { tool_calls: [{ function: { name: 'weather' } }] },
  });
  t.match(bodyAt(-1), { tool_choice: 'required', tools: [{ function: { name: 'weather' } }] });
  t.equal((bodyAt(-1)['tools'] as unknown[]).length, 1);
  await ai.responses.create({
    model,
    input: 'Weather?',
    tools: [{ type: 'function', name: 'weather', parameters: {}, strict: false }],
    tool_choice: { type: 'function', name: 'weather' },
  });
  t.match(bodyAt(-1), { tool_choice: { type: 'function', function: { name: 'weather' } } });
  mock.clear();
  mock.script({ calls: [{ name: 'weather' }] });
  const named = { type: 'function', function: { name: 'weather' } };
  await ask(ai, 'Weather?', { tools: [weather], tool_choice: named });
  t.match(bodyAt(-1), { tool_choice: named });
  mock.clear();
  const nobody = { type: 'function', function: { name: 'nobody' } };
  await refuses(t, ask(ai, 'hi', { tools: [weather], tool_choice: nobody }), { status: 400, param: 'tool_choice' });
  await refuses(t, ask(ai, 'hi', { tool_choice: 'required' }), { status: 400, param: 'tool_choice' });
  await refuses(t, ask(ai, 'hi', { tool_choice: { type: 'allowed_tools' } }), { status: 400, param: 'tool_choice' });
  t.equal(mock.requests().length, 0);
});

await t.test('a response can be read again, by those who may use its bot', async (t) => {
  mock.script('Good day.');
  const { data, response } = await ai.responses.create({ model, input: 'Hello' }).withResponse();
  const again = await ai.responses.retrieve(data.id);
  t.match(again, {
    id: data.id,
    object: 'response',
    model,
    status: 'completed',
    output_text: 'Good day.',
    usage: data.usage,
  });
  t.strictSame(again.output, data.output);
  await refuses(t, ai.responses.retrieve('resp_x_y'), { status: 404, param: 'response_id' });
  await refuses(t, ai.responses.retrieve(data.id.replace(/.$/, (last) => (last === '0' ? '1' : '0'))), { status: 404 });
  await product.client.call('bots.create', { name: 'Ada' });
  const { token: one } = await product.client.call('tokens.create', { name: 'one', scopes: ['bots:use@ada'] });
  await refuses(t, clientWith(one).responses.retrieve(data.id), { status: 404 });

  mock.script({ text: 'A long answer.', chunkSize: 4, hangAfter: 2 });
  const leave = new AbortController();
  const pending = ai.responses.create(
    { model, input: 'Go on', previous_response_id: data.id },
    { signal: leave.signal },
  );
  pending.catch(() => undefined);
  const page = await until('it runs', async () => {
    const shown = await pageOf(response.headers.get(HEADER));
    return shown.nodes.at(-1)?.text !== '' && shown.nodes.length === 4 && shown;
  });
  const id = `resp_${page.id}_${page.nodes.at(-1)?.turn}`;
  t.match(await ai.responses.retrieve(id), { status: 'in_progress' });
  leave.abort();
  const failed = await until('it is stopped', async () => {
    const shown = await ai.responses.retrieve(id);
    return shown.status !== 'in_progress' && shown;
  });
  t.match(failed, { status: 'failed', error: { code: 'INTERRUPTED' } });
});
