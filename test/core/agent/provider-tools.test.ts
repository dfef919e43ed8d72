import t from 'tap';
import { conceding, eventBatches, eventData, eventStream, ServiceError } from 'boternity';

const events =
  'data: {"a":1}\r\n\r\n: a comment\nevent: named\ndata: {"b":\ndata: 2}\n\nid: 7\n\ndata:{"c":"é"}\n\ndata: [DONE]\n\ndata: {"d":4}\n';

async function* inPieces(size: number, text = events): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

await t.test(
  'server-sent events are understood however they are cut, with any line ends, the last one unended',
  async (t) => {
    for (const size of [1, 3, 1000]) {
      const data: string[] = [];
      for await (const each of eventData(inPieces(size))) data.push(each);
      t.strictSame(data, ['{"a":1}', '{"b":\n2}', '{"c":"é"}', '[DONE]', '{"d":4}']);
      const values: unknown[] = [];
      for await (const batch of eventBatches(inPieces(size))) values.push(...batch);
      t.strictSame(values, [{ a: 1 }, { b: 2 }, { c: 'é' }, { d: 4 }]);
    }
  },
);

await t.test('events as OpenAI sends them end with [DONE], and errors in them are thrown', async (t) => {
  const read = async (body: AsyncIterable<Uint8Array>): Promise<{ values: unknown[]; isDone: boolean }> => {
    const stream = eventStream(body);
    const values: unknown[] = [];
    for await (const batch of stream.chunks) values.push(...batch);
    return { values, isDone: stream.isDone() };
  };
  for (const size of [1, 3, 1000]) {
    t.strictSame(await read(inPieces(size)), { values: [{ a: 1 }, { b: 2 }, { c: 'é' }], isDone: true });
    t.strictSame(await read(inPieces(size, 'data: {"a":1}')), { values: [{ a: 1 }], isDone: false });
    const named = 'event: error\ndata: {"message":"no"}\n\n';
    await t.rejects(read(inPieces(size, named)), { message: /answered with an error/ });
    await t.rejects(read(inPieces(size, 'data: {"error":{"code":1}}\n\n')), { message: /answered with an error/ });
    await t.rejects(read(inPieces(size, 'data: {"a"\n\n')), SyntaxError);
  }
  let hasLeft = false;
  const open = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield Buffer.from('data: {"a":1}\n\ndata: [DONE]\n\n');
      await new Promise(() => undefined);
    } finally {
      hasLeft = true;
    }
  };
  t.strictSame(
    await read(open()),
    { values: [{ a: 1 }], isDone: true },
    'a connection that stays open is not waited for',
  );
  t.ok(hasLeft);
});

await t.test('what a service refuses is given up one thing at a time, and other refusals are final', async (t) => {
  const asked: string[][] = [];
  const changes = new Set<string>();
  const answer = await conceding(
    changes,
    (words) => ['hat', 'coat'].filter((thing) => words.includes(thing)),
    async (made) => {
      asked.push([...made]);
      if (!made.has('coat')) throw new ServiceError(400, { message: 'no hat, no coat' });
      return 'welcome';
    },
  );
  t.equal(answer, 'welcome');
  t.strictSame(asked, [[], ['hat'], ['hat', 'coat']]);
  t.strictSame([...changes], ['hat', 'coat']);
  const refuse = (status: number, message: string): Promise<unknown> =>
    conceding(
      new Set<string>(),
      () => ['hat'],
      () => Promise.reject(new ServiceError(status, { message })),
    );
  await t.rejects(refuse(400, 'always'), { name: 'Error', message: /400/ });
  await t.rejects(refuse(500, 'hat'), { name: 'Error', message: /500/ });
});

await t.test('what was given up is remembered when it helped, unless it is about one request alone', async (t) => {
  const lasting = new Set<string>();
  const enter = (needed: readonly string[]): Promise<string> =>
    conceding(
      lasting,
      (words, given, status) =>
        status === 404 ? [] : ['hat', 'coat', 'scarf'].filter((each) => words.includes(each) && !given.has(each)),
      async (given) => {
        const missing = needed.find((each) => !given.has(each));
        if (missing !== undefined) throw new ServiceError(missing === 'door' ? 404 : 400, { message: `no ${missing}` });
        return 'welcome';
      },
      (each) => each === 'scarf',
    );
  await t.rejects(enter(['hat', 'door']));
  t.strictSame([...lasting], [], 'what did not help is asked for again');
  t.equal(await enter(['scarf', 'coat']), 'welcome');
  t.strictSame([...lasting], ['coat']);
});
