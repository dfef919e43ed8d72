import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { definePlugin, type IndexEntry, type MemoryIndex, type Term } from 'boternity';
import { testKernel } from 'boternity/testing';
import t from 'tap';
import memoryIndex from '../../plugins/memory-index/index.ts';
import { IndexWorker } from '../../plugins/memory-index/native/index-worker.ts';
import { nativeEngine } from '../../plugins/memory-index/native/native-engine.ts';
import { until } from '../support/product.ts';

t.setTimeout(120_000);

type Settings = Parameters<typeof memoryIndex>[0];

async function stage(settings: Settings = {}, files: Record<string, string> = {}) {
  const kernel = await testKernel([memoryIndex(settings)], { files });
  const indexes = await kernel.service('memoryIndexes');
  const folder = path.join(kernel.home, '.boternity/cache/memory-index');
  return { kernel, indexes, folder, [Symbol.asyncDispose]: () => kernel[Symbol.asyncDispose]() };
}

function entry(id: string, text: string, rest: Partial<IndexEntry> = {}): IndexEntry {
  return { id, source: `memory/${id}.json`, stamp: '1', at: 1, importance: 3, uses: 0, text, ...rest };
}

const entries = (count: number, from = 0): IndexEntry[] =>
  Array.from({ length: count }, (_, at) => entry(`e${from + at}`, `number${from + at} common`));

async function idsOf(index: MemoryIndex, text: string): Promise<string[]> {
  const hits = await index.words(
    text.split(' ').map((word) => ({ word })),
    { limit: 1_000 },
  );
  return hits.map((hit) => hit.entry.id);
}

await t.test('texts become words without endings, queries without what tells nothing, names stay whole', async (t) => {
  await using house = await stage();
  const analyse = (text: string): string[] => house.indexes.analyse(text);
  const analyseQuery = (text: string): Term[] => house.indexes.analyseQuery(text);
  const found = (query: string, text: string): boolean => {
    const words = new Set(analyse(text));
    return analyseQuery(query).every(({ word, weight = 1 }) => weight < 1 || words.has(word));
  };
  t.ok(found('Which restaurants did she prefer?', 'Her preferred restaurant is the Anchor.'));
  t.ok(found('running daughters', "Jane's daughter runs."));
  t.ok(found('straße', 'Die STRASSE nach Zürich'));
  t.ok(found('zurich', 'Die STRASSE nach Zürich'));
  t.ok(found('東京', '明日の東京都は晴れ'));
  t.ok(found('dying', 'it died') && !found('news', 'a new one'), 'the second edition of the stemmer');
  for (const name of ['2026-05-04', 'v1.2.3', 'jane@x.org', '14:30', 'C++', 'snake_case', 'memoryIndex', '1,000'])
    t.ok(found(name, `It was ${name}.`), name);
  t.notOk(found('2026-05-04', 'It was on 2026-05-07, at 04:05.'));
  t.ok(found('2026', 'It was on 2026-05-07.') && found('jane', 'jane@x.org'), 'their parts too');
  t.ok(found('wifi', 'The wi-fi is down') && found('index', 'see memoryIndex') && found('4', 'on the 4th'));
  t.same(
    analyseQuery('Who are you?').map(({ word }) => word),
    ['who', 'are', 'you'],
    'nothing else is left',
  );
  t.same(
    analyseQuery('What is the capital?').map(({ word }) => word),
    ['capit'],
  );
  t.same(analyseQuery('cat cats Cat'), [{ word: 'cat', weight: 1 }]);
  t.ok(
    found('casa', 'las casas') && found('дома', 'дома') && found('lumière', 'la lumiere'),
    'other languages are not harmed',
  );
  t.same(analyse('').concat(analyse('…!?')), []);
});

