import { spawn } from 'node:child_process';
import { readdir, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Test } from 'tap';
import { analyse, entryOf, stageIndex, termsOf, type MemoryIndexUnderTest } from './memory-index-stage.ts';
import { dice, ReferenceIndex, rollWord } from './memory-index-reference.ts';
import type { IndexEntry, MemoryIndex, Term } from './memory-index.ts';

const ENTRIES = 3_000;
const QUERIES = 200;
const DIMENSIONS = 48;
/** By how much scores may differ for being added up in another order, and similarities for being kept in 32 bits. */
const SCORE = 1e-9;
const SIMILARITY = 1e-5;

/** The parts of the contract in which much happens: chance, crowds, kills. */
export async function trialsContract(t: Test, engine: MemoryIndexUnderTest): Promise<void> {
  await chanceContract(t, engine);
  await crowdContract(t, engine);
  await damageContract(t, engine);
  await killContract(t, engine);
}

function randomEntry(id: string, roll: () => number): IndexEntry {
  const text = Array.from({ length: 4 + Math.floor(roll() * 24) }, () => rollWord(roll, 2_000)).join(' ');
  const at = Math.floor(roll() * 500);
  const more = roll() < 0.2 ? rollWord(roll, 2_000) : undefined;
  return entryOf(id, text, { at, group: `g${at % 40}`, ...(more !== undefined && { more }) });
}

function randomVector(roll: () => number): Float32Array {
  return Float32Array.from({ length: DIMENSIONS }, () => roll() + roll() - 1);
}

function randomTerms(roll: () => number): Term[] {
  const words = new Set(Array.from({ length: 1 + Math.floor(roll() * 4) }, () => rollWord(roll, 2_000)));
  return Array.from(words, (word) => (roll() < 0.3 ? { word, weight: 0.3 } : { word }));
}

/** Random entries, a part of them replaced and removed, in an index and in the reference. */
async function fill(index: MemoryIndex, reference: ReferenceIndex): Promise<void> {
  const roll = dice(11);
  const put = async (ids: readonly number[]): Promise<void> => {
    const entries = ids.map((id) => randomEntry(`e${id}`, roll));
    reference.put(entries);
    await index.put(entries);
  };
  const all = Array.from({ length: ENTRIES }, (_, at) => at);
  for (let at = 0; at < ENTRIES; at += 500) await put(all.slice(at, at + 500));
  await put(all.filter((at) => at % 7 === 0));
  const gone = all.filter((at) => at % 11 === 0).map((at) => `e${at}`);
  reference.remove(gone);
  await index.remove(gone);
  await put(all.filter((at) => at % 55 === 0));
  const vectors = new Map(all.filter((at) => at % 3 > 0).map((at) => [`e${at}`, randomVector(roll)]));
  reference.embed(vectors);
  await index.embed('m', vectors);
}

/** Everything that an index says to the same questions. */
async function answers(index: MemoryIndex): Promise<unknown[]> {
  const roll = dice(5);
  const all: unknown[] = [];
  for (let number = 0; number < QUERIES; number += 1) {
    all.push(await index.words(randomTerms(roll), { limit: 10, similar: number % 4 === 0 }));
    if (number % 4 > 0) continue;
    all.push(await index.nearest(randomVector(roll), { limit: 10 }));
    all.push(await index.around(`e${number}`, 2), await index.during(number, number + 9, { limit: 20 }));
  }
  return all;
}

