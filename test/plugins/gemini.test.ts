import t from 'tap';
import { plainText, text, type Message, type ModelRequest } from 'boternity';
import { providerContract } from '../../core/testing.ts';
import { geminiEmbedder } from '../../plugins/gemini/embedder.ts';
import { listModels } from '../../plugins/gemini/list.ts';
import { accessTo } from '../support/access.ts';
import { chunk, event, KEY, modelAt, NEW, refuse, staged } from '../support/gemini-service.ts';
import { ask, assistant, hear, toolResult, user, type Heard } from '../support/hear.ts';
import { stageOver, startService, type ModelService } from '../support/model-service.ts';
import { asEvents, playsRecordings } from '../support/recordings.ts';

type Fields = Record<string, unknown>;

/** What the model makes of parts and a reason. */
async function hearParts(parts: readonly object[], candidate: object = { finishReason: 'STOP' }): Promise<Heard> {
  return hearEvents(chunk(parts, candidate));
}

async function hearEvents(...frames: readonly string[]): Promise<Heard> {
  await using service = await startService([{ frames }]);
  return await hear(modelAt(service.url), ask('Go'));
}

/** The body of a request for something, of a model that answers well. */
async function bodyFor(request: ModelRequest, id = NEW): Promise<Fields> {
  await using service = await startService([{ frames: [chunk([{ text: 'Well.' }], { finishReason: 'STOP' })] }]);
  await hear(modelAt(service.url, id), request);
  return lastBody(service);
}

function lastBody(service: ModelService): Fields {
  return service.asked.at(-1)?.json ?? {};
}

await t.test('LLMP-04: the provider gemini keeps the contract', (t) =>
  providerContract(t, { stage: stageOver(staged), lacks: ['cacheWrite'] }),
);

await t.test('LLMP-04: what was recorded of Gemini is understood', (t) =>
  playsRecordings(t, {
    folder: 'google',
    frame: asEvents(),
    contentType: 'text/event-stream',
    modelAt: (address) => modelAt(address),
  }),
);

await t.test('the key travels in a header, and neither in the address nor in a message', async (t) => {
  await using service = await startService([
    refuse(403, 'PERMISSION_DENIED', `The key ${KEY} may not do this.`),
    refuse(400, 'INVALID_ARGUMENT', `Something is wrong with ${KEY} here.`),
  ]);
  for (const kind of ['auth', 'invalid']) {
    const { end } = await hear(modelAt(service.url), ask('Go'));
    t.equal(end.failure?.kind, kind);
    t.notMatch(end.failure?.message, KEY);
  }
  const [request] = service.asked;
  t.equal(request?.path, `/v1beta/models/${NEW}:streamGenerateContent?alt=sse`);
  t.equal(request?.headers['x-goog-api-key'], KEY);
});

await t.test('a signature comes back in its part: behind a text, and on the call it came with', async (t) => {
  await using service = await startService([
    {
      frames: [
        chunk([{ text: 'Hm, ', thought: true }]),
        chunk([{ text: 'so.', thought: true, thoughtSignature: 'sig-thought' }]),
        chunk([{ text: 'Let me ' }]),
        chunk([{ text: 'look.' }]),
        chunk([{ text: '', thoughtSignature: 'sig-text' }]),
        chunk([
          { functionCall: { name: 'time_now', args: { zone: 'UTC' }, id: 'fc-1' }, thoughtSignature: 'sig-call' },
          { functionCall: { name: 'time_now', args: {} } },
        ]),
        chunk([{ text: '' }], { finishReason: 'STOP' }),
      ],
    },
    { frames: [chunk([{ text: 'Noon.' }, { text: '', thoughtSignature: 'sig-end' }], { finishReason: 'STOP' })] },
    { frames: [chunk([{ text: 'Sure.' }], { finishReason: 'STOP' })] },
  ]);
  const model = modelAt(service.url);
  const first = await hear(model, ask('Time?'));
  t.equal(first.end.stop, 'tools');
  const said = (heard: Heard): Message => ({
    role: 'assistant',
    text: heard.text,
    thinking: heard.thinking,
    calls: heard.calls,
    ...(heard.end.extra && { extra: heard.end.extra }),
  });
  const results = first.calls.map((call, index) => toolResult(call, `result ${index}`, index === 1));
  const history = [user('Time?'), said(first), ...results];
  const second = await hear(model, ask(history));
  const [, one, two] = first.calls.map(({ id }) => id).toSpliced(0, 0, '');
  const expected = [
    { role: 'user', parts: [{ text: 'Time?' }] },
    {
      role: 'model',
      parts: [
        { text: 'so.', thought: true, thoughtSignature: 'sig-thought' },
        { text: 'Let me look.' },
        { text: '', thoughtSignature: 'sig-text' },
        { functionCall: { id: 'fc-1', name: 'time_now', args: { zone: 'UTC' } }, thoughtSignature: 'sig-call' },
        { functionCall: { id: two, name: 'time_now', args: {} } },
      ],
    },
    {
      role: 'user',
      parts: [
        { functionResponse: { id: one, name: 'time_now', response: { output: 'result 0' } } },
        { functionResponse: { id: two, name: 'time_now', response: { error: 'result 1' } } },
      ],
    },
  ];
  t.strictSame(lastBody(service).contents, expected, 'unsigned thoughts are left out, the rest stands where it stood');
  await hear(model, ask([...history, said(second), user('Sure?')]));
  t.strictSame((lastBody(service).contents as unknown[]).slice(3), [
    { role: 'model', parts: [{ text: 'Noon.' }, { text: '', thoughtSignature: 'sig-end' }] },
    { role: 'user', parts: [{ text: 'Sure?' }] },
  ]);
});

