import { Fault, timestamp, systemClock, z, type Files } from 'boternity';
import { readText, type Plan } from './plan.ts';

const FOLDER = '.boternity/migrations';

const record = z.object({
  id: z.string(),
  from: z.number(),
  to: z.number(),
  at: z.string(),
  state: z.enum(['begun', 'applied', 'reverted']),
  /** `isNew`: there was no such file before. */
  files: z.array(z.object({ file: z.string(), isNew: z.boolean() })),
});

/** A migration that was done, or begun: what the files were and became lies beside it, in `before/` and `after/`. */
export type MigrationRecord = z.output<typeof record>;

/** All that were ever begun, oldest first. */
export async function listRecords(files: Files): Promise<MigrationRecord[]> {
  const folders = (await files.list(FOLDER)).filter(({ kind }) => kind === 'folder');
  const found = await Promise.all(
    folders.map(async ({ name }) => {
      const parsed = record.safeParse(parse(await readText(files, `${FOLDER}/${name}/record.json`)));
      return parsed.success ? [parsed.data] : [];
    }),
  );
  return found.flat().toSorted((a, b) => (a.at < b.at ? -1 : 1));
}

/** Carries out a plan. Copies of everything are on disk before the first file changes, so what is cut off can be finished or undone. */
export async function apply(files: Files, { from, to, steps }: Plan): Promise<MigrationRecord> {
  const at = timestamp(systemClock);
  const id = `${at.slice(0, 19).replaceAll(/[-:]/g, '')}-${from}-to-${to}`;
  const changes = steps.flatMap((step) => step.changes);
  const before = new Map(changes.toReversed().map((change) => [change.file, change.before]));
  const after = new Map(changes.map((change) => [change.file, change.after]));
  for (const [file, text] of before) if (text !== undefined) await files.write(`${FOLDER}/${id}/before/${file}`, text);
  for (const [file, text] of after) await files.write(`${FOLDER}/${id}/after/${file}`, text);
  const order = [...after.keys()].filter((file) => file !== 'settings.yaml');
  const listed = [...order, 'settings.yaml'].map((file) => ({ file, isNew: before.get(file) === undefined }));
  const begun: MigrationRecord = { id, from, to, at, state: 'begun', files: listed };
  await keep(files, begun);
  return finish(files, begun);
}

/** Brings every file of a migration that was begun to what it shall be. Throws MIGRATION_CONFLICT, and then changes nothing. */
export function finish(files: Files, begun: MigrationRecord): Promise<MigrationRecord> {
  return bring(files, begun, 'after', 'applied');
}

/** Brings every file back to what it was. Throws MIGRATION_CONFLICT for files that were changed since, and then changes nothing. */
export function revert(files: Files, done: MigrationRecord): Promise<MigrationRecord> {
  const back = { ...done, files: done.files.toReversed() };
  return bring(files, back, 'before', 'reverted');
}

async function bring(
  files: Files,
  migration: MigrationRecord,
  side: 'before' | 'after',
  state: MigrationRecord['state'],
): Promise<MigrationRecord> {
  const folder = `${FOLDER}/${migration.id}`;
  const wanted = await Promise.all(
    migration.files.map(async ({ file }) => {
      const [now, before, after] = await Promise.all(
        [file, `${folder}/before/${file}`, `${folder}/after/${file}`].map((each) => readText(files, each)),
      );
      return { file, now, text: side === 'before' ? before : after, isOther: now !== before && now !== after };
    }),
  );
  const others = wanted.filter(({ isOther }) => isOther).map(({ file }) => file);
  if (others.length > 0) {
    throw new Fault('MIGRATION_CONFLICT', `Changed since the migration ${migration.id}: ${others.join(', ')}.`, {
      details: others.map((file) => ({ path: file, message: `its copy: ${folder}/${side}/${file}` })),
    });
  }
  for (const { file, now, text } of wanted) {
    if (now === text) continue;
    if (text === undefined) await files.remove(file);
    else await files.write(file, text);
  }
  const ended = { ...migration, state };
  await keep(files, ended);
  return ended;
}

async function keep(files: Files, migration: MigrationRecord): Promise<void> {
  await files.write(`${FOLDER}/${migration.id}/record.json`, `${JSON.stringify(migration, null, 2)}\n`);
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
