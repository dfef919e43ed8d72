import type { RefUpdate } from 'boternity';
import type { PktReader } from './pkt-line.ts';
import { unreadable } from './unreadable.ts';

/** What a push wants, before its objects (git: gitprotocol-pack, "Reference Update Request"). */
export interface Commands {
  readonly updates: readonly RefUpdate[];
  readonly isAtomic: boolean;
  readonly isQuiet: boolean;
  /** Why the push is not taken as a whole: a few words for git, a sentence for the person. */
  readonly refusal?: { readonly reason: string; readonly sentence: string };
  /** Whether objects follow: always, unless refs are deleted and nothing else. */
  readonly hasPack: boolean;
  readonly hasSideBand: boolean;
  readonly wantsStatus: boolean;
}

/** Refs of one push. */
const MOST = 1_000;
/** Refs that are read, so that each can be answered. */
const MOST_READ = 20_000;
const NONE = '0'.repeat(40);

/** Reads the commands of a push. None: the client only wanted to know whether it may. Throws BODY_UNREADABLE. */
export async function readCommands(reader: PktReader): Promise<Commands> {
  const updates = new Map<string, RefUpdate>();
  let capabilities = new Set<string>();
  let isShallow = false;
  for (let line = await reader.line(); line !== undefined; line = await reader.line()) {
    const [command = '', words] = line.toString().replace(/\n$/, '').split('\0', 2);
    if (words !== undefined) capabilities = new Set(words.trim().split(' '));
    if (command.startsWith('shallow ')) {
      isShallow = true;
      continue;
    }
    const update = updateOf(command);
    if (updates.has(update.ref)) throw unreadable(`The push names ${update.ref} twice.`);
    updates.set(update.ref, update);
    if (updates.size > MOST_READ) throw unreadable(`The push has more than ${MOST_READ} refs.`);
  }
  const format = [...capabilities].find((word) => word.startsWith('object-format=')) ?? 'object-format=sha1';
  if (format !== 'object-format=sha1') throw unreadable(`The push has ${format}; this server has sha1.`);
  const list = [...updates.values()];
  return {
    updates: list,
    ...refusalOf(isShallow, list.length),
    isAtomic: capabilities.has('atomic'),
    isQuiet: capabilities.has('quiet'),
    hasPack: list.some(({ to }) => to !== undefined),
    hasSideBand: capabilities.has('side-band-64k'),
    wantsStatus: capabilities.has('report-status'),
  };
}

function refusalOf(isShallow: boolean, refs: number): Pick<Commands, 'refusal'> {
  if (isShallow) {
    const sentence =
      'A push from a shallow clone is not taken: its history has an end. Run git fetch --unshallow first.';
    return { refusal: { reason: 'shallow clone', sentence } };
  }
  if (refs <= MOST) return {};
  const sentence = `The push has ${refs} refs; ${MOST} are the limit of one push. Push them in parts.`;
  return { refusal: { reason: 'too many refs', sentence } };
}

function updateOf(command: string): RefUpdate {
  const [, from, to, ref] = /^([0-9a-f]{40}) ([0-9a-f]{40}) (.+)$/s.exec(command) ?? [];
  if (from === undefined || to === undefined || ref === undefined)
    throw unreadable('The push names its refs in a way that is not known here.');
  return { ref, from: from === NONE ? undefined : from, to: to === NONE ? undefined : to };
}
