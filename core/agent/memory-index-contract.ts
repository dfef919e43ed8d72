import { rm } from 'node:fs/promises';
import type { Test } from 'tap';
import { entryOf, stageIndex, termsOf, type MemoryIndexUnderTest } from './memory-index-stage.ts';
import type { IndexedEntry } from './memory-index.ts';
import { trialsContract } from './memory-index-trials.ts';

/** Everything the house promises about an index of memories, checked for one engine. */
export async function memoryIndexContract(t: Test, engine: MemoryIndexUnderTest): Promise<void> {
  await wordsContract(t, engine);
  await entriesContract(t, engine);
  await vectorsContract(t, engine);
  await restartContract(t, engine);
  await trialsContract(t, engine);
}

const idsOf = (hits: readonly { readonly entry: IndexedEntry }[]): string[] => hits.map(({ entry }) => entry.id);
const listed = (entries: readonly IndexedEntry[]): string[] => entries.map(({ id }) => id);

async function wordsContract(t: Test, engine: MemoryIndexUnderTest): Promise<void> {
  await t.test('what was put is found by its words at once, with all that is kept of it', async (t) => {
    await using stage = await stageIndex(engine);
    const kept = {
      id: 'a',
      source: 'memory/a.json',
      stamp: 's1',
      group: 'talk',
      at: 7,
      importance: 5,
      uses: 2,
      usedAt: 9,
      expiresAt: 9e12,
      tags: ['note', 'né'],
    };
    await stage.index.put([{ ...kept, text: 'The cat sat.', more: 'feline animal' }, entryOf('b', 'A dog ran.')]);
    const [hit, ...others] = await stage.index.words(termsOf('cat'), { limit: 5 });
    t.same(hit?.entry, kept, 'neither its text nor anything else');
    t.same(others, []);
    t.same(hit?.words, ['cat']);
    t.equal(hit?.covered, 1);
    t.same(
      idsOf(await stage.index.words(termsOf('feline'), { limit: 5 })),
      ['a'],
      'by words that only bring it to mind',
    );
    t.same(await stage.index.words(termsOf('ca'), { limit: 5 }), [], 'not by the beginning of a word');
    t.same(await stage.index.words([], { limit: 5 }), []);
    t.same(await stage.index.words(termsOf('cat'), { limit: 0 }), []);
  });
  await t.test('rare words count for more, and so do heavy ones; a query says which part of it was met', async (t) => {
    await using stage = await stageIndex(engine);
    const common = Array.from({ length: 20 }, (_, at) => entryOf(`c${at}`, `common filler${at}`));
    await stage.index.put([...common, entryOf('rare', 'rare other'), entryOf('both', 'rare common')]);
    const hits = await stage.index.words(termsOf('common rare missing'), { limit: 3 });
    t.same(idsOf(hits).slice(0, 2), ['both', 'rare']);
    t.ok((hits[0]?.covered ?? 1) < 0.7, 'a word that is nowhere is a part of the query');
    t.ok((hits[0]?.covered ?? 0) > (hits[1]?.covered ?? 1));
    const heavy = [{ word: 'common', weight: 50 }, { word: 'other' }];
    t.not((await stage.index.words(heavy, { limit: 1 }))[0]?.entry.id, 'rare');
    t.same(
      await stage.index.words([...termsOf('rare'), ...termsOf('rare')], { limit: 2 }),
      await stage.index.words([{ word: 'rare', weight: 2 }], { limit: 2 }),
      'a word that comes twice weighs twice',
    );
  });
  await t.test('of entries that are alike the newest comes first, then by id', async (t) => {
    await using stage = await stageIndex(engine);
    const ages = { d: 5, b: 9, a: 5, c: 7 };
    await stage.index.put(Object.entries(ages).map(([id, at]) => entryOf(id, 'same words', { at })));
    t.same(idsOf(await stage.index.words(termsOf('same'), { limit: 9 })), ['b', 'c', 'a', 'd']);
    t.same(idsOf(await stage.index.words(termsOf('same'), { limit: 3 })), ['b', 'c', 'a']);
  });
  await t.test('words that differ by a slip are found only when asked for, and count for less', async (t) => {
    await using stage = await stageIndex(engine);
    await stage.index.put([
      entryOf('right', 'the restaurant'),
      entryOf('wrong', 'the restuarant'),
      entryOf('short', 'the cat'),
      entryOf('year', 'in 2024'),
    ]);
    t.same(idsOf(await stage.index.words(termsOf('restaurant'), { limit: 9 })), ['right']);
    const hits = await stage.index.words(termsOf('restaurant'), { limit: 9, similar: true });
    t.same(idsOf(hits), ['right', 'wrong']);
    t.same(hits[1]?.words, ['restuarant'], 'says which word was meant');
    t.ok((hits[1]?.covered ?? 1) < 1);
    t.same(idsOf(await stage.index.words(termsOf('restaurnat'), { limit: 9, similar: true })), ['right', 'wrong']);
    t.same(await stage.index.words(termsOf('car'), { limit: 9, similar: true }), [], 'not in short words');
    t.same(await stage.index.words(termsOf('2025'), { limit: 9, similar: true }), [], 'nor in numbers');
  });
}

