import { costOf, eachPart, type Model, type ModelRequest, type Part } from 'boternity';
import { nameOf } from './chain.ts';
import type { Circuits } from './circuits.ts';

type Call = (model: Model, request: ModelRequest, signal: AbortSignal) => AsyncIterable<Part>;

/**
 * The same model, of whose calls the whole house knows: they go through `model.call`, usage tells what it cost, and the circuits
 * learn how they ended.
 */
export function observed(model: Model, call: Call, circuits: Circuits): Model {
  const priced: Model = { ...model, stream: (request, signal) => withCost(model, model.stream(request, signal)) };
  return { ...model, stream: (request, signal) => watch(nameOf(model), call(priced, request, signal), circuits) };
}

function withCost({ price }: Model, parts: AsyncIterable<Part>): AsyncIterable<Part> {
  return eachPart(
    () => parts,
    (part) =>
      part.type === 'usage'
        ? { ...part, usage: { ...part.usage, cost: part.usage.cost ?? costOf(price, part.usage) } }
        : part,
  );
}

function watch(name: string, parts: AsyncIterable<Part>, circuits: Circuits): AsyncIterable<Part> {
  let end: Extract<Part, { type: 'end' }> | undefined;
  const see = (part: Part): Part => {
    if (part.type === 'end') end = part;
    return part;
  };
  return eachPart(
    () => parts,
    see,
    () => {
      if (end?.failure) circuits.failed(name, end.failure);
      else if (end && end.stop !== 'aborted') circuits.succeeded(name);
      else circuits.abandoned(name);
    },
  );
}
