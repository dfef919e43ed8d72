import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { git } from '../support/git-client.ts';
import { startEmbeddingService } from '../support/embedding-service.ts';
import { until, type Product } from '../support/product.ts';
import { begin, say, startTalking, type ChatBody, type Talking } from '../support/talk.ts';

t.setTimeout(180_000);

await t.test(
  'MEMO-02: a fact told in one conversation is in the prompt of another that asks for it, and the run says so',
  async (t) => {
    await using talking = await startTalking();
    const { product, mock } = talking;
    const { client } = product;
    const { id } = await client.call('memories.create', {
      bot: 'assistant',
      text: 'The wifi password hint is the name of the cat',
    });
    await client.call('memories.create', { bot: 'assistant', text: 'Anna is allergic to peanuts' });
    await client.call('memories.create', { bot: 'assistant', text: 'The dentist is on Tuesday', importance: 2 });
    const conversation = await begin(product);
    mock.script('Peanuts.');
    const { answer } = await say(product, conversation, 'What is Anna allergic to?');
    const tail = lastOf(talking);
    t.match(tail, /<long_term_memory>[^]*- \[fact\] Anna is allergic to peanuts/);
    t.notMatch(tail, /dentist|wifi/, 'and nothing else comes to mind');
    t.match(await runOf(product, conversation, answer.id), { recalled: [/./] });
    const { calls } = await client.call('usage.list', {});
    t.equal(calls.find(({ run }) => run === answer.id)?.recalled, 1, 'the ledger counts it');
    await say(product, conversation, 'Nice weather today, is it not?');
    t.notMatch(lastOf(talking), /peanuts \(/, 'small talk brings nothing to mind');
    t.match(await client.call('memories.show', { bot: 'assistant', memory: id }), { uses: 0 });
  },
);

await t.test('people edit, remove and revert memory files, and the next question knows', async (t) => {
  await using talking = await startTalking();
  const { product } = talking;
  const { client } = product;
  const folder = path.join(product.home, 'bots/assistant/memory');
  const made = await client.call('memories.create', { bot: 'assistant', text: 'The boat lies in Hamburg' });
  const find = async (text: string): Promise<string[]> =>
    (await product.client.call('memories.search', { bot: 'assistant', text })).memories.map((each) => each.text);
  const log = async (): Promise<string> => (await git(folder, ['log', '--format=%an: %s', 'memory'])).stdout;
  t.strictSame(await find('boat'), ['The boat lies in Hamburg'], 'what answered is found');
  await until('it is in history', async () => (await log()).includes('Remember: The boat'));

  const file = `bots/assistant/${made.path}`;
  const text = (await product.files.read(file)) ?? '';
  await product.files.write(file, text.replace('Hamburg', 'Kiel'));
  await until('the edit is found', async () => (await find('boat'))[0] === 'The boat lies in Kiel');
  await until('and committed in the name of the owner', async () => /Owner: Edits on disk/.test(await log()));
  await product.files.write(file, '{ "text": ');
  await until('damage is told', () => product.heard.stderr.includes(made.path));
  t.strictSame(await find('Kiel'), [], 'a file that cannot be read answers nothing');
  await product.files.write(file, text.replace('Hamburg', 'Kiel'));
  await until('it is read again', async () => (await find('boat'))[0] === 'The boat lies in Kiel');

  await until('git sees a clean folder', async () => (await git(folder, ['status', '--porcelain'])).stdout === '');
  const edit = (await git(folder, ['log', '-1', '--format=%H', '--grep=Edits on disk', 'memory'])).stdout.trim();
  const reverted = await git(folder, [
    '-c',
    'user.name=Ada',
    '-c',
    'user.email=ada@example.org',
    'revert',
    '--no-edit',
    edit,
  ]);
  t.equal(reverted.code, 0, reverted.stderr);
  await until('the revert is found', async () => (await find('boat'))[0] === 'The boat lies in Hamburg');
  await rm(path.join(folder, made.path.split('/')[1] ?? ''), { recursive: true });
  await until('what is gone is found no more', async () => (await find('boat')).length === 0);
  await until(
    'and history says so',
    async () => (await log()).split('\n').filter((line) => line.includes('Edits on disk')).length === 2,
  );

  await product.stop();
  const other = { ...(JSON.parse(text) as object), id: 'by-hand', text: 'The tent is green' };
  await product.files.write('bots/assistant/memory/2026-11-01/by-hand.json', JSON.stringify(other));
  await product.start();
  t.strictSame(
    await find('tent'),
    ['The tent is green'],
    'what was written while nothing ran is found after the start',
  );
});

await t.test('INFR-02: without its cache the index is made anew and answers the same', async (t) => {
  await using talking = await startTalking();
  const { product } = talking;
  const { client } = product;
  for (const [at, town] of ['Bern', 'Basel', 'Genf', 'Zug', 'Chur'].entries())
    await client.call('memories.create', {
      bot: 'assistant',
      text: `Aunt number ${at} lives in ${town}, near the lake`,
      importance: (at % 4) + 1,
    });
  const ask = async (): Promise<string> => {
    const { memories } = await product.client.call('memories.search', {
      bot: 'assistant',
      text: 'which aunt lives near the lake in Basel?',
    });
    return JSON.stringify(memories.map(({ text, score, words }) => ({ text, score, words })));
  };
  const before = await ask();
  t.equal((JSON.parse(before) as { text: string }[])[0]?.text, 'Aunt number 1 lives in Basel, near the lake');
  await product.stop();
  await product.start();
  t.equal(await ask(), before, 'after a restart');
  await product.stop();
  await rm(path.join(product.home, '.boternity/cache'), { recursive: true });
  await product.start();
  t.equal(await ask(), before, 'and from the files alone');
});

await t.test('memory_search, memory_store and memory_forget: what a bot does itself, within its limits', async (t) => {
  await using talking = await startTalking();
  const { product, mock } = talking;
  const { client } = product;
  const { id: vital } = await client.call('memories.create', {
    bot: 'assistant',
    text: 'Never mention the surprise party',
    importance: 5,
  });
  const conversation = await begin(product);
  mock.script(
    {
      calls: [
        {
          name: 'memory_store',
          arguments: { content: 'The person plays the cello', metadata: { category: 'preference', importance: 4 } },
        },
      ],
    },
    'Noted.',
  );
  const { nodes } = await say(product, conversation, 'I play the cello, keep that in mind.');
  const [stored] = nodes.flatMap(({ tool }) => tool ?? []);
  const { entry } = JSON.parse(stored?.result ?? '{}') as { entry: { id: string } };
  const { path: place, ...memory } = await client.call('memories.show', { bot: 'assistant', memory: entry.id });
  t.match(memory, {
    text: 'The person plays the cello',
    origin: 'agent',
    source: { conversation, message: /./ },
    importance: 4,
  });
  t.match(await client.call('memories.why', { bot: 'assistant', memory: entry.id }), {
    conversation,
    commits: [{ author: 'assistant' }],
  });
  t.ok(place);
  const written = await say(product, conversation, 'x').then(() => lastOf(talking));
  t.match(written, /<core_memory>[^]*Never mention the surprise party/, 'the highest importance is always at hand');

  mock.clear();
  mock.script(
    { calls: [{ name: 'memory_search', arguments: { query: 'which instrument, a cello?', limit: 1 } }] },
    'The cello.',
  );
  await say(product, conversation, 'Which instrument?');
  const result =
    talking
      .bodies()
      .at(-1)
      ?.messages.findLast(({ role }) => role === 'tool')?.content ?? '';
  t.match(JSON.parse(/^\{.*\}$/m.exec(result)?.[0] ?? ''), {
    entries: [{ id: entry.id, content: 'The person plays the cello', metadata: { origin: 'agent' } }],
    truncated: false,
  });

  const forget = async (id: string): Promise<string> => {
    mock.script({ calls: [{ name: 'memory_forget', arguments: { id } }] }, 'Well.');
    const { nodes } = await say(product, conversation, 'Forget that.');
    return nodes.flatMap(({ tool }) => tool?.result ?? []).join('');
  };
  t.match(await forget('nonsense'), /write the id of a memory/, 'an id that is none');
  t.match(await forget(vital), /only a person can remove it/);
  t.match(await forget(entry.id), /"ok":true/);
  t.match(await client.call('memories.list', { bot: 'assistant' }), { total: 1 });
});

await t.test(
  'MEMO-01: what was said is noted in the background, and a new conversation begins with it, on the page, in the terminal and over /v1',
  async (t) => {
    await using talking = await startTalking({
      files: { 'settings.yaml': 'plugins:\n  memory: { quietMinutes: 0.05 }\n' },
    });
    const { product, mock } = talking;
    const { client } = product;
    mock.scriptNotes(
      JSON.stringify({
        facts: [{ text: 'Rosa keeps bees on the roof', category: 'fact', importance: 3, turn: 1 }],
        points: ['They planned the harvest of the honey for August'],
      }),
    );
    const first = await begin(product);
    await say(product, first, 'I am Rosa and I keep bees on the roof. When is the harvest?');
    const second = await begin(product);
    await say(product, second, 'Good morning!');
    t.match(
      lastOf(talking),
      /<session_memory>[^]*the person said: "I am Rosa/,
      'before anything is noted its own words are there',
    );
    const noted = await until(
      'both are noted',
      async () => {
        const { memories } = await client.call('memories.list', { bot: 'assistant' });
        return memories.length === 2 && memories;
      },
      20_000,
    );
    const fact = noted.find(({ kind }) => kind === 'fact');
    t.match(fact, {
      text: 'Rosa keeps bees on the roof',
      origin: 'agent',
      source: { conversation: first, message: /./ },
    });
    t.match(
      noted.find(({ kind }) => kind === 'note'),
      { category: 'context', source: { conversation: first } },
    );
    const [request] = mock.noteRequests();
    t.match(request?.body, /Person: I am Rosa/);

    const third = await begin(product);
    await say(product, third, 'Hello again');
    await product.cli(['chat', 'assistant', '--message', 'Hello from the terminal']);
    const response = await product.fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'assistant', messages: [{ role: 'user', content: 'Hello over the API' }] }),
    });
    t.equal(response.status, 200);
    for (const said of ['Hello again', 'Hello from the terminal', 'Hello over the API']) {
      const body = talking.bodies().find(({ messages }) => JSON.stringify(messages).includes(said));
      const text = JSON.stringify(body?.messages);
      t.match(text, /session_memory/, said);
      t.match(text, /Rosa keeps bees on the roof/, said);
      t.match(text, /harvest of the honey for August/, said);
    }
    const { runs } = await client.call('runs.list', { conversation: first });
    t.match(
      runs.find(({ purpose }) => purpose === 'extraction'),
      { state: 'succeeded' },
      'its cost stands with the conversation',
    );
  },
);

