import { defineCommand } from 'boternity';
import { converse } from './converse.ts';
import { answerOnce } from './answer-once.ts';

/** `bnity chat <bot>`: a conversation in the terminal, or one answer per line of standard input. */
export const chat = defineCommand({
  summary: 'Talks with a bot. Without a terminal it answers each line of standard input.',
  usage: '<bot>',
  flags: [
    { flag: '--resume <conversation>', description: 'go on with this conversation' },
    { flag: '--message <text>', description: 'send this, print the answer and end' },
    { flag: '--yes', description: 'without a terminal: allow tools that a person would be asked for' },
  ],
  examples: [
    'bnity chat assistant',
    'echo "What is the time?" | bnity chat assistant',
    'bnity chat assistant --message hi --json',
  ],
  async run({ args: [bot = ''], flags, client, terminal }) {
    const begin = (): Promise<{ id: string }> => client.call('conversations.create', { bot });
    const { id } = typeof flags.resume === 'string' ? { id: flags.resume } : await begin();
    using conversation = client.conversation(id);
    const once = { conversation, client, terminal, mayAll: flags.yes === true };
    if (typeof flags.message === 'string') return await answerOnce([flags.message], once);
    if (!terminal.stdin.isTTY) return await answerOnce(linesOf(terminal.stdin), once);
    let code = await converse({ bot, conversation, client, terminal });
    while (code === 'new') {
      using next = client.conversation((await begin()).id);
      code = await converse({ bot, conversation: next, client, terminal });
    }
    return code;
  },
});

/** Standard input as one message, without the line break at its end. A line is not a message: people pipe whole files. */
async function* linesOf(input: NodeJS.ReadStream): AsyncGenerator<string> {
  let text = '';
  for await (const chunk of input.setEncoding('utf8') as AsyncIterable<string>) text += chunk;
  yield text.replace(/\r?\n$/, '');
}
