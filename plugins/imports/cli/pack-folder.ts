import { constants } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { Fault, packArchive, type Packed } from 'boternity';
import type { Left } from '../format.ts';
import { LEFT_FILE } from '../left-file.ts';

const MAX_FILE = 16 * 1024 * 1024;
const MAX_BYTES = 200 * 1024 * 1024;
const MAX_FILES = 5_000;
const MAX_DEPTH = 30;

/** What is never sent, and why. */
const apart: readonly (readonly [RegExp, string])[] = [
  [/^(.*\/)?\.git$/, 'its history; push it instead to bring it along'],
  [/^(.*\/)?(node_modules|\.cache|__pycache__)$/, 'can be made again'],
  [/\.(sqlite|sqlite3|db)(-\w+)?$/, 'a database; conversations and indexes in it are not read'],
  [/^(.*\/)?(credentials|auth-profiles\.json|auth\.json)$/, 'signed-in accounts; sign in anew here'],
  [/^(.*\/)?agents\/[^/]+\/sessions$/, 'conversations; they are not read yet'],
];

/** A folder as an archive for the server. No link is followed; what is left out is noted in it. */
export function packFolder(folder: string): Readable {
  return packArchive(filesOf(folder));
}

async function* filesOf(root: string): AsyncGenerator<Packed> {
  const left: Left[] = [];
  let files = 0;
  let bytes = 0;
  for await (const file of walk(root, '', left)) {
    const full = path.join(root, file);
    const handle = await open(full, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { size, mode } = await handle.stat();
      if (size > MAX_FILE) {
        left.push({ what: file, why: `it has ${Math.round(size / 1024 / 1024)} MB; at most 16 are taken` });
        continue;
      }
      const content = await handle.readFile();
      files += 1;
      bytes += content.length;
      if (files > MAX_FILES || bytes > MAX_BYTES)
        throw new Fault('IMPORT_REFUSED', `${root} holds more than a bot does: over ${files} files, ${bytes} bytes.`, {
          hint: 'Name the folder of the bot itself, not one above it.',
        });
      yield { path: file, bytes: content.length, mode, content };
    } finally {
      await handle.close();
    }
  }
  const note = Buffer.from(JSON.stringify(left));
  yield { path: LEFT_FILE, bytes: note.length, content: note };
}

async function* walk(root: string, folder: string, left: Left[], depth = 0): AsyncGenerator<string> {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true });
  for (const { name } of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const inside = folder === '' ? name : `${folder}/${name}`;
    const why = apart.find(([pattern]) => pattern.test(inside))?.[1];
    const found = await lstat(path.join(root, inside));
    if (why !== undefined) left.push({ what: found.isDirectory() ? `${inside}/` : inside, why });
    else if (found.isSymbolicLink()) left.push({ what: inside, why: 'links are not followed' });
    else if (found.isDirectory() && depth >= MAX_DEPTH) left.push({ what: `${inside}/`, why: 'it lies too deep' });
    else if (found.isDirectory()) yield* walk(root, inside, left, depth + 1);
    else if (found.isFile()) yield inside;
    else left.push({ what: inside, why: 'it is no plain file' });
  }
}
