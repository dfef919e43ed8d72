import { arch, cpus, platform, totalmem } from 'node:os';
import { defineOfflineCommand, type OfflineCall } from 'boternity';
import { compare, peerOf } from '../against.ts';
import { endAll } from '../children.ts';
import { comparisonOf, tableOf, type Compared, type Figure } from '../figures.ts';
import { busyPart, warningOf } from '../machine.ts';
import { makeStage, measure, type Watcher } from '../measure.ts';
import { round } from '../numbers.ts';
import { otherOf, planOf, type Other, type Plan } from '../options.ts';
import { isInMemory } from '../scratch.ts';

/** `bnity bench`: how fast this product is on this machine, alone or beside another service. */
export const bench = defineOfflineCommand({
  isOffline: true,
  summary: 'Measures this product on this machine, in a home of its own that is removed afterwards.',
  usage: '',
  flags: [
    { flag: '--against <url>', description: 'compare with a service that speaks the OpenAI API, in the same run' },
    { flag: '--model <id>', description: 'which of its models; needed when it lists several' },
    { flag: '--key <variable>', description: 'environment variable that holds its key' },
    { flag: '--turns <count>', description: 'answers of a series (200; 40 with --against)' },
    { flag: '--at-once <count>', description: 'how many ask at once in the second series (10)' },
    { flag: '--quick', description: 'the smallest numbers that still go through every step; the figures mean little' },
  ],
  examples: [
    'bnity bench',
    'bnity bench --json > figures.json',
    'bnity bench --against http://127.0.0.1:11434/v1 --model llama3.2',
    'bnity bench --against https://api.example.com/v1 --model small --key EXAMPLE_API_KEY --turns 20',
  ],
  async run({ flags, terminal }: OfflineCall) {
    const { stdout, stderr, signal, isJson } = terminal;
    const plan = planOf(flags);
    const other = otherOf(flags, process.env);
    const watcher: Watcher = { signal, say: (sentence) => void stderr.write(`bench: ${sentence}\n`) };
    signal.addEventListener('abort', endAll, { once: true });
    const found = await run(plan, other, watcher);
    stdout.write(isJson ? `${JSON.stringify(found)}\n` : written(found));
    return 0;
  },
});

interface Found {
  readonly at: string;
  readonly isQuick: boolean;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly settings: { readonly turns: number; readonly atOnce: number };
  readonly notes: readonly string[];
  readonly figures?: readonly Figure[];
  readonly against?: { readonly address: string; readonly model: string; readonly figures: readonly Compared[] };
}

async function run(plan: Plan, other: Other | undefined, watcher: Watcher): Promise<Found> {
  const { signal } = watcher;
  try {
    const peer = other && (await peerOf(other, signal));
    const busy = await busyPart(signal);
    await using stage = await makeStage();
    const notes = await notesOf(plan, busy, stage.folder);
    const head = { at: new Date().toISOString(), isQuick: plan.isQuick, machine: machineOf(busy) };
    const settings = { turns: plan.turns, atOnce: plan.atOnce };
    if (peer === undefined) return { ...head, settings, notes, figures: await measure(plan, stage, watcher, notes) };
    notes.push('Ours answers from a fake model of this machine; theirs from whatever stands behind it.');
    const figures = await compare(plan, stage, peer, watcher);
    return { ...head, settings, notes, against: { address: peer.address, model: peer.model, figures } };
  } catch (error) {
    // Whatever broke because its process was ended was not the reason.
    signal.throwIfAborted();
    throw error;
  }
}

async function notesOf({ isQuick }: Plan, busy: number, folder: string): Promise<string[]> {
  const warning = warningOf(busy);
  return [
    ...(isQuick ? ['This was the quick form: its figures mean little.'] : []),
    ...(warning === '' ? [] : [`${warning[0]?.toUpperCase()}${warning.slice(1)}.`]),
    ...((await isInMemory(folder))
      ? [`${folder} lies in memory: set TMPDIR to a folder on a disk to measure what writing costs.`]
      : []),
  ];
}

function machineOf(busy: number): Found['machine'] {
  return {
    node: process.version,
    system: `${platform()} ${arch()}`,
    processors: cpus().length,
    processor: cpus()[0]?.model ?? '',
    memoryMB: Math.round(totalmem() / 1e6),
    busyBefore: round(busy),
  };
}

function written({ machine, settings, notes, figures, against }: Found): string {
  const { node, system, processors, processor, memoryMB } = machine;
  const head = `${processor}, ${processors} processors, ${memoryMB} MB, ${system}, Node ${node}; ${settings.turns} turns a series`;
  const table =
    against === undefined
      ? tableOf(figures ?? [])
      : `theirs: ${against.address}, model ${against.model}\n${comparisonOf(against.figures)}`;
  return `${[head, table, ...notes.map((note) => `  # ${note}`)].join('\n')}\n`;
}
