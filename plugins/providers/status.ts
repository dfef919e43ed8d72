import { z } from 'boternity';
import type { Models } from '../models/index.ts';
import type { Provider } from './roster.ts';

const state = z
  .enum(['closed', 'half-open', 'open', 'disabled', 'unusable'])
  .describe('closed: requests go there. open: none does, for a while. half-open: the next one tries');

const health = {
  state,
  failures: z.number().describe('In a row'),
  openUntil: z.string().nullable(),
  calls: z.number(),
  failed: z.number(),
  lastSuccess: z.string().nullable(),
  lastFailure: z.object({ at: z.string(), kind: z.string(), message: z.string() }).nullable(),
  since: z.string().nullable().describe('Since when calls are counted'),
};

export const statusView = z.object({
  name: z.string(),
  type: z.string(),
  problem: z.string().nullable(),
  ...health,
  models: z.array(z.object({ id: z.string(), ...health })),
});
type StatusView = z.infer<typeof statusView>;
type HealthView = Omit<StatusView['models'][number], 'id'>;

const untouched: HealthView = {
  state: 'closed',
  failures: 0,
  openUntil: null,
  calls: 0,
  failed: 0,
  lastSuccess: null,
  lastFailure: null,
  since: null,
};

/** How a provider does: its models, and the worst and the latest of them. */
export function statusOf({ name, type, problem, isEnabled, models: ids }: Provider, models: Models): StatusView {
  const known = new Map(models.health().map((each) => [each.name, each]));
  const each = ids.map((id) => {
    const found = known.get(`${name}/${id}`);
    if (!found) return { id, ...untouched };
    const { name: _, ...rest } = found;
    return { id, ...rest, state: models.circuit(`${name}/${id}`) };
  });
  const told = { name, type, problem: problem ?? null, ...sumOf(each), models: each };
  if (problem !== undefined) return { ...told, state: 'unusable' };
  return isEnabled ? told : { ...told, state: 'disabled' };
}

const worst: readonly HealthView['state'][] = ['open', 'half-open', 'closed'];

function sumOf(models: readonly HealthView[]): HealthView {
  return models.reduce<HealthView>(
    (sum, next) => ({
      state: worst.find((one) => one === sum.state || one === next.state) ?? 'closed',
      failures: Math.max(sum.failures, next.failures),
      openUntil: later(sum.openUntil, next.openUntil),
      calls: sum.calls + next.calls,
      failed: sum.failed + next.failed,
      lastSuccess: later(sum.lastSuccess, next.lastSuccess),
      lastFailure: (sum.lastFailure?.at ?? '') > (next.lastFailure?.at ?? '') ? sum.lastFailure : next.lastFailure,
      since: sum.since === null || (next.since !== null && next.since < sum.since) ? next.since : sum.since,
    }),
    untouched,
  );
}

function later(a: string | null, b: string | null): string | null {
  return (a ?? '') > (b ?? '') ? a : b;
}
