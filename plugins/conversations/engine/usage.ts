import type { Usage } from 'boternity';

/** Two usages together; what one is silent about is what the other says. */
export function addUsage(first: Usage, second: Usage): Usage {
  const add = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : a + b);
  return {
    input: add(first.input, second.input),
    output: add(first.output, second.output),
    cacheRead: add(first.cacheRead, second.cacheRead),
    cacheWrite: add(first.cacheWrite, second.cacheWrite),
    cost:
      isUsed(first) && isUsed(second) ? both(first.cost, second.cost) : add(first.cost ?? null, second.cost ?? null),
  };
}

/** Unknown where one of them is: a part of a cost is no cost. */
function both(first: number | null | undefined, second: number | null | undefined): number | null {
  return first === null || first === undefined || second === null || second === undefined ? null : first + second;
}

function isUsed({ input, output }: Usage): boolean {
  return input !== null || output !== null;
}
