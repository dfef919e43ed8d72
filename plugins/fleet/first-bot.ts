import { system, type Bots, type Home } from 'boternity';
import type { Origins } from './origins.ts';
import { writeAll } from './schemas.ts';
import { readTemplate } from './templates.ts';

/** A home that never had a bot gets one, so that there is somebody to talk with, and the schemas that its settings name. */
export async function createFirstBot(bots: Bots, { files, log }: Home, origins: Origins): Promise<void> {
  if (bots.slugs.length > 0 || (await files.stat('.boternity/bots.json'))) return;
  await writeAll(bots, files);
  const { id } = await bots.create('assistant', await readTemplate('assistant', 'Assistant'), {
    by: system,
    why: 'Create the first bot',
  });
  await origins.record(id, { kind: 'template', from: 'assistant' });
  log.info('The bot "assistant" was created in the empty home');
}