async function chanceContract(t: Test, engine: MemoryIndexUnderTest): Promise<void> {
  await t.test(`${ENTRIES} random entries and ${QUERIES} queries: the same as the plain way to do it`, async (t) => {
    await using stage = await stageIndex(engine);
    const reference = new ReferenceIndex(analyse);
    await fill(stage.index, reference);
    const roll = dice(3);
    let different: unknown;
    for (let number = 0; number < QUERIES && different === undefined; number += 1) {
      const terms = randomTerms(roll);
      const expected = reference.words(terms, 10);
      const found = (await stage.index.words(terms, { limit: 10 })).map(({ entry, score, covered }) => ({
        id: entry.id,
        score,
        covered,
      }));
      const isSame =
        found.length === expected.length &&
        found.every((hit, at) => {
          const other = expected[at];
          return (
            hit.id === other?.id && isNear(hit.score, other.score, SCORE) && isNear(hit.covered, other.covered, SCORE)
          );
        });
      if (!isSame) different = { terms, found, expected };
    }
    t.equal(different, undefined, 'ids, order, scores within 1e-9');
    for (let number = 0; number < QUERIES / 4 && different === undefined; number += 1) {
      const vector = randomVector(roll);
      const expected = reference.nearest(vector);
      const all = new Map(expected.map(({ id, similarity }) => [id, similarity]));
      const found = await stage.index.nearest(vector, { limit: 10 });
      const isSame =
        found.length === 10 &&
        found.every(({ entry, similarity }, at) => {
          const [own = NaN, ranked = NaN] = [all.get(entry.id), expected[at]?.similarity];
          return isNear(similarity, own, SIMILARITY) && isNear(similarity, ranked, SIMILARITY);
        });
      if (!isSame) different = { found, expected: expected.slice(0, 10) };
    }
    t.equal(different, undefined, 'the nearest, similarities within 1e-5');
  });
  await t.test(
    'INFR-02: the same answers to the byte after a restart, and after its folder was deleted and all was put again',
    async (t) => {
      await using stage = await stageIndex(engine);
      await fill(stage.index, new ReferenceIndex(analyse));
      const before = JSON.stringify(await answers(stage.index));
      t.ok(before.length > 100_000, 'there are answers');
      await stage.reopen();
      t.ok(JSON.stringify(await answers(stage.index)) === before, 'after a restart');
      const last = new Collected();
      await fill(last.index, new ReferenceIndex(analyse));
      const { vectors } = await stage.index.info();
      await last.putAgain(stage.index);
      t.equal((await stage.index.info()).vectors, vectors, 'it still knows which texts have changed: none');
      t.ok(JSON.stringify(await answers(stage.index)) === before, 'after all was put again as it was');
      await stage.index[Symbol.asyncDispose]();
      await rm(stage.place.folder, { recursive: true });
      await stage.reopen();
      t.equal((await stage.index.info()).entries, 0, 'the cache was deleted');
      await last.giveBackwards(stage.index);
      t.ok(JSON.stringify(await answers(stage.index)) === before, 'after it was put again, in another order');
    },
  );
}

/** Hears what an index is given and keeps the last state of it. */
class Collected {
  readonly #entries = new Map<string, IndexEntry>();
  readonly #vectors = new Map<string, Float32Array>();

  readonly index = {
    put: async (entries: readonly IndexEntry[]) => {
      for (const entry of entries) this.#entries.set(entry.id, entry);
    },
    remove: async (ids: readonly string[]) => {
      for (const id of ids) this.#entries.delete(id);
    },
    embed: async (_model: string, vectors: ReadonlyMap<string, Float32Array>) => {
      for (const [id, vector] of vectors) this.#vectors.set(id, vector);
    },
  } as unknown as MemoryIndex;

