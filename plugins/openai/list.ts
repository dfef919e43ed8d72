import { asking, fieldsOf, listOf, sendForJson, textOf } from 'boternity';
import type { Fields, ListedModel, ProviderAccess } from 'boternity';

/** What one entry of a service's list says of a model; undefined for one that is neither asked nor makes vectors. */
export type ReadListed = (entry: Fields) => ListedModel | undefined;

/** Asks a service which models it has: GET /models. Rejects with a fault. */
export async function listModels(
  access: ProviderAccess,
  signal: AbortSignal,
  read: ReadListed = readPlain,
): Promise<ListedModel[]> {
  const answer = fieldsOf(await ask(access, '/models', { signal }));
  const entries = Array.isArray(answer.data) ? answer.data : listOf(answer.models);
  return entries.flatMap((entry) => read(fieldsOf(entry)) ?? []);
}

export interface Asking {
  readonly signal: AbortSignal;
  readonly body?: unknown;
}

/** Sends a request to a service with its key and headers, and gives the JSON that it answers. Rejects with a fault. */
export async function ask(access: ProviderAccess, path: string, { signal, body }: Asking): Promise<unknown> {
  return asking(access, signal, ({ key, address, headers }, within) =>
    sendForJson(`${address}${path}`, {
      headers: { ...(key !== undefined && { authorization: `Bearer ${key}` }), ...headers },
      signal: within,
      ...(body !== undefined && { body }),
    }),
  );
}

function readPlain(entry: Fields): ListedModel | undefined {
  const id = textOf(entry.id);
  return id === '' ? undefined : { id };
}
