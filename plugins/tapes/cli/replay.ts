import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { defineOfflineCommand, Fault, readTape, replayTape, type Tape } from 'boternity';

/** `bnity replay <file>`: plays a tape to whoever asks. */
export const replay = defineOfflineCommand({
  isOffline: true,
  summary: 'Plays a tape on a free port of this machine, and tells of each request that is not on it.',
  usage: '<file>',
  flags: [{ flag: '--pieces <bytes>', description: 'answer in pieces of so many bytes' }],
  examples: ['bnity replay tape.json', 'bnity replay tape.json --pieces 7'],
  async run({ args: [file = ''], flags, terminal }) {
    const { stdout, stderr, signal, isJson } = terminal;
    const tape = readTape(await textOf(file), file);
    const pieces = piecesIn(flags.pieces);
    await using playing = await replayTape(tape, {
      ...(pieces !== undefined && { pieces }),
      onMiss: (difference) => stderr.write(`${difference}\n`),
    });
    const addresses = Object.fromEntries(Object.keys(tape.providers).map((name) => [name, playing.address(name)]));
    stdout.write(isJson ? `${JSON.stringify(addresses)}\n` : entriesFor(tape, addresses));
    if (!signal.aborted) await once(signal, 'abort');
    stderr.write(`${playing.left.length} of ${tape.exchanges.length} exchanges were not asked for.\n`);
    return playing.misses.length === 0 ? 0 : 1;
  },
});

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw Fault.from(error);
  }
}

function piecesIn(given: unknown): number | undefined {
  if (given === undefined) return undefined;
  const bytes = Number(given);
  if (Number.isInteger(bytes) && bytes > 0) return bytes;
  throw new Fault('USAGE_WRONG', '--pieces takes a number of bytes, such as 7.');
}

/** What has to stand in providers.yaml for it. */
function entriesFor({ providers }: Tape, addresses: Readonly<Record<string, string>>): string {
  const entries = Object.entries(providers).map(
    ([name, { type }]) => `  ${name}:\n    type: ${type}\n    address: ${addresses[name]}\n`,
  );
  return `# providers.yaml\nproviders:\n${entries.join('')}`;
}
