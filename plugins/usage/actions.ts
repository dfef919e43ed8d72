import { dayOf, defineAction, Fault, z, type Action, type Bots, type House } from 'boternity';
import { entrySchema, type Entry, type Ledger } from './ledger.ts';
import type { Purse } from './limit.ts';
import { addEntry, groupings, keyOf, sumView, type Sum } from './sums.ts';

declare module 'boternity' {
  interface ActionTypes {
    'usage.show': ReturnType<typeof showUsage>;
    'usage.list': ReturnType<typeof listCalls>;
    'usage.limit': ReturnType<typeof limitUsage>;
  }
}

export interface UsageParts {
  readonly ledger: Ledger;
  readonly purse: Purse;
  readonly bots: Bots;
  readonly house: House;
}

/** Longest span of days that is summed up. */
const MOST_DAYS = 366;

const day = z.iso.date();
const range = {
  from: day.optional().describe('First day, yyyy-mm-dd; today without'),
  to: day.optional().describe('Last day; today without'),
  bot: z.string().min(1).optional().describe('Only calls of this bot'),
  conversation: z.string().min(1).optional(),
};

export function usageActions(parts: UsageParts): Action[] {
  return [showUsage(parts), listCalls(parts), limitUsage(parts)];
}

function showUsage(parts: UsageParts) {
  return defineAction({
    name: 'usage.show',
    summary: 'Sums up the calls of models: tokens and dollars by day, bot, provider, model, conversation or purpose.',
    permission: 'usage:read',
    http: 'GET /usage',
    cli: 'usage show',
    columns: ['key', 'calls', 'input', 'output', 'cacheRead', 'cost', 'unpriced'],
    examples: ['bnity usage show', 'bnity usage show --by model --from 2026-11-01'],
    input: z.strictObject({ by: z.enum(groupings).default('bot'), ...range }),
    output: z.object({ groups: z.array(sumView.extend({ key: z.string() })), total: sumView }),
    async run({ by, ...wanted }) {
      const groups = new Map<string, Sum>();
      let total: Sum | undefined;
      for await (const { day: of, entry } of callsIn(parts, wanted)) {
        const key = keyOf(entry, of, by);
        groups.set(key, addEntry(groups.get(key), entry));
        total = addEntry(total, entry);
      }
      return {
        groups: Array.from(groups, ([key, sum]) => ({ key: by === 'bot' ? nameOf(parts.bots, key) : key, ...sum })),
        total: total ?? emptySum,
      };
    },
  });
}

function listCalls(parts: UsageParts) {
  return defineAction({
    name: 'usage.list',
    summary: 'Lists calls of models with what each used, latest first.',
    permission: 'usage:read',
    http: 'GET /usage/calls',
    cli: 'usage list',
    columns: ['at', 'bot', 'purpose', 'provider', 'model', 'outcome', 'input', 'output', 'cost'],
    examples: ['bnity usage list', 'bnity usage list --conversation 019… --json'],
    input: z.strictObject({ ...range, limit: z.number().int().min(1).max(10_000).default(100) }),
    output: z.object({ calls: z.array(entrySchema) }),
    async run({ limit, ...wanted }) {
      const calls: Entry[] = [];
      for await (const { entry } of callsIn(parts, wanted)) {
        calls.push({ ...entry, bot: entry.bot && nameOf(parts.bots, entry.bot) });
        if (calls.length > limit) calls.shift();
      }
      return { calls: calls.toReversed() };
    },
  });
}

function limitUsage({ purse, house }: UsageParts) {
  return defineAction({
    name: 'usage.limit',
    summary: 'Shows what all bots together may use in a day and what they have; sets or lifts the limit.',
    permission: 'usage:admin',
    http: 'POST /usage/limit',
    cli: 'usage limit',
    examples: ['bnity usage limit', 'bnity usage limit --dollars 5', 'bnity usage limit --off'],
    input: z.strictObject({
      dollars: z.number().positive().optional().describe('US dollars a day'),
      tokens: z.number().int().positive().optional().describe('Tokens of input and output a day'),
      off: z.boolean().default(false).describe('No limit any more'),
    }),
    output: z.object({
      day: z.string(),
      limit: z.object({ dollars: z.number().nullable(), tokens: z.number().nullable() }),
      used: z.object({ dollars: z.number(), tokens: z.number() }),
    }),
    async run({ dollars, tokens, off }) {
      const wanted = { ...(dollars !== undefined && { dollars }), ...(tokens !== undefined && { tokens }) };
      const isSet = Object.keys(wanted).length > 0;
      if (off && isSet)
        throw new Fault('INPUT_INVALID', 'A limit is either set or lifted.', {
          details: [{ path: 'off', message: 'leave it out, or the figures' }],
        });
      if (off || isSet) await house.setSetting('limit', off ? undefined : wanted);
      const now = off ? {} : isSet ? wanted : purse.limit;
      return {
        day: dayOf(new Date()),
        limit: { dollars: now.dollars ?? null, tokens: now.tokens ?? null },
        used: purse.spent,
      };
    },
  });
}

const emptySum: Sum = {
  calls: 0,
  failed: 0,
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cost: null,
  unpriced: 0,
  silent: 0,
  cacheHitRate: null,
};

interface Wanted {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly bot?: string | undefined;
  readonly conversation?: string | undefined;
}

/** The calls of a span of days, oldest first. */
async function* callsIn({ ledger, bots }: UsageParts, wanted: Wanted): AsyncGenerator<{ day: string; entry: Entry }> {
  const today = dayOf(new Date());
  const { to = today, from = wanted.to ?? today } = wanted;
  if (from > to)
    throw new Fault('INPUT_INVALID', 'The first day is after the last.', {
      details: [{ path: 'from', message: `is after ${to}` }],
    });
  const { id } = wanted.bot === undefined ? { id: undefined } : await bots.get(wanted.bot);
  await ledger.settle();
  const days = (await ledger.days()).filter((each) => each >= from && each <= to);
  for (const each of days.slice(-MOST_DAYS))
    for (const entry of await ledger.of(each)) {
      if (id !== undefined && entry.bot !== id) continue;
      if (wanted.conversation !== undefined && entry.conversation !== wanted.conversation) continue;
      yield { day: each, entry };
    }
}

/** The slug of a bot that is still there, else its id. */
function nameOf(bots: Bots, id: string): string {
  return bots.namesOf(id)[0] ?? id;
}
