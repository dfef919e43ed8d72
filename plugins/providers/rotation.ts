import { beginning, Fault, type Model, type ModelFailure, type ModelRequest, type Part } from 'boternity';

/** The model as it is reached with one of the keys. */
interface Keyed {
  /** Name of the secret; undefined where the service wants none. */
  readonly key: string | undefined;
  readonly model: Model;
}

/** How long a key rests that its service refuses, in milliseconds. */
const REFUSED_MS = 10 * 60_000;
/** How long one rests that asked too much, where the service does not say. */
const LIMITED_MS = 30_000;

/** Key → when it may be used again. Shared by all models: what one finds out holds for the others. */
const rests = new Map<string, number>();
let turn = 0;

/**
 * One model that is reached with several keys in turn. A key that the service refuses or limits rests, and the next one is tried
 * before anybody hears of it; only where all keys fail, the last failure is told.
 */
export function rotating(keyed: readonly Keyed[]): Model {
  const [first] = keyed;
  if (!first) throw new Fault('INTERNAL', 'A model is reached with one key at least.');
  if (keyed.length === 1) return first.model;
  return { ...first.model, stream: (request, signal) => inTurn(inOrder(keyed), request, signal) };
}

/** Those that do not rest, beginning with another one each time; then those that do, the soonest first. */
function inOrder(keyed: readonly Keyed[]): Keyed[] {
  const now = Date.now();
  turn = (turn + 1) % Number.MAX_SAFE_INTEGER;
  const turned = keyed.map((_, index) => keyed[(turn + index) % keyed.length] as Keyed);
  const until = ({ model, key }: Keyed): number => rests.get(nameOf(model, key)) ?? 0;
  return turned.toSorted((a, b) => Math.max(until(a), now) - Math.max(until(b), now));
}

async function* inTurn(keyed: readonly Keyed[], request: ModelRequest, signal: AbortSignal): AsyncGenerator<Part> {
  for (const [index, { key, model }] of keyed.entries()) {
    const { failure, parts } = await beginning(model.stream(request, signal));
    const isLast = index === keyed.length - 1;
    const restMs = failure && restFor(failure);
    if (restMs !== undefined) rests.set(nameOf(model, key), Date.now() + restMs);
    else if (!failure) rests.delete(nameOf(model, key));
    if (restMs !== undefined && !isLast && !signal.aborted) continue;
    yield* parts;
    return;
  }
}

function restFor({ kind, retryAfterMs }: ModelFailure): number | undefined {
  if (kind === 'auth') return REFUSED_MS;
  return kind === 'overload' ? (retryAfterMs ?? LIMITED_MS) : undefined;
}

function nameOf({ provider }: Model, key: string | undefined): string {
  return `${provider} ${key ?? ''}`;
}