await t.test('calls of another provider get the sign that newer models demand, older ones none', async (t) => {
  const call = { id: 'call odd/id', name: 'time_now', arguments: '{"zone":"UTC"}' };
  const other = { ...call, id: 'call_2' };
  const history = [user('Time?'), assistant('', [call, other]), toolResult(call, 'noon'), toolResult(other, 'noon')];
  const partsOf = async (id: string) =>
    (((await bodyFor(ask(history), id)).contents as Fields[])[1]?.parts ?? []) as Fields[];
  const [first, second] = await partsOf(NEW);
  t.equal(first?.thoughtSignature, 'skip_thought_signature_validator');
  t.equal(second?.thoughtSignature, undefined, 'only the first of an answer');
  t.match(
    (first?.functionCall as Fields | undefined)?.id,
    /^call_[0-9a-f]{32}$/,
    'an id of a form that is taken everywhere',
  );
  t.equal((await partsOf('gemini-2.5-flash'))[0]?.thoughtSignature, undefined);
});

await t.test('a history that begins with an answer gets a beginning of the user', async (t) => {
  const { contents } = await bodyFor(ask([assistant('Welcome.'), user('Hello.')]));
  t.strictSame(
    (contents as Fields[]).map(({ role }) => role),
    ['user', 'model', 'user'],
  );
});

await t.test('an image of a tool stands in its result, for older models beside it', async (t) => {
  const call = { id: 'c1', name: 'screen', arguments: '{}' };
  const image = { type: 'image', mediaType: 'image/png', base64: 'iVBORw0KGgo=' } as const;
  const result: Message = { role: 'tool', callId: 'c1', name: 'screen', content: [text('It:'), image], isError: false };
  const request = ask([user('Look'), assistant('', [call]), result], { tail: 'It is noon.' });
  const inline = { inlineData: { mimeType: 'image/png', data: image.base64 } };
  const partsOf = async (id: string) => ((await bodyFor(request, id)).contents as Fields[])[2]?.parts;
  const response = { id: 'c1', name: 'screen', response: { output: plainText(result.content) } };
  t.strictSame(await partsOf(NEW), [{ functionResponse: { ...response, parts: [inline] } }, { text: 'It is noon.' }]);
  t.strictSame(await partsOf('gemini-2.5-pro'), [{ functionResponse: response }, inline, { text: 'It is noon.' }]);
});

await t.test('how much a model thinks is said in the words of its generation', async (t) => {
  const thinkingOf = async (id: string, thinking?: ModelRequest['thinking']) =>
    ((await bodyFor(ask('Go', thinking && { thinking }), id)).generationConfig as Fields | undefined)?.thinkingConfig;
  t.strictSame(await thinkingOf('gemini-3.8-flash'), { includeThoughts: true });
  t.strictSame(await thinkingOf('gemini-3.8-flash', 'off'), { thinkingLevel: 'minimal' });
  t.strictSame(await thinkingOf('gemini-pro-latest', 'high'), { includeThoughts: true, thinkingLevel: 'high' });
  t.strictSame(await thinkingOf('gemini-2.5-flash', 'off'), { thinkingBudget: 0 });
  t.strictSame(await thinkingOf('gemini-2.5-pro', 'off'), { thinkingBudget: 128 });
  t.strictSame(await thinkingOf('gemini-2.5-pro', 'medium'), { includeThoughts: true, thinkingBudget: 8192 });
  t.equal(await thinkingOf('gemini-2.0-flash', 'high'), undefined);
  t.equal(await thinkingOf('gemma-4-31b-it', 'high'), undefined);
});

