/** `noun:right` with the right read, write, use or admin; `*` for all; narrowed to one bot by its slug or id: `bots:use@ada`. */
export type Grant = string;

const FORM = /^(?:\*|[a-z][a-z0-9-]*:(?:read|write|use|admin)(?:@[a-z0-9][a-z0-9-]*)?)$/;

/** Whether a text is a grant at all. */
export function isGrant(text: string): boolean {
  return FORM.test(text);
}

/**
 * Whether one of the grants covers what is asked. `admin` includes `write`, `write` includes `read`; `use` (talk, run) stands
 * apart and only `admin` includes it. A grant narrowed to a bot covers only that bot, which may be given by all its names;
 * `*` covers everything.
 */
export function covers(grants: readonly Grant[], asked: Grant, bot?: string | readonly string[]): boolean {
  const names = bot === undefined ? [] : [bot].flat();
  return grants.some((grant) => {
    const { held, narrowedTo } = parse(grant);
    if (narrowedTo !== undefined && !names.includes(narrowedTo)) return false;
    return includes(held, asked);
  });
}

/** Whether one of the grants covers what is asked at least for some bot. */
export function coversSome(grants: readonly Grant[], asked: Grant): boolean {
  return grants.some((grant) => includes(parse(grant).held, asked));
}

/**
 * Whether somebody with these grants may hand out another: nobody gives what they do not have. `namesOf` gives all names of
 * the bot to which the other is narrowed.
 */
export function mayGrant(
  grants: readonly Grant[],
  wanted: Grant,
  namesOf: (bot: string) => readonly string[] = (bot) => [bot],
): boolean {
  const { held, narrowedTo } = parse(wanted);
  return isGrant(wanted) && covers(grants, held, narrowedTo === undefined ? undefined : namesOf(narrowedTo));
}

function parse(grant: Grant): { held: string; narrowedTo: string | undefined } {
  const at = grant.indexOf('@');
  return at < 0
    ? { held: grant, narrowedTo: undefined }
    : { held: grant.slice(0, at), narrowedTo: grant.slice(at + 1) };
}

function includes(held: string, asked: string): boolean {
  if (held === '*' || held === asked) return true;
  const [noun, right] = split(held);
  const [askedNoun, askedRight] = split(asked);
  if (noun !== askedNoun || askedRight === '') return false;
  return right === 'admin' || (right === 'write' && askedRight === 'read');
}

function split(grant: string): [noun: string, right: string] {
  const at = grant.lastIndexOf(':');
  return at < 0 ? [grant, ''] : [grant.slice(0, at), grant.slice(at + 1)];
}