await t.test(
  'INFR-02: an index moves to the engine for many and back by itself, keeps its vectors and answers meanwhile',
  async (t) => {
    await using house = await stage({ many: 200 });
    const index = house.indexes.of('bot/memories');
    await index.put(entries(150));
    await index.embed('m', new Map([['e7', Float32Array.of(1, 0)]]));
    t.match(await index.info(), { engine: 'orama', entries: 150, vectors: 1 });
    let asked = 0;
    const end = new AbortController();
    t.teardown(() => end.abort());
    const asking = (async () => {
      for (; !end.signal.aborted; asked += 1) {
        const found = await idsOf(index, 'number7');
        if (found[0] !== 'e7') t.fail('not found while it moved');
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const writing = Array.from({ length: 40 }, (_, at) => index.put(entries(5, 150 + at * 5)));
    await Promise.all(writing);
    await until('it moved', async () => (await index.info()).engine === 'native');
    t.equal((await idsOf(index, 'common')).length, 350, 'with all that was put meanwhile');
    t.equal((await index.nearest(Float32Array.of(1, 0), { limit: 3 }))[0]?.entry.id, 'e7');
    await index.remove(
      entries(170)
        .slice(10)
        .map(({ id }) => id),
    );
    t.match(await index.info(), { engine: 'native', entries: 190 }, 'not at once: it would go back and forth');
    await index.remove(entries(50, 170).map(({ id }) => id));
    await until('it moved back', async () => (await index.info()).engine === 'orama');
    t.equal((await idsOf(index, 'common')).length, 140);
    t.match(await index.info(), { vectors: 1, model: 'm' });
    end.abort();
    await asking;
    t.ok(asked > 20, `${asked} questions were answered`);
  },
);

await t.test('an index leaves memory when nobody asks, and is there again when somebody does', async (t) => {
  await using house = await stage({ idleMinutes: 0.1 / 60 });
  const index = house.indexes.of('bot/memories');
  await index.put(entries(20));
  t.ok((await house.indexes.info('bot/memories')).bytes > 0);
  await until('it left', async () => (await house.indexes.info('bot/memories')).bytes === 0);
  t.match(await house.indexes.info('bot/memories'), { engine: 'orama', entries: 20 });
  t.same(await idsOf(index, 'number3'), ['e3']);
});

await t.test(
  'all indexes together keep within the memory that they may have: those unused for longest leave',
  async (t) => {
    await using house = await stage({ memoryMegabytes: 0.2 });
    const loaded = async (): Promise<string[]> => {
      const infos = await Promise.all(
        ['a', 'b', 'c'].map(async (key) => [key, await house.indexes.info(key)] as const),
      );
      return infos.filter(([, { bytes }]) => bytes > 0).map(([key]) => key);
    };
    for (const key of ['a', 'b', 'c']) await house.indexes.of(key).put(entries(60));
    await until('the first left', async () => !(await loaded()).includes('a'));
    t.ok((await loaded()).includes('c'), 'the one that is used stays');
    for (const key of ['a', 'b', 'c']) t.same(await idsOf(house.indexes.of(key), 'number5'), ['e5']);
  },
);

await t.test('an index is forgotten with all below its key; other keys and wrong ones are left alone', async (t) => {
  await using house = await stage();
  for (const key of ['bot-1/memories', 'bot-1/files', 'bot-10/memories']) await house.indexes.of(key).put(entries(3));
  await house.indexes.remove('bot-1');
  t.notOk(existsSync(path.join(house.folder, 'bot-1')));
  t.equal((await house.indexes.of('bot-1/files').info()).entries, 0);
  t.equal((await house.indexes.of('bot-10/memories').info()).entries, 3);
  for (const key of ['', '/', '../x', 'a/../b', '.hidden', 'a//b', 'A', 'a/b/c/d/e', 'a b'])
    t.throws(() => house.indexes.of(key), /is no key/, JSON.stringify(key));
});

await t.test(
  'a thread that dies is started again: what was asked is asked again, what answered is there',
  async (t) => {
    const threads: Worker[] = [];
    const hear = (thread: Worker): void => void threads.push(thread);
    process.on('worker', hear);
    t.teardown(() => process.off('worker', hear));
    await using house = await stage({ engine: 'native' });
    const index = house.indexes.of('bot/memories');
    await index.put(entries(500));
    const asked = Array.from({ length: 20 }, (_, at) => idsOf(index, `number${at}`));
    const put = index.put(entries(100, 500));
    await threads.at(-1)?.terminate();
    t.same(
      await Promise.all(asked),
      Array.from({ length: 20 }, (_, at) => [`e${at}`]),
    );
    await put;
    t.equal((await idsOf(index, 'common')).length, 600);
    t.equal(threads.length, 2);
  },
);

await t.test(
  'an engine of a plugin can be named in the settings; one that is not there is a fault that says so',
  async (t) => {
    await using house = await stage({ engine: 'mine' });
    const index = house.indexes.of('bot/memories');
    await t.rejects(index.put(entries(1)), { code: 'MEMORY_ENGINE_MISSING' });
    const worker = new IndexWorker();
    const plugin = definePlugin({
      name: 'mine',
      needs: ['memoryIndexes'],
      setup: (context) => {
        context.use(worker);
        context.memoryIndexes.addEngine({ ...nativeEngine(worker), name: 'mine', storage: 'mine' });
      },
    });
    await house.kernel.kernel.load(plugin());
    await index.put(entries(1));
    t.same(await readdir(path.join(house.folder, 'bot/memories')), ['@mine']);
  },
);

await t.test(
  'a damaged cache is told in the log and thrown away; the server starts and the owner sees what is missing',
  async (t) => {
    await using first = await stage();
    const folder = path.join(first.folder, 'bot/memories/@kept');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, '3.snapshot'), 'rubbish');
    await writeFile(path.join(folder, '3.journal'), 'rubbish');
    const index = first.indexes.of('bot/memories');
    const listed: unknown[] = [];
    for await (const piece of index.entries()) listed.push(...piece);
    t.same(listed, []);
    await index.put(entries(2));
    t.same(await readdir(folder), ['1.journal']);
  },
);
