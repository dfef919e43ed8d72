import { flagOf } from '../actions/example.ts';
import { typesOf } from '../actions/coerce.ts';
import type { JsonSchema } from '../actions/action.ts';
import type { ActionView } from '../server/list-actions.ts';
import type { Command, OfflineCommand } from './command.ts';

/** Where the values of an argument come from: a fixed list, a list that the server has, or the disk. */
export type Values =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'list'; readonly list: string }
  | { readonly kind: 'files' | 'folders' };

export interface Argument {
  readonly name: string;
  readonly isMany: boolean;
  readonly values?: Values | undefined;
}

export interface Flag {
  /** With its dashes. */
  readonly flag: string;
  readonly summary: string;
  readonly takes: 'nothing' | 'one' | 'many';
  readonly values?: Values | undefined;
}

/** A command as completion sees it. */
export interface CommandRow {
  readonly words: readonly string[];
  readonly summary: string;
  readonly args: readonly Argument[];
  readonly flags: readonly Flag[];
}

export interface CommandTable {
  /** Changes with everything that the table was made of. */
  readonly stamp: string;
  readonly commands: readonly CommandRow[];
  /** Lists that the server has, by what they list: the route, with names of arguments in it. */
  readonly lists: Readonly<Record<string, string>>;
}

type Described = Pick<ActionView, 'name' | 'summary' | 'cli' | 'http' | 'doors' | 'confirm' | 'input'>;

/** Words for what stands in the command's own noun: `provider remove <name>` names a provider. */
const ownNames = new Set(['name', 'key', 'id', 'path', 'code']);
const paths: Readonly<Record<string, 'files' | 'folders'>> = {
  file: 'files',
  archive: 'files',
  folder: 'folders',
  directory: 'folders',
};

/** Every command with its arguments and flags. */
export function tableOf(
  actions: readonly Described[],
  commands: Readonly<Record<string, Command | OfflineCommand>>,
): Omit<CommandTable, 'stamp'> {
  const typed = actions.filter(({ cli, doors }) => cli !== null && doors.includes('cli'));
  const lists = listsOf(typed);
  const own = Object.entries(commands).map(([word, command]) => rowOfCommand(word, command, lists));
  const others = withoutCommand(typed, commands).map((action) => rowOfAction(action, lists));
  return { commands: [...own, ...others], lists };
}

/** The actions whose words no command of its own takes: a command stands at one word or at two, `chat` and `plugin add`. */
export function withoutCommand<Action extends Pick<Described, 'cli'>>(
  actions: readonly Action[],
  commands: Readonly<Record<string, unknown>>,
): Action[] {
  return actions.filter(({ cli }) => {
    const [first = '', second = ''] = cli?.split(' ') ?? [];
    return ![first, `${first} ${second}`].some((words) => Object.hasOwn(commands, words));
  });
}

function listsOf(actions: readonly Described[]): Record<string, string> {
  const rows = actions.flatMap(({ cli, http }): [string, string][] => {
    const [, noun] = /^(?:([a-z-]+) )?list(?: |$)/.exec(cli ?? '') ?? [];
    const [method, route = ''] = (http ?? '').split(' ');
    if (method !== 'GET' || !/(?:^| )list(?: |$)/.test(cli ?? '')) return [];
    return [[noun ?? 'bot', route]];
  });
  return Object.fromEntries(rows);
}

function rowOfAction({ cli, summary, confirm, input }: Described, lists: Readonly<Record<string, string>>): CommandRow {
  const { words, names } = grammarOf(cli ?? '');
  const properties = (input.properties ?? {}) as Readonly<Record<string, JsonSchema>>;
  const flags = Object.entries(properties)
    .filter(([name]) => !names.some((argument) => argument.name === name))
    .map(([name, schema]): Flag => {
      const types = typesOf(schema);
      const takes = types.includes('boolean') ? 'nothing' : types.includes('array') ? 'many' : 'one';
      const text = typeof schema.description === 'string' ? schema.description : '';
      return { flag: `--${flagOf(name)}`, summary: text, takes, values: valuesOf(name, schema, words, lists) };
    });
  return {
    words,
    summary,
    args: names.map(({ name, isMany }) => ({
      name,
      isMany,
      values: valuesOf(name, properties[name] ?? {}, words, lists),
    })),
    flags: confirm === null ? flags : [...flags, { flag: '--force', summary: 'do not ask', takes: 'nothing' }],
  };
}

