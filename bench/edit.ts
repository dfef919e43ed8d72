import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from './children.ts';
import { quantile, runBenchmarks, type Benchmark, type Figure } from './figures.ts';
import { makeHome, makeScratch } from './homes.ts';
import { keepAlive, readJson, type Served } from './load.ts';

export type Editor = (file: string, text: string) => Promise<void>;

/** The two ways in which editors save. */
export const editors: Readonly<Record<string, Editor>> = {
  'written in place': (file, text) => writeFile(file, text),
  'replaced by rename': async (file, text) => {
    await writeFile(`${file}~`, text);
    await rename(`${file}~`, file);
  },
};

/** Longest wait for an edit to be seen, in milliseconds. */
const PATIENCE_MS = 10_000;

/** From the end of a write to SOUL.md until the server would answer with it. */
export const edit: Benchmark = {
  name: 'edit',
  about: 'from an edit of SOUL.md on disk until the running server uses it',
  async run(isQuick) {
    const edits = isQuick ? 2 : 60;
    await using scratch = await makeScratch();
    const home = path.join(scratch.path, 'home');
    await makeHome(home, { bots: isQuick ? 1 : 100 });
    await using server = await startServer({ home, cache: scratch.path });
    const figures: Figure[] = [];
    for (const [how, editor] of Object.entries(editors)) {
      const times = await timeEdits(server, path.join(home, 'bots/assistant/SOUL.md'), editor, edits);
      figures.push(
        { name: `${how}: p50`, value: quantile(times, 0.5), unit: 'ms' },
        { name: `${how}: p95`, value: quantile(times, 0.95), unit: 'ms', goal: { most: 100 } },
        { name: `${how}: p99`, value: quantile(times, 0.99), unit: 'ms' },
      );
    }
    return { figures, notes: { editsEach: edits } };
  },
};

/** Milliseconds from the end of each write until the server would answer with it. */
export async function timeEdits(server: Served, file: string, editor: Editor, edits: number): Promise<number[]> {
  const url = `${server.url}/api/v1/bots/assistant`;
  const agent = keepAlive();
  const before = await readFile(file, 'utf8');
  const times: number[] = [];
  for (let number = 0; number < edits; number += 1) {
    const mark = `Edit ${number} of ${Date.now()}.`;
    await editor(file, `${before}\n${mark}\n`);
    const written = performance.now();
    while (!(await soulOf(url)).includes(mark)) {
      if (performance.now() - written > PATIENCE_MS) throw new Error(`An edit was not seen within ${PATIENCE_MS} ms.`);
    }
    times.push(performance.now() - written);
    // Edits of people do not come in step with the server's clocks.
    await sleep(20 + Math.random() * 100);
  }
  agent.destroy();
  return times;

  /** The soul as the next turn would use it: turns and this action ask the fleet for the same bot. */
  async function soulOf(address: string): Promise<string> {
    const { data } = (await readJson(address, { agent, headers: server.credentials })) as {
      data: { soul: { body: string } };
    };
    return data.soul.body;
  }
}

if (import.meta.main) await runBenchmarks([edit]);
