import type { Model, ModelRequest } from 'boternity';
import type { SecretCheck } from '../vault/actions.ts';

/** How long a service has to say its first word, in milliseconds. */
const PATIENCE_MS = 15_000;

/** Asks a model for a few words to see whether its service takes the key. */
export async function checkKey(model: Model, bot: string | undefined): Promise<SecretCheck> {
  const { provider } = model;
  const request: ModelRequest = {
    system: '',
    tools: [],
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
    tail: '',
    maxTokens: 10,
    ...(bot !== undefined && { bot }),
  };
  const enough = new AbortController();
  const signal = AbortSignal.any([enough.signal, AbortSignal.timeout(PATIENCE_MS)]);
  let hasAnswered = false;
  let failure = `${provider} did not answer within ${PATIENCE_MS / 1000} s.`;
  for await (const part of model.stream(request, signal)) {
    if (part.type !== 'end') {
      hasAnswered = true;
      enough.abort();
    } else if (part.stop !== 'error' && part.stop !== 'aborted') hasAnswered = true;
    else failure = part.failure?.message ?? failure;
  }
  if (hasAnswered) return { provider, ok: true, message: `${provider} takes it: ${model.id} answered.` };
  return { provider, ok: false, message: failure };
}
