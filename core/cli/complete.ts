import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { findConfig } from '../boot/config-file.ts';
import {
  aboutGroup,
  builtInRows,
  globalFlags,
  type CommandRow,
  type CommandTable,
  type Flag,
  type Values,
} from './command-table.ts';
import { listFromServer } from './list-from-server.ts';
import { readCommands } from './read-commands.ts';

/** What is typed so far, understood. */
interface Typed {
  readonly row: CommandRow | undefined;
  /** Words of commands that may come next. */
  readonly next: readonly { readonly word: string; readonly summary: string }[];
  /** Values given by the names of their arguments. */
  readonly given: Readonly<Record<string, string>>;
  readonly flags: readonly Flag[];
  /** The flag whose value comes now. */
  readonly awaiting: Flag | undefined;
  /** The argument that comes now. */
  readonly values: Values | undefined;
}

interface Candidate {
  readonly value: string;
  readonly text?: string | undefined;
}

/**
 * `bnity __complete word word part`: a line per candidate for the last word, its meaning behind a tab; `:files` or `:folders` where
 * the shell itself knows best. Never starts a server, never complains.
 */
export async function complete(argv: readonly string[]): Promise<void> {
  const { words, part, before } = split(argv);
  const home = await guessHome(words);
  const table = (await readCommands(home)) ?? { stamp: '', commands: [], lists: {} };
  const others = table.commands.filter(({ words: [word] }) => !builtInRows.some((row) => row.words[0] === word));
  const typed = understand(words, [...builtInRows, ...others]);
  const candidates = await candidatesFor(typed, part, table, home);
  const lines = candidates
    .filter(({ value }) => value.startsWith(part) || value.startsWith(':'))
    .map(({ value, text }) => `${before}${value}${text ? `\t${text.replaceAll(/\s+/g, ' ')}` : ''}\n`);
  process.stdout.write(lines.join(''));
}

/** The words before the one that is typed, and that one. `--flag=value` counts as two; shells hand it over whole or in three. */
function split(argv: readonly string[]): { words: string[]; part: string; before: string } {
  const words = argv.flatMap((word) => (word === '=' ? [] : [word]));
  const isCut = argv.at(-1) === '=';
  const part = isCut ? '' : (words.pop() ?? '');
  const [, flag, value] = /^(--[\w-]+)=(.*)$/.exec(part) ?? [];
  if (flag === undefined || value === undefined) return { words, part, before: '' };
  return { words: [...words, flag], part: value, before: `${flag}=` };
}

function understand(words: readonly string[], rows: readonly CommandRow[]): Typed {
  const taken: string[] = [];
  const positionals: string[] = [];
  const given: Record<string, string> = {};
  let awaiting: Flag | undefined;
  const rowAt = (at: readonly string[]): CommandRow | undefined =>
    rows.find((row) => row.words.join(' ') === at.join(' '));
  const startsAt = (at: readonly string[]): boolean =>
    rows.some(({ words: all }) => at.every((word, index) => all[index] === word));
  for (const word of words) {
    const known = [...(rowAt(taken)?.flags ?? []), ...globalFlags].find(({ flag }) => flag === word);
    if (known || word.startsWith('--')) awaiting = known?.takes === 'nothing' ? undefined : known;
    else if (awaiting) {
      given[awaiting.flag.slice(2)] = word;
      if (awaiting.takes === 'one') awaiting = undefined;
    } else if (positionals.length === 0 && startsAt([...taken, word])) taken.push(word);
    else positionals.push(word);
  }
  const row = rowAt(taken);
  const args = row?.args ?? [];
  args.forEach(({ name }, at) => Object.assign(given, positionals[at] !== undefined && { [name]: positionals[at] }));
  const argument = args[positionals.length] ?? (args.at(-1)?.isMany ? args.at(-1) : undefined);
  const used = new Set(words);
  return {
    row,
    next: positionals.length === 0 ? nextWords(taken, rows) : [],
    given,
    flags: [...(row?.flags ?? []), ...globalFlags].filter(({ flag, takes }) => takes === 'many' || !used.has(flag)),
    awaiting,
    values: argument?.values,
  };
}

function nextWords(taken: readonly string[], rows: readonly CommandRow[]): { word: string; summary: string }[] {
  const next = new Map<string, string>();
  for (const { words, summary } of rows) {
    const word = words[taken.length];
    if (word === undefined || !taken.every((each, at) => words[at] === each)) continue;
    const isWhole = words.length === taken.length + 1;
    if (isWhole || !next.has(word)) next.set(word, isWhole ? summary : aboutGroup(word));
  }
  return [...next].map(([word, summary]) => ({ word, summary }));
}

async function candidatesFor(typed: Typed, part: string, table: CommandTable, home: string): Promise<Candidate[]> {
  const { next, flags, awaiting, values, given } = typed;
  if (awaiting && !(awaiting.takes === 'many' && part.startsWith('-')))
    return valuesFrom(awaiting.values, given, table, home);
  const flagRows = flags.map(({ flag, summary }) => ({ value: flag, text: summary }));
  if (part.startsWith('-')) return flagRows;
  const words = next.map(({ word, summary }) => ({ value: word, text: summary }));
  return [...words, ...(await valuesFrom(values, given, table, home))];
}

async function valuesFrom(
  values: Values | undefined,
  given: Readonly<Record<string, string>>,
  { lists }: CommandTable,
  home: string,
): Promise<Candidate[]> {
  if (!values) return [];
  if (values.kind === 'words') return values.words.map((value) => ({ value }));
  if (values.kind !== 'list') return [{ value: `:${values.kind}` }];
  const told = await listFromServer(home, lists[values.list] ?? '', given);
  return told ?? (values.list === 'bot' ? botsOnDisk(home) : []);
}

async function botsOnDisk(home: string): Promise<Candidate[]> {
  const entries = await readdir(path.join(home, 'bots'), { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  return folders.map(({ name }) => ({ value: name })).toSorted((a, b) => (a.value < b.value ? -1 : 1));
}

/** The home, as every command finds it; but no config is run for it: one that computes its home is not understood. */
async function guessHome(words: readonly string[]): Promise<string> {
  const at = words.indexOf('--home');
  const named = (at < 0 ? undefined : words[at + 1]) ?? process.env.BOTERNITY_HOME;
  if (named) return path.resolve(named.replace(/^~(?=\/|$)/, homedir()));
  const config = findConfig(process.cwd());
  if (config === undefined) return path.join(homedir(), '.boternity');
  const text = await readFile(config, 'utf8').catch(() => '');
  const plain = text.replaceAll(/^\s*(?:\/\/|\*).*$/gm, '');
  const [, home = '.'] = /[\s{,]home:\s*['"`]([^'"`$]+)['"`]/.exec(plain) ?? [];
  return path.resolve(path.dirname(config), home);
}