await t.test(
  'ten turns, contradictions, doubles, answers that are no notes, a kill: what is learned is learned once',
  async (t) => {
    await using talking = await startTalking({
      files: { 'settings.yaml': 'plugins:\n  memory: { quietMinutes: 60 }\n' },
    });
    const { product, mock } = talking;
    const { client } = product;
    const list = async (superseded = false): Promise<string[]> =>
      (await product.client.call('memories.list', { bot: 'assistant', superseded })).memories.map(({ text }) => text);
    const conversation = await begin(product);
    mock.scriptNotes(
      '```json\n{"memories": [{"fact": "Tom lives in Bern", "category": "fact"}, {"fact": "Tom has a dog"}]}\n```',
      JSON.stringify({ facts: [{ text: 'Tom lives in Basel now', replaces: ['K1'] }, { text: 'a dog has Tom' }] }),
      'I would rather not.',
      '- [preference] Tom drinks tea',
    );
    for (let turn = 1; turn <= 10; turn += 1)
      await say(product, conversation, turn === 1 ? 'I am Tom from Bern with a dog' : `Turn ${turn}`);
    await until('ten turns are noted', async () => (await list()).length === 2);
    t.equal(mock.noteRequests().length, 1, 'once');

    await say(product, conversation, 'By the way, I moved from Bern to Basel');
    await client.call('conversations.archive', { conversation });
    await until('an archived conversation is read at once', async () =>
      (await list()).includes('Tom lives in Basel now'),
    );
    t.match(mock.noteRequests()[1]?.body, /K\d: Tom lives in Bern/, 'what is known stands beside it');
    t.notMatch(mock.noteRequests()[1]?.body, /Turn 3/, 'and what was read before is not read again');
    // What is new is written before what it replaces is put aside.
    const once = ['Tom has a dog', 'Tom lives in Basel now'];
    await until('nothing twice', async () => (await list()).toSorted().join() === once.join());
    t.ok((await list(true)).includes('Tom lives in Bern'), 'and what was replaced is kept');
    const { memories } = await client.call('memories.search', { bot: 'assistant', text: 'where does Tom live?' });
    t.equal(memories[0]?.text, 'Tom lives in Basel now');
    t.notOk(memories.some(({ text }) => text === 'Tom lives in Bern'));

    const other = await begin(product);
    await say(product, other, 'I drink tea');
    await t.rejects(client.call('memories.learn', { conversation: other }), { code: 'MODEL_FAILED' });
    t.equal((await list()).length, 2, 'nothing readable came of it');
    await until('it waits on disk', async () =>
      (await product.files.read('.boternity/learning.json'))?.includes(other),
    );
    await product.kill9();
    await product.start();
    await product.client.call('conversations.archive', { conversation: other });
    await until('after a kill it is still known and learned', async () => (await list()).includes('Tom drinks tea'));
    t.match(mock.noteRequests().at(-1)?.body, /I drink tea/);
  },
);

