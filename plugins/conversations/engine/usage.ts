import type { Usage } from 'boternity';

/** Two usages together; what one is silent about is what the other says. */
export function addUsage(first: Usage, second: Usage): Usage {
  const add = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : a + b);
  return {
    input: add(first.input, second.input),
    output: add(first.output, second.output),
    cacheRead: add(first.cacheRead, second.cacheRead),
    cacheWrite: add(first.cacheWrite, second.cacheWrite),
  };
}
