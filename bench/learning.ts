import { appendFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startFakeModel, startServer, type Server } from '../plugins/bench/children.ts';
import { startScript } from './children.ts';
import { DIMENSIONS } from './fake-embedder.ts';
import { quantile } from '../plugins/bench/numbers.ts';
import { runBenchmarks, type Benchmark, type Figure } from './figures.ts';
import { makeHome } from './homes.ts';
import { makeScratch } from '../plugins/bench/scratch.ts';
import { openConversation, readJson, runLoad, type Loaded } from '../plugins/bench/load.ts';
import { ownerOf, untilCommitted } from './memory-home.ts';
import { questionAbout, writeMemories } from '../plugins/bench/memories.ts';

/** Turns after which a conversation makes place for a new one; so many are noted together. */
const TURNS_A_CONVERSATION = 10;
/** Rest after a block, in milliseconds: what was noted is committed a second later, and not while others are measured. */
const REST_MS = 1_500;

const PATIENCE_MS = 30_000;

const usual = { memories: 1_000, block: 200, blocks: 6 } as const;
const quick = { memories: 40, block: 10, blocks: 1 } as const;

/** What a bot does beside its turns. */
const variants = {
  plain: { learns: false, embeds: false },
  vectors: { learns: false, embeds: true },
  learning: { learns: true, embeds: true },
} as const;
type Name = keyof typeof variants;

/** A server with services of its own, by their base addresses. */
interface Stage {
  readonly server: Server;
  readonly model: string;
  readonly embedder: string;
  readonly learns: boolean;
  /** Blocks whose last turn brought memories to mind. */
  brought: number;
  /** How many questions were put to it. */
  asked: number;
  /** How many conversations the model was asked to note. */
  noted: number;
  readonly loads: Loaded[];
}
type Stages = Readonly<Record<Name, Stage>>;

/** Turns of a bot that learns from them while it answers, beside those of one that does not. */
export const learning: Benchmark = {
  name: 'learning',
  about: 'turns one at a time while the bot notes what was said and embeds it, beside the same without, in one run',
  async run(isQuick) {
    const { memories, block, blocks } = isQuick ? quick : usual;
    await using undo = new AsyncDisposableStack();
    const stages: Stages = {
      plain: await open(undo, 'plain', memories),
      vectors: await open(undo, 'vectors', memories),
      learning: await open(undo, 'learning', memories),
    };
    const all = Object.values(stages);
    for (const stage of all) await play(stage, TURNS_A_CONVERSATION * (isQuick ? 1 : 10), memories);
    for (const { loads } of all) loads.length = 0;
    const before = await countsOf(stages.learning);
    for (let count = 0; count < blocks; count += 1)
      for (const at of all.keys()) {
        const stage = all[(at + count) % all.length];
        if (stage) await play(stage, block, memories);
      }
    if (all.some(({ brought }) => brought === 0)) throw new Error('No turn brought a memory to mind.');
    return { figures: figuresOf(stages), notes: notesOf(block * blocks, before, await countsOf(stages.learning)) };
  },
};

async function open(undo: AsyncDisposableStack, name: Name, memories: number): Promise<Stage> {
  const { learns, embeds } = variants[name];
  const scratch = undo.use(await makeScratch());
  const model = undo.use(await startFakeModel());
  const embedder = undo.use(await startScript('fake-embedder.ts', []));
  const home = path.join(scratch.path, 'home');
  await makeHome(home, { bots: 1, model: model.url });
  await writeFile(path.join(home, 'bots/assistant/bot.yaml'), `memory: { learn: ${learns ? 'on' : 'off'} }\n`);
  if (embeds) await addEmbedder(home, embedder.url);
  await writeMemories(path.join(home, 'bots/assistant/memory'), memories);
  const server = undo.use(await startServer({ home, cache: scratch.path }));
  await untilCommitted(home, ownerOf(server), memories);
  if (embeds) await until('all have vectors', async () => (await embeddedBy(embedder.url)) > memories);
  return { server, model: model.url, embedder: embedder.url, learns, brought: 0, asked: 0, noted: 0, loads: [] };
}

