import { covers, Fault, isId, type Bots, type Caller, type RouteCall } from 'boternity';
import type { Address } from './address.ts';

/** A request of git that may be carried out. */
export interface Asked {
  readonly slug: string;
  readonly branch: Address['branch'];
  readonly caller: Caller;
  /** The bot does not exist; a push would create it. */
  readonly isNew: boolean;
}

/**
 * Finds out who asks. A token comes as the password of any user, since git knows no other way, or as a bearer. Cookies are not
 * looked at. What is under way ends when the token is revoked. Throws CALLER_UNKNOWN.
 */
export async function identify(call: RouteCall): Promise<Caller> {
  const { cookie: _, authorization = '', ...headers } = call.request.headers;
  const [, basic] = /^basic +([\w+/=-]+)$/i.exec(authorization) ?? [];
  const password =
    basic &&
    Buffer.from(basic, 'base64')
      .toString()
      .replace(/^[^:]*:/, '');
  const credential = password === undefined ? authorization : `Bearer ${password}`;
  return call.identify(credential === '' ? headers : { ...headers, authorization: credential }).catch(explain);
}

function explain(error: unknown): never {
  if (Fault.from(error).code !== 'CALLER_UNKNOWN') throw error;
  throw new Fault('CALLER_UNKNOWN', 'Nobody is signed in.', {
    hint: 'Give a token as the password; the user name is of no matter.',
  });
}

/**
 * Finds out whether somebody may do what they ask. Whether a bot exists is told only to those who may see it. Throws
 * CALLER_DENIED or BOT_MISSING.
 */
export async function admit(bots: Bots, caller: Caller, { bot: reference, branch, step }: Address): Promise<Asked> {
  const isPush = step === 'push' || step === 'advertise-push';
  const noun = branch === 'main' ? 'bots' : 'memories';
  const grant = `${noun}:${isPush ? 'write' : 'read'}`;
  if (isPush && caller.kind === 'bot')
    throw new Fault('CALLER_DENIED', 'A bot pushes to no repository; only people do, and programs with their tokens.');
  const bot = await bots.get(reference).catch((error: unknown) => {
    if (Fault.from(error).code === 'BOT_MISSING') return undefined;
    throw error;
  });
  const names = bot ? [bot.slug, bot.id] : [undefined];
  if (!names.some((name) => covers(caller.grants, grant, name)))
    throw new Fault('CALLER_DENIED', `${caller.name} may not ${isPush ? 'push to' : 'read'} ${reference}.`, {
      hint: `It needs the grant ${grant}@${reference}${isPush && branch === 'main' ? `, or ${grant} for a bot that is new` : ''}.`,
    });
  if (bot) return { slug: bot.slug, branch, caller, isNew: false };
  if (!isPush || branch === 'memory') throw new Fault('BOT_MISSING', `There is no bot "${reference}".`);
  assertNewSlug(reference);
  return { slug: reference, branch, caller, isNew: true };
}

function assertNewSlug(slug: string): void {
  if (/^[a-z0-9][a-z0-9-]{0,59}$/.test(slug) && !isId(slug)) return;
  throw new Fault('INPUT_INVALID', `"${slug}" cannot be the name of a new bot.`, {
    hint: 'Use a to z, digits and dashes, at most 60.',
  });
}
