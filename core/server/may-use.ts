import type { Actions } from '../actions/actions.ts';
import type { Caller } from '../actions/caller.ts';
import { Fault } from '../base/fault.ts';
import type { Route } from './web.ts';

/** What a route or a stream asks of its callers. */
interface Guarded extends Pick<Route, 'permission' | 'bot'> {
  /** How a refusal calls it. */
  readonly what: string;
}

/** Lets through who has the grant, for everything or for the bot that is concerned. Throws CALLER_DENIED. */
export async function assertMayUse(
  { permission, bot, what }: Guarded,
  {
    caller,
    params,
    actions,
  }: { caller: Caller; params: Readonly<Record<string, string>>; actions: Pick<Actions, 'covers'> },
): Promise<void> {
  if (permission === 'anyone' || permission === 'caller' || actions.covers(caller.grants, permission)) return;
  const concerned = await bot?.(params);
  if (concerned !== undefined && actions.covers(caller.grants, permission, concerned)) return;
  throw new Fault('CALLER_DENIED', `${caller.name} may not use ${what}; it needs the grant ${permission}.`);
}
