import { openEngine, PLACE } from './memory-index-engines.ts';
import { Texts } from './memory-texts.ts';

/** Opens the index in a folder in a process of its own, asks it a while, and tells how long and how much memory that took. */
const [folder = '', dimensions = '0'] = process.argv.slice(2);
const texts = new Texts(99);
const vectors = Array.from({ length: 100 }, () => texts.vector(Number(dimensions)));
await import('boternity');
globalThis.gc?.();
const before = process.memoryUsage().rss;
const began = performance.now();
await using opened = await openEngine('native', { ...PLACE, folder });
await opened.index.words(texts.query(), { limit: 10 });
const openMs = performance.now() - began;
const { entries } = await opened.index.info();
for (const vector of vectors) {
  await opened.index.words(texts.query(), { limit: 50 });
  await opened.index.nearest(vector, { limit: 50 });
}
console.log(JSON.stringify({ openMs, entries, megabytes: (process.memoryUsage().rss - before) / 2 ** 20 }));
