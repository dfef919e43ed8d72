import { once } from 'node:events';
import { defineCommand, Fault, type Client, type Terminal } from 'boternity';
import type {} from '../../conversations/index.ts';
import { Recording } from './recording.ts';
import { TapeFile } from './tape-file.ts';

/** `bnity record <file>`: writes down what goes to services of models and comes back. */
export const record = defineCommand({
  summary:
    'Records what goes to services of models and comes back on a tape, without keys and names, to play it in tests.',
  usage: '<file>',
  flags: [
    { flag: '--bot <bot>', description: 'only what this bot asks' },
    { flag: '--provider <name>', description: 'only what goes to this provider' },
    { flag: '--message <text>', description: 'send this to the bot in a new conversation, and end with its answer' },
    { flag: '--yes', description: 'with a message: allow tools that a person would be asked for' },
    { flag: '--force', description: 'replace the file when it is there' },
  ],
  examples: [
    'bnity record tape.json --bot assistant --message "What time is it?"',
    'bnity record tape.json --provider openai',
  ],
  needsHome: true,
  async run({ args: [file = ''], flags, client, terminal }) {
    const { bot, provider, message } = flags;
    const tape = new TapeFile(file, flags.force === true);
    const recording = new Recording(tape);
    try {
      if (typeof message !== 'string') await listen(recording, client, { bot, provider }, terminal);
      else await converse({ recording, client, terminal, mayAll: flags.yes === true }, { bot, provider, message });
    } finally {
      await recording[Symbol.asyncDispose]();
      if (tape.count > 0) tell(terminal, tape, recording.omitted);
    }
    if (tape.count === 0)
      throw new Fault('TAPE_EMPTY', 'Nothing went to a service and came back, so no tape was written.');
    return terminal.signal.aborted && typeof message === 'string' ? 130 : 0;
  },
});

async function listen(recording: Recording, client: Client, wanted: object, terminal: Terminal): Promise<void> {
  await recording.begin(client, { ...wanted });
  terminal.stderr.write('Recording. Talk with a bot from elsewhere; Ctrl+C ends it.\n');
  const stopped = terminal.signal.aborted ? undefined : once(terminal.signal, 'abort');
  await Promise.race([stopped, recording.ended()]);
}

interface Talk {
  readonly recording: Recording;
  readonly client: Client;
  readonly terminal: Terminal;
  readonly mayAll: boolean;
}

/** One message and its answer. What comes of it beside the answer, such as a title, is waited for. */
async function converse(
  { recording, client, terminal, mayAll }: Talk,
  { bot, provider, message }: { readonly bot: unknown; readonly provider: unknown; readonly message: string },
): Promise<void> {
  if (typeof bot !== 'string')
    throw new Fault('USAGE_WRONG', 'A message needs a bot.', { hint: 'Add --bot <bot>. List them with: bnity list' });
  const { id } = await client.call('conversations.create', { bot });
  await recording.begin(client, { provider, conversation: id });
  using conversation = client.conversation(id);
  const { reply } = await conversation.send(message);
  const stop = (): void => void conversation.stop().catch(() => undefined);
  terminal.signal.addEventListener('abort', stop, { once: true });
  const decided = new Set<string>();
  await conversation.until(({ state, nodes }) => {
    for (const node of nodes.filter((each) => each.state === 'awaiting_approval' && !decided.has(each.id))) {
      decided.add(node.id);
      void client.call(mayAll ? 'calls.approve' : 'calls.deny', { conversation: id, call: node.id });
    }
    return state === 'idle' && nodes.some((node) => node.id === reply);
  });
  await recording.quiet(terminal.signal);
}

function tell({ isJson, stdout, stderr }: Terminal, { place, count }: TapeFile, omitted: number): void {
  if (omitted > 0) stderr.write(`notice: ${omitted} exchanges were left out: too long to be searched for keys.\n`);
  stdout.write(
    isJson ? `${JSON.stringify({ file: place, exchanges: count, omitted })}\n` : `${place}  ${count} exchanges\n`,
  );
}
