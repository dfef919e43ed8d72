import type OpenAI from 'openai';
import type { Service } from './service.ts';
import { fetchKeepingAlive } from './transport.ts';

/** Longer than any wait of ours, so that the SDK's own clock never ends a call. */
const NEVER_MS = 24 * 60 * 60 * 1000;

const clients = new Map<string, Promise<OpenAI>>();

/** The SDK's client for an address and key, made at the first call and shared by all models there. */
export function clientFor(service: Service): Promise<OpenAI> {
  const name = [service.address, service.key ?? '', JSON.stringify(service.headers)].join('\n');
  const known = clients.get(name);
  if (known) return known;
  const made = makeClient(service);
  clients.set(name, made);
  made.catch(() => clients.delete(name));
  return made;
}

/** Everything the SDK would otherwise take from OPENAI_* variables is set: another service must not be sent them. */
async function makeClient({ address, key, headers }: Service): Promise<OpenAI> {
  const { OpenAI } = await import('openai');
  return new OpenAI({
    baseURL: address.replace(/\/+$/, ''),
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
}