  putAgain(index: MemoryIndex): Promise<void> {
    return index.put([...this.#entries.values()]);
  }

  async giveBackwards(index: MemoryIndex): Promise<void> {
    await index.put([...this.#entries.values()].toReversed());
    await index.embed('m', new Map([...this.#vectors].toReversed()));
  }
}

async function crowdContract(t: Test, engine: MemoryIndexUnderTest): Promise<void> {
  await t.test('what is put, removed and asked at once comes out as if one after the other', async (t) => {
    await using stage = await stageIndex(engine);
    const { index } = stage;
    const work = Array.from({ length: 60 }, async (_, writer) => {
      for (let round = 0; round < 5; round += 1) {
        const id = `w${writer}`;
        await index.put([entryOf(id, `unique${writer}x${round} shared`), entryOf(`${id}-${round}`, 'shared')]);
        const found = await index.words(termsOf(`unique${writer}x${round}`), { limit: 3 });
        if (found[0]?.entry.id !== id) t.fail(`${id} is not found right after it was put`);
        if (round % 2 === 0) await index.remove([`${id}-${round}`]);
        const shared = await index.words([{ word: 'shared' }], { limit: 1_000 });
        if (round % 2 === 0 && shared.some(({ entry }) => entry.id === `${id}-${round}`))
          t.fail('found after it was removed');
      }
    });
    await Promise.all(work);
    t.equal((await index.info()).entries, 60 * 3);
    t.equal((await index.words([{ word: 'shared' }], { limit: 1_000 })).length, 60 * 3);
    t.equal((await (await stage.reopen()).words([{ word: 'shared' }], { limit: 1_000 })).length, 60 * 3);
  });
}

async function damageContract(t: Test, engine: MemoryIndexUnderTest): Promise<void> {
  const harms: Record<string, (file: string) => Promise<void>> = {
    'cut off in the middle': (file) => truncate(file, 40),
    empty: (file) => truncate(file, 0),
    'full of rubbish': (file) => writeFile(file, Buffer.alloc(5_000, 'rubbish')),
  };
  for (const [how, harm] of Object.entries(harms)) {
    await t.test(`files that are ${how} harm nobody: what is missing can be put again`, async (t) => {
      await using stage = await stageIndex(engine);
      const entries = Array.from({ length: 50 }, (_, at) => entryOf(`e${at}`, `word${at} shared`));
      await stage.index.put(entries);
      await stage.index[Symbol.asyncDispose]();
      for (const found of await readdir(stage.place.folder, { recursive: true, withFileTypes: true })) {
        if (found.isFile()) await harm(path.join(found.parentPath, found.name));
      }
      const index = await stage.reopen();
      const { entries: left } = await index.info();
      let listed = 0;
      for await (const piece of index.entries()) listed += piece.length;
      t.equal(listed, left, 'it lists what it has');
      await index.put(entries);
      t.equal((await index.words([{ word: 'shared' }], { limit: 99 })).length, 50);
      t.equal((await (await stage.reopen()).info()).entries, 50);
    });
  }
}

const WRITER = `
const [module, folder] = process.argv.slice(1);
const { open } = await import(module);
const analyse = (text) => text.split(' ');
const index = await open({ folder, analyse, analyser: 'contract', damaged: () => undefined });
const entry = (id, text) => ({ id, source: 's', stamp: '1', at: 1, importance: 3, uses: 0, text });
for (let number = 0; ; number += 1) {
  await index.put([entry('e' + number, 'word' + number + ' shared'), entry('same', 'round' + number)]);
  await index.embed('m', new Map([['e' + number, Float32Array.of(1, number)]]));
  if (number % 3 === 0) await index.remove(['e' + number]);
  console.log(number);
}`;

async function killContract(t: Test, engine: MemoryIndexUnderTest): Promise<void> {
  await t.test('what answered is there after the process was killed', async (t) => {
    await using stage = await stageIndex(engine);
    await stage.index[Symbol.asyncDispose]();
    let answered = -1;
    const program = ['--input-type=module', '--eval', WRITER, engine.module.href, stage.place.folder];
    const child = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface(child.stdout)) {
      answered = Number(line);
      if (answered >= 150) child.kill('SIGKILL');
    }
    t.ok(answered >= 150, 'it wrote');
    const index = await stage.reopen();
    const wanted = Array.from({ length: answered + 1 }, (_, at) => `e${at}`);
    const found = await index.get(wanted);
    const wrong = wanted.filter((_, at) => (at % 3 === 0) !== (found[at] === undefined));
    t.same(wrong, [], 'put is there, removed is not');
    t.equal((await index.words([{ word: 'word100' }], { limit: 3 }))[0]?.entry.id, 'e100');
    const vectors = await index.nearest(Float32Array.of(1, 100), { limit: 999 });
    t.ok(vectors.length >= wanted.filter((_, at) => at % 3 > 0).length, 'with their vectors');
    const last = await index.get(['same']);
    t.equal(last[0]?.id, 'same');
    await index.put([entryOf('after', 'goes on')]);
    t.equal((await (await stage.reopen()).words(termsOf('goes'), { limit: 3 }))[0]?.entry.id, 'after');
  });
}

function isNear(a: number, b: number, most: number): boolean {
  return Math.abs(a - b) <= most * Math.max(1, Math.abs(a));
}
