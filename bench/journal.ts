import { open } from 'node:fs/promises';
import path from 'node:path';
import { openJournal, type Journal } from '../core/files/journal.ts';
import { quantile } from '../plugins/bench/numbers.ts';
import { runBenchmarks, type Benchmark, type Figure } from './figures.ts';
import { makeScratch } from '../plugins/bench/scratch.ts';
import { startDelay } from './delay.ts';

/** What an entry of a conversation is about. */
const entry = { v: 1, seq: 1, at: '2026-11-21T00:00:00.000Z', changes: [{ type: 'output', text: 'x'.repeat(150) }] };

interface Settings {
  readonly ms: number;
  readonly crowd: number;
  readonly journals: number;
}

const usual: Settings = { ms: 3_000, crowd: 64, journals: 50 };
const quick: Settings = { ms: 50, crowd: 2, journals: 2 };

/** Appends that answered, so that they are on disk; and beside them what the disk does by itself. */
export const journal: Benchmark = {
  name: 'journal',
  about: 'entries appended to journals, each answered when it is on disk',
  async run(isQuick) {
    const settings = isQuick ? quick : usual;
    await using scratch = await makeScratch();
    const bare = await bareRate(path.join(scratch.path, 'bare'), settings.ms);
    const delay = startDelay();
    const alone = await appendRate(scratch.path, { ...settings, journals: 1, crowd: 1 });
    const crowded = await appendRate(scratch.path, { ...settings, journals: 1 });
    const many = await appendRate(scratch.path, { ...settings, crowd: 1 });
    const { longestMs, longestCpuMs } = delay.stop();
    const figures: Figure[] = [
      { name: 'the disk alone: write and fdatasync, one after the other', value: bare, unit: '/s' },
      { name: 'one journal, one after the other', value: alone.rate, unit: '/s' },
      { name: 'one journal, one after the other: p99', value: quantile(alone.times, 0.99), unit: 'ms' },
      { name: `one journal, ${settings.crowd} at once`, value: crowded.rate, unit: '/s', goal: { least: 5_000 } },
      { name: `one journal, ${settings.crowd} at once: p99`, value: quantile(crowded.times, 0.99), unit: 'ms' },
      { name: `${settings.journals} journals at once`, value: many.rate, unit: '/s', goal: { least: 1_000 } },
      { name: `${settings.journals} journals at once: p99`, value: quantile(many.times, 0.99), unit: 'ms' },
      { name: 'longest turn of the event loop', value: longestMs, unit: 'ms', goal: { most: 50 } },
      { name: 'most CPU in one turn', value: longestCpuMs, unit: 'ms' },
    ];
    return { figures, notes: { entryBytes: JSON.stringify(entry).length, msEach: settings.ms } };
  },
};

async function bareRate(file: string, ms: number): Promise<number> {
  const handle = await open(file, 'w');
  const bytes = Buffer.from(`${JSON.stringify(entry)}\n`);
  let count = 0;
  const began = performance.now();
  for (; performance.now() - began < ms; count += 1) {
    await handle.write(bytes, 0, bytes.length, count * bytes.length);
    await handle.datasync();
  }
  await handle.close();
  return (count / (performance.now() - began)) * 1_000;
}

async function appendRate(
  folder: string,
  { ms, crowd, journals }: Settings,
): Promise<{ rate: number; times: readonly number[] }> {
  const opened: Journal[] = [];
  for (let number = 0; number < journals; number += 1) {
    const place = path.join(folder, `${journals} by ${crowd}`, String(number), 'journal.jsonl');
    opened.push((await openJournal(place)).journal);
  }
  const times: number[] = [];
  const began = performance.now();
  const append = async (journal: Journal): Promise<void> => {
    while (performance.now() - began < ms) {
      const asked = performance.now();
      await journal.append(entry);
      times.push(performance.now() - asked);
    }
  };
  await Promise.all(opened.flatMap((journal) => Array.from({ length: crowd }, () => append(journal))));
  const took = performance.now() - began;
  for (const each of opened) await each[Symbol.asyncDispose]();
  return { rate: (times.length / took) * 1_000, times };
}

if (import.meta.main) await runBenchmarks([journal]);