await t.test('what a model refuses and can do without is left out, once and for all', async (t) => {
  const fine = { frames: [chunk([{ text: 'Well.' }], { finishReason: 'STOP' })] };
  await using service = await startService([
    refuse(400, 'INVALID_ARGUMENT', 'Thinking level MINIMAL is not supported for this model.'),
    refuse(400, 'INVALID_ARGUMENT', 'Invalid JSON payload received. Unknown name "parametersJsonSchema"'),
    fine,
    fine,
  ]);
  const parameters = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: {
      kind: { const: 'a' },
      size: { type: ['integer', 'null'], exclusiveMinimum: 0 },
      of: { $ref: '#/$defs/deep' },
    },
    additionalProperties: false,
    $defs: {
      deep: { type: 'array', items: { oneOf: [{ type: 'string', format: 'uuid' }, { $ref: '#/$defs/deep' }] } },
    },
  };
  const request = ask('Go', { thinking: 'off', tools: [{ name: 'f', description: 'F.', parameters }] });
  const model = modelAt(service.url);
  for (const _ of [1, 2]) t.equal((await hear(model, request)).text, 'Well.');
  t.equal(service.asked.length, 4, 'two refusals are learnt from once');
  const body = lastBody(service);
  t.strictSame((body.generationConfig as Fields).thinkingConfig, { thinkingLevel: 'low' });
  const [declared] =
    (body.tools as { functionDeclarations: { parameters: { properties: Fields } }[] }[])[0]?.functionDeclarations ?? [];
  t.match(declared?.parameters.properties, {
    kind: { type: 'string', enum: ['a'] },
    size: { type: 'integer', nullable: true },
    of: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'array' }] } },
  });
  t.notMatch(JSON.stringify(declared), /\$ref|\$schema|exclusiveMinimum|uuid|additionalProperties/);
  const first = service.asked[0]?.json;
  t.notMatch(JSON.stringify(first?.tools), /\$schema/);
  t.match(JSON.stringify(first?.tools), /parametersJsonSchema.*additionalProperties/);
});

await t.test('a shape of the answer goes beside tools where the model can, else in words', async (t) => {
  const schema = { name: 'capital', schema: { type: 'object', properties: { capital: { type: 'string' } } } };
  const tools = [{ name: 'f', description: 'F.', parameters: { type: 'object', properties: {} } }];
  const fresh = await bodyFor(ask('Go', { schema, tools }));
  t.match(fresh.generationConfig, { responseMimeType: 'application/json', responseJsonSchema: schema.schema });
  const old = await bodyFor(ask('Go', { schema, tools }), 'gemini-2.5-flash');
  t.equal((old.generationConfig as Fields).responseMimeType, undefined);
  t.match(JSON.stringify(old.systemInstruction), 'capital');
  const alone = await bodyFor(ask('Go', { schema }), 'gemini-2.5-flash');
  t.match(alone.generationConfig, { responseMimeType: 'application/json' });
});

