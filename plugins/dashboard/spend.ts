import { dayOf, z } from 'boternity';
import type { Ask } from './ask.ts';
import { limitView, type Dashboard, type DaySum } from './views.ts';

/** Days that are shown, today among them. */
const DAYS = 14;

const used = z.object({
  total: z.object({ calls: z.number(), input: z.number(), output: z.number(), cost: z.number().nullable() }),
});

/** What was spent in the last days. Days that are over are asked for once: nothing is added to them any more. */
export class Spend {
  readonly #over = new Map<string, DaySum>();

  async read(ask: Ask, now = new Date()): Promise<Dashboard['spend']> {
    const days = Array.from({ length: DAYS }, (_, at) => dayBefore(now, DAYS - 1 - at));
    // Who may not ask for today is told nothing of what others asked for.
    const today = await this.#of(ask, dayOf(now));
    if (!today) return null;
    const past = await Promise.all(days.slice(0, -1).map(async (day) => this.#over.get(day) ?? this.#of(ask, day)));
    for (const sum of past) if (sum) this.#over.set(sum.day, sum);
    for (const day of this.#over.keys()) if (!days.includes(day)) this.#over.delete(day);
    const limits = await ask.of('usage.limit', {}, z.object({ limit: limitView }));
    return { days: [...past.filter((sum) => sum !== null), today], limit: limits?.limit ?? null };
  }

  async #of(ask: Ask, day: string): Promise<DaySum | null> {
    const found = await ask.of('usage.show', { from: day, to: day, by: 'day' }, used);
    if (!found) return null;
    const { calls, cost, input, output } = found.total;
    return { day, calls, cost, tokens: input + output };
  }
}

function dayBefore(now: Date, days: number): string {
  return dayOf(new Date(now.getFullYear(), now.getMonth(), now.getDate() - days));
}
