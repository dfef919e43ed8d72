import { slugOf, system, z, type Bots, type Home } from 'boternity';
import type { Origins } from './origins.ts';
import { writeAll } from './schemas.ts';
import { readTemplate } from './templates.ts';

/** What `bnity init` was asked to make; the first start makes it and takes the file away. */
export const FIRST_BOT = '.boternity/first-bot.json';

const wish = z.strictObject({ template: z.string(), name: z.string().trim().min(1).max(100) });
export type FirstBot = z.output<typeof wish>;

const standard: FirstBot = { template: 'assistant', name: 'Assistant' };

/** A home that never had a bot gets one, so that there is somebody to talk with, and the schemas that its settings name. */
export async function createFirstBot(bots: Bots, { files, log }: Home, origins: Origins): Promise<void> {
  if (bots.slugs.length === 0 && !(await files.stat('.boternity/bots.json'))) {
    await writeAll(bots, files);
    const { template, name } = await wished(files);
    const slug = slugOf(name);
    const { id } = await bots.create(slug, await readTemplate(template, name), {
      by: system,
      why: 'Create the first bot',
    });
    await origins.record(id, { kind: 'template', from: template });
    log.info(`The bot "${slug}" was created in the empty home`, { bot: slug });
  }
  await files.remove(FIRST_BOT);
}

async function wished(files: Home['files']): Promise<FirstBot> {
  try {
    const text = await files.read(FIRST_BOT);
    if (text === undefined) return standard;
    const found = wish.parse(JSON.parse(text.toString()));
    await readTemplate(found.template, found.name);
    return found;
  } catch {
    // Somebody wrote something else there: the home still gets a bot.
    return standard;
  }
}