await t.test('forgetting removes what was replaced too, and says what it removed; others keep theirs', async (t) => {
  await using talking = await startTalking();
  const { product } = talking;
  const { client } = product;
  await client.call('bots.create', { name: 'Grace' });
  const first = await client.call('memories.create', { bot: 'assistant', text: 'The code of the gate is 1234' });
  const second = await client.call('memories.create', {
    bot: 'assistant',
    text: 'The code of the gate is 9876',
    supersedes: [first.id],
  });
  await client.call('memories.create', { bot: 'grace', text: 'The code of the shed is 5555' });
  const own = await client.call('memories.search', { bot: 'assistant', text: 'code of the shed' });
  t.notOk(
    own.memories.some(({ text }) => text.includes('5555')),
    'nothing of another bot',
  );
  await t.rejects(client.call('memories.show', { bot: 'grace', memory: second.id }), { code: 'MEMORY_MISSING' });
  const ran = await product.cli(['memory', 'delete', 'assistant', second.id, '--force', '--json']);
  t.strictSame(
    (JSON.parse(ran.stdout) as { removed: { text: string }[] }).removed.map(({ text }) => text),
    [second.text, first.text],
  );
  t.match(await client.call('memories.list', { bot: 'assistant', superseded: true }), { total: 0 });
  const left = await readdir(path.join(product.home, 'bots/assistant/memory'), { recursive: true });
  t.strictSame(
    left.filter((name) => name.endsWith('.json')),
    [],
    'no file is left',
  );
});

