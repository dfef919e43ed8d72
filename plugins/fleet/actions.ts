import { defineAction, editFrontMatter, editYaml, Fault, usable, z } from 'boternity';
import type { Author, Bot, Bots, Change, House } from 'boternity';
import { slugOf, slugsFrom } from './slug.ts';
import { describeTemplates, readFolder, readTemplate } from './templates.ts';
import { botDetails, botSummary, detail, problemView, summarize, type BotSummary } from './views.ts';

declare module 'boternity' {
  interface ActionTypes {
    'bots.list': ReturnType<typeof listBots>;
    'bots.show': ReturnType<typeof showBot>;
    'bots.create': ReturnType<typeof createBot>;
    'bots.configure': ReturnType<typeof configureBot>;
    'bots.clone': ReturnType<typeof cloneBot>;
    'bots.start': ReturnType<typeof startBot>;
    'bots.stop': ReturnType<typeof stopBot>;
    'bots.archive': ReturnType<typeof archiveBot>;
    'bots.delete': ReturnType<typeof deleteBot>;
    'bots.check': ReturnType<typeof checkBots>;
    'templates.list': ReturnType<typeof listTemplates>;
  }
}

const botName = z.string().trim().min(1).max(100);
const reference = z.string().min(1).describe('Slug or id of a bot');
const status = z.enum(['active', 'disabled', 'archived']);

export function listBots(bots: Bots) {
  return defineAction({
    name: 'bots.list',
    summary: 'Lists the bots of this server.',
    permission: 'bots:read',
    http: 'GET /bots',
    cli: 'list',
    examples: ['bnity list', 'bnity list --status archived --json'],
    columns: ['emoji', 'slug', 'name', 'status', 'problems', 'folder'],
    doors: ['http', 'cli', 'bot'],
    input: z.strictObject({
      status: status.optional().describe('Only bots of this status; archived ones are left out otherwise'),
      category: z.string().optional(),
      limit: z.number().int().min(1).optional().describe('At most so many; the rest is not even read'),
    }),
    output: z.object({ bots: z.array(botSummary) }),
    async run(input) {
      const { limit = Number.POSITIVE_INFINITY } = input;
      const isWanted = (bot: BotSummary): boolean =>
        (input.status ? bot.status === input.status : bot.status !== 'archived') &&
        (input.category === undefined || bot.category === input.category);
      if (limit >= bots.slugs.length) return { bots: (await bots.all()).map(summarize).filter(isWanted) };
      const found: BotSummary[] = [];
      for (const slug of bots.slugs) {
        const bot = summarize(await bots.get(slug));
        if (isWanted(bot)) found.push(bot);
        if (found.length === limit) break;
      }
      return { bots: found };
    },
  });
}

export function showBot(bots: Bots) {
  return defineAction({
    name: 'bots.show',
    summary: 'Shows a bot: identity, soul, settings, problems, folder.',
    permission: 'bots:read',
    http: 'GET /bots/{bot}',
    cli: 'show <bot>',
    examples: ['bnity show assistant'],
    input: z.strictObject({ bot: reference }),
    output: botDetails,
    run: async ({ bot }) => detail(await bots.get(bot)),
  });
}

export function createBot(bots: Bots) {
  return defineAction({
    name: 'bots.create',
    summary: 'Creates a bot from a template.',
    permission: 'bots:write',
    http: 'POST /bots',
    cli: 'create <name>',
    examples: ['bnity create Ada', 'bnity create "Night Owl" --template assistant --slug owl'],
    status: 201,
    input: z.strictObject({
      name: botName.describe('What the bot is called'),
      template: z.string().default('assistant'),
      slug: z
        .string()
        .regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'use a to z, digits and dashes')
        .optional()
        .describe('Name of its folder; made from the name when absent'),
    }),
    output: botDetails,
    async run(input, { caller }) {
      const contents = await readTemplate(input.template, input.name);
      const born: Change = { by: caller, why: `Create from the template ${input.template}` };
      const bot = input.slug
        ? await bots.create(input.slug, contents, born)
        : await createUnder(bots, input.name, contents, born);
      return detail(bot);
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
    output: z.object({ templates: z.array(z.object({ name: z.string(), description: z.string() })) }),
    run: async () => ({ templates: await describeTemplates() }),
  });
}

export function configureBot(bots: Bots) {
  return defineAction({
    name: 'bots.configure',
    summary: 'Changes settings in bot.yaml; comments stay.',
    permission: 'bots:write',
    http: 'PATCH /bots/{bot}',
    cli: 'configure <bot>',
    examples: [
      'bnity configure assistant --model gpt-5-mini',
      `bnity configure assistant --set 'tools.allow=["bots_list"]'`,
    ],
    input: z.strictObject({
      bot: reference,
      model: z.string().optional().describe('Model id, or provider/id'),
      temperature: z.number().min(0).max(2).optional(),
      status: status.optional(),
      set: z
        .array(z.string().regex(/^[\w.]+=/, 'write key=value'))
        .default([])
        .describe('key=value; the value is JSON or text'),
    }),
    output: botDetails,
    async run(input, { caller }) {
      const changes = [
        ...(input.model === undefined ? [] : [{ path: ['model', 'default'], value: input.model }]),
        ...(input.temperature === undefined ? [] : [{ path: ['model', 'temperature'], value: input.temperature }]),
        ...(input.status === undefined ? [] : [{ path: ['status'], value: input.status }]),
        ...input.set.map(parseAssignment),
      ];
      if (changes.length === 0)
        throw new Fault('INPUT_INVALID', 'Nothing to change was given.', {
          hint: 'Give --model, --temperature, --status or --set.',
          details: [{ path: 'set', message: 'give at least one change' }],
        });
      return change(bots, input.bot, changes, {
        by: caller,
        why: `Set ${changes.map(({ path }) => path.join('.')).join(', ')}`,
      });
    },
  });
}

