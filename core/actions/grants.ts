/** `noun:right` with the right read, write, use or admin; `*` for all, or narrowed to one bot: `bots:use@ada`. */
export type Grant = string;

/**
 * Whether one of the grants covers what is asked. `admin` includes `write`, `write` includes `read`; `use` (talk, run) stands
 * apart and only `admin` includes it. A grant narrowed to a bot covers only that bot; `*` covers everything.
 */
export function covers(grants: readonly Grant[], asked: Grant, bot?: string): boolean {
  const [noun, right] = split(asked);
  return grants.some((grant) => {
    if (grant === '*') return true;
    const [held, narrowedTo] = grant.split('@', 2) as [string, string | undefined];
    if (narrowedTo !== undefined && narrowedTo !== bot) return false;
    const [heldNoun, heldRight] = split(held);
    return heldNoun === noun && includes(heldRight, right);
  });
}

function includes(held: string, asked: string): boolean {
  if (held === asked || held === 'admin') return true;
  return held === 'write' && asked === 'read';
}

function split(grant: string): [noun: string, right: string] {
  const at = grant.lastIndexOf(':');
  return [grant.slice(0, at), grant.slice(at + 1)];
}
