import {
  aboutGroup,
  builtInRows,
  globalFlags,
  tableOf,
  type CommandRow,
  type Flag,
} from '../../core/cli/command-table.ts';
import type { ActionView } from '../../core/server/list-actions.ts';
import { commands } from '../../plugins/commands.ts';
import { anchorOf, table } from './markdown.ts';

/** Commands without a noun of their own: those about bots and those of the server. */
const BOTS = 'Bots';
const ALONE = 'The server and its home';
const ofBots = 'create list show configure clone archive start stop delete export import manifest chat check'.split(
  ' ',
);

interface Described extends CommandRow {
  /** As one types it, with `[…]` around what may be left out. */
  readonly usage: string;
  readonly examples: readonly string[];
  /** What a token needs for it. */
  readonly permission?: string | undefined;
}

/** docs/reference/cli.md: every command with its arguments, flags and examples. */
export async function cliReference(actions: readonly ActionView[]): Promise<string> {
  const groups = Map.groupBy(await describe(actions), groupOf);
  const names = [...groups.keys()].toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return [
    '# Reference: the command line',
    '',
    'Every command of the standard plugins. Flags of all of them, exit codes and completion: [cli.md](../cli.md). The same is told by',
    '`bnity --help` and `bnity <command> --help`. Written by `node tools/reference.ts`; do not edit.',
    '',
    ...table(
      ['flag of every command', 'does'],
      globalFlags.map((flag) => [written(flag), flag.summary]),
    ),
    names.map((name) => `[${name}](#${anchorOf(name)})`).join(' · '),
    '',
    ...names.flatMap((name) => group(name, groups.get(name) ?? [])),
  ]
    .join('\n')
    .replace(/\n+$/, '\n');
}

function group(name: string, rows: readonly Described[]): string[] {
  const head = rank(name) < 2 ? [] : [aboutGroup(name), ''];
  const sections = rows.toSorted((a, b) => (a.usage < b.usage ? -1 : 1)).flatMap(section);
  return [`## ${name}`, '', ...head, ...sections];
}

/** Every command, as one who types it needs it. */
export async function describe(actions: readonly ActionView[]): Promise<Described[]> {
  const own = Object.fromEntries(
    await Promise.all(Object.entries(commands).map(async ([name, load]) => [name, await load()] as const)),
  );
  const byCommand = new Map(actions.map((action) => [wordsOf(action.cli ?? ''), action]));
  const rows = [...builtInRows, ...tableOf(actions, own).commands];
  return rows.map((row): Described => {
    const { words, summary, args, flags } = row;
    const name = words.join(' ');
    const action = Object.hasOwn(own, name) ? undefined : byCommand.get(name);
    const usage = own[name] ? `${name} ${own[name].usage}` : (action?.cli ?? usageOfBuiltIn(row));
    const examples = own[name]?.examples ?? action?.examples ?? [];
    return { words, summary, args, flags, usage: `bnity ${usage}`.trim(), examples, permission: action?.permission };
  });
}

function wordsOf(cli: string): string {
  return cli
    .split(' ')
    .filter((part) => /^[a-z]/.test(part))
    .join(' ');
}

function groupOf({ words: [first = '', second] }: Described): string {
  if (second !== undefined) return first;
  return ofBots.includes(first) ? BOTS : ALONE;
}

function rank(group: string): number {
  return [BOTS, ALONE].includes(group) ? [BOTS, ALONE].indexOf(group) : 2;
}

function section(row: Described): string[] {
  const flags = row.flags.map((flag) => [written(flag), [flag.summary, choicesOf(flag)].filter(Boolean).join('; ')]);
  return [
    `### \`${row.usage}\``,
    '',
    row.summary + (row.permission === undefined ? '' : ` Needs \`${row.permission}\`.`),
    '',
    ...table(['flag', 'does'], flags),
    ...(row.examples.length > 0 ? ['```sh', ...row.examples, '```', ''] : []),
  ];
}

/** The arguments of built-in commands may all be left out. */
function usageOfBuiltIn({ words, args }: CommandRow): string {
  return [...words, ...args.map(({ name }) => `[${name}]`)].join(' ');
}

function written({ flag, takes }: Flag): string {
  return takes === 'nothing' ? `\`${flag}\`` : `\`${flag} <${takes === 'many' ? 'values...' : 'value'}>\``;
}

function choicesOf({ values }: Flag): string {
  return values?.kind === 'words' ? values.words.map((word) => `\`${word}\``).join(', ') : '';
}