export function cloneBot(bots: Bots) {
  return defineAction({
    name: 'bots.clone',
    summary: 'Copies a bot under a new name, without its memory and conversations.',
    permission: 'bots:write',
    http: 'POST /bots/{bot}/clone',
    cli: 'clone <bot>',
    examples: ['bnity clone assistant --name "Second assistant"'],
    status: 201,
    input: z.strictObject({ bot: reference, name: botName.optional().describe('Default: the name with " (Clone)"') }),
    output: botDetails,
    async run(input, { caller }) {
      const original = await bots.get(input.bot);
      const name = input.name ?? `${summarize(original).name} (Clone)`;
      const contents = await readFolder(original.folder);
      const copy = await createUnder(bots, name, contents, { by: caller, why: `Clone ${original.slug}` });
      return detail(await rename(bots, copy.slug, name, caller));
    },
  });
}

export const startBot = (bots: Bots) =>
  statusAction(bots, 'bots.start', 'start', 'active', 'Makes a bot active, also from the archive.');
export const stopBot = (bots: Bots) =>
  statusAction(bots, 'bots.stop', 'stop', 'disabled', 'Disables a bot: visible, but it does not talk.');
export const archiveBot = (bots: Bots) =>
  statusAction(bots, 'bots.archive', 'archive', 'archived', 'Hides a bot from the lists; its folder stays.');

function statusAction(bots: Bots, name: string, verb: string, value: z.infer<typeof status>, summary: string) {
  return defineAction({
    name,
    summary,
    permission: 'bots:write',
    http: `POST /bots/{bot}/${verb}`,
    cli: `${verb} <bot>`,
    examples: [`bnity ${verb} assistant`],
    input: z.strictObject({ bot: reference }),
    output: botDetails,
    run: async ({ bot }, { caller }) =>
      change(bots, bot, [{ path: ['status'], value }], { by: caller, why: `Set status to ${value}` }),
  });
}

export function deleteBot(bots: Bots, onDelete: (id: string, slug: string) => Promise<void>) {
  return defineAction({
    name: 'bots.delete',
    summary: 'Deletes a bot and everything it has, for good.',
    permission: 'bots:admin',
    http: 'DELETE /bots/{bot}',
    cli: 'delete <bot>',
    confirm: 'The folder of the bot, its memory and its conversations are deleted for good.',
    examples: ['bnity delete assistant-2 --force'],
    input: z.strictObject({ bot: reference }),
    output: z.object({ id: z.string(), slug: z.string(), deleted: z.literal(true) }),
    async run({ bot: given }) {
      const { id, slug } = await bots.get(given);
      await bots.remove(slug);
      await onDelete(id, slug);
      return { id, slug, deleted: true as const };
    },
  });
}

export function checkBots(bots: Bots, house: House) {
  return defineAction({
    name: 'bots.check',
    summary: 'Lists everything that is wrong in bot folders and settings.',
    permission: 'bots:read',
    http: 'GET /check',
    cli: 'check [bot]',
    examples: ['bnity check', 'bnity check assistant --json'],
    input: z.strictObject({ bot: reference.optional() }),
    output: z.object({ ok: z.boolean(), problems: z.array(problemView) }),
    async run(input) {
      const checked = input.bot === undefined ? await bots.all() : [await bots.get(input.bot)];
      const inBots = checked.flatMap((bot) =>
        bot.problems.map(({ file, line, column, level, message }) => ({
          file: `bots/${bot.slug}/${file}`,
          line,
          column,
          level,
          message,
        })),
      );
      const problems = [...(input.bot === undefined ? house.problems() : []), ...inBots];
      return { ok: problems.every((problem) => problem.level !== 'error'), problems };
    },
  });
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

async function change(
  bots: Bots,
  given: string,
  changes: { path: string[]; value: unknown }[],
  made: Change,
): Promise<z.infer<typeof botDetails>> {
  const { slug } = await bots.get(given);
  return detail(await bots.edit(slug, 'bot.yaml', (before) => editYaml(before, changes), made));
}

/** Writes the new name where the old one stands: IDENTITY.md and SOUL.md. */
async function rename(bots: Bots, slug: string, name: string, by: Author): Promise<Bot> {
  const { files } = await bots.get(slug);
  const places = [
    ['SOUL.md', 'name', usable(files.soul)?.front.name],
    ['IDENTITY.md', 'display_name', usable(files.identity)?.front.display_name],
  ] as const;
  for (const [file, key, value] of places) {
    if (value === undefined) continue;
    await bots.edit(slug, file, (text) => editFrontMatter(text, [{ path: [key], value: name }]), {
      by,
      why: `Rename to ${name}`,
    });
  }
  return bots.get(slug);
}

function parseAssignment(text: string): { path: string[]; value: unknown } {
  const at = text.indexOf('=');
  const raw = text.slice(at + 1);
  let value: unknown = raw;
  try {
    value = JSON.parse(raw);
  } catch {
    // plain text needs no quotes
  }
  return { path: text.slice(0, at).split('.'), value };
}
