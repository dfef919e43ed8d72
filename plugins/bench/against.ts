import { Fault } from 'boternity';
import { compared, type Compared } from './figures.ts';
import { openDoor, openPeer, readJson, type Peer } from './load.ts';
import type { Stage, Watcher } from './measure.ts';
import type { Other, Plan } from './options.ts';
import { latencyOf, playSeries, throughputOf } from './turns.ts';

/** Model ids that a message names at most. */
const NAMED = 5;

/** The service with the model that is asked. Throws USAGE_WRONG when several could be meant. */
export async function peerOf({ address, model, headers }: Other, signal: AbortSignal): Promise<Peer> {
  const chosen = model ?? onlyOne(await listModels(address, headers, signal));
  return { address, model: chosen, headers, signal };
}

/** Asks the other service and our own door in one run, by turns, with the same client and the same questions. */
export async function compare(
  { turns, atOnce }: Plan,
  stage: Stage,
  peer: Peer,
  watcher: Watcher,
): Promise<Compared[]> {
  const { say } = watcher;
  await using server = await stage.start();
  const opens = [() => openDoor(server), () => openPeer(peer)];
  say(`${peer.address} gets ${1 + 2 * turns} questions`);
  using first = await openPeer(peer);
  await reached(peer, () => first.ask('Say hello'));
  await playSeries([() => openDoor(server)], turns, 1);
  say('answers, one at a time, ours and theirs by turns');
  const [ours = [], theirs = []] = await reached(peer, () => playSeries(opens, turns, 1));
  say(`answers, ${atOnce} at once`);
  const [many = [], theirMany = []] = await reached(peer, () => playSeries(opens, turns, atOnce));
  const one = 'one at a time';
  const latencies = latencyOf('one', one, theirs);
  return [
    ...latencyOf('one', one, ours).flatMap((own, at) => pair(own, latencies[at])),
    ...latencyOf('many', `${atOnce} at once`, many).flatMap((own, at) =>
      pair(own, latencyOf('many', '', theirMany)[at]),
    ),
    ...pair(throughputOf('many', 'answers', atOnce, many), throughputOf('many', 'answers', atOnce, theirMany)),
  ];
}

function pair(ours: Parameters<typeof compared>[0], theirs: Parameters<typeof compared>[0] | undefined): Compared[] {
  return theirs === undefined ? [] : [compared(ours, theirs)];
}

async function listModels(address: string, headers: Other['headers'], signal: AbortSignal): Promise<string[]> {
  try {
    const { data } = (await readJson(`${address}/models`, { headers, signal })) as { data?: { id?: unknown }[] };
    return (data ?? []).map(({ id }) => String(id));
  } catch (error) {
    signal.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    throw new Fault('PROVIDER_UNREACHABLE', `${address} did not list its models: ${message}`, {
      hint: 'Check the address, give --key if it wants one, or name the model: --model <id>',
      cause: error,
    });
  }
}

function onlyOne(models: readonly string[]): string {
  const [model, ...more] = models;
  if (model !== undefined && more.length === 0) return model;
  const named = models.slice(0, NAMED).join(', ') + (models.length > NAMED ? ', …' : '');
  throw new Fault('USAGE_WRONG', `It has ${models.length} models${named && `: ${named}`}.`, {
    hint: 'Say which one: --model <id>',
  });
}

/** What a failure of the other service looks like to whoever typed its address. */
async function reached<T>({ address, signal }: Peer, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    throw new Fault('PROVIDER_UNREACHABLE', `The comparison with ${address} failed: ${message}`, { cause: error });
  }
}
