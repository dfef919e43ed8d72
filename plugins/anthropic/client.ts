import { fetchKeepingAlive, sdkClients, withoutVariable, type Service } from 'boternity';
import type Anthropic from '@anthropic-ai/sdk';

/** Longer than any wait of ours, so that the SDK's own clock never ends a call. */
const NEVER_MS = 24 * 60 * 60 * 1000;

/** The SDK's client for a service. */
export const clientFor = sdkClients(makeClient);

/** Everything the SDK would otherwise take from ANTHROPIC_* variables or its own files is set: another service must not be sent them. */
async function makeClient({ address, key, headers }: Service): Promise<Anthropic> {
  const { Anthropic: Client } = await import('@anthropic-ai/sdk');
  return withoutVariable(
    'ANTHROPIC_CUSTOM_HEADERS',
    () =>
      new Client({
        // The SDK adds the version itself.
        baseURL: address.replace(/\/v1$/, ''),
        apiKey: key ?? 'none',
        authToken: null,
        webhookKey: null,
        // The SDK would send the key as a bearer; the documented header is the one that all services of this protocol read.
        defaultHeaders: { authorization: null, 'x-api-key': key ?? null, ...headers },
        maxRetries: 0,
        timeout: NEVER_MS,
        logLevel: 'off',
        openTelemetry: false,
        fetch: fetchKeepingAlive,
      }),
  );
}
