import type { Usage } from '../model.ts';

/**
 * What an answer cost, from a service that counts what it read from a cache and wrote to one apart from the rest of the input.
 * Undefined where it told nothing.
 */
export function usageOf(
  rest: number | undefined,
  output: number | undefined,
  cacheRead: number | undefined,
  cacheWrite: number | undefined,
): Usage | undefined {
  if (rest === undefined && output === undefined) return undefined;
  return {
    input: rest === undefined ? null : rest + (cacheRead ?? 0) + (cacheWrite ?? 0),
    output: output ?? null,
    cacheRead: cacheRead ?? null,
    cacheWrite: cacheWrite ?? null,
  };
}
