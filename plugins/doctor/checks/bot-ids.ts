import { createId, isId, type Finding, type Fix, type Home } from 'boternity';
import { isServing } from './server.ts';

const FILE = '.boternity/bots.json';

/** What is wrong with the table of ids, which is read at the start alone. */
export async function botIds(home: Home): Promise<Finding[]> {
  const text = (await home.files.read(FILE))?.toString();
  if (text === undefined) return [];
  const ids = parse(text);
  if (!ids) {
    const message = `${FILE} is no JSON object, so no bot can be found.`;
    return [{ level: 'error', message, advice: 'Restore it from a backup, or delete it: bots get new ids then.' }];
  }
  const isRunning = await isServing(home);
  const folders = (await home.files.list('bots')).filter(
    ({ kind, name }) => kind === 'folder' && !name.startsWith('.'),
  );
  const without = folders.map(({ name }) => name).filter((slug) => !isId(ids[slug] ?? ''));
  const doubles = doublesIn(ids).map(([slug, first]): Finding => {
    const message = `${slug} has the id of ${first}, so what belongs to one is taken for the other's.`;
    if (isRunning)
      return { level: 'error', about: slug, message, advice: 'Stop the server and run: bnity doctor --apply' };
    return { level: 'error', about: slug, message, fix: newId(home, slug, text) };
  });
  const advice = 'It gets one when the server starts next.';
  const missing = without.map((slug): Finding => ({
    level: 'info',
    about: slug,
    message: `${slug} has no id in ${FILE}.`,
    advice,
  }));
  return [...doubles, ...missing];
}

/** The later one of each pair gets an id of its own. */
function newId(home: Home, slug: string, before: string): Fix {
  const id = createId();
  const change = (text: string): string => {
    const ids = parse(text);
    if (!ids) return text;
    return doublesIn(ids).some(([double]) => double === slug)
      ? `${JSON.stringify({ ...ids, [slug]: id }, null, 2)}\n`
      : text;
  };
  return {
    does: `Gives ${slug} a new id. Conversations stay with the other bot.`,
    changes: [{ file: FILE, before, after: change(before) }],
    apply: async () => home.files.write(FILE, change((await home.files.read(FILE))?.toString() ?? before)),
  };
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
