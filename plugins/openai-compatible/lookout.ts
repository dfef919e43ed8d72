import { hostOf } from 'boternity';
import type { OpenAi } from '../openai/index.ts';
import type { Providers } from '../providers/index.ts';
import { discover, type FoundServer } from './discovery.ts';
import { presetOf, usualPlaces, type Place } from './presets.ts';

export interface LookoutParts {
  readonly openAi: OpenAi;
  readonly providers: Providers;
  /** Where to look; undefined: at the usual ports. */
  readonly places: readonly Place[] | undefined;
  readonly signal: AbortSignal;
}

const KIND = 'openai-compatible';

/**
 * Looks which servers of models answer. Those that somebody wrote down tell their models and true windows; one that nobody wrote
 * down is a provider by itself while there is no other.
 */
export class Lookout {
  readonly #parts: LookoutParts;
  #looking: Promise<void> | undefined;
  #isAskedAgain = false;
  #found: { readonly server: FoundServer; readonly address: string; readonly isLate: boolean }[] = [];
  readonly #told = new Map<string, string>();

  constructor(parts: LookoutParts) {
    this.#parts = parts;
  }

  /** Looks once, and once more when it was asked to meanwhile. */
  look(): Promise<void> {
    this.#isAskedAgain = this.#looking !== undefined;
    this.#looking ??= this.#lookUntilDone().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #lookUntilDone(): Promise<void> {
    do {
      this.#isAskedAgain = false;
      await this.#once();
    } while (this.#isAskedAgain && !this.#parts.signal.aborted);
  }

  async #once(): Promise<void> {
    const { openAi, providers, places = usualPlaces(), signal } = this.#parts;
    const written = providers.all().filter(({ source }) => source !== 'found');
    for (const { name, type, address, settings } of written) {
      const preset = type === KIND ? presetOf(name, settings.options ?? {}) : undefined;
      const [server] = preset ? await discover(openAi, [{ preset, address }], signal) : [];
      if (server) await this.#tell(name, server, () => providers.heard(name, server.listed));
    }
    const isServed = written.some(({ isEnabled, problem }) => isEnabled && problem === undefined);
    const taken = new Set(written.map((provider) => hostOf(provider)));
    const free = isServed ? [] : places.filter((place) => !taken.has(hostOf(place)));
    const found = this.#patiently(free, await discover(openAi, free, signal));
    if (signal.aborted) return;
    await this.#tell('', found, () => providers.found(found.map(implied)));
  }

  /** A server that is busy may be late once; one that is silent twice is gone. */
  #patiently(places: readonly Place[], answering: readonly FoundServer[]): FoundServer[] {
    const late = this.#found.filter(
      ({ address, isLate }) =>
        !isLate &&
        places.some((place) => place.address === address) &&
        !answering.some((server) => server.address === address),
    );
    this.#found = [
      ...answering.map((server) => ({ server, address: server.address, isLate: false })),
      ...late.map(({ server, address }) => ({ server, address, isLate: true })),
    ];
    const order = places.map(({ address }) => address);
    return this.#found
      .map(({ server }) => server)
      .toSorted((a, b) => order.indexOf(a.address) - order.indexOf(b.address));
  }

  /** Only what is new: offering models anew is not for nothing. */
  async #tell(name: string, what: unknown, tell: () => Promise<void>): Promise<void> {
    const now = JSON.stringify(what);
    if (this.#told.get(name) === now) return;
    this.#told.set(name, now);
    await tell();
  }
}

function implied({ name, preset, address, listed }: FoundServer) {
  const models = listed.map(({ id }) => id);
  return { name, settings: { type: KIND, address, models, options: { preset } }, source: 'found' as const, listed };
}
