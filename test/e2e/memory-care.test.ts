import { rm } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { cloneOf, git } from '../support/git-client.ts';
import { Feed } from '../support/live.ts';
import { until, type Product } from '../support/product.ts';
import { begin, say, startTalking, type ChatBody } from '../support/talk.ts';
import { openTerminal } from '../support/terminal.ts';

t.setTimeout(180_000);

await t.test('/memory, /remember and /forget at the terminal, and the same in plain words with a model', async (t) => {
  await using talking = await startTalking();
  const { product, mock } = talking;
  const { client } = product;
  const add = (text: string) => client.call('memories.create', { bot: 'assistant', text });
  const texts = async (): Promise<string[]> =>
    (await client.call('memories.list', { bot: 'assistant', superseded: true })).memories.map(({ text }) => text);
  const old = await add('Lea lives in Bern');
  await client.call('memories.create', { bot: 'assistant', text: 'Lea lives in Thun', supersedes: [old.id] });
  await add('Lea lives with two cats');
  await add('The boiler is checked in May');
  await using terminal = openTerminal(['chat', 'assistant', '--home', product.home]);
  await terminal.sees('›');
  terminal.type('/memory\r');
  t.match(await terminal.sees(/boiler[^]*› $/), 'Lea lives with two cats');
  terminal.type('/memory boiler in May\r');
  const found = await terminal.sees(/\d\.\d\d The boiler is checked in May[^]*› $/);
  t.notMatch(found, 'cats');
  terminal.type('/remember Lea plays the horn\r');
  await terminal.sees('Remembered.');
  terminal.type('/forget the colour of the sofa\r');
  await terminal.sees('Nothing like that is remembered.');
  terminal.type('/forget where Lea lives\r');
  t.match(await terminal.sees('Forget which?'), /1 \d\.\d\d Lea lives[^]*2 \d\.\d\d Lea lives/);
  terminal.type('\r');
  await terminal.sees('Nothing was forgotten.');
  t.equal((await texts()).length, 5);
  terminal.type('/forget Lea lives in Thun\r');
  const shown = await terminal.sees(/Forget (?:it|which)\?/);
  const number = /(\d) \d\.\d\d Lea lives in Thun/.exec(shown)?.[1] ?? 'y';
  terminal.type(`${/Forget it/.test(shown) ? 'y' : number}\r`);
  t.match(
    await terminal.sees(/Forgotten: Lea lives in Bern/),
    'Forgotten: Lea lives in Thun',
    'what it had replaced too',
  );
  t.strictSame((await texts()).toSorted(), [
    'Lea lives with two cats',
    'Lea plays the horn',
    'The boiler is checked in May',
  ]);
  terminal.type('/exit\r');
  t.equal(await terminal.end(), 0);

  const conversation = await begin(product);
  mock.script(
    { calls: [{ name: 'memory_store', arguments: { content: 'Lea moved to Chur' } }] },
    'I will remember that.',
  );
  await say(product, conversation, 'Remember that I moved to Chur. – Lea');
  t.ok((await texts()).includes('Lea moved to Chur'), 'remember that …');
  const boiler = (await client.call('memories.search', { bot: 'assistant', text: 'boiler' })).memories[0]?.id ?? '';
  mock.script(
    { calls: [{ name: 'memory_search', arguments: { query: 'boiler' } }] },
    { calls: [{ name: 'memory_forget', arguments: { id: boiler } }] },
    'It is forgotten.',
  );
  const { nodes } = await say(product, conversation, 'Forget that the boiler is checked in May.');
  t.match(nodes.flatMap(({ tool }) => tool?.result ?? []).join(''), boiler, 'the model learns the id by searching');
  t.notOk(
    (await texts()).some((text) => text.includes('boiler')),
    'forget that …',
  );
  const offered = (talking.bodies().at(-1) as ChatBody).tools?.map((tool) => tool.function.name) ?? [];
  t.ok(['memory_search', 'memory_store', 'memory_forget'].every((name) => offered.includes(name)));
});

