import { styleText } from 'node:util';
import { defineCommand, faultTable, type Client, type Terminal } from 'boternity';
import type { CureView, FindingView } from '../actions.ts';

/** `bnity doctor`: what is wrong and what would be done; with `--apply` it is done. */
export const doctor = defineCommand({
  summary: 'Looks for what is wrong with the home and around it. Changes nothing without --apply.',
  usage: '[ids...]',
  flags: [{ flag: '--apply', description: 'put right what was found: these ids, or all that can be' }],
  examples: [
    'bnity doctor',
    'bnity doctor --json',
    'bnity doctor --apply',
    'bnity doctor --apply HOME_PERMISSIONS BOT_MISSPELT:bots/ada/bot.yaml',
  ],
  needsHome: true,
  run: ({ args, flags, client, terminal }) =>
    flags.apply === true ? apply(args, client, terminal) : show(args, client, terminal),
});

const FOUND = faultTable.FILE_INVALID.exit;

async function show(ids: readonly string[], client: Client, { stdout, isJson, signal }: Terminal): Promise<number> {
  const plan = await client.call('doctor.plan', {}, { signal });
  const findings = plan.findings.filter(
    ({ id, about }) => ids.length === 0 || ids.includes(id) || ids.includes(`${id}:${about}`),
  );
  const ok = findings.every(({ level }) => level !== 'error');
  if (isJson) stdout.write(`${JSON.stringify({ ok, findings })}\n`);
  else {
    const fixable = findings.filter(({ fix }) => fix).length;
    const end =
      fixable === 0 ? '' : `\nNothing was changed. ${fixable} of these can be put right by: bnity doctor --apply\n`;
    stdout.write(findings.length === 0 ? 'Everything is well.\n' : findings.map(describe).join('\n') + end);
  }
  return ok ? 0 : FOUND;
}

async function apply(ids: readonly string[], client: Client, terminal: Terminal): Promise<number> {
  const { stdout, stderr, isJson, signal } = terminal;
  const onProgress = (fact: unknown): void => void stderr.write(`${String(fact)}\n`);
  const done = await client.call('doctor.apply', { ids: [...ids] }, { signal, ...(!isJson && { onProgress }) });
  if (isJson) stdout.write(`${JSON.stringify(done)}\n`);
  else {
    const left = done.findings.length === 0 ? '' : `\nLeft:\n\n${done.findings.map(describe).join('\n')}`;
    const applied = done.applied.map(tell).join('');
    stdout.write((applied === '' ? 'There was nothing that could be put right.\n' : applied) + left);
  }
  const isDone = done.applied.every((each) => each.done);
  return done.ok && isDone ? 0 : isDone ? FOUND : 1;
}

const colours = { error: 'red', warning: 'yellow', info: 'dim' } as const;

function describe({ id, about, level, message, advice, fix }: FindingView): string {
  const name = about === null ? id : `${id}:${about}`;
  const lines = [
    `${styleText(colours[level], level)} ${styleText('bold', name)}`,
    `  ${message}`,
    ...(fix ? [`  --apply: ${fix.does}`] : []),
    ...(advice === null ? [] : [`  → ${advice}`]),
  ];
  return `${lines.join('\n')}\n${fix?.diff ?? ''}`;
}

function tell({ id, about, does, done, message }: CureView): string {
  const name = about === null ? id : `${id}:${about}`;
  return done ? `done     ${name}  ${does}\n` : `not done ${name}  ${message ?? ''}\n`;
}
