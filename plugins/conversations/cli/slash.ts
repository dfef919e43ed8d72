import { nearest, type Client } from 'boternity';
import { models, rename, compact } from './slash-bot.ts';
import { forget, memory, remember } from './slash-memory.ts';
import { branch, branches, conversations, edit, exportOne, removeOne, switchTo } from './slash-places.ts';
import { historyOf } from './history.ts';
import { again } from './recover.ts';
import { roomIn, type Going, type Talk } from './talk.ts';
import { plainLine } from './text/plain.ts';
import { paint, wrap } from './text/wrap.ts';

/** What a command has done: the person goes elsewhere, an answer comes, or nothing more. */
export type Done = Going | { readonly turn: string } | undefined;

interface Command {
  readonly names: readonly string[];
  /** What may stand behind it. */
  readonly usage?: string;
  readonly about: string;
  readonly run: (talk: Talk, rest: string) => Promise<Done>;
}

const commands: readonly Command[] = [
  { names: ['/help', '/h', '/?'], about: 'this list', run: async ({ say, terminal }) => say(help(roomIn(terminal))) },
  {
    names: ['/history'],
    about: 'the messages so far',
    run: async (talk) => talk.say((await historyOf(talk)) || 'Nothing yet.'),
  },
  { names: ['/stop'], about: 'stops the answer that is being given; also Ctrl+C', run: stop },
  {
    names: ['/retry'],
    about: 'tries the last answer again that failed or was stopped',
    run: async (talk) => ({ turn: await again(talk, 'messages.retry') }),
  },
  {
    names: ['/regenerate'],
    about: 'another answer to the last message',
    run: async (talk) => ({ turn: await again(talk, 'messages.regenerate') }),
  },
  { names: ['/edit'], usage: '<text>', about: 'words the last message anew', run: edit },
  { names: ['/model'], usage: '[name]', about: 'the models, or the one that answers from now on', run: models },
  { names: ['/remember', '/rem'], usage: '<text>', about: 'keeps a sentence in the memory of the bot', run: remember },
  { names: ['/memory', '/mem'], usage: '[words]', about: 'what the bot remembers, or what of it fits', run: memory },
  {
    names: ['/forget'],
    usage: '<words>',
    about: 'removes what fits from the memory of the bot; asks first',
    run: forget,
  },
  { names: ['/compact'], about: 'sums up what was said, to make room', run: compact },
  { names: ['/title'], usage: '[title]', about: 'names the conversation', run: rename },
  { names: ['/new'], about: 'begins a new conversation', run: async () => 'new' },
  { names: ['/conversations', '/list'], about: 'the conversations with this bot', run: conversations },
  {
    names: ['/switch', '/resume'],
    usage: '<number>',
    about: 'goes on with another one, by its number or id',
    run: switchTo,
  },
  {
    names: ['/branch'],
    usage: '[title]',
    about: 'goes another way from here, or to the branch of that title',
    run: branch,
  },
  { names: ['/branches'], about: 'the branches of this conversation', run: branches },
  {
    names: ['/export'],
    usage: '[json] [file]',
    about: 'writes the conversation to a file, as Markdown or JSON',
    run: exportOne,
  },
  { names: ['/delete'], usage: '[number]', about: 'deletes a conversation for good; asks first', run: removeOne },
  {
    names: ['/clear', '/cls'],
    about: 'clears the screen',
    run: async ({ terminal }) => void terminal.stdout.write('\u001B[2J\u001B[3J\u001B[H'),
  },
  { names: ['/exit', '/quit', '/q'], about: 'leave; also Ctrl+D. The conversation stays', run: async () => 'leave' },
];

const names = commands.flatMap((command) => command.names);
const KEYS = [
  ['Alt+Enter', 'a new line; also Shift+Enter, and a \\ at the end'],
  ['Ctrl+C', 'stops an answer; what is typed can be brought back with ↑; at an empty line it leaves'],
  ['Tab', 'completes a command'],
] as const;

const COLUMN = 28;

function help(width: number): string {
  const rows = commands.map(({ names: words, usage = '', about }) => [`${words.join(', ')} ${usage}`, about] as const);
  return [...rows, ...KEYS].map(([what, about]) => helpRow(what, about, width)).join('\n');
}

/** What it is about stands beside it, or below where there is no room. */
function helpRow(what: string, about: string, width: number): string {
  const column = width > COLUMN * 2 ? COLUMN : 4;
  const lines = wrap([{ text: about, styles: [] }], width - column).map((line) => ' '.repeat(column) + paint(line));
  if (column < COLUMN) return [`  ${what.trim()}`, ...lines].join('\n');
  return `  ${what}`.padEnd(column) + lines.join('\n').slice(column);
}

/** Carries out a line that begins with a slash. */
export async function slash(line: string, talk: Talk): Promise<Done> {
  const [, word = '', rest = ''] = /^(\S+)\s*([^]*)$/.exec(line.trim()) ?? [];
  const command = commands.find((each) => each.names.includes(word));
  if (command) return command.run(talk, rest.trim());
  const begun = names.filter((name) => name.startsWith(word));
  const meant = begun.length === 1 ? begun[0] : nearest(word, names);
  return talk.say(`There is no ${plainLine(word)}. ${meant ? `Did you mean ${meant}?` : '/help lists what there is.'}`);
}

/** What Tab makes of a line: commands, and models behind `/model`. */
export function completerFor(client: Client): (line: string) => Promise<[string[], string]> {
  return async (line) => {
    if (!line.startsWith('/')) return [[], line];
    if (!line.startsWith('/model ')) return [names.filter((name) => name.startsWith(line)), line];
    const { models: known } = await client.call('models.list', {}).catch(() => ({ models: [] }));
    return [known.map(({ id }) => `/model ${id}`).filter((name) => name.startsWith(line)), line];
  };
}

async function stop({ live, say }: Talk): Promise<undefined> {
  if (!(await live.stop())) say('No answer is being given.');
}
