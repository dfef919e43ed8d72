import { changeBy, covers, defineAction, editYaml, Fault, z } from 'boternity';
import type { BotIndex, Bots, Caller, Change, House } from 'boternity';
import type { cloneBot, createBot, listTemplates } from './create.ts';
import type { Origins } from './origins.ts';
import { botDetails, botSummary, detail, problemView, type BotSummary } from './views.ts';

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

interface Parts {
  readonly bots: Bots;
  readonly origins: Origins;
}

/** Bots that are looked at before it is known whether more are wanted. */
const LISTED_AT_ONCE = 500;

const reference = z.string().min(1).describe('Slug or id of a bot');
const status = z.enum(['active', 'disabled', 'archived']);

export function listBots(bots: Bots, index: BotIndex<BotSummary>) {
  return defineAction({
    name: 'bots.list',
    summary: 'Lists the bots of this server.',
    permission: 'bots:read',
    http: 'GET /bots',
    cli: 'list',
    examples: ['bnity list', 'bnity list --status archived --json'],
    columns: ['emoji', 'slug', 'name', 'status', 'problems', 'folder'],
    doors: ['http', 'cli', 'bot'],
    listsBots: true,
    input: z.strictObject({
      status: status.optional().describe('Only bots of this status; archived ones are left out otherwise'),
      category: z.string().optional(),
      limit: z.number().int().min(1).optional().describe('At most so many; the rest is not even read'),
    }),
    output: z.object({ bots: z.array(botSummary) }),
    async run(input, { caller }) {
      const { limit = Number.POSITIVE_INFINITY } = input;
      const isWanted = (bot: BotSummary): boolean =>
        covers(caller.grants, 'bots:read', [bot.slug, bot.id]) &&
        (input.status ? bot.status === input.status : bot.status !== 'archived') &&
        (input.category === undefined || bot.category === input.category);
      const found: BotSummary[] = [];
      const { slugs } = bots;
      for (let at = 0; at < slugs.length && found.length < limit; at += LISTED_AT_ONCE) {
        const some = await index.list(slugs.slice(at, at + LISTED_AT_ONCE));
        found.push(...some.filter(isWanted).slice(0, limit - found.length));
      }
      return { bots: found };
    },
  });
}

export function showBot({ bots, origins }: Parts) {
  return defineAction({
    name: 'bots.show',
    summary: 'Shows a bot: identity, soul, settings, problems, folder, where it came from.',
    permission: 'bots:read',
    http: 'GET /bots/{bot}',
    cli: 'show <bot>',
    examples: ['bnity show assistant'],
    input: z.strictObject({ bot: reference }),
    output: botDetails,
    async run({ bot: given }) {
      const bot = await bots.get(given);
      return detail(bot, await origins.of(bot.id));
    },
  });
}

export function configureBot(parts: Parts) {
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
      const why = `Set ${changes.map(({ path }) => path.join('.')).join(', ')}`;
      return change(parts, input.bot, changes, changeOf(parts.bots, input.bot, caller, why));
    },
  });
}

export const startBot = (parts: Parts) =>
  statusAction(parts, 'bots.start', 'start', 'active', 'Makes a bot active, also from the archive.');
export const stopBot = (parts: Parts) =>
  statusAction(parts, 'bots.stop', 'stop', 'disabled', 'Disables a bot: visible, but it does not talk.');
export const archiveBot = (parts: Parts) =>
  statusAction(parts, 'bots.archive', 'archive', 'archived', 'Hides a bot from the lists; its folder stays.');

function statusAction(parts: Parts, name: string, verb: string, value: z.infer<typeof status>, summary: string) {
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
      change(parts, bot, [{ path: ['status'], value }], changeOf(parts.bots, bot, caller, `Set status to ${value}`)),
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
      const problems = [...(input.bot === undefined ? await house.check() : []), ...inBots];
      return { ok: problems.every((problem) => problem.level !== 'error'), problems };
    },
  });
}

async function change(
  { bots, origins }: Parts,
  given: string,
  changes: { path: string[]; value: unknown }[],
  made: Change,
): Promise<z.infer<typeof botDetails>> {
  const { id, slug } = await bots.get(given);
  const bot = await bots.edit(slug, 'bot.yaml', (before) => editYaml(before, changes), made);
  return detail(bot, await origins.of(id));
}

function changeOf(bots: Bots, reference: string, caller: Caller, why: string): Change {
  return changeBy(caller, why, bots.namesOf(reference));
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
