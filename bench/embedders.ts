import path from 'node:path';
import { guardEmbedder } from '../core/agent/embedder.ts';
import { chosenEmbedder } from '../plugins/models/chosen-embedder.ts';
import { Circuits } from '../plugins/models/circuits.ts';
import { SentenceModels } from '../plugins/sentence-models/sentence-models.ts';
import { loadStatic } from '../plugins/sentence-models/static-model.ts';
import { accessTo } from '../test/support/access.ts';
import { safetensors, wordPiece, writeModel } from '../test/support/sentence-model.ts';
import { startDelay } from './delay.ts';
import { runBenchmarks, type Benchmark, type Findings } from './figures.ts';
import { makeScratch } from '../plugins/bench/scratch.ts';

/** What potion-base-8M has. */
const WORDS = 29_500;
const DIMENSIONS = 256;
const WORDS_IN_TEXT = 20;
/** Callers who ask for one text at a time. */
const CALLERS = 64;

export const embedders: Benchmark = {
  name: 'embedders',
  about: 'static embeddings of this machine: in a plain loop, and as the house gives them, in a thread',
  async run(isQuick): Promise<Findings> {
    const count = isQuick ? 300 : 30_000;
    await using scratch = await makeScratch();
    const texts = Array.from({ length: count }, (_, at) => textOf(at));
    return await measure(scratch.path, texts);
  },
};

async function measure(home: string, texts: readonly string[]): Promise<Findings> {
  const folder = path.join(home, '.boternity/models/made');
  await writeModel(folder, madeModel());
  const { signal } = new AbortController();
  const plain = loadStatic(folder, 'model.safetensors');
  const plainRate = await rateOf(texts.length, async () => void (await plain(texts)));

  using models = new SentenceModels(home);
  const access = accessTo('', { name: 'sentence-models' });
  const embedder = guardEmbedder(models.embedder(access, { id: 'made', dimensions: DIMENSIONS }));
  const chosen = chosenEmbedder(embedder, new Circuits(() => undefined));
  const began = performance.now();
  await chosen.embed(['one'], signal);
  const loadMs = performance.now() - began;
  const delay = startDelay();
  const bulkRate = await rateOf(texts.length, async () => void (await chosen.embed(texts, signal)));
  const { longestCpuMs } = delay.stop();
  const few = texts.slice(0, texts.length / 10);
  const callerRate = await rateOf(few.length, async () => {
    const each = Array.from({ length: CALLERS }, async (_, caller) => {
      for (let at = caller; at < few.length; at += CALLERS) await chosen.embed([few[at] ?? ''], signal);
    });
    await Promise.all(each);
  });
  return {
    figures: [
      { name: 'static, plain loop', value: plainRate, unit: '/s' },
      { name: 'static, through the house', value: bulkRate, unit: '/s' },
      {
        name: 'static, through the house, over the plain loop',
        value: bulkRate / plainRate,
        unit: '×',
        goal: { least: 0.5 },
      },
      { name: `static, ${CALLERS} callers with one text each`, value: callerRate, unit: '/s' },
      { name: 'static, loaded at the first text', value: loadMs, unit: 'ms' },
      { name: 'static, longest turn of the event loop by CPU time', value: longestCpuMs, unit: 'ms' },
    ],
    notes: { texts: texts.length, 'words in each': WORDS_IN_TEXT, vocabulary: WORDS, dimensions: DIMENSIONS },
  };
}

async function rateOf(count: number, work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (count * 1_000) / (performance.now() - began);
}

function textOf(at: number): string {
  return Array.from({ length: WORDS_IN_TEXT }, (_, word) => `word${(at * 31 + word * 977) % WORDS}`).join(' ');
}

function madeModel(): Record<string, Buffer> {
  const words = ['[PAD]', '[UNK]', ...Array.from({ length: WORDS }, (_, at) => `word${at}`)];
  const vocab = Object.fromEntries(words.map((word, id) => [word, id]));
  const numbers = Array.from({ length: words.length * DIMENSIONS }, (_, at) => Math.sin(at));
  const tokenizer = { ...wordPiece, added_tokens: [], post_processor: null, model: { ...wordPiece.model, vocab } };
  return {
    'model.safetensors': safetensors({ embeddings: { dtype: 'F32', shape: [words.length, DIMENSIONS], numbers } }),
    'tokenizer.json': Buffer.from(JSON.stringify(tokenizer)),
    'config.json': Buffer.from('{"normalize":true}'),
  };
}

if (import.meta.main) await runBenchmarks([embedders]);
