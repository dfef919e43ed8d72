import { fetchKeepingAlive, sdkClients, withoutVariable, type Service } from 'boternity';
import type OpenAI from 'openai';

/** Longer than any wait of ours, so that the SDK's own clock never ends a call. */
const NEVER_MS = 24 * 60 * 60 * 1000;

/** The SDK's client for a service. */
export const clientFor = sdkClients(makeClient);

/** Everything the SDK would otherwise take from OPENAI_* variables is set: another service must not be sent them. */
async function makeClient({ address, key, headers }: Service): Promise<OpenAI> {
  const { OpenAI } = await import('openai');
  const make = (): OpenAI =>
    new OpenAI({
      baseURL: address,
      apiKey: key ?? 'none',
      defaultHeaders: { ...headers, ...(key === undefined && { authorization: null }) },
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      maxRetries: 0,
      timeout: NEVER_MS,
      logLevel: 'off',
      fetch: fetchKeepingAlive,
    });
  return withoutVariable('OPENAI_CUSTOM_HEADERS', make);
}
