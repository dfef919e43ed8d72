import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { confirm, defineCommand, Fault, type Client, type Terminal } from 'boternity';
import type { PlanView } from '../plan-view.ts';
import { packFolder } from './pack-folder.ts';
import { showPlan } from './show-plan.ts';

/** `bnity import <path>`: takes in a bot from an archive or a folder. */
export const importBot = defineCommand({
  summary:
    'Takes in a bot: an export, the folder of a bot, or one of another program, which is shown first and made with --apply.',
  usage: '<path>',
  flags: [
    { flag: '--apply', description: 'make what the plan says; exports and bot folders need no such word' },
    { flag: '--plan', description: 'show what would be made, and make nothing' },
    { flag: '--diff', description: 'show with the plan what differs from the original files' },
    { flag: '--name <name>', description: 'what the bot shall be called' },
    { flag: '--slug <slug>', description: 'name of its folder' },
    {
      flag: '--format <format>',
      description: 'what it is, when that is not plain: boternity, folder, openclaw, cybros',
    },
    { flag: '--replace-skills', description: 'replace shared skills that differ from those here' },
    { flag: '--keep-skills', description: 'keep the shared skills that are here' },
    { flag: '--secrets', description: 'put keys that stand in plain text into the vault' },
  ],
  examples: [
    'bnity import ada-2026-11-21.tar.gz',
    'bnity import ada.tar.gz --slug ada-2 --replace-skills',
    'bnity import ~/.openclaw',
    'bnity import ~/.openclaw/workspace --name Ada --apply',
  ],
  async run({ args: [given = ''], flags, client, terminal }) {
    const plan = await planOf(given, flags, client, terminal);
    if (flags.plan === true || !(plan.isOwn || flags.apply === true)) {
      await client.call('imports.discard', { import: plan.id });
      terminal.stdout.write(terminal.isJson ? `${JSON.stringify(plan)}\n` : showPlan(plan, terminal.stdout.columns));
      if (!terminal.isJson) terminal.stderr.write('Nothing was written. Add --apply to make it so.\n');
      return 0;
    }
    try {
      const applied = await client.call('imports.apply', {
        import: plan.id,
        skills: await fateOfSkills(plan, flags, terminal),
        secrets: flags.secrets === true,
      });
      if (terminal.isJson) terminal.stdout.write(`${JSON.stringify({ plan, ...applied })}\n`);
      else terminal.stdout.write(`${plan.isOwn ? '' : showPlan(plan, terminal.stdout.columns)}${said(applied)}`);
      return 0;
    } catch (error) {
      await client.call('imports.discard', { import: plan.id }).catch(() => undefined);
      throw error;
    }
  },
});

async function planOf(
  given: string,
  flags: Readonly<Record<string, unknown>>,
  client: Client,
  terminal: Terminal,
): Promise<PlanView> {
  const body = await bodyOf(given, terminal);
  let failure: unknown;
  body.once('error', (error) => (failure = error));
  const sending = client.fetch('/uploads', {
    method: 'POST',
    headers: { 'content-type': 'application/gzip' },
    body: Readable.toWeb(body) as ReadableStream,
    // A body that is a stream cannot be sent again; the type of the browser's fetch has no such word.
    ...({ duplex: 'half' } as object),
    signal: terminal.signal,
  });
  const response = await sending.catch((error: unknown) => {
    throw failure === undefined ? error : Fault.from(failure);
  });
  const { data } = (await response.json()) as { data: { upload: string } };
  const text = (name: string): object => (typeof flags[name] === 'string' ? { [name]: flags[name] } : {});
  return client.call('imports.plan', {
    upload: data.upload,
    source: given === '-' ? 'standard input' : path.basename(path.resolve(given)),
    diff: flags.diff === true,
    ...text('name'),
    ...text('slug'),
    ...text('format'),
  });
}

async function bodyOf(given: string, { stdin }: Terminal): Promise<Readable> {
  if (given === '-') return stdin;
  const found = await stat(given).catch((error: unknown) => {
    throw Fault.from(error);
  });
  return found.isDirectory() ? packFolder(given) : createReadStream(given);
}

/** A person at the terminal is asked before a skill of others is replaced; a script says so, or is refused. */
async function fateOfSkills(
  { skills }: PlanView,
  flags: Readonly<Record<string, unknown>>,
  terminal: Terminal,
): Promise<'refuse' | 'replace' | 'keep'> {
  if (flags.replaceSkills === true) return 'replace';
  if (flags.keepSkills === true) return 'keep';
  const differing = skills.filter(({ state }) => state === 'differs').map(({ name }) => name);
  if (differing.length === 0 || !terminal.isInteractive) return 'refuse';
  await confirm(
    `Shared skills of this server are replaced, for all bots that use them: ${differing.join(', ')}.`,
    terminal,
  );
  return 'replace';
}

function said(applied: {
  bots: readonly { slug: string; folder: string; soul: string }[];
  skills: readonly string[];
  secrets: readonly string[];
}): string {
  const lines = applied.bots.map(({ slug, folder, soul }) => `${slug}  ${folder}\n  soul  ${soul}`);
  if (applied.skills.length > 0) lines.push(`shared skills  ${applied.skills.join(', ')}`);
  if (applied.secrets.length > 0) lines.push(`in the vault  ${applied.secrets.join(', ')}`);
  return `${lines.join('\n')}\n`;
}