async function addEmbedder(home: string, address: string): Promise<void> {
  await appendFile(
    path.join(home, 'providers.yaml'),
    `  vectors:\n    type: openai-compatible\n    address: ${address}\n    models: [words]\n    facts: { words: { dimensions: ${DIMENSIONS} } }\n`,
  );
  await appendFile(path.join(home, 'settings.yaml'), 'embedder: vectors/words\n');
}

/** One block of turns, and a rest until nothing of it is left to do. */
async function play(stage: Stage, total: number, memories: number): Promise<void> {
  const { server, model, loads } = stage;
  const asked = stage.asked;
  stage.asked += total;
  // None twice: the vector of one that was asked before is at hand.
  const question = (number: number): string =>
    `${questionAbout(number * 137, memories)} (ask${(asked + number).toString(36)}ed)`;
  const perAsker = TURNS_A_CONVERSATION;
  const due = stage.noted + (stage.learns ? total / perAsker : 0);
  loads.push(await runLoad({ atOnce: 1, total, perAsker, open: () => openConversation(server), question }));
  const { body } = await statsOf<{ body: string }>(model);
  // What was brought once in a conversation is not brought again, so the last turn of a block may have none.
  stage.brought += Number(body.includes('<long_term_memory>'));
  await until('all was noted', async () => (stage.noted = await notedBy(model)) >= due);
  await sleep(REST_MS);
}

interface Counts {
  readonly noted: number;
  readonly embedded: number;
  readonly memories: number;
}

async function countsOf({ server, model, embedder }: Stage): Promise<Counts> {
  const { total } = await ownerOf(server).call('memories.list', { bot: 'assistant', limit: 1 });
  return { noted: await notedBy(model), embedded: await embeddedBy(embedder), memories: total };
}

function figuresOf({ plain, vectors, learning: both }: Stages): Figure[] {
  return (['firstMs', 'wholeMs'] as const).flatMap((which) => {
    const name = which === 'firstMs' ? 'first token' : 'whole turn';
    const at = ({ loads }: Stage, part: number): number =>
      quantile(
        loads.flatMap((load) => load[which]),
        part,
      );
    const added = (part: number): number => at(both, part) - at(vectors, part);
    return [
      { name: `${name}, without learning and vectors, p50`, value: at(plain, 0.5), unit: 'ms' },
      { name: `${name}, a question waits for its vector, p50`, value: at(vectors, 0.5) - at(plain, 0.5), unit: 'ms' },
      { name: `${name}, added by extraction and embedding, p50`, value: added(0.5), unit: 'ms', goal: { most: 1 } },
      { name: `${name}, added by extraction and embedding, p95`, value: added(0.95), unit: 'ms' },
    ] satisfies Figure[];
  });
}

/** What was done beside the turns that were measured: a turn that was answered while nothing happened shows nothing. */
function notesOf(turns: number, before: Counts, after: Counts): Record<string, number> {
  const conversations = turns / TURNS_A_CONVERSATION;
  const extractions = after.noted - before.noted;
  const learned = after.memories - before.memories;
  // One for each question of a person, and of whoever takes notes and looks up what is known already.
  const ofQuestions = turns + extractions;
  const vectors = after.embedded - before.embedded - ofQuestions;
  if (extractions < conversations || learned === 0 || vectors < learned)
    throw new Error(`Too little was learned: ${JSON.stringify({ conversations, extractions, learned, vectors })}`);
  return {
    turns,
    extractions,
    'memories learned': learned,
    'vectors of memories': vectors,
    'of questions': ofQuestions,
  };
}

async function notedBy(model: string): Promise<number> {
  return (await statsOf<{ noted: number }>(model)).noted;
}

async function embeddedBy(embedder: string): Promise<number> {
  return (await statsOf<{ texts: number }>(embedder)).texts;
}

async function statsOf<Stats>(service: string): Promise<Stats> {
  return (await readJson(new URL('/stats', service).href)) as Stats;
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + PATIENCE_MS; !(await isSo()); await sleep(50))
    if (performance.now() > deadline) throw new Error(`Not in ${PATIENCE_MS / 1_000} s: ${what}.`);
}

if (import.meta.main) await runBenchmarks([learning]);
