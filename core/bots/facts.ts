import { z } from 'zod';

/** Longest text that the facts of a bot make together, in characters: they stand in every prompt. */
const MOST = 20_000;

const plain = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** A map of plain values, as people write them by hand: texts, numbers, true and false, lists of these. */
export const plainValues = z.record(
  z.string(),
  z.union([plain, z.array(plain)], { error: 'write a text, a number, true, false or a list of these' }),
);

/** What a bot knows for sure, by exact key. */
export const facts = plainValues.refine((values) => factLines(values).length <= MOST, {
  error: `these make more than ${MOST} characters, and they stand in every prompt; keep long texts in AGENT.md or in a skill`,
});

/** Facts as they stand in a prompt: a line each, by alphabet, so that their order in the file means nothing. */
export function factLines(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${inLine(key)}: ${Array.isArray(value) ? value.map(inLine).join(', ') : inLine(value)}`)
    .join('\n');
}

function inLine(value: unknown): string {
  return typeof value === 'string' && !/[\r\n]/.test(value) ? value : JSON.stringify(value);
}
