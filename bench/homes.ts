import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readTemplate } from '../plugins/fleet/templates.ts';

/** A folder that is gone when it is disposed of. */
export interface Scratch extends AsyncDisposable {
  readonly path: string;
}

export async function makeScratch(): Promise<Scratch> {
  const folder = await mkdtemp(path.join(tmpdir(), 'boternity-bench-'));
  return {
    path: folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

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
  if (model === undefined) return;
  await writeFile(
    path.join(folder, 'providers.yaml'),
    `providers:\n  fake:\n    type: openai-compatible\n    address: ${model}\n    models: [fake]\n`,
  );
  await writeFile(
    path.join(folder, 'settings.yaml'),
    'model: fake\nplugins:\n  conversations: { messagesPerMinute: 0, stopsPerMinute: 0 }\n',
  );
}

async function makeBot(home: string, slug: string, name: string): Promise<void> {
  for (const [file, content] of await readTemplate('assistant', name)) {
    const place = path.join(home, 'bots', slug, file);
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, content);
  }
}
