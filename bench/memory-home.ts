import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createClient, type Client } from '../core/ui/client.ts';
import type { Served } from './load.ts';

/** Memories in one folder of a day, as the product keeps them. */
const FOLDER = 1_000;

/** The owner of a server, as a client. */
export function ownerOf({ url, credentials }: Served): Client {
  return createClient({
    url,
    fetch: (input, init) => fetch(input, { ...init, headers: { ...(init?.headers as object), ...credentials } }),
  });
}

/** Makes one change, and waits until it and all `size` memories that lay there are in history: they are committed behind it. */
export async function untilCommitted(home: string, client: Client, size: number): Promise<void> {
  await client.call('memories.create', { bot: 'assistant', text: 'The first one that is told' });
  const gitDir = path.join(home, 'bots/assistant/memory/.git');
  const list = promisify(execFile);
  for (let count = 0; count <= size;) {
    await sleep(2_000);
    const found = await list('git', ['--git-dir', gitDir, 'ls-tree', '-r', '--name-only', 'memory'], {
      maxBuffer: 2 ** 28,
    });
    count = found.stdout.split('\n').length - 1;
  }
}

const people = ['Anna', 'Tomasz', 'Rosa', 'Linnea', 'Elias', 'Mirjam', 'Kofi', 'Yuki', 'Pedro', 'Ingrid'];
const things = [
  'garden',
  'boat',
  'kitchen',
  'bicycle',
  'piano',
  'rehearsal',
  'invoice',
  'server',
  'allotment',
  'passport',
];
const places = ['Bern', 'Ghent', 'Osaka', 'Accra', 'Leeds', 'Tbilisi', 'Valencia', 'Bergen', 'Nairobi', 'Jaipur'];
const deeds = [
  'painted',
  'sold',
  'repaired',
  'borrowed',
  'moved',
  'measured',
  'promised',
  'cancelled',
  'ordered',
  'found',
];

/** What the memory of a number says. */
export function textOf(number: number): string {
  const pick = (list: readonly string[], by: number): string => list[Math.floor(number / by) % list.length] ?? '';
  return `${pick(people, 1)} ${pick(deeds, 10)} the ${pick(things, 100)} in ${pick(places, 1_000)}, note ${number} of the year`;
}

/** A question that one of so many memories answers. */
export function questionAbout(number: number, size: number): string {
  const [who, did, , what, , where] = textOf(number % size).split(/[ ,]+/);
  return `What did ${who} do with the ${what} in ${where}, was it ${did}?`;
}

/** Writes memory files as the product keeps them, into the folder `memory` of a bot. */
export async function writeMemories(folder: string, size: number): Promise<void> {
  const start = Date.parse('2026-01-01T00:00:00Z');
  for (let at = 0; at < size; at += FOLDER) {
    const day = new Date(start + (at / FOLDER) * 86_400_000);
    const place = path.join(folder, day.toISOString().slice(0, 10));
    await mkdir(place, { recursive: true });
    await Promise.all(
      Array.from({ length: Math.min(FOLDER, size - at) }, async (_, number) => {
        const id = `m${at + number}`;
        const created = new Date(day.getTime() + number * 60_000).toISOString();
        const memory = {
          id,
          kind: 'fact',
          text: textOf(at + number),
          origin: 'owner',
          importance: (number % 4) + 1,
          created_at: created,
        };
        await writeFile(path.join(place, `${id}.json`), JSON.stringify(memory));
      }),
    );
  }
}
