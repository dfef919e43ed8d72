import type { Change } from '../base/author.ts';
import type { Caller } from './caller.ts';
import { covers } from './grants.ts';

/** A change that a caller makes to a bot: people with `bots:admin` may also change who it is. `names` are the bot's slug and id. */
export function changeBy(caller: Caller, why: string, names: readonly string[]): Change {
  const isAdmin = names.some((name) => covers(caller.grants, 'bots:admin', name));
  return { by: caller, why, mayReseal: caller.kind !== 'bot' && isAdmin };
}
