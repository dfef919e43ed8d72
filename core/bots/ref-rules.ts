import { foldName } from '../files/fold-name.ts';

/** One ref of a push: where it was for the pusher and where it shall be. Undefined: it was not there, or shall go. */
export interface RefUpdate {
  readonly ref: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

const LONGEST = 200;

/**
 * Says of each ref why it may not be written, in a few words for git's own report; undefined when it may. Names are git's
 * (git-check-ref-format), below refs/heads and refs/tags, and no two that are one on some disk.
 */
export function refRules(
  refs: ReadonlyMap<string, string>,
  live: string,
): (update: Pick<RefUpdate, 'ref' | 'to'>) => string | undefined {
  const taken = new Map([live, ...refs.keys()].map((ref) => [foldRef(ref), ref]));
  const folders = new Map([...taken].flatMap(([folded, ref]) => above(folded).map((folder) => [folder, ref] as const)));
  return ({ ref, to }) => {
    if (!/^refs\/(heads|tags)\/./.test(ref)) return 'only refs/heads and refs/tags are kept here';
    if (!isWellFormed(ref)) return 'the name is not allowed';
    if (ref === live) return to === undefined ? `${branchOf(live)} is live and cannot be deleted` : undefined;
    if (to === undefined) return refs.has(ref) ? undefined : 'there is no such ref';
    const folded = foldRef(ref);
    const twin = taken.get(folded);
    if (twin !== undefined && twin !== ref) return `the name is too like ${branchOf(twin)}`;
    const inWay =
      folders.get(folded) ??
      above(folded)
        .map((folder) => taken.get(folder))
        .find((other) => other);
    if (inWay !== undefined) return `${branchOf(inWay)} stands in the way`;
    taken.set(folded, ref);
    for (const folder of above(folded)) folders.set(folder, ref);
    return undefined;
  };
}

/** The name people use: without refs/heads/ or refs/tags/. */
export function branchOf(ref: string): string {
  return ref.replace(/^refs\/(heads|tags)\//, '');
}

function isWellFormed(ref: string): boolean {
  if (Buffer.byteLength(ref) > LONGEST || /[\p{C}\s~^:?*[\\\uFFFD]/u.test(ref)) return false;
  if (/\.\.|@\{|\/$|\.$/.test(ref)) return false;
  if (ref === 'refs/heads/HEAD') return false;
  return ref.split('/').every((part) => /^[^.-]/.test(part) && !part.endsWith('.lock'));
}

function foldRef(ref: string): string {
  return ref.split('/').map(foldName).join('/');
}

/** The folders a ref lies in, as its file on disk would. */
function above(ref: string): string[] {
  const parts = ref.split('/');
  return parts.slice(3).map((_, at) => parts.slice(0, at + 3).join('/'));
}