await t.test('an export is wanted explicitly, holds what was asked for, and no secret', async (t) => {
  await using talking = await startTalking();
  const { product } = talking;
  const { client } = product;
  const add = (text: string, category: 'fact' | 'preference' = 'fact') =>
    client.call('memories.create', { bot: 'assistant', text, category });
  await add('Write to anna@example.org or call +41 79 123 45 67, IBAN CH93 0076 2011 6238 5295 7');
  await add('The token of the build is ghp_16C7e42F292c6912E7710c838347Ae178B4a');
  await add('Tea at four', 'preference');
  await t.rejects(client.call('memories.export', { bot: 'assistant' }), { code: 'EXPORT_REFUSED' });
  const all = await client.call('memories.export', { bot: 'assistant', opt_in: true });
  t.match(all, { count: 3, redacted: 2 });
  const lines = all.text
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { text: string }).text);
  t.ok(lines.includes('Write to [email] or call [phone], IBAN [account]'), lines.join('|'));
  t.ok(lines.includes('The token of the build is [secret]'));
  const personal = await client.call('memories.export', { bot: 'assistant', opt_in: true, personal: true });
  t.match(personal.text, 'anna@example.org');
  t.notMatch(personal.text, 'ghp_', 'a secret never');
  await product.files.write('bots/assistant/bot.yaml', 'memory: { export: on }\n');
  const ran = await product.cli([
    'memory',
    'export',
    'assistant',
    '--category',
    'preference',
    '--format',
    'json',
    '--json',
  ]);
  t.equal(ran.code, 0, ran.stderr);
  t.match(JSON.parse((JSON.parse(ran.stdout) as { text: string }).text), [{ text: 'Tea at four' }]);
});

await t.test('the diary of a day is added to, never written anew, committed, and nobody searches it', async (t) => {
  await using talking = await startTalking();
  const { product } = talking;
  const { client } = product;
  const folder = path.join(product.home, 'bots/assistant/memory');
  const place = `bots/assistant/memory/diary/${new Date().toISOString().slice(0, 10)}.md`;
  await client.call('memories.create', { bot: 'assistant', text: 'Before the diary' });
  t.equal(await product.files.read(place), undefined, 'without the setting there is none');
  await product.files.write('bots/assistant/bot.yaml', 'memory: { diary: true }\n');
  const conversation = await begin(product);
  talking.mock.script({ calls: [{ name: 'memory_store', arguments: { content: 'The first thing' } }] }, 'Noted.');
  await say(product, conversation, 'Note the first thing.');
  const first = (await product.files.read(place)) ?? '';
  t.match(
    first,
    new RegExp(`^# \\d{4}-\\d\\d-\\d\\d\\n- \\d\\d:\\d\\d The first thing \\(conversation ${conversation}\\)\\n$`),
  );
  await product.files.write(place, `${first}\nXylophone was my own remark.`);
  await client.call('memories.create', { bot: 'assistant', text: 'The second thing' });
  const both = (await product.files.read(place)) ?? '';
  t.match(both, /The first thing[^]*Xylophone was my own remark\.\n- \d\d:\d\d The second thing\n$/);
  await product.stop();
  await product.start();
  await product.client.call('memories.create', { bot: 'assistant', text: 'The third thing' });
  t.equal((await product.files.read(place))?.startsWith(both), true, 'after a restart too');
  t.strictSame(
    (await product.client.call('memories.search', { bot: 'assistant', text: 'xylophone remark' })).memories,
    [],
  );
  await until('git sees a clean folder', async () => (await git(folder, ['status', '--porcelain'])).stdout === '');
  t.match((await git(folder, ['log', '-p', '--format=%s', 'memory', '--', 'diary'])).stdout, /\+Xylophone/);
  await using clone = await cloneOf(product, 'assistant/memory.git');
  t.match(await clone.files.read(place.replace('bots/assistant/memory/', '')), 'Xylophone');
  await clone.commit({ 'diary/2026-01-01.md': '# A day\n' });
  t.match(await clone.push('origin', 'HEAD:memory'), { code: 0 }, 'a page can be pushed');
  await clone.commit({ 'diary/notes.md': '# No day\n' });
  t.match(await clone.push('origin', 'HEAD:memory'), { code: 1, stderr: /does not belong in a memory/ });
});

/** A memory file as a person or a program would write it; returns its path from the home. */
async function writeMemory(product: Product, day: string, id: string, text: string): Promise<string> {
  const file = `bots/assistant/memory/${day}/${id}.json`;
  const memory = { id, text, origin: 'owner', created_at: `${day}T08:00:00.000Z` };
  await product.files.write(file, JSON.stringify(memory));
  return file;
}

