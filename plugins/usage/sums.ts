import { z } from 'boternity';
import type { Entry } from './ledger.ts';

export const sumView = z.object({
  calls: z.number(),
  failed: z.number().describe('Calls that ended with a failure'),
  input: z.number().describe('Tokens, cached ones included'),
  output: z.number(),
  cacheRead: z.number(),
  cacheWrite: z.number(),
  cost: z.number().nullable().describe('US dollars, of the calls of which it is known; null where it is of none'),
  unpriced: z.number().describe('Calls whose cost is unknown: it is more than the sum says'),
  silent: z.number().describe('Calls whose tokens are unknown'),
  cacheHitRate: z.number().nullable().describe('Share of the input that was read from a cache; null without input'),
});
export type Sum = z.infer<typeof sumView>;

export const groupings = ['day', 'bot', 'provider', 'model', 'conversation', 'purpose', 'outcome'] as const;
export type Grouping = (typeof groupings)[number];

/** A billionth of a dollar: sums of whole numbers come out even. */
const BILLION = 1_000_000_000;

const nothing: Sum = {
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

const endings = new Set(['end', 'tools', 'length', 'refused', 'aborted']);

export function addEntry(sum: Sum = nothing, entry: Entry): Sum {
  const cost =
    entry.cost === null
      ? sum.cost
      : (Math.round((sum.cost ?? 0) * BILLION) + Math.round(entry.cost * BILLION)) / BILLION;
  const isSilent = entry.input === null || entry.output === null;
  const isFailed = !endings.has(entry.outcome);
  const input = sum.input + (entry.input ?? 0);
  const cacheRead = sum.cacheRead + (entry.cacheRead ?? 0);
  // What failed before it was told anything has cost nothing that anybody knows of.
  const isNothing = isSilent && isFailed && entry.firstTokenMs === null;
  return {
    calls: sum.calls + 1,
    failed: sum.failed + (isFailed ? 1 : 0),
    input,
    output: sum.output + (entry.output ?? 0),
    cacheRead,
    cacheWrite: sum.cacheWrite + (entry.cacheWrite ?? 0),
    cost,
    unpriced: sum.unpriced + (entry.cost === null && !isNothing ? 1 : 0),
    silent: sum.silent + (isSilent && !isNothing ? 1 : 0),
    cacheHitRate: input > 0 ? Math.round((cacheRead / input) * 1_000) / 1_000 : null,
  };
}

/** What a call belongs to in a grouping. */
export function keyOf(entry: Entry, day: string, by: Grouping): string {
  if (by === 'day') return day;
  if (by === 'model') return `${entry.provider}/${entry.model}`;
  return entry[by] ?? '–';
}
