import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Memories in one folder of a day, as the product keeps them. */
const FOLDER = 1_000;

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
