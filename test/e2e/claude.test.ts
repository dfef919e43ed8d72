import t from 'tap';
import { called, ending, said, start, streamed, thought } from '../support/anthropic-wire.ts';
import * as bedrock from '../support/bedrock-wire.ts';
import { startService, type Asked } from '../support/model-service.ts';
import { startProduct } from '../support/product.ts';
import { begin, say } from '../support/talk.ts';

t.setTimeout(120_000);

const KEY = 'sk-ant-a-key-of-the-environment';
const settings = { 'settings.yaml': 'plugins: { demo: false }\n' };

function file(type: string, address: string, model: string): string {
  return `providers:\n  ${type}:\n    address: ${address}\n    models: [${model}]\n`;
}

/** Requests of the conversation, without those for titles and the like. */
function chats(received: readonly Asked[]): string[] {
  return received.map(({ body }) => body).filter((body) => body.includes('"name":"time_now"'));
}

await t.test('LLMP-02: Claude thinks, calls a tool and goes on, chosen by configuration alone', async (t) => {
  const usage = { input_tokens: 10, cache_read_input_tokens: 90, cache_creation_input_tokens: 0, output_tokens: 5 };
  await using service = await startService(({ body }) => {
    if (!body.includes('"name":"time_now"')) return streamed(start(), ...said(0, ['A title']), ...ending('end_turn'));
    if (body.includes('"tool_result"'))
      return streamed(start(usage), ...said(0, ['It is ', 'noon.']), ...ending('end_turn', usage));
    return streamed(
      start(usage),
      ...thought(0, ['A clock is needed.'], 'c2lnbmVkLWJ5LXRoZS1tb2RlbA=='),
      ...called(1, 'toolu_01', 'time_now', {}),
      ...ending('tool_use', usage),
    );
  });
  const files = { ...settings, 'providers.yaml': file('anthropic', service.url, 'claude-sonnet-5-5') };
  await using product = await startProduct({ files, env: { ANTHROPIC_API_KEY: KEY } });
  const conversation = await begin(product);
  const { answer } = await say(product, conversation, 'What time is it?');
  t.match(answer, { state: 'finished', text: 'It is noon.' });
  t.match(answer.run, { model: 'claude-sonnet-5-5', provider: 'anthropic' });
  t.match(answer.run?.usage, { input: 100, cacheRead: 90, output: 5 }, 'input with what was read from the cache');
  await product.stop();
  await product.start();
  await say(product, conversation, 'And now?');
  const [, second, third] = chats(service.asked).map(
    (body) => JSON.parse(body) as { messages: { role: string; content: object[] }[] },
  );
  const [thinking, use] = second?.messages[1]?.content ?? [];
  t.match(thinking, { type: 'thinking', thinking: 'A clock is needed.', signature: 'c2lnbmVkLWJ5LXRoZS1tb2RlbA==' });
  t.match(use, { type: 'tool_use', name: 'time_now' }, 'the thought stands before the call');
  t.strictSame(third?.messages[1]?.content, second?.messages[1]?.content, 'after a restart the same bytes');
  t.ok(service.asked.every(({ headers }) => headers['x-api-key'] === KEY));
  const listed = await product.cli(['provider', 'list', '--json']);
  t.notMatch(listed.stdout + product.heard.stderr + product.heard.stdout, KEY);
});

await t.test('LLMP-06: an access key of AWS alone brings Bedrock, and signs what is asked', async (t) => {
  await using service = await startService([
    bedrock.streamed(bedrock.start, ...bedrock.said(0, ['From ', 'Frankfurt.']), ...bedrock.ending('end_turn')),
  ]);
  const env = {
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    AWS_REGION: 'eu-central-1',
  };
  await using found = await startProduct({ files: settings, env });
  const { providers } = await found.client.call('providers.list', {});
  t.match(
    providers.filter(({ source }) => source === 'environment'),
    [{ name: 'bedrock', type: 'bedrock', problem: null, key: /AWS_ACCESS_KEY_ID \(set\)/ }],
    'nobody wrote it down',
  );
  const files = { ...settings, 'providers.yaml': file('bedrock', service.url, 'anthropic.claude-sonnet-5-5') };
  await using product = await startProduct({ files, env });
  const { answer } = await say(product, await begin(product), 'Where are you?');
  t.match(answer, { state: 'finished', text: 'From Frankfurt.' });
  const [request] = service.asked;
  t.equal(request?.path, '/model/eu.anthropic.claude-sonnet-5-5/converse-stream');
  t.match(
    request?.headers.authorization,
    /Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/eu-central-1\/bedrock\/aws4_request/,
  );
  const tried = await product.cli(['provider', 'test', 'bedrock']);
  t.equal(tried.code, 0);
  t.match(tried.stdout, /bedrock/);
});
