import { CallError, type Answer, type Client } from '../client.ts';

/**
 * Shows at once what an action told last on this browser, unless something was changed since, and then what it tells now. Where the
 * server cannot be reached it shows what there is, however old, and throws all the same; it throws as a call does.
 */
export async function staleFirst<Name extends string>(
  client: Client,
  name: Name,
  input: Parameters<typeof client.call<Name>>[1],
  show: (answer: Answer<Name>, isFresh: boolean) => void,
): Promise<void> {
  let isTold = false;
  const recalling = client.last(name, input).then((known) => {
    if (known && !known.isStale && !isTold) show(known.value, false);
    return known;
  });
  try {
    const answer = await client.call(name, input);
    isTold = true;
    show(answer, true);
  } catch (thrown) {
    const known = CallError.from(thrown).code === 'SERVER_UNREACHABLE' ? await recalling : undefined;
    if (known) show(known.value, false);
    throw thrown;
  }
}
