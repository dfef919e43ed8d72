import { CallError, type Client } from 'boternity/ui';

/** Calls that are made side by side for many bots. */
const AT_ONCE = 4;

export interface CarriedOut<Item, Result> {
  /** Those with which it went well. */
  readonly done: readonly Item[];
  readonly answers: readonly Result[];
  /** The first refusal; the others are tried all the same. */
  readonly error: CallError | undefined;
}

/** Does something with each, a few at a time. */
export async function carryOut<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<CarriedOut<Item, Result>> {
  const rest = [...items];
  const done: Item[] = [];
  const answers: Result[] = [];
  let error: CallError | undefined;
  const lane = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) {
      try {
        answers.push(await work(item));
        done.push(item);
      } catch (thrown) {
        error ??= CallError.from(thrown);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return { done, answers, error };
}

/** Downloads a bot as an archive. Throws EXPORT_SECRETS where it holds what looks like a key and that is not allowed. */
export async function exportBot(client: Client, slug: string, allowSecrets: boolean): Promise<void> {
  const query = allowSecrets ? '?allow_secrets=true' : '';
  const response = await client.fetch(`/bots/${encodeURIComponent(slug)}/export${query}`);
  const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? `${slug}.tar.gz`;
  const address = URL.createObjectURL(await response.blob());
  const link = Object.assign(document.createElement('a'), { href: address, download: name });
  link.click();
  // The download has to have begun before its address goes.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