function lastOf(talking: Talking): string {
  return textOf(talking.bodies().at(-1));
}

function textOf(body: ChatBody | undefined): string {
  return (body?.messages ?? []).map(({ content }) => content ?? '').join('\n');
}

async function runOf(product: Product, conversation: string, run: string): Promise<unknown> {
  return product.client.call('runs.show', { conversation, run });
}

await t.test(
  'with an embedder memories get vectors in the background, again after another model is chosen, and words go on where it fails',
  async (t) => {
    await using service = await startEmbeddingService();
    await using another = await startEmbeddingService();
    await using talking = await startTalking({
      providers: `  near:\n    ${service.provider}  far:\n    ${another.provider}`,
      files: { 'settings.yaml': 'embedder: near/words\n' },
    });
    const { product } = talking;
    const { client } = product;
    service.script(
      { status: 500, json: { error: { message: 'down' } } },
      { status: 500, json: { error: { message: 'down' } } },
    );
    for (const text of ['Rosa keeps bees', 'The boat is called Selma', 'Tom moved to Basel'])
      await client.call('memories.create', { bot: 'assistant', text });
    const found = await client.call('memories.search', { bot: 'assistant', text: 'bees' });
    t.equal(found.memories[0]?.text, 'Rosa keeps bees', 'words do not wait for vectors');
    await until(
      'all of them have vectors',
      () =>
        service
          .calls()
          .flat()
          .filter((text) => /bees$|Selma$|Basel$/.test(text)).length >= 3,
      30_000,
    );
    const { calls } = await client.call('usage.list', {});
    t.ok(
      calls.some(({ purpose, model }) => purpose === 'embedding' && model === 'words'),
      'each call has its line',
    );
    const conversation = await begin(product);
    await say(product, conversation, 'Tell me about the bees');
    const asked = service.calls().flat();
    t.equal(asked.filter((text) => text === 'Tell me about the bees').length, 1, 'a question is embedded too, once');
    t.match(lastOf(talking), /Rosa keeps bees/);
    await client.call('settings.set', { key: 'embedder', value: 'far/words' });
    await until('all have vectors of the other one', async () => {
      const { memories } = await client.call('memories.search', { bot: 'assistant', text: 'Who has a boat?' });
      t.equal(memories[0]?.text, 'The boat is called Selma', 'and words go on');
      const embedded = new Set(another.calls().flat());
      return ['Rosa keeps bees', 'The boat is called Selma', 'Tom moved to Basel'].every((text) => embedded.has(text));
    });
  },
);