await t.test('every reason to stop is understood', async (t) => {
  const cases: readonly (readonly [reasons: string, stop: string])[] = [
    ['STOP', 'end'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY RECITATION LANGUAGE BLOCKLIST PROHIBITED_CONTENT SPII MODEL_ARMOR IMAGE_SAFETY', 'refused'],
    ['OTHER MALFORMED_FUNCTION_CALL UNEXPECTED_TOOL_CALL MISSING_THOUGHT_SIGNATURE', 'error'],
    ['SOMETHING_NEW', 'end'],
  ];
  for (const [reasons, stop] of cases) {
    for (const finishReason of reasons.split(' ')) {
      const heard = await hearParts([{ text: 'Once' }], { finishReason, finishMessage: 'Malformed call: print(1)' });
      t.equal(heard.end.stop, stop, finishReason);
      t.equal(heard.text, 'Once');
      if (stop === 'error') t.match(heard.end.failure?.message, 'Malformed call', 'in the words of the service');
    }
  }
  const blocked = {
    promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
    usageMetadata: { promptTokenCount: 9, totalTokenCount: 9 },
  };
  const heard = await hearEvents(event(blocked));
  t.equal(heard.end.stop, 'refused');
  t.same(heard.usage, { input: 9, output: 0, cacheRead: null, cacheWrite: null });
});

await t.test('an error in the middle is a failure of its kind', async (t) => {
  const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.5s' }];
  for (const error of [
    { code: 429, message: 'Quota.', status: 'RESOURCE_EXHAUSTED', details },
    { message: 'Quota.', status: 'RESOURCE_EXHAUSTED', details },
  ]) {
    const heard = await hearEvents(chunk([{ text: 'Once' }]), event({ error }));
    t.equal(heard.text, 'Once');
    t.match(heard.end.failure, { kind: 'overload', retryAfterMs: 1500 });
  }
});

await t.test('arguments that come in pieces are put together, whatever their names', async (t) => {
  const piece = (partialArgs: readonly object[], rest: object = { willContinue: true }) =>
    chunk([{ functionCall: { partialArgs, ...rest } }]);
  const heard = await hearEvents(
    chunk([{ functionCall: { name: 'f', willContinue: true }, thoughtSignature: 'sig' }]),
    piece([{ jsonPath: '$.list[0].name', stringValue: 'a', willContinue: true }]),
    piece([
      { jsonPath: '$.list[0].name', stringValue: 'b' },
      { jsonPath: '$.list[1]', numberValue: 0 },
    ]),
    piece([
      { jsonPath: "$['odd name']", boolValue: false },
      { jsonPath: '$.none', nullValue: 'NULL_VALUE' },
    ]),
    piece([
      { jsonPath: '$.__proto__.polluted', boolValue: true },
      { jsonPath: '$.list[999999999]', numberValue: 2 },
    ]),
    chunk([{ functionCall: {} }, { functionCall: { name: 'g', args: { x: 1 } } }], { finishReason: 'STOP' }),
  );
  const [f, g] = heard.calls.map((call) => ({ id: call.id, input: JSON.parse(call.arguments) as Fields }));
  t.same(f?.input.list, [{ name: 'ab' }, 0, 2]);
  t.match(f?.input, { 'odd name': false, none: null });
  t.equal(({} as Fields).polluted, undefined);
  t.same(g?.input, { x: 1 });
  t.not(f?.id, g?.id);
});

await t.test('chunks of unknown form do no harm', async (t) => {
  const heard = await hearEvents(
    ': a comment\r\n\r\n',
    ...[null, 7, 'ping', [], { type: 'ping' }, { candidates: null }, { candidates: [{ content: null }] }].map(event),
    event({ candidates: [{ content: { parts: 'x' } }], usageMetadata: 'none' }),
    chunk([{ text: 5 }, { executableCode: { code: 'x' } }, { functionCall: null }, { inlineData: {} }]),
    chunk([{ text: 'Hello' }], { finishReason: 'STOP', groundingMetadata: {} }),
  );
  t.equal(heard.text, 'Hello');
  t.equal(heard.end.stop, 'end');
  t.equal(heard.calls.length, 0);
});

await t.test('the models of the service are listed, page by page', async (t) => {
  const methods = ['generateContent', 'countTokens'];
  const pages = [
    {
      models: [
        {
          name: 'models/gemini-x',
          inputTokenLimit: 1000,
          outputTokenLimit: 100,
          thinking: true,
          supportedGenerationMethods: methods,
        },
        { name: 'models/gemini-embedding-001', supportedGenerationMethods: ['embedContent'] },
      ],
      nextPageToken: 'two/2',
    },
    { models: [{ name: 'models/gemini-y', supportedGenerationMethods: methods }] },
  ];
  await using service = await startService([
    ...pages.map((page) => ({ json: page })),
    refuse(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.'),
  ]);
  const access = accessTo(`${service.url}/v1beta`, { name: 'gemini', key: KEY });
  t.same(await listModels(access, AbortSignal.timeout(5000)), [
    { id: 'gemini-x', window: 1000, output: 100, abilities: { thinking: true } },
    { id: 'gemini-embedding-001', dimensions: 3072 },
    { id: 'gemini-y' },
  ]);
  t.equal(service.asked[1]?.path, '/v1beta/models?pageSize=1000&pageToken=two%2F2');
  await t.rejects(listModels(access, AbortSignal.timeout(5000)), { code: 'MODEL_FAILED', message: /refuses the key/ });
});

await t.test('texts become vectors of the wanted size', async (t) => {
  await using service = await startService([
    { json: { embeddings: [{ values: [1, 0] }, { values: [0, 1] }] } },
    refuse(429, 'RESOURCE_EXHAUSTED', 'Quota.'),
  ]);
  const access = accessTo(`${service.url}/v1beta`, { name: 'gemini', key: KEY });
  const embedder = geminiEmbedder(access, { id: 'gemini-embedding-001', dimensions: 2 });
  const signal = AbortSignal.timeout(5000);
  t.same(await embedder.embed(['a', 'b'], signal), {
    vectors: [
      [1, 0],
      [0, 1],
    ],
    tokens: null,
  });
  t.equal(service.asked[0]?.path, '/v1beta/models/gemini-embedding-001:batchEmbedContents');
  t.match(lastBody(service), {
    requests: [
      { model: 'models/gemini-embedding-001', content: { parts: [{ text: 'a' }] }, outputDimensionality: 2 },
      {},
    ],
  });
  await t.rejects(embedder.embed(['a'], signal), { code: 'MODEL_FAILED' });
});
