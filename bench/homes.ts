import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { useModel } from '../plugins/bench/scratch.ts';
import { readTemplate } from '../plugins/fleet/templates.ts';

export interface HomeOptions {
  /** How many bots, all of the template `assistant`; the first is `assistant` itself, as a new home has it. */
  readonly bots: number;
  /** Base address of the model that answers for all of them; the built-in demo when absent. */
  readonly model?: string;
}

/** Makes a home as a person would have it: bots that differ, a provider, settings. */
export async function makeHome(folder: string, { bots, model }: HomeOptions): Promise<void> {
  await makeBot(folder, 'assistant', 'Assistant');
  for (let number = 2; number <= bots; number += 1) {
    await makeBot(folder, `bot-${String(number).padStart(5, '0')}`, `Number ${number}`);
  }
  if (model !== undefined) await useModel(folder, model);
}

async function makeBot(home: string, slug: string, name: string): Promise<void> {
  for (const [file, content] of await readTemplate('assistant', name)) {
    const place = path.join(home, 'bots', slug, file);
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, content);
  }
}
