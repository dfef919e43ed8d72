import { existsSync } from 'node:fs';
import path from 'node:path';
import { assertKnownVersion, createDiskFiles, defineOfflineCommand, Fault, lockHome, unifiedDiff } from 'boternity';
import type { Files, Terminal } from 'boternity';
import { planFor, type Plan } from '../plan.ts';
import { apply, finish, listRecords, revert, type MigrationRecord } from '../record.ts';

/** `bnity migrate`: what would bring an older home up to this program; with `--apply` it is done, with `--revert` undone. */
export const migrate = defineOfflineCommand({
  isOffline: true,
  summary: 'Shows how an older home is brought up to this version, as diffs. Changes nothing without --apply.',
  usage: '',
  flags: [
    { flag: '--apply', description: 'do it, or finish what was cut off; copies of every file are kept' },
    { flag: '--revert <id>', description: 'bring the files of a migration back to what they were' },
  ],
  examples: ['bnity migrate', 'bnity migrate --apply', 'bnity migrate --revert 20261122T072000-1-to-2'],
  async run({ flags, home, terminal }) {
    const folder = await home();
    if (!existsSync(path.join(folder, '.boternity'))) throw new Fault('HOME_MISSING', `${folder} is no home.`);
    const files = createDiskFiles(folder);
    await assertKnownVersion(files, folder);
    if (flags.apply === true && flags.revert !== undefined)
      throw new Fault('USAGE_WRONG', 'Give --apply or --revert, not both.');
    if (flags.apply !== true && flags.revert === undefined) {
      show(await planFor(files), await listRecords(files), terminal);
      return 0;
    }
    await using _lock = await lockFor(folder);
    const done = typeof flags.revert === 'string' ? await undo(files, flags.revert) : await carryOut(files);
    tell(done, terminal);
    return 0;
  },
});

async function lockFor(home: string): Promise<AsyncDisposable> {
  try {
    return await lockHome(home);
  } catch (error) {
    if (!Fault.is(error) || error.code !== 'HOME_LOCKED') throw error;
    throw new Fault('HOME_LOCKED', error.message, { hint: 'Stop the server first: bnity server stop' });
  }
}

/** Undefined when there was nothing to do. */
async function carryOut(files: Files): Promise<MigrationRecord | undefined> {
  const begun = (await listRecords(files)).find(({ state }) => state === 'begun');
  if (begun) return finish(files, begun);
  const plan = await planFor(files);
  return plan.steps.length === 0 ? undefined : apply(files, plan);
}

async function undo(files: Files, id: string): Promise<MigrationRecord> {
  const records = await listRecords(files);
  const found = records.find((each) => each.id === id);
  if (!found) {
    const known = records.map((each) => each.id).join(', ') || 'none';
    throw new Fault('MIGRATION_MISSING', `There is no migration "${id}". There are: ${known}.`);
  }
  return revert(files, found);
}

function show(plan: Plan, records: readonly MigrationRecord[], { stdout, isJson }: Terminal): void {
  const steps = plan.steps.map(({ to, does, changes }) => ({
    to,
    does,
    changes: changes.map(({ file, before = '', after }) => ({ file, diff: unifiedDiff(file, before, after) })),
  }));
  if (isJson) {
    stdout.write(`${JSON.stringify({ version: plan.from, current: plan.to, steps, migrations: records })}\n`);
    return;
  }
  const begun = records.find(({ state }) => state === 'begun');
  const lines = [
    steps.length === 0
      ? `The home is of version ${plan.from}, as this program writes it.\n`
      : `The home is of version ${plan.from}; this program writes version ${plan.to}.\n`,
    ...steps.map(
      ({ to, does, changes }) => `\nTo version ${to}: ${does}\n\n${changes.map(({ diff }) => diff).join('')}`,
    ),
    ...records.map(({ id, state, files }) => `\n${state.padEnd(8)}  ${id}  ${files.length} files\n`),
    ...(begun
      ? [
          `\n${begun.id} was cut off. Finish it with: bnity migrate --apply. Undo it with: bnity migrate --revert ${begun.id}\n`,
        ]
      : []),
    ...(steps.length > 0 && !begun ? ['\nNothing was changed. Do it with: bnity migrate --apply\n'] : []),
  ];
  stdout.write(lines.join(''));
}

function tell(done: MigrationRecord | undefined, { stdout, isJson }: Terminal): void {
  if (isJson) stdout.write(`${JSON.stringify({ migration: done ?? null })}\n`);
  else if (!done) stdout.write('There was nothing to do.\n');
  else if (done.state === 'reverted') stdout.write(`Undone: ${done.id}. The home is of version ${done.from} again.\n`);
  else
    stdout.write(
      `Done: ${done.files.length} files, the home is of version ${done.to}. Undo it with: bnity migrate --revert ${done.id}\n`,
    );
}
