import { defineAction, editFrontMatter, Fault, slugOf, slugPattern, slugsFrom, usable, z } from 'boternity';
import type { Bot, Bots, Change, Home, House } from 'boternity';
import { createFromGit } from './create-from-git.ts';
import type { Origin, Origins } from './origins.ts';
import { describeTemplates, readFolder, readTemplate } from './templates.ts';
import { botDetails, detail, summarize } from './views.ts';

export interface CreateParts {
  readonly bots: Bots;
  readonly origins: Origins;
  readonly home: Home;
  readonly house: House;
}

function standardTemplate(house: House): string {
  const value = house.settings().find(({ key }) => key === 'template')?.value;
  return typeof value === 'string' ? value : 'assistant';
}

const botName = z.string().trim().min(1).max(100);

export function createBot(parts: CreateParts) {
  const { bots, origins, house } = parts;
  return defineAction({
    name: 'bots.create',
    summary: 'Creates a bot from a template, or from a git repository.',
    permission: 'bots:write',
    http: 'POST /bots',
    cli: 'create <name>',
    examples: [
      'bnity create Ada',
      'bnity create "Night Owl" --template researcher --slug owl',
      'bnity create Ada --from https://example.org/ada.git',
    ],
    status: 201,
    input: z.strictObject({
      name: botName.describe('What the bot is called'),
      template: z
        .string()
        .optional()
        .describe('See: bnity template list; blank has nothing but a name. That of settings.yaml when absent'),
      from: z
        .string()
        .min(1)
        .max(2_000)
        .optional()
        .describe('Address of a git repository in place of a template; its code waits for a person'),
      slug: z
        .string()
        .regex(slugPattern, 'use a to z, digits and dashes')
        .optional()
        .describe('Name of its folder; made from the name when absent'),
    }),
    output: botDetails,
    async run(input, { caller, signal }) {
      const { name, slug, from, template = standardTemplate(house) } = input;
      if (from !== undefined) return detail(...(await createFromGit({ name, slug, from }, parts, caller, signal)));
      const contents = await readTemplate(template, name);
      const born: Change = { by: caller, why: `Create from the template ${template}` };
      const bot = slug ? await bots.create(slug, contents, born) : await createUnder(bots, name, contents, born);
      return detail(bot, await came(origins, bot, { kind: 'template', from: template }));
    },
  });
}

export function listTemplates() {
  return defineAction({
    name: 'templates.list',
    summary: 'Lists the templates that bots can be created from.',
    permission: 'bots:read',
    http: 'GET /templates',
    cli: 'template list',
    examples: ['bnity template list'],
    input: z.strictObject({}),
    output: z.object({
      templates: z.array(
        z.object({
          name: z.string(),
          description: z.string(),
          emoji: z.string(),
          accentColor: z.string(),
          skills: z.array(z.string()),
        }),
      ),
    }),
    run: async () => ({ templates: await describeTemplates() }),
  });
}

export function cloneBot(bots: Bots, origins: Origins) {
  return defineAction({
    name: 'bots.clone',
    summary: 'Copies a bot under a new name, without its memory and conversations.',
    permission: 'bots:write',
    http: 'POST /bots/{bot}/clone',
    cli: 'clone <bot>',
    examples: ['bnity clone assistant --name "Second assistant"'],
    status: 201,
    input: z.strictObject({
      bot: z.string().min(1).describe('Slug or id of a bot'),
      name: botName.optional().describe('Default: the name with " (Clone)"'),
    }),
    output: botDetails,
    async run(input, { caller }) {
      const original = await bots.get(input.bot);
      const name = input.name ?? `${summarize(original).name} (Clone)`;
      const contents = await renamed(original, name);
      const copy = await createUnder(bots, name, contents, { by: caller, why: `Clone ${original.slug}` });
      return detail(copy, await came(origins, copy, { kind: 'clone', from: original.slug }));
    },
  });
}

async function came(origins: Origins, bot: Bot, from: Omit<Origin, 'at'>): Promise<Origin | undefined> {
  await origins.record(bot.id, from);
  return origins.of(bot.id);
}

/** Makes a bot in the first free folder for its name, also when others are made at the same moment. */
async function createUnder(
  bots: Bots,
  name: string,
  contents: ReadonlyMap<string, string | Uint8Array>,
  born: Change,
): Promise<Bot> {
  for (const slug of slugsFrom(slugOf(name))) {
    if (bots.slugs.includes(slug)) continue;
    try {
      return await bots.create(slug, contents, born);
    } catch (error) {
      if (!(Fault.is(error) && error.code === 'BOT_EXISTS')) throw error;
    }
  }
  throw new Fault('BOT_EXISTS', `Every folder name for "${name}" is taken.`, {
    hint: 'Choose another name, or give --slug.',
  });
}

/** The files of a bot with another name where the old one stands: in SOUL.md and IDENTITY.md. */
async function renamed(bot: Bot, name: string): Promise<Map<string, Buffer | string>> {
  const contents = new Map<string, Buffer | string>(await readFolder(bot.folder));
  const places = [
    ['SOUL.md', 'name', usable(bot.files.soul)?.front.name],
    ['IDENTITY.md', 'display_name', usable(bot.files.identity)?.front.display_name],
  ] as const;
  for (const [file, key, value] of places) {
    const text = contents.get(file)?.toString();
    if (value === undefined || text === undefined) continue;
    contents.set(file, await editFrontMatter(text, [{ path: [key], value: name }]));
  }
  return contents;
}
