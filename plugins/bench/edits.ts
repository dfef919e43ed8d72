import type { Agent } from 'node:http';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
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

/** Milliseconds from the end of each write until the server would answer with it. */
export async function timeEdits(server: Served, file: string, editor: Editor, edits: number): Promise<number[]> {
  const agent = keepAlive();
  const before = await readFile(file, 'utf8');
  const times: number[] = [];
  for (let number = 0; number < edits; number += 1) {
    const mark = `Edit ${number} of ${Date.now()}.`;
    await editor(file, `${before}\n${mark}\n`);
    const written = performance.now();
    while (!(await soulOf(server, agent)).includes(mark)) {
      if (performance.now() - written > PATIENCE_MS) throw new Error(`An edit was not seen within ${PATIENCE_MS} ms.`);
    }
    times.push(performance.now() - written);
    // Edits of people do not come in step with the server's clocks.
    await sleep(20 + Math.random() * 100);
  }
  agent.destroy();
  return times;
}

/** The soul of the bot `assistant` as its next turn would use it: turns and this action ask the fleet for the same bot. */
export async function soulOf({ url, credentials }: Served, agent: Agent): Promise<string> {
  const { data } = (await readJson(`${url}/api/v1/bots/assistant`, { agent, headers: credentials })) as {
    data: { soul: { body: string } };
  };
  return data.soul.body;
}