await t.test('many memories at once are few events, and what is copied into the folder is in history', async (t) => {
  await using talking = await startTalking();
  const { product } = talking;
  const { client } = product;
  const feed = await Feed.open(client);
  const told = (): string[][] =>
    feed.events.flatMap(({ type, memories }) => (type === 'memory' ? [memories as string[]] : []));
  const ids = (): Set<string> => new Set(told().flat());
  const add = (number: number) =>
    client.call('memories.create', { bot: 'assistant', text: `The shelf ${number} is green` });
  const [first] = [await add(0)];
  await until('the first is told', () => ids().has(first.id));
  const made = await Promise.all(Array.from({ length: 200 }, (_, at) => add(at + 1)));
  await until('each is told', () => made.every(({ id }) => ids().has(id)));
  t.ok(told().length < made.length / 4, `${made.length} in ${told().length} events`);

  const before = told().length;
  const copied = Array.from({ length: 300 }, (_, at) => `copy-${at}`);
  await Promise.all(copied.map((id) => writeMemory(product, '2026-02-02', id, `The box ${id} is red`)));
  await until('each copy is told', () => copied.every((id) => ids().has(id)));
  t.ok(told().length - before < copied.length / 4, `${copied.length} in ${told().length - before} events`);
  const folder = path.join(product.home, 'bots/assistant/memory');
  await until('git sees a clean folder', async () => (await git(folder, ['status', '--porcelain'])).stdout === '');
  const commits = await git(folder, ['log', '--format=%an', 'memory', '--', '2026-02-02']);
  t.match(commits.stdout, /^(Owner\n){1,3}$/, 'in the name of the owner');
  await rm(path.join(folder, '2026-02-02'), { recursive: true });
  await until('and gone', async () => (await client.call('memories.list', { bot: 'assistant' })).total === 201);
});

await t.test('the total of a list is that of what it lists: without what was replaced or has expired', async (t) => {
  await using talking = await startTalking();
  const { product } = talking;
  const add = (text: string, more: object = {}) =>
    product.client.call('memories.create', { bot: 'assistant', text, ...more });
  const old = await add('Lea lives in Bern');
  await add('Lea lives in Thun', { supersedes: [old.id] });
  await add('The boiler is checked in May');
  await add('The lift is out of order', { expires_at: '2026-01-01T00:00:00Z' });
  const totals = async (): Promise<number[][]> =>
    Promise.all(
      [false, true].map(async (superseded) => {
        const listed = await product.client.call('memories.list', { bot: 'assistant', superseded });
        return [listed.memories.length, listed.total, listed.left_out];
      }),
    );
  const before = [
    [2, 2, 2],
    [3, 3, 1],
  ];
  t.strictSame(await totals(), before);
  await product.stop();
  await product.start();
  t.strictSame(await totals(), before, 'after a restart too');
  await product.client.call('memories.delete', { bot: 'assistant', memory: old.id });
  t.strictSame(await totals(), [
    [2, 2, 1],
    [2, 2, 1],
  ]);
});

await t.test(
  'the first turn behind a start has what is always at hand, and what was changed while nothing ran',
  async (t) => {
    await using talking = await startTalking();
    const { product } = talking;
    const { path: file } = await product.client.call('memories.create', {
      bot: 'assistant',
      text: 'Always answer in German',
      importance: 5,
    });
    await product.stop();
    const place = `bots/assistant/${file}`;
    await product.files.write(place, ((await product.files.read(place)) ?? '').replace('German', 'Romansh'));
    await writeMemory(product, '2026-02-03', 'by-hand', 'The tent is in the cellar');
    await product.start();
    await say(product, await begin(product), 'Where is the tent?');
    const prompt = JSON.stringify(talking.bodies().at(-1));
    t.match(prompt, 'Always answer in Romansh');
    t.match(prompt, 'The tent is in the cellar');
  },
);

await t.test(
  'of many memories the index answers right after a start, and learns beside that what was changed by hand',
  async (t) => {
    await using talking = await startTalking();
    const { product } = talking;
    const many = 3_000;
    const write = (number: number, what: string) =>
      writeMemory(
        product,
        `2026-03-0${1 + Math.floor(number / 1_000)}`,
        `m${number}`,
        `The crate ${number} is ${what}`,
      );
    const find = async (text: string): Promise<string[]> =>
      (await product.client.call('memories.search', { bot: 'assistant', text, least: 0.9 })).memories.map(
        ({ id }) => id,
      );
    await product.stop();
    for (let at = 0; at < many; at += 500)
      await Promise.all(Array.from({ length: 500 }, (_, number) => write(at + number, 'blue')));
    await product.start();
    t.strictSame(await find('crate 2999 blue'), ['m2999'], 'without an index the first question waits for the files');

    await product.stop();
    for (let at = 500; at < many; at += 500)
      await Promise.all(Array.from({ length: 500 }, (_, number) => write(at + number, 'yellow')));
    const gone = await write(7, 'blue');
    await rm(path.join(product.home, gone));
    await product.start();
    t.strictSame(await find('crate 12 blue'), ['m12']);
    t.strictSame(await find('crate 2999 yellow'), [], 'files are still being compared');
    t.strictSame(await find('crate 7 blue'), [], 'what is gone is not shown');
    await until('the edits are found', async () => (await find('crate 2999 yellow'))[0] === 'm2999');
    t.equal((await product.client.call('memories.list', { bot: 'assistant' })).total, many - 1);
  },
);
