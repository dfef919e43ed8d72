import t from 'tap';
import { text, type Message, type ModelRequest } from 'boternity';
import { providerContract } from '../../core/testing.ts';
import { converseModel } from '../../plugins/bedrock/converse.ts';
import { listModels } from '../../plugins/bedrock/list.ts';
import { idsFor } from '../../plugins/bedrock/profile.ts';
import { ADDRESS, addressIn, controlAddress, regionFor } from '../../plugins/bedrock/region.ts';
import { signed } from '../../plugins/bedrock/sign.ts';
import { accessTo } from '../support/access.ts';
import {
  asked,
  called,
  CLAUDE,
  delta,
  ending,
  exception,
  fine,
  framed,
  refused,
  said,
  staged,
  start,
  streamed,
} from '../support/bedrock-wire.ts';
import { ask, hear, toolResult, user } from '../support/hear.ts';
import { stageOver, startService } from '../support/model-service.ts';
import { playsRecordings } from '../support/recordings.ts';

await t.test('LLMP-06: the provider bedrock keeps the contract', (t) =>
  providerContract(t, { stage: stageOver(staged), cacheMark: '"cachePoint"' }),
);

await t.test('LLMP-06: recorded answers of Bedrock, in binary frames', (t) =>
  playsRecordings(t, {
    folder: 'bedrock',
    frame: framed,
    contentType: 'application/vnd.amazon.eventstream',
    modelAt: (address) => converseModel(accessTo(address, { name: 'bedrock', key: 'k' }), { id: CLAUDE }),
  }),
);

const tools = [{ name: 'time_now', description: 'Tells the time.', parameters: { type: 'object', properties: {} } }];

