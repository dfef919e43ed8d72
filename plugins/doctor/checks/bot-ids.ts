import { isId, type Finding, type Home } from 'boternity';

const FILE = '.boternity/bots.json';

/** What is wrong with the table of ids. It is read, and made good, at the start alone: a server that runs does not see it. */
export async function botIds(home: Home): Promise<Finding[]> {
  const text = (await home.files.read(FILE))?.toString();
  if (text === undefined) return [];
  const ids = parse(text);
  if (!ids) {
    const message = `${FILE} is no JSON object.`;
    return [
      {
        level: 'error',
        message,
        advice: 'Restart the server: it makes the table anew from what is left and its copy.',
      },
    ];
  }
  const folders = (await home.files.list('bots')).filter(
    ({ kind, name }) => kind === 'folder' && !name.startsWith('.'),
  );
  const doubles = doublesIn(ids).map(([slug, first]): Finding => {
    const message = `${slug} has the id of ${first}, so what belongs to one is taken for the other's.`;
    return { level: 'error', about: slug, message, advice: 'Restart the server: one of them gets an id of its own.' };
  });
  const advice = 'It gets one when the server starts next.';
  const without = folders.map(({ name }) => name).filter((slug) => !isId(ids[slug] ?? ''));
  const missing = without.map((slug): Finding => ({
    level: 'info',
    about: slug,
    message: `${slug} has no id in ${FILE}.`,
    advice,
  }));
  return [...doubles, ...missing];
}

/** Slugs whose id stood before, with the slug that has it too. */
function doublesIn(ids: Readonly<Record<string, string>>): [slug: string, first: string][] {
  const seen = new Map<string, string>();
  return Object.entries(ids).flatMap(([slug, id]): [string, string][] => {
    const first = seen.get(id);
    if (first !== undefined && id !== '') return [[slug, first]];
    seen.set(id, slug);
    return [];
  });
}

function parse(text: string): Record<string, string> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return Object.fromEntries(Object.entries(value).map(([slug, id]) => [slug, typeof id === 'string' ? id : '']));
  } catch {
    return undefined;
  }
}
