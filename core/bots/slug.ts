import { Fault } from '../base/fault.ts';

/** Folder names that may be asked for. */
export const slugPattern = /^[a-z0-9][a-z0-9-]{0,59}$/;

const MAX_TRIES = 100;
/** Characters of a folder name. */
const LONGEST = 60;

/** Folder name for a bot's name: lower case, everything but letters a to z and digits becomes one dash. Throws INPUT_INVALID when nothing is left. */
export function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+/g, '')
    .slice(0, LONGEST)
    .replaceAll(/-+$/g, '');
  if (slug !== '') return slug;
  throw new Fault('INPUT_INVALID', `No folder name can be made of "${name}".`, {
    hint: 'Use a name with some letters a to z or digits, or give --slug.',
    details: [{ path: 'name', message: 'needs a letter a to z or a digit' }],
  });
}

/** The slug itself, then `-2`, `-3` … up to a hundred. */
export function* slugsFrom(wanted: string): Generator<string> {
  yield wanted;
  for (let number = 2; number <= MAX_TRIES; number += 1) {
    const end = `-${number}`;
    yield `${wanted.slice(0, LONGEST - end.length).replace(/-+$/, '')}${end}`;
  }
}