await t.test('LLMP-06: requests are signed as AWS wants it', async (t) => {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
  const signing = { region: 'us-east-1', service: 'service', date: new Date('2015-08-30T12:36:00Z') };
  const address = 'https://example.amazonaws.com/';
  // get-vanilla and post-vanilla of the test suite that AWS publishes for Signature Version 4.
  const vectors = {
    GET: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    POST: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  };
  for (const method of ['GET', 'POST'] as const) {
    const headers = await signed(credentials, { method, address, headers: {} }, signing);
    t.equal(
      headers.authorization,
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=${vectors[method]}`,
    );
  }
});

await t.test(
  'LLMP-06: an access key signs, a session token goes along, a key of Bedrock is shown as it is',
  async (t) => {
    const secrets: Record<string, string> = {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'never-sent',
      AWS_SESSION_TOKEN: 'session-token',
    };
    const secret = async (name: string): Promise<string | undefined> => secrets[name];
    const { received } = await asked([fine], [ask('Hi')], CLAUDE, { secret, options: { region: 'eu-west-1' } });
    const [request] = received;
    t.equal(request?.path, `/model/${encodeURIComponent(CLAUDE)}/converse-stream`);
    t.match(
      request?.headers.authorization,
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/bedrock\/aws4_request, SignedHeaders=[^,]*host[^,]*x-amz-security-token[^,]*, Signature=[0-9a-f]{64}$/,
    );
    t.equal(request?.headers['x-amz-security-token'], 'session-token');
    t.notMatch(JSON.stringify(request), /never-sent/);
    const keyed = await asked([fine], [ask('Hi')], CLAUDE, { key: 'bedrock-key', secret });
    t.equal(keyed.received[0]?.headers.authorization, 'Bearer bedrock-key');
    const { heard } = await asked([fine], [ask('Hi')], CLAUDE, {});
    t.match(heard[0]?.end.failure, { kind: 'auth', message: /AWS_ACCESS_KEY_ID/ }, 'without either, both are named');
  },
);

await t.test('LLMP-06: the region comes from the options, the key or the environment', (t) => {
  const signedAddress =
    'bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20261121%2Feu-north-1%2Fbedrock%2Faws4_request&X-Amz-Date=20261121T000000Z&Version=1';
  const key = `bedrock-api-key-${Buffer.from(signedAddress).toString('base64')}`;
  const environment = { AWS_REGION: 'ap-south-1', AWS_DEFAULT_REGION: 'sa-east-1' };
  t.equal(regionFor({ region: 'eu-west-3' }, key, environment), 'eu-west-3');
  t.equal(regionFor({}, key, environment), 'eu-north-1');
  t.equal(regionFor({}, 'ABSK-a-long-lived-key', environment), 'ap-south-1');
  t.equal(regionFor({}, undefined, { AWS_DEFAULT_REGION: 'sa-east-1' }), 'sa-east-1');
  t.equal(regionFor({}, 'bedrock-api-key-%%%', {}), 'us-east-1');
  const address = addressIn(ADDRESS, 'eu-west-1');
  t.equal(address, 'https://bedrock-runtime.eu-west-1.amazonaws.com');
  t.equal(controlAddress(address), 'https://bedrock.eu-west-1.amazonaws.com');
  t.end();
});

await t.test('LLMP-06: inference profiles are derived from the region where a model wants one', (t) => {
  const first = (model: string, region: string, profile?: string): string | undefined =>
    idsFor(model, region, profile)[0];
  const claude = 'anthropic.claude-sonnet-5-5';
  t.equal(first(claude, 'us-west-2'), `us.${claude}`);
  t.equal(first(claude, 'eu-central-1'), `eu.${claude}`);
  t.equal(first(claude, 'ap-northeast-1'), `jp.${claude}`);
  t.equal(first(claude, 'ap-southeast-1'), `apac.${claude}`);
  t.equal(first(claude, 'us-gov-west-1'), `us-gov.${claude}`);
  t.equal(first(claude, 'me-central-1'), `global.${claude}`);
  t.equal(first(claude, 'us-west-2', 'global'), `global.${claude}`);
  t.equal(first(claude, 'us-west-2', 'none'), claude);
  t.equal(first('claude-sonnet-4-5-20250929', 'eu-west-1'), 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0');
  t.equal(first('openai.gpt-oss-120b-1:0', 'eu-west-1'), 'openai.gpt-oss-120b-1:0');
  t.equal(first('anthropic.claude-3-haiku-20240307-v1:0', 'us-east-1'), 'anthropic.claude-3-haiku-20240307-v1:0');
  for (const whole of ['global.anthropic.claude-opus-5', 'arn:aws:bedrock:us-east-1:1:application-inference-profile/x'])
    t.strictSame(idsFor(whole, 'eu-west-1'), [whole], 'what names one stays');
  t.end();
});

await t.test('a model that is not there under one id is asked for under the next, from then on', async (t) => {
  const missing = refused(404, 'ResourceNotFoundException', 'Model not found.');
  const single = refused(
    400,
    'ValidationException',
    'Invocation of model ID x with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile.',
  );
  const options = { key: 'k', options: { region: 'eu-west-1' } };
  const { received, heard } = await asked([missing, fine], [ask('a'), ask('b')], 'anthropic.claude-sonnet-5', options);
  t.strictSame(
    received.map(({ path }) => path.split('/')[2]),
    ['eu.anthropic.claude-sonnet-5', 'global.anthropic.claude-sonnet-5', 'global.anthropic.claude-sonnet-5'],
  );
  t.equal(heard[1]?.text, 'Well.');
  const other = await asked([single, fine], [ask('a')], 'moonshotai.kimi-k3', options);
  t.strictSame(
    other.received.map(({ path }) => path.split('/')[2]),
    ['moonshotai.kimi-k3', 'eu.moonshotai.kimi-k3'],
  );
  const gone = await asked([missing], [ask('a')], CLAUDE);
  t.equal(gone.heard[0]?.end.failure?.kind, 'invalid');
  t.equal(gone.received.length, 1);
});

await t.test('thoughts come back unchanged, where they stood', async (t) => {
  const answer = streamed(
    start,
    delta(0, { reasoningContent: { text: 'Which ' } }),
    delta(0, { reasoningContent: { text: 'time?' } }),
    delta(0, { reasoningContent: { signature: 'c2lnLTE=' } }),
    delta(1, { reasoningContent: { redactedContent: 'cmVkYWN0ZWQ=' } }),
    ...said(2, ['I look.']),
    ...called(3, 'tooluse_A', 'time_now', { zone: 'UTC' }),
    ...ending('tool_use'),
  );
  const { heard } = await asked([answer], [ask('Time?', { tools })]);
  const [first] = heard;
  t.equal(first?.thinking, 'Which time?');
  const calls = first?.calls ?? [];
  const kept: Message = {
    role: 'assistant',
    text: 'I look.',
    calls,
    ...(first?.end.extra && { extra: first.end.extra }),
  };
  const results = calls.map((call) => toolResult(call, 'No clock', true));
  const { bodies } = await asked([fine], [ask([user('Time?'), kept, ...results])]);
  t.strictSame(bodies[0]?.messages[1]?.content, [
    { reasoningContent: { reasoningText: { text: 'Which time?', signature: 'c2lnLTE=' } } },
    { reasoningContent: { redactedContent: 'cmVkYWN0ZWQ=' } },
    { text: 'I look.' },
    { toolUse: { toolUseId: 'tooluse_A', name: 'time_now', input: { zone: 'UTC' } } },
  ]);
  t.match(bodies[0]?.messages[2]?.content[0], { toolResult: { toolUseId: 'tooluse_A', status: 'error' } });
  t.match(
    bodies[0]?.toolConfig,
    { tools: [{ toolSpec: { name: 'time_now' } }] },
    'tools of the history are named even where none is offered',
  );
});

await t.test('points of the cache stand behind tools, system and the last two messages of the user', async (t) => {
  const turns: Message[] = [1, 2].flatMap((turn) => [user(`Q${turn}`), { role: 'assistant', text: `A${turn}` }]);
  const picture = { type: 'image', mediaType: 'image/png', base64: 'iVBORw0KGgo=' } as const;
  const last: Message = { role: 'user', content: [text('Q3'), picture] };
  const request = ask([...turns, last], { system: 'You are Ada.', tools, tail: 'It is noon.' });
  const { bodies } = await asked([fine], [request]);
  const point = { cachePoint: { type: 'default' } };
  t.strictSame(bodies[0]?.system, [{ text: 'You are Ada.' }, point]);
  t.match(bodies[0]?.toolConfig, { tools: [{ toolSpec: {} }, point] });
  t.strictSame(
    bodies[0]?.messages.map(({ content }) => content),
    [
      [{ text: 'Q1' }],
      [{ text: 'A1' }],
      [{ text: 'Q2' }, point],
      [{ text: 'A2' }],
      [{ text: 'Q3' }, { image: { format: 'png', source: { bytes: 'iVBORw0KGgo=' } } }, point, { text: 'It is noon.' }],
    ],
  );
  const plain = await asked([fine], [request], 'meta.llama3-3-70b-instruct-v1:0');
  t.notMatch(JSON.stringify(plain.bodies), 'cachePoint', 'models without a cache get none');
});

const shape = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const schema = { name: 'place', schema: { ...shape, additionalProperties: false } };

await t.test('JSON comes in the shape asked for, or as the input of a tool that becomes the text', async (t) => {
  const { bodies } = await asked([fine], [ask('City?', { schema })]);
  t.match(bodies[0]?.outputConfig, {
    textFormat: {
      type: 'json_schema',
      structure: { jsonSchema: { name: 'place', schema: JSON.stringify(schema.schema) } },
    },
  });
  const byTool = streamed(start, ...called(0, 'tooluse_1', 'json', { city: 'Paris' }), ...ending('tool_use'));
  const nova = await asked([byTool], [ask('City?', { schema })], 'us.amazon.nova-2-lite-v1:0');
  t.match(nova.bodies[0]?.toolConfig, {
    tools: [{ toolSpec: { name: 'json', inputSchema: { json: shape } } }],
    toolChoice: { tool: { name: 'json' } },
  });
  t.equal(nova.heard[0]?.text, '{"city":"Paris"}');
  t.equal(nova.heard[0]?.end.stop, 'end');
  t.strictSame(nova.heard[0]?.calls, []);
  const refusal = refused(400, 'ValidationException', 'This model does not support outputConfig.textFormat.');
  const older = await asked([refusal, byTool], [ask('City?', { schema })], 'mistral.ministral-3-8b-instruct');
  t.equal(older.heard[0]?.text, '{"city":"Paris"}');
  t.equal(older.bodies[1]?.outputConfig, undefined);
});

await t.test('thinking is asked for in the words of each maker', async (t) => {
  const wish = async (id: string, more: Partial<ModelRequest>): Promise<unknown> => {
    const { bodies } = await asked([fine], [ask('Go', { thinking: 'low', ...more })], id);
    return [bodies[0]?.additionalModelRequestFields, bodies[0]?.inferenceConfig];
  };
  const roomy = { maxTokens: 32_000 };
  t.strictSame(await wish('eu.anthropic.claude-opus-5-5', { temperature: 0.2 }), [
    { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'low' } },
    roomy,
  ]);
  t.strictSame(await wish(CLAUDE, {}), [{ thinking: { type: 'enabled', budget_tokens: 2048 } }, roomy]);
  t.strictSame(await wish('us.amazon.nova-2-lite-v1:0', {}), [
    { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' } },
    roomy,
  ]);
  t.strictSame(await wish('openai.gpt-oss-20b-1:0', { maxTokens: 9 }), [{ reasoning_effort: 'low' }, { maxTokens: 9 }]);
  t.strictSame(await wish('zai.glm-5', { stop: ['END'] }), [undefined, { ...roomy, stopSequences: ['END'] }]);
});

await t.test('exceptions inside the stream keep what came and are named by their kind', async (t) => {
  const kinds = {
    throttlingException: 'overload',
    modelStreamErrorException: 'server',
    validationException: 'invalid',
    internalServerException: 'server',
    serviceUnavailableException: 'overload',
    modelTimeoutException: 'timeout',
  };
  for (const [type, kind] of Object.entries(kinds)) {
    const { heard } = await asked([streamed(start, ...said(0, ['Once']), exception(type, 'Sorry'))], [ask('Go')]);
    t.equal(heard[0]?.text, 'Once');
    t.equal(heard[0]?.end.failure?.kind, kind, type);
    t.match(heard[0]?.end.failure?.message, /Sorry/);
  }
  const long = streamed(start, exception('validationException', 'Input is too long for requested model.'));
  const { heard } = await asked([long], [ask('Go')]);
  t.equal(heard[0]?.end.failure?.kind, 'context');
});

await t.test('every reason to stop has its name here', async (t) => {
  const reasons = {
    end_turn: 'end',
    stop_sequence: 'end',
    max_tokens: 'length',
    model_context_window_exceeded: 'length',
    guardrail_intervened: 'refused',
    content_filtered: 'refused',
    malformed_model_output: 'error',
    malformed_tool_use: 'error',
    something_new: 'end',
  };
  for (const [reason, stop] of Object.entries(reasons)) {
    const { heard } = await asked([streamed(start, ...said(0, ['So']), ...ending(reason))], [ask('Go')]);
    t.equal(heard[0]?.end.stop, stop, reason);
  }
});

await t.test('a page that is no stream of events is named as such', async (t) => {
  await using service = await startService([{ frames: ['<!doctype html>'], headers: { 'content-type': 'text/html' } }]);
  const { end } = await hear(converseModel(accessTo(service.url, { key: 'k' }), { id: CLAUDE }), ask('Go'));
  t.equal(end.failure?.kind, 'garbage');
});

await t.test('models and profiles of the region are listed', async (t) => {
  const models = { modelSummaries: [{ modelId: 'zai.glm-5' }, { modelId: 'old', responseStreamingSupported: false }] };
  const profiles = {
    inferenceProfileSummaries: [
      { inferenceProfileId: 'eu.anthropic.claude-sonnet-5-5', status: 'ACTIVE' },
      { inferenceProfileId: 'eu.gone', status: 'LEGACY' },
    ],
  };
  await using service = await startService([{ json: { ...models, ...profiles } }]);
  const access = accessTo(service.url, { key: 'k' });
  t.strictSame(await listModels(access, AbortSignal.timeout(5000)), [
    { id: 'zai.glm-5' },
    { id: 'eu.anthropic.claude-sonnet-5-5' },
  ]);
  t.strictSame(
    new Set(service.asked.map(({ path }) => path.split('?')[0])),
    new Set(['/foundation-models', '/inference-profiles']),
  );
  await using refusing = await startService([refused(403, 'AccessDeniedException', 'not authorized')]);
  await t.rejects(listModels(accessTo(refusing.url, { key: 'k' }), AbortSignal.timeout(5000)), {
    code: 'MODEL_FAILED',
  });
});
