import type { Bots, Log } from 'boternity';
import { readTemplate } from './templates.ts';

/** A home without any bot gets one, so that there is somebody to talk with. */
export async function createFirstBot(bots: Bots, log: Log): Promise<void> {
  if (bots.slugs.length > 0) return;
  await bots.create('assistant', await readTemplate('assistant', 'Assistant'));
  log.info('The bot "assistant" was created in the empty home');
}
