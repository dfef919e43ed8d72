import {
  correctMisspellings,
  covers,
  findingOfMisspelt,
  findMisspellings,
  schemaFiles,
  type Bots,
  type Caller,
  type Change,
  type Files,
  type Finding,
} from 'boternity';

const SETTINGS = 'bot.yaml';
const SCHEMA_LINE = '# yaml-language-server: $schema=../../.boternity/schemas/bot.json';
/** Names that a message lists. */
const LISTED = 3;

export async function botMisspelt(bots: Bots, files: Files): Promise<Finding[]> {
  const schema = [...bots.kinds].find(([, { pattern }]) => pattern === SETTINGS)?.[1].schema;
  const found: Finding[] = [];
  if (!schema) return found;
  for (const slug of bots.slugs) {
    const told = (await bots.get(slug)).problems.filter(({ file }) => file === SETTINGS);
    if (told.length === 0) continue;
    const file = `bots/${slug}/${SETTINGS}`;
    const text = (await files.read(file))?.toString() ?? '';
    const correct = async (now: string): Promise<string> =>
      correctMisspellings(now, await findMisspellings(now, schema));
    found.push(
      ...findingOfMisspelt({
        file,
        text,
        level: told.some(({ level }) => level === 'error') ? 'error' : 'warning',
        misspellings: await findMisspellings(text, schema),
        apply: async (caller) =>
          void (await bots.edit(slug, SETTINGS, correct, changeBy(caller, `Correct words in ${SETTINGS}`))),
      }),
    );
  }
  return found;
}

/** Settings that do not name their schema, so that an editor can neither complete nor check them. */
export async function schemaLine(bots: Bots, files: Files): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const slug of bots.slugs) {
    const file = `bots/${slug}/${SETTINGS}`;
    const before = (await files.read(file))?.toString();
    const isBroken = (await bots.get(slug)).files.bot?.ok === false;
    if (before === undefined || isBroken || namesSchema(before)) continue;
    const add = (text: string): string => (namesSchema(text) ? text : `${SCHEMA_LINE}\n${text}`);
    found.push({
      level: 'info',
      about: file,
      message: `${file} does not name its schema, so editors cannot help with it.`,
      fix: {
        does: `Names the schema in the first line of ${file}.`,
        changes: [{ file, before, after: add(before) }],
        apply: async (caller) =>
          void (await bots.edit(slug, SETTINGS, add, changeBy(caller, `Name the schema in ${SETTINGS}`))),
      },
    });
  }
  return found;
}

/** Editors look for the line among the comments at the top. */
function namesSchema(text: string): boolean {
  const top = /^(?:\s*(?:#.*)?\n)*/.exec(`${text}\n`)?.[0] ?? '';
  return /^# yaml-language-server: \$schema=\S/m.test(top);
}

export async function repositoryMissing(bots: Bots, files: Files): Promise<Finding[]> {
  const without: string[] = [];
  for (const slug of bots.slugs) if (!(await files.stat(`bots/${slug}/.git`))) without.push(slug);
  if (without.length === 0) return [];
  const message = `${listed(without)} ${without.length === 1 ? 'has' : 'have'} no repository, so there is no history.`;
  return [
    { level: 'info', message, advice: 'With git on this machine a bot gets one when it is changed or talks next.' },
  ];
}

/** AGENTS.md is read only where there is no AGENT.md. */
export async function instructionsDouble(bots: Bots): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const slug of bots.slugs) {
    const { files } = await bots.get(slug);
    if (!files.agent || !files.agents) continue;
    const message = `bots/${slug}/AGENTS.md is not read, because AGENT.md stands beside it.`;
    found.push({
      level: 'warning',
      about: slug,
      message,
      advice: 'Put what counts into AGENT.md and remove AGENTS.md.',
    });
  }
  return found;
}

export async function filesBroken(bots: Bots): Promise<Finding[]> {
  const broken: string[] = [];
  for (const slug of bots.slugs) {
    const { problems } = await bots.get(slug);
    const places = problems.filter(({ level }) => level === 'error').map(({ file }) => `bots/${slug}/${file}`);
    broken.push(...new Set(places));
  }
  if (broken.length === 0) return [];
  const message = `What stands in ${listed(broken)} cannot be used; the last good version counts.`;
  return [{ level: 'error', message, advice: 'See every line of it with: bnity check' }];
}

/** Schemas for editors that do not fit the kinds of files of today. */
export async function schemasOld(bots: Bots, files: Files): Promise<Finding[]> {
  const wanted = await Promise.all(
    schemaFiles(bots.kinds).map(async ({ file, text }) => ({
      file,
      after: text,
      before: (await files.read(file))?.toString() ?? '',
    })),
  );
  const old = wanted.filter(({ before, after }) => before !== after);
  if (old.length === 0) return [];
  const what = listed(old.map(({ file }) => file));
  return [
    {
      level: 'info',
      message: `${what} ${old.length === 1 ? 'does' : 'do'} not fit this version, so editors help with the wrong keys.`,
      fix: {
        does: `Writes ${what}.`,
        changes: old,
        async apply() {
          for (const { file, after } of old) await files.write(file, after);
        },
      },
    },
  ];
}

/** Settings may hold what a bot is allowed to do: changing that takes the right to. */
function changeBy(caller: Caller, why: string): Change {
  const change = { by: caller, why, mayReseal: covers(caller.grants, 'bots:admin') };
  return change;
}

function listed(names: readonly string[]): string {
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : '';
  return names.slice(0, LISTED).join(', ') + more;
}
