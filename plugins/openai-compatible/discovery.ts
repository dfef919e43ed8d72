import type { ListedModel, ProviderAccess } from 'boternity';
import type { OpenAi } from '../openai/index.ts';
import { isUsable } from './kind.ts';
import { nameOf, type Place } from './presets.ts';
import { readServer } from './servers.ts';

/** A server that answers, with its models. */
export interface FoundServer extends Place {
  /** As a provider would be named: `ollama`. */
  readonly name: string;
  readonly listed: readonly ListedModel[];
}

/** How long a server has for each answer, in milliseconds: it is near, or it is not there. */
const PATIENCE_MS = 1_500;

/** Which of these servers answer, and which models they have. All are asked at once; takes seconds at most, and never throws. */
export async function discover(openAi: OpenAi, places: readonly Place[], signal: AbortSignal): Promise<FoundServer[]> {
  const found = await Promise.all(
    places.map(async (place): Promise<FoundServer | undefined> => {
      const listed = await readServer(openAi, place.preset, accessTo(place), signal).catch(() => undefined);
      // What a server only passes on to somewhere else is no model of this machine.
      const own = listed?.filter(
        (model) => isUsable(model) && (model.price !== undefined || model.dimensions !== undefined),
      );
      return own && own.length > 0 ? { ...place, name: nameOf(place.preset), listed: own } : undefined;
    }),
  );
  return found.filter((server) => server !== undefined);
}

function accessTo({ preset, address }: Place): ProviderAccess {
  return {
    name: nameOf(preset),
    address,
    headers: {},
    options: { preset },
    limits: { firstMs: PATIENCE_MS, idleMs: PATIENCE_MS },
    key: async () => undefined,
    secret: async () => undefined,
  };
}