async function entriesContract(t: Test, engine: MemoryIndexUnderTest): Promise<void> {
  await t.test('an entry is replaced whole, and what was removed is never found again', async (t) => {
    await using stage = await stageIndex(engine);
    await stage.index.put([entryOf('a', 'first words'), entryOf('b', 'other words'), entryOf('a', 'second words')]);
    t.same(await stage.index.words(termsOf('first'), { limit: 5 }), []);
    await stage.index.put([entryOf('a', 'third words', { importance: 5 })]);
    t.same(await stage.index.words(termsOf('second'), { limit: 5 }), []);
    t.equal((await stage.index.words(termsOf('third'), { limit: 5 }))[0]?.entry.importance, 5);
    t.equal((await stage.index.info()).entries, 2);
    await stage.index.remove(['a', 'nobody', 'a']);
    t.same(idsOf(await stage.index.words(termsOf('third words'), { limit: 5 })), ['b']);
    t.same(await stage.index.get(['a', 'b']).then((found) => found.map((entry) => entry?.id)), [undefined, 'b']);
    await stage.index.clear();
    t.same(await stage.index.words(termsOf('words'), { limit: 5 }), []);
    await stage.index.put([entryOf('c', 'words anew')]);
    t.same(idsOf(await stage.index.words(termsOf('words'), { limit: 5 })), ['c']);
    t.equal((await (await stage.reopen()).info()).entries, 1, 'what was cleared does not come back');
  });
  await t.test(
    'any text and any id are taken: other scripts, signs, names that objects have, nothing at all',
    async (t) => {
      await using stage = await stageIndex(engine);
      const odd = ['Zoë 🦉', '__proto__', 'constructor', '../../x', 'a\nb', '"', '日本語', 'x'.repeat(300), ' '];
      const texts = [
        'Zoë Straße',
        'constructor',
        '__proto__ toString',
        '日本語 テキスト',
        'नमस्ते',
        '',
        '   ',
        '…!',
        'hasownproperty',
      ];
      await stage.index.put(odd.map((id, at) => entryOf(id, texts[at] ?? '')));
      await stage.reopen();
      t.equal((await stage.index.info()).entries, odd.length);
      t.same(
        (await stage.index.get(odd)).map((entry) => entry?.id),
        odd,
      );
      t.same(idsOf(await stage.index.words(termsOf('constructor'), { limit: 5 })), ['__proto__']);
      t.same(idsOf(await stage.index.words(termsOf('नमस्ते'), { limit: 5 })), ['a\nb']);
      t.same(idsOf(await stage.index.words(termsOf('hasOwnProperty'), { limit: 5 })), [' ']);
      t.same(await stage.index.words(termsOf('valueOf __defineGetter__'), { limit: 5 }), []);
      await stage.index.remove(odd);
      t.equal((await stage.index.info()).entries, 0);
    },
  );
  await t.test('what has expired is left out, and comes back when its time is changed', async (t) => {
    await using stage = await stageIndex(engine);
    const past = Date.now() - 1_000;
    await stage.index.put([
      entryOf('old', 'some words', { expiresAt: past, group: 'g', at: 1 }),
      entryOf('new', 'some words', { group: 'g', at: 2 }),
    ]);
    await stage.index.embed(
      'm',
      new Map([
        ['old', Float32Array.of(1, 0)],
        ['new', Float32Array.of(0, 1)],
      ]),
    );
    const seen = async () => [
      idsOf(await stage.index.words(termsOf('words'), { limit: 5 })),
      idsOf(await stage.index.nearest(Float32Array.of(1, 0), { limit: 5 })),
      listed(await stage.index.during(0, 9, { limit: 5 })),
      listed(await stage.index.around('new', 3)),
    ];
    t.same(await seen(), [['new'], ['new'], ['new'], []]);
    t.equal((await stage.index.get(['old']))[0]?.id, 'old', 'it is still there');
    await stage.index.touch('old', { expiresAt: Date.now() + 60_000 });
    t.same(await seen(), [['new', 'old'], ['old', 'new'], ['new', 'old'], ['old']]);
  });
  await t.test('what is known beside the text can be changed, and stays', async (t) => {
    await using stage = await stageIndex(engine);
    await stage.index.put([entryOf('a', 'words')]);
    await stage.index.touch('a', { uses: 4, usedAt: 77, importance: 1, stamp: 'b2' });
    await stage.index.touch('nobody', { uses: 1 });
    const known = { uses: 4, usedAt: 77, importance: 1, stamp: 'b2', source: 'memory/a.json' };
    t.match((await stage.index.words(termsOf('words'), { limit: 1 }))[0]?.entry, known);
    await stage.reopen();
    t.match((await stage.index.words(termsOf('words'), { limit: 1 }))[0]?.entry, known);
  });
  await t.test('neighbours in a group and entries of a time come in order', async (t) => {
    await using stage = await stageIndex(engine);
    const talk = [3, 1, 2, 5, 4].map((at) => entryOf(`t${at}`, 'talk', { group: 'talk', at }));
    await stage.index.put([
      ...talk,
      entryOf('other', 'talk', { group: 'else', at: 3 }),
      entryOf('alone', 'talk', { at: 3 }),
    ]);
    t.same(listed(await stage.index.around('t3', 1)), ['t2', 't4']);
    t.same(listed(await stage.index.around('t1', 2)), ['t2', 't3']);
    t.same(await stage.index.around('alone', 2), []);
    t.same(await stage.index.around('nobody', 2), []);
    t.same(listed(await stage.index.during(2, 5, { limit: 9 })), ['t4', 'alone', 'other', 't3', 't2']);
    t.same(listed(await stage.index.during(2, 5, { limit: 1 })), ['t4']);
    await stage.index.remove(['t2']);
    await stage.index.put([entryOf('t4', 'moved', { group: 'else', at: 9 })]);
    t.same(listed(await stage.index.around('t3', 1)), ['t1', 't5']);
  });
  await t.test('all entries are listed in pieces, each once', async (t) => {
    await using stage = await stageIndex(engine);
    const ids = Array.from({ length: 2_300 }, (_, at) => `e${at}`);
    await stage.index.put(ids.map((id) => entryOf(id, 'words')));
    await stage.index.remove(ids.slice(0, 100));
    const found: string[] = [];
    for await (const piece of stage.index.entries()) found.push(...listed(piece));
    t.same(found.toSorted(), ids.slice(100).toSorted());
  });
}

