import { defineAction, Fault, z, type Action } from 'boternity';
import { assertOptions, assertOurs, name, providerView, viewOf, type ProviderParts } from './actions.ts';
import { checkModel } from './check.ts';
import { providerSettings } from './settings.ts';
import { statusOf, statusView } from './status.ts';

declare module 'boternity' {
  interface ActionTypes {
    'providers.edit': ReturnType<typeof editProvider>;
    'providers.test': ReturnType<typeof testProvider>;
    'providers.status': ReturnType<typeof showStatus>;
    'providers.fetch': ReturnType<typeof fetchModels>;
  }
}

/** How long a service has to name its models, in milliseconds. */
const LIST_MS = 5_000;

/** What is done with providers that are there. */
export function upkeepActions(parts: ProviderParts): Action[] {
  return [editProvider(parts), testProvider(parts), showStatus(parts), fetchModels(parts)];
}

function editProvider(parts: ProviderParts) {
  const { roster, file, refresh, findSecret } = parts;
  return defineAction({
    name: 'providers.edit',
    summary: 'Changes a provider; what is not given stays as it is.',
    permission: 'providers:admin',
    http: 'PATCH /providers/{name}',
    cli: 'provider edit <name>',
    examples: ['bnity provider edit openai --priority 5', 'bnity provider edit openai --unset headers timeout'],
    input: providerSettings.partial().extend({
      name,
      unset: z.array(providerSettings.keyof()).default([]).describe('Settings to take out'),
    }),
    output: providerView,
    async run({ name: given, unset, ...changes }) {
      assertOurs(roster, given);
      const { settings } = roster.get(given);
      const next = Object.fromEntries(
        Object.entries({ ...settings, ...changes }).filter(([key]) => !unset.includes(key as (typeof unset)[number])),
      );
      const whole = providerSettings.parse(next);
      assertOptions(roster, given, whole);
      await file.write(given, whole);
      await refresh();
      return viewOf(roster.get(given), findSecret);
    },
  });
}

function testProvider({ roster, models }: ProviderParts) {
  return defineAction({
    name: 'providers.test',
    summary: 'Asks a model of a provider for a few words, to see whether it answers; it costs some tokens.',
    permission: 'providers:admin',
    http: 'POST /providers/{name}/test',
    cli: 'provider test <name>',
    examples: ['bnity provider test openai', 'bnity provider test openai --model gpt-5-mini'],
    input: z.strictObject({ name, model: z.string().min(1).optional().describe('Its first model without') }),
    output: z.object({
      provider: z.string(),
      model: z.string(),
      ok: z.boolean(),
      message: z.string(),
      firstTokenMs: z.number().nullable().describe('Milliseconds until the first word'),
    }),
    async run({ name: given, model: wanted }) {
      const { problem, models: ids } = roster.get(given);
      if (problem !== undefined)
        throw new Fault('PROVIDER_UNUSABLE', `The provider ${given} cannot be used: ${problem}.`);
      const id = wanted ?? ids[0] ?? '';
      const model = [...models].find((each) => each.provider === given && each.id === id);
      if (model) return checkModel(model);
      throw new Fault('MODEL_MISSING', `${given} does not offer ${id}. It offers: ${ids.join(', ')}.`);
    },
  });
}

function showStatus({ roster, models }: ProviderParts) {
  return defineAction({
    name: 'providers.status',
    summary: 'Shows how each provider does: whether requests go there, what failed last, how many calls there were.',
    permission: 'providers:read',
    http: 'GET /providers/status',
    cli: 'provider status',
    columns: ['name', 'state', 'calls', 'failed', 'lastSuccess', 'lastFailure.message'],
    examples: ['bnity provider status', 'bnity provider status --json'],
    input: z.strictObject({}),
    output: z.object({ providers: z.array(statusView) }),
    run: async () => ({ providers: roster.all.map((provider) => statusOf(provider, models)) }),
  });
}

function fetchModels({ roster, file, refresh }: ProviderParts) {
  return defineAction({
    name: 'providers.fetch',
    summary: 'Asks a provider which models it has and shows which are not offered yet; adds those that are named.',
    permission: 'providers:admin',
    http: 'POST /providers/{name}/models',
    cli: 'provider fetch <name>',
    examples: ['bnity provider fetch openai', 'bnity provider fetch openai --add gpt-5-mini gpt-5-nano'],
    input: z.strictObject({
      name,
      add: z.array(z.string().min(1)).default([]).describe('Ids to offer beside those that are offered'),
    }),
    output: z.object({
      models: z.array(
        z.object({
          id: z.string(),
          state: z
            .enum(['offered', 'new', 'unlisted'])
            .describe(
              'new: the service has it and it is not offered. unlisted: offered, and the service does not name it',
            ),
          window: z.number().nullable(),
          input: z.number().nullable().describe('US dollars for a million tokens; null when unknown'),
          output: z.number().nullable(),
        }),
      ),
      added: z.array(z.string()),
    }),
    async run({ name: given, add }, { signal }) {
      const provider = roster.get(given);
      if (!provider.kind?.list)
        throw new Fault(
          'PROVIDER_UNUSABLE',
          `Services of the type "${provider.type}" do not say which models they have.`,
        );
      const late = AbortSignal.any([signal, AbortSignal.timeout(LIST_MS)]);
      const listed = await provider.kind.list(roster.accessTo(provider), late).catch((error: unknown) => {
        const { message } = Fault.is(error) ? error : roster.failureOf(provider, error);
        const why = late.aborted && !signal.aborted ? `it did not answer within ${LIST_MS / 1_000} s.` : message;
        throw new Fault('PROVIDER_UNREACHABLE', `${given} does not say which models it has: ${why}`);
      });
      await roster.heard(given, listed);
      const known = new Set(listed.map(({ id }) => id));
      const strange = add.filter((id) => !known.has(id));
      if (strange.length > 0) throw new Fault('MODEL_MISSING', `${given} has no ${strange.join(', ')}.`);
      const added = add.filter((id) => !provider.models.includes(id));
      if (added.length > 0) {
        assertOurs(roster, given);
        await file.write(given, { ...provider.settings, models: [...provider.models, ...added] });
        await refresh();
      }
      const offered = [...provider.models, ...added];
      const ids = [...offered, ...[...known].filter((id) => !offered.includes(id))];
      return {
        models: ids.map((id) => {
          const { window, price } = roster.factsOf(provider, id);
          const state = !known.has(id)
            ? ('unlisted' as const)
            : offered.includes(id)
              ? ('offered' as const)
              : ('new' as const);
          return { id, state, window: window ?? null, input: price?.input ?? null, output: price?.output ?? null };
        }),
        added,
      };
    },
  });
}
