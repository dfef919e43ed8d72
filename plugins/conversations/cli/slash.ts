import { styleText } from 'node:util';
import type { NodeView } from '../views.ts';
import type { Talk } from './converse.ts';

/** What a command has done: leave, talk in another conversation, follow an answer that was asked for again, or nothing more. */
export type Done = 'leave' | 'new' | { readonly turn: string } | undefined;

interface Command {
  readonly names: readonly string[];
  readonly about: string;
  readonly run: (talk: Talk, rest: string) => Promise<Done>;
}

const commands: readonly Command[] = [
  { names: ['/help', '/h', '/?'], about: 'this list', run: async ({ say }) => say(help()) },
  { names: ['/history'], about: 'the messages so far', run: async (talk) => talk.say(historyOf(talk)) },
  {
    names: ['/retry'],
    about: 'try the last answer again that failed or was stopped',
    run: (talk) => again(talk, 'messages.retry'),
  },
  {
    names: ['/regenerate'],
    about: 'another answer to the last message',
    run: (talk) => again(talk, 'messages.regenerate'),
  },
  { names: ['/model'], about: 'the models; with a name: the bot answers with that one from now on', run: chooseModel },
  { names: ['/title'], about: 'names the conversation', run: rename },
  { names: ['/compact'], about: 'sums up what was said, to make room', run: compact },
  { names: ['/remember', '/rem'], about: 'keeps a sentence in the memory of the bot', run: remember },
  {
    names: ['/clear', '/cls'],
    about: 'clears the screen',
    run: async ({ terminal }) => void terminal.stdout.write('\u001B[2J\u001B[H'),
  },
  { names: ['/new'], about: 'begins a new conversation', run: async () => 'new' },
  { names: ['/exit', '/quit', '/q'], about: 'leave; also Ctrl+D. The conversation stays', run: async () => 'leave' },
];

function help(): string {
  const rows = commands.map(({ names, about }) => `  ${names.join(', ').padEnd(22)} ${about}`);
  return [...rows, '  Ctrl+C                 stops an answer; at an empty line it leaves'].join('\n');
}

/** Carries out a line that begins with a slash. */
export async function slash(line: string, talk: Talk): Promise<Done> {
  const [word = '', ...rest] = line.trim().split(' ');
  const command = commands.find(({ names }) => names.includes(word));
  if (command) return await command.run(talk, rest.join(' ').trim());
  talk.say(`There is no ${word}.\n${help()}`);
  return undefined;
}

function historyOf({ live }: Talk): string {
  const nodes = (live.page?.nodes ?? []).filter(
    ({ kind, text }) => (kind === 'user' || kind === 'agent') && text !== '',
  );
  return nodes.map(historyLine).join('\n') || 'Nothing yet.';
}

function historyLine(node: NodeView): string {
  return node.kind === 'user' ? `${styleText('bold', '›')} ${node.text}` : node.text;
}

async function again({ client, live, say }: Talk, how: 'messages.retry' | 'messages.regenerate'): Promise<Done> {
  const last = live.page?.nodes.findLast((node) => node.kind === 'agent');
  if (!last) {
    say('There is no answer yet.');
    return undefined;
  }
  const { message } = await client.call(how, { conversation: live.id, message: last.id });
  const { turn } = await client.call('messages.show', { conversation: live.id, message });
  live.reconnect();
  return { turn };
}

async function chooseModel({ client, bot, say }: Talk, name: string): Promise<Done> {
  const { models } = await client.call('models.list', {});
  if (name === '') {
    say(models.map(({ id, provider }) => `  ${id} via ${provider}`).join('\n') || 'There is no model.');
    return undefined;
  }
  await client.call('bots.configure', { bot, model: name });
  say(`${bot} answers with ${name} from now on.`);
  return undefined;
}

async function rename({ client, live, say }: Talk, title: string): Promise<Done> {
  if (title === '') say(`It is called "${(live.page as { title?: string } | undefined)?.title ?? ''}".`);
  else await client.call('conversations.rename', { conversation: live.id, title });
  return undefined;
}

async function compact({ client, live, say }: Talk): Promise<Done> {
  const { nodes, text } = await client.call('conversations.compact', { conversation: live.id });
  say(`${text}\n${styleText('dim', `stands for ${nodes} messages in prompts from now on; you still see them`)}`);
  return undefined;
}

async function remember({ client, bot, say }: Talk, text: string): Promise<Done> {
  if (text === '') {
    say('Write what to remember behind it: /remember I live in Bern');
    return undefined;
  }
  await client.call('memories.create', { bot, text });
  say('Remembered.');
  return undefined;
}
