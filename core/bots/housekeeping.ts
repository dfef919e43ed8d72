import type { Log } from '../base/log.ts';
import type { KeptBot } from './kept-bot.ts';

/** How often it is looked whether something can be tidied, in milliseconds. */
const ROUND_MS = 5 * 60_000;
/** Commits after which a repository is worth packing. */
const ENOUGH_COMMITS = 200;

/** Packs the repositories of bots that were committed to often, one at a time, while nothing happens to the bot. */
export function keepTidy(bots: () => Iterable<Promise<KeptBot>>, log: Log, roundMs = ROUND_MS): Disposable {
  let isBusy = false;
  const round = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    try {
      for (const opening of bots()) {
        const kept = await opening.catch(() => undefined);
        if (kept && kept.commitsSinceTidy >= ENOUGH_COMMITS && kept.isResting) await kept.tidy();
      }
    } catch (error) {
      log.warn('A repository could not be tidied', { error });
    } finally {
      isBusy = false;
    }
  };
  const timer = setInterval(() => void round(), roundMs).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
