import type { Model, ModelRequest } from 'boternity';
import type { SecretCheck } from '../vault/actions.ts';
import type { Roster } from './roster.ts';

/** How long a service has to say its first word, in milliseconds. */
const PATIENCE_MS = 15_000;

/** What came of asking a model for a few words. */
export interface Checked {
  readonly provider: string;
  readonly model: string;
  readonly ok: boolean;
  readonly message: string;
  /** Milliseconds until the first word. */
  readonly firstTokenMs: number | null;
}

/** Asks a model for a few words, to see whether its service is there and takes the key. */
export async function checkModel(model: Model, bot?: string): Promise<Checked> {
  const { provider, id } = model;
  const request: ModelRequest = {
    system: '',
    tools: [],
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
    tail: '',
    maxTokens: 10,
    about: { purpose: 'check' },
    ...(bot !== undefined && { bot }),
  };
  const enough = new AbortController();
  const signal = AbortSignal.any([enough.signal, AbortSignal.timeout(PATIENCE_MS)]);
  const beganMs = performance.now();
  let firstTokenMs: number | null = null;
  let failure = `${provider} did not answer within ${PATIENCE_MS / 1000} s.`;
  for await (const part of model.stream(request, signal)) {
    const isGood = part.type !== 'end' || (part.stop !== 'error' && part.stop !== 'aborted');
    if (isGood) firstTokenMs ??= Math.round(performance.now() - beganMs);
    else failure = part.failure?.message ?? failure;
    if (isGood) enough.abort();
  }
  const ok = firstTokenMs !== null;
  const message = ok ? `${provider} takes it: ${id} answered.` : failure;
  return { provider, model: id, ok, message, firstTokenMs };
}

/** Tries a key with the first model of each provider that uses it. */
export function checkKey(roster: Roster, key: string, bot: string | undefined): Promise<SecretCheck[]> {
  const users = roster.all.filter(({ keys }) => keys.includes(key));
  const models = users.flatMap((provider) => roster.modelOf(provider, provider.models[0], key) ?? []);
  return Promise.all(
    models.map(async (model) => {
      const { provider, ok, message } = await checkModel(model, bot);
      return { provider, ok, message };
    }),
  );
}