async function vectorsContract(t: Test, engine: MemoryIndexUnderTest): Promise<void> {
  await t.test('vectors are found by their angle; entries without one are listed until they have it', async (t) => {
    await using stage = await stageIndex(engine);
    const { index } = stage;
    await index.put(['a', 'b', 'c'].map((id) => entryOf(id, `text ${id}`)));
    t.same((await index.unembedded('m1', 9)).toSorted(), ['a', 'b', 'c']);
    t.equal((await index.unembedded('m1', 2)).length, 2);
    await index.embed(
      'm1',
      new Map([
        ['a', Float32Array.of(3, 4)],
        ['b', Float32Array.of(-1, 0)],
        ['gone', Float32Array.of(1, 1)],
      ]),
    );
    const hits = await index.nearest(Float32Array.of(10, 0), { limit: 9 });
    t.same(idsOf(hits), ['a', 'b']);
    t.ok(Math.abs((hits[0]?.similarity ?? 0) - 0.6) < 1e-6 && Math.abs((hits[1]?.similarity ?? 0) + 1) < 1e-6);
    t.same(await index.unembedded('m1', 9), ['c']);
    t.match(await index.info(), { vectors: 2, model: 'm1', entries: 3 });
    t.same(await index.nearest(Float32Array.of(1, 0, 0), { limit: 9 }), [], 'one of another length is like none');
  });
  await t.test('a changed text loses its vector, one that is put again as it was keeps it', async (t) => {
    await using stage = await stageIndex(engine);
    const { index } = stage;
    await index.put([entryOf('a', 'one'), entryOf('b', 'two'), entryOf('c', 'three')]);
    await index.embed(
      'm',
      new Map([
        ['a', Float32Array.of(1, 0)],
        ['b', Float32Array.of(1, 0)],
      ]),
    );
    await index.put([entryOf('a', 'changed'), entryOf('b', 'two', { importance: 1, stamp: 'b2' })]);
    t.same((await index.unembedded('m', 9)).toSorted(), ['a', 'c']);
    await index.put([entryOf('a', 'changed while it was embedded')]);
    await index.remove(['c']);
    await index.embed(
      'm',
      new Map([
        ['a', Float32Array.of(1, 0)],
        ['c', Float32Array.of(1, 0)],
      ]),
    );
    t.same(idsOf(await index.nearest(Float32Array.of(1, 0), { limit: 9 })), ['b']);
    t.same(await index.unembedded('m', 9), ['a']);
  });
  await t.test('another model begins anew, while words go on', async (t) => {
    await using stage = await stageIndex(engine);
    await stage.index.put([entryOf('a', 'one word'), entryOf('b', 'two words')]);
    await stage.index.embed(
      'm1',
      new Map([
        ['a', Float32Array.of(1, 0)],
        ['b', Float32Array.of(0, 1)],
      ]),
    );
    t.same((await stage.index.unembedded('m2', 9)).toSorted(), ['a', 'b']);
    t.same(await stage.index.nearest(Float32Array.of(1, 0), { limit: 9 }), []);
    t.equal((await stage.index.words(termsOf('word'), { limit: 9 })).length, 1);
    await stage.index.embed('m2', new Map([['a', Float32Array.of(1, 0, 0, 1)]]));
    await stage.reopen();
    t.match(await stage.index.info(), { vectors: 1, model: 'm2' });
    t.same(idsOf(await stage.index.nearest(Float32Array.of(1, 0, 0, 0), { limit: 9 })), ['a']);
  });
}

async function restartContract(t: Test, engine: MemoryIndexUnderTest): Promise<void> {
  await t.test('a folder that was deleted, and files that are damaged or of others, are an empty index', async (t) => {
    await using stage = await stageIndex(engine);
    await stage.index.put([entryOf('a', 'words')]);
    await stage.index[Symbol.asyncDispose]();
    await rm(stage.place.folder, { recursive: true });
    await stage.reopen();
    t.equal((await stage.index.info()).entries, 0);
    t.same(stage.damages, [], 'that is nothing to tell');
    await stage.index.put([entryOf('b', 'words')]);
    await stage.index[Symbol.asyncDispose]();
    const other = await engine.open({ ...stage.place, analyser: 'another' });
    t.equal((await other.info()).entries, 0, 'what was taken apart in another way is not compared');
    t.ok(stage.damages.length > 0, 'says so');
    await other.put([entryOf('c', 'other words')]);
    await other[Symbol.asyncDispose]();
  });
}
