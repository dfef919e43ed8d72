import type { Price, Usage } from './model.ts';

const MILLION = 1_000_000;
/** Costs are kept to a billionth of a dollar, so that sums of them come out even. */
const BILLION = 1_000_000_000;

/**
 * What a call costs, in US dollars: input that was neither read from nor written to a cache, what was, and output, each at its own
 * rate; all of them at the rates of the tier that its input reaches. Null where the price or the tokens are unknown.
 */
export function costOf(
  price: Price | undefined,
  usage: Pick<Usage, 'input' | 'output' | 'cacheRead' | 'cacheWrite'>,
): number | null {
  const { input, output } = usage;
  if (!price || input === null || output === null) return null;
  const cacheRead = Math.min(usage.cacheRead ?? 0, input);
  const cacheWrite = Math.min(usage.cacheWrite ?? 0, input - cacheRead);
  const tier = price.tiers?.findLast(({ above }) => input > above);
  const rates = tier ?? price;
  const millionths =
    (input - cacheRead - cacheWrite) * rates.input +
    cacheRead * (rates.cacheRead ?? rates.input) +
    cacheWrite * (rates.cacheWrite ?? rates.input) +
    output * rates.output;
  return Math.round((millionths / MILLION) * BILLION) / BILLION;
}
