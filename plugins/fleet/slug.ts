import { Fault } from 'boternity';

const MAX_TRIES = 100;

/** Folder name for a bot's name: lower case, everything but letters a to z and digits becomes one dash. Throws INPUT_INVALID when nothing is left. */
export function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60);
  if (slug !== '') return slug;
  throw new Fault('INPUT_INVALID', `No folder name can be made of "${name}".`, {
    hint: 'Use a name with some letters a to z or digits, or give --slug.',
    details: [{ path: 'name', message: 'needs a letter a to z or a digit' }],
  });
}

/** The slug itself, or the first of `-2`, `-3` … that is free. Throws BOT_EXISTS after a hundred. */
export function freeSlug(wanted: string, taken: Iterable<string>): string {
  const used = new Set(taken);
  if (!used.has(wanted)) return wanted;
  for (let number = 2; number <= MAX_TRIES; number += 1) {
    if (!used.has(`${wanted}-${number}`)) return `${wanted}-${number}`;
  }
  throw new Fault('BOT_EXISTS', `${wanted} and its ${MAX_TRIES} followers are all taken.`);
}
