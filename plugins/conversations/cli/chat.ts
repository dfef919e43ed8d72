import { defineCommand, Fault, type Client, type CommandCall } from 'boternity';
import { answerOnce } from './answer-once.ts';
import { converse } from './converse.ts';
import { Lines } from './lines.ts';
import { completerFor } from './slash.ts';
import type { Going } from './talk.ts';

/** `bnity chat <bot>`: a conversation in the terminal, or one answer to standard input. */
export const chat = defineCommand({
  summary: 'Talks with a bot. Without a terminal it answers standard input and ends.',
  usage: '<bot>',
  flags: [
    { flag: '--resume [conversation]', description: 'go on with this conversation, or with the latest' },
    { flag: '--new', description: 'begin a new conversation, as without a flag' },
    { flag: '--message <text>', description: 'send this, print the answer and end' },
    { flag: '--no-greeting', description: 'the bot does not say the first words' },
    { flag: '--yes', description: 'without a terminal: allow tools that a person would be asked for' },
  ],
  examples: [
    'bnity chat assistant',
    'bnity chat assistant --resume',
    'echo "What is the time?" | bnity chat assistant',
    'bnity chat assistant --message hi --json',
  ],
  async run(call) {
    const { args, flags, client, terminal } = call;
    const [bot = ''] = args;
    if (flags.new === true && flags.resume !== undefined)
      throw new Fault('USAGE_WRONG', 'A conversation is new or it goes on.', { hint: 'Leave out --new or --resume.' });
    const resumed = flags.resume === undefined ? undefined : await resume(client, bot, flags.resume);
    const place = resumed ?? (await begin(client, bot));
    const isScript = typeof flags.message === 'string' || !terminal.isInteractive || terminal.isJson;
    if (!isScript) return talkOn(call, bot, place);
    using conversation = client.conversation(place.id);
    try {
      const message = typeof flags.message === 'string' ? flags.message : await wholeOf(terminal.stdin);
      return await answerOnce(message, { conversation, client, terminal, mayAll: flags.yes === true });
    } catch (error) {
      if (place.isNew) await dropUnused(client, place.id).catch(() => undefined);
      throw error;
    }
  },
});

interface Place {
  readonly id: string;
  readonly lane?: string;
  /** Made here: kept only when the person says something. */
  readonly isNew?: boolean;
}

/** One conversation after the other, until the person leaves. */
async function talkOn({ flags, client, terminal }: CommandCall, bot: string, from: Place): Promise<number> {
  using lines = new Lines(terminal.stdin, terminal.stdout, completerFor(client));
  const leave = (): void => lines[Symbol.dispose]();
  terminal.signal.addEventListener('abort', leave, { once: true });
  let place = from;
  for (;;) {
    const going = await talkIn(place);
    if (going === 'leave') return terminal.signal.aborted ? 130 : 0;
    place = going === 'new' ? await begin(client, bot) : going;
  }

  async function talkIn({ id, lane, isNew = false }: Place): Promise<Going> {
    using conversation = client.conversation(id, lane === undefined ? {} : { lane });
    const mayGreet = isNew && flags.greeting !== false;
    const going = await converse({ bot, conversation, client, terminal, lines, mayGreet });
    if (isNew) await dropUnused(client, id).catch(() => undefined);
    return going;
  }
}

/** A greeting that nobody answered is not worth a line in every list. */
async function dropUnused(client: Client, conversation: string): Promise<void> {
  const { nodes, messages } = await client.call('conversations.show', { conversation });
  if (messages === 0 && nodes.every(({ kind }) => kind !== 'user'))
    await client.call('conversations.delete', { conversation });
}

async function begin(client: Client, bot: string): Promise<Place> {
  const { id } = await client.call('conversations.create', { bot });
  return { id, isNew: true };
}

/** The conversation that is named, or the latest with this bot. Undefined when there is none to go on with. */
async function resume(client: Client, bot: string, named: unknown): Promise<Place | undefined> {
  if (typeof named !== 'string') {
    const { conversations } = await client.call('conversations.list', { bot, origin: 'person', limit: 1 });
    return conversations[0] && { id: conversations[0].id };
  }
  const { id, bot: owner } = await client.call('conversations.show', { conversation: named, limit: 1 });
  if (owner.slug === bot || owner.id === bot) return { id };
  throw new Fault('USAGE_WRONG', `${named} is a conversation with ${owner.slug}, not with ${bot}.`, {
    hint: `Write: bnity chat ${owner.slug} --resume ${named}`,
  });
}

/** Standard input as one message, without the line break at its end. A line is not a message: people pipe whole files. */
async function wholeOf(input: NodeJS.ReadStream): Promise<string> {
  let text = '';
  for await (const chunk of input.setEncoding('utf8') as AsyncIterable<string>) text += chunk;
  return text.replace(/\r?\n$/, '');
}
