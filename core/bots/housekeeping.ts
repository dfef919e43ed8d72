import { performance } from 'node:perf_hooks';
import type { Repository } from '../files/git/repository.ts';
import type { Log } from '../base/log.ts';
import type { KeptBot } from './kept-bot.ts';

/** Commits after which a repository is worth packing. */
const ENOUGH_COMMITS = 200;
/** Repositories that are looked at in one round of the tour. */
const LOOKED_AT = 40;
/** Share of the time since the last round above which the server is too busy for the tour. */
const BUSY = 0.3;

export interface Housekeeping {
  readonly slugs: readonly string[];
  /** The keepers of the bots that are read, by slug. */
  readonly keepers: ReadonlyMap<string, Promise<KeptBot>>;
  repository(slug: string, branch: 'main' | 'memory'): Repository;
  withMemory<T>(slug: string, work: (repository: Repository) => Promise<T>): Promise<T>;
}

/**
 * Packs repositories, one at a time: those of bots that were committed to often while nothing happens to the bot, and, a few a round while
 * the server has little to do, all others in turn: memories, and bots that nobody has used since the start.
 */
export function keepTidy(fleet: Housekeeping, log: Log, roundMs: number): Disposable {
  let isBusy = false;
  let toured = '';
  let last = performance.eventLoopUtilization();
  const often = async (): Promise<void> => {
    for (const opening of fleet.keepers.values()) {
      const kept = await opening.catch(() => undefined);
      if (kept && kept.commitsSinceTidy >= ENOUGH_COMMITS && kept.isResting) await kept.tidy();
    }
  };
  const tour = async (): Promise<void> => {
    const slugs = fleet.slugs.filter((slug) => slug > toured).slice(0, LOOKED_AT / 2);
    toured = slugs.at(-1) ?? '';
    for (const slug of slugs) await tidyAll(fleet, slug);
  };
  const round = async (): Promise<void> => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    if (isBusy) return;
    isBusy = true;
    try {
      await often();
      if (utilization < BUSY) await tour();
    } catch (error) {
      log.warn('A repository could not be tidied', { error });
    } finally {
      isBusy = false;
    }
  };
  const timer = setInterval(() => void round(), roundMs).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

async function tidyAll(fleet: Housekeeping, slug: string): Promise<void> {
  const kept = await fleet.keepers.get(slug)?.catch(() => undefined);
  if (kept) {
    if (kept.isResting) await kept.tidy();
  } else await tidyIfThere(fleet.repository(slug, 'main'));
  const memory = fleet.repository(slug, 'memory');
  // Asked before, because working with a memory makes its repository where there is none.
  if (await memory.exists()) await fleet.withMemory(slug, (repository) => repository.tidy());
}

async function tidyIfThere(repository: Repository): Promise<void> {
  if (await repository.exists()) await repository.tidy();
}