/** The row of a command that is more than one action; `usage` and flags are in commander's notation. */
function rowOfCommand(
  name: string,
  { summary, usage, flags = [] }: Pick<Command, 'summary' | 'usage' | 'flags'>,
  lists: Readonly<Record<string, string>>,
): CommandRow {
  const words = name.split(' ');
  const { names } = grammarOf(usage);
  const values = (name: string): Values | undefined => valuesOf(name, {}, words, lists);
  return {
    words,
    summary,
    args: names.map(({ name, isMany }) => ({ name, isMany, values: values(name) })),
    flags: flags.map(({ flag, description }) => {
      const [, long = '', name, dots] = /(--[\w-]+)(?:[ =][<[]([\w-]+)(\.\.\.)?)?/.exec(flag) ?? [];
      const takes = name === undefined ? 'nothing' : dots ? 'many' : 'one';
      return { flag: long, summary: description, takes, values: name === undefined ? undefined : values(name) };
    }),
  };
}

function grammarOf(cli: string): { words: string[]; names: { name: string; isMany: boolean }[] } {
  const parts = cli.split(' ').filter(Boolean);
  const words = parts.filter((part) => /^[a-z]/.test(part));
  const names = parts.filter((part) => /^[<[]/.test(part));
  return {
    words,
    names: names.map((part) => ({ name: part.replaceAll(/[<>[\].]/g, ''), isMany: part.includes('...') })),
  };
}

function valuesOf(
  name: string,
  schema: JsonSchema,
  words: readonly string[],
  lists: Readonly<Record<string, string>>,
): Values | undefined {
  const choices = choicesOf(schema);
  if (choices.length > 0) return { kind: 'words', words: choices };
  if (lists[name] !== undefined) return { kind: 'list', list: name };
  const [noun = ''] = words;
  if (ownNames.has(name) && words.length > 1 && lists[noun] !== undefined) return { kind: 'list', list: noun };
  const kind = paths[name];
  return kind && { kind };
}

function choicesOf(schema: JsonSchema): string[] {
  if (Array.isArray(schema.enum)) return schema.enum.filter((choice) => typeof choice === 'string');
  if (Array.isArray(schema.anyOf)) return (schema.anyOf as JsonSchema[]).flatMap(choicesOf);
  return typeof schema.items === 'object' && schema.items !== null ? choicesOf(schema.items as JsonSchema) : [];
}

/** What a group of commands is about, in one line. */
export function aboutGroup(noun: string): string {
  const many = noun.endsWith('s') ? noun : `${noun.replace(/y$/, 'ie')}s`;
  return `Commands about ${many}.`;
}

/** Flags that every command takes. */
export const globalFlags: readonly Flag[] = [
  { flag: '--json', summary: 'answer with JSON', takes: 'nothing' },
  { flag: '--home', summary: 'home folder', takes: 'one', values: { kind: 'folders' } },
  { flag: '--server', summary: 'a server elsewhere', takes: 'one' },
  { flag: '--token', summary: 'API token for it', takes: 'one' },
  { flag: '--help', summary: 'show what the command does', takes: 'nothing' },
];

/** The commands that complete before there is any home. */
export const builtInRows: readonly CommandRow[] = [
  {
    words: ['serve'],
    summary: 'Runs the server.',
    args: [],
    flags: [
      { flag: '--port', summary: 'port to listen on; 0 takes any', takes: 'one' },
      { flag: '--host', summary: 'address to listen on', takes: 'one' },
      { flag: '--safe', summary: 'plugins of the product alone', takes: 'nothing' },
    ],
  },
  {
    words: ['init'],
    summary: 'Makes a home folder with a first bot.',
    args: [{ name: 'folder', isMany: false, values: { kind: 'folders' } }],
    flags: [
      { flag: '--yes', summary: 'ask nothing and take what is usual', takes: 'nothing' },
      { flag: '--template', summary: 'what the first bot is made from', takes: 'one' },
      { flag: '--name', summary: 'what the first bot is called', takes: 'one' },
    ],
  },
  {
    words: ['completion'],
    summary: 'Prints what a shell needs to complete commands.',
    args: [{ name: 'shell', isMany: false, values: { kind: 'words', words: ['bash', 'zsh', 'fish'] } }],
    flags: [],
  },
];
