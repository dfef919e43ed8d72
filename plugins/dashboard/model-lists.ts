import { z } from 'boternity';
import type { Ask } from './ask.ts';

/** How a list of models in use compares with what its provider has. */
export const listCheck = z.object({
  provider: z.string(),
  gone: z.array(z.string()).describe('Models that are listed and that the provider does not have any more'),
  listed: z.number(),
  problem: z.string().nullable().describe('Why it could not be compared'),
  at: z.string(),
});
export type ListCheck = z.output<typeof listCheck>;

/** How long an answer is good for, in milliseconds: services are not asked again with every look at the page. */
const GOOD_MS = 10 * 60_000;

const listed = z.object({
  providers: z.array(
    z.object({ name: z.string(), models: z.array(z.string()), enabled: z.boolean(), problem: z.string().nullable() }),
  ),
});
const fetched = z.object({ models: z.array(z.object({ id: z.string(), state: z.string() })) });

/** Compares lists of models with those of their providers, each at most once in a while. */
export class ModelLists {
  readonly #known = new Map<string, ListCheck & { readonly models: string }>();

  async check(ask: Ask, isFresh: boolean): Promise<ListCheck[] | null> {
    const found = await ask.of('providers.list', {}, listed);
    if (!found) return null;
    const used = found.providers.filter(({ enabled, problem, models }) => enabled && !problem && models.length > 0);
    const checks = await Promise.all(used.map(({ name, models }) => this.#of(ask, name, models, isFresh)));
    return checks.map(({ models: _models, ...check }) => check);
  }

  async #of(ask: Ask, provider: string, models: readonly string[], isFresh: boolean) {
    const known = this.#known.get(provider);
    const key = models.join(' ');
    if (known && !isFresh && known.models === key && Date.now() - Date.parse(known.at) < GOOD_MS) return known;
    const { value, fault } = await ask.attempt('providers.fetch', { name: provider }, fetched);
    const check = {
      provider,
      listed: models.length,
      models: key,
      at: new Date().toISOString(),
      gone: value?.models.flatMap(({ id, state }) => (state === 'unlisted' ? [id] : [])) ?? [],
      problem: fault?.message ?? null,
    };
    this.#known.set(provider, check);
    return check;
  }
}
