import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { residentBytes, startFakeModel, startServer, type Server } from './children.ts';
import { editors, timeEdits } from './edits.ts';
import { figure, type Figure } from './figures.ts';
import { keepAlive, openConversation, openDirect, openDoor, readJson } from './load.ts';
import { questionAbout, writeMemories } from './memories.ts';
import { median, quantile } from './numbers.ts';
import type { Plan } from './options.ts';
import { timePushes } from './pushes.ts';
import { makeScratch, useModel } from './scratch.ts';
import { latencyOf, playSeries, throughputOf } from './turns.ts';

/** Who is told what is going on, and who stops it. */
export interface Watcher {
  readonly say: (sentence: string) => void;
  readonly signal: AbortSignal;
}

/** A home of its own and the fake model. Disposing ends the model and removes the home. */
export interface Stage extends AsyncDisposable {
  readonly folder: string;
  readonly home: string;
  /** Base address of the fake model. */
  readonly model: string;
  start(): Promise<Server>;
}

export async function makeStage(): Promise<Stage> {
  await using undo = new AsyncDisposableStack();
  const { path: folder } = undo.use(await makeScratch());
  const home = path.join(folder, 'home');
  const { url: model } = undo.use(await startFakeModel());
  await mkdir(home);
  await useModel(home, model);
  const owned = undo.move();
  return {
    folder,
    home,
    model,
    start: () => startServer({ home, cache: folder }),
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}

/** Measures this product on this machine. Adds a sentence to `notes` for what could not be measured. */
export async function measure(plan: Plan, stage: Stage, watcher: Watcher, notes: string[]): Promise<Figure[]> {
  const figures = await measureStarts(plan, stage, watcher);
  {
    await using server = await stage.start();
    await sleep(plan.restMs, undefined, { signal: watcher.signal });
    figures.push(...(await memoryOf('rest', 'memory at rest', server)));
    figures.push(...(await measureTurns(plan, stage, server, watcher)));
    figures.push(...(await memoryOf('after_turns', 'memory after these turns', server)));
    figures.push(...(await measureChanges(plan, stage, server, watcher, notes)));
  }
  figures.push(...(await measureRecall(plan, stage, watcher)));
  return figures;
}

/** The first start fills the compile cache and makes the first bot: it does not count. */
async function measureStarts({ starts }: Plan, stage: Stage, { say, signal }: Watcher): Promise<Figure[]> {
  say('starts of the server');
  await (await stage.start())[Symbol.asyncDispose]();
  const ready: number[] = [];
  const answered: number[] = [];
  for (let count = 0; count < starts; count += 1) {
    signal.throwIfAborted();
    const began = performance.now();
    await using server = await stage.start();
    ready.push(server.readyMs);
    using asker = await openConversation(server);
    await asker.ask('Say hello');
    answered.push(performance.now() - began);
  }
  return [
    figure('start.ready', 'start: ready', median(ready)),
    figure('start.first_answer', 'start: first answer is there', median(answered)),
  ];
}

async function measureTurns(
  { turns, atOnce }: Plan,
  stage: Stage,
  server: Server,
  { say }: Watcher,
): Promise<Figure[]> {
  const model = () => openDirect(stage.model);
  const door = () => openDoor(server);
  const page = () => openConversation(server);
  say('answers, one at a time');
  await playSeries([model, door, page], Math.ceil(turns / 4), 1);
  const [alone = [], byDoor = [], byPage = []] = await playSeries([model, door, page], turns, 1);
  say(`answers, ${atOnce} at once`);
  const [many = [], manyPage = []] = await playSeries([door, page], turns * 2, atOnce);
  return [
    ...latencyOf('model', 'fake model alone', alone),
    ...latencyOf('v1', 'OpenAI API', byDoor),
    ...latencyOf('page', 'page', byPage),
    throughputOf('v1', 'OpenAI API', atOnce, many),
    throughputOf('page', 'page', atOnce, manyPage),
  ];
}

async function measureChanges(
  { edits, pushes }: Plan,
  { folder, home }: Stage,
  server: Server,
  { say }: Watcher,
  notes: string[],
): Promise<Figure[]> {
  say('pushes and edits');
  const pushed = await timePushes(server, folder, pushes);
  if (pushed === undefined) notes.push('There is no git here: pushes were not measured.');
  const figures = pushed === undefined ? [] : [figure('push.live.p50', 'git push until live, p50', median(pushed))];
  const file = path.join(home, 'bots/assistant/SOUL.md');
  const byRename = editors['replaced by rename'];
  const edited = byRename === undefined ? [] : await timeEdits(server, file, byRename, edits);
  return [
    ...figures,
    figure('edit.live.p50', 'edit on disk until live, p50', quantile(edited, 0.5)),
    figure('edit.live.p95', 'edit on disk until live, p95', quantile(edited, 0.95)),
  ];
}

async function measureRecall({ memories, questions }: Plan, stage: Stage, { say, signal }: Watcher): Promise<Figure[]> {
  say(`recall among ${memories} memories`);
  await writeMemories(path.join(stage.home, 'bots/assistant/memory'), memories);
  await using server = await stage.start();
  const agent = keepAlive();
  const way = { agent, headers: server.credentials, signal };
  const ask = async (number: number): Promise<number> => {
    const query = new URLSearchParams({ bot: 'assistant', text: questionAbout(number, memories) });
    const began = performance.now();
    const { data } = (await readJson(`${server.url}/api/v1/search/memories?${query}`, way)) as {
      data: { memories: unknown[] };
    };
    if (data.memories.length === 0) throw new Error('Nothing was recalled.');
    return performance.now() - began;
  };
  // The first one waits until all files have been read.
  const first = await ask(1);
  for (let number = 0; number < questions / 4; number += 1) await ask(number * 11 + 5);
  const times: number[] = [];
  for (let number = 0; number < questions; number += 1) times.push(await ask(number * 7 + 3));
  agent.destroy();
  return [
    figure('recall.first', `recall, ${memories} memories: first after a start, files read`, first),
    figure('recall.p50', `recall, ${memories} memories: p50`, quantile(times, 0.5)),
    figure('recall.p95', `recall, ${memories} memories: p95`, quantile(times, 0.95)),
  ];
}

/** Nothing where the system does not tell. */
async function memoryOf(id: string, name: string, { pid }: Server): Promise<Figure[]> {
  const bytes = await residentBytes(pid);
  return Number.isNaN(bytes) ? [] : [figure(`memory.${id}`, name, bytes / 1e6, 'MB')];
}
