import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';

/**
 * Loaded into a server with `--import`: kills it with signal 9 at a write of a journal of conversations, as the file that
 * DIE_AT_WRITE names says: `<number of the write> <before, half or after it>`. Counts from when that file changes.
 */
const place = process.env.DIE_AT_WRITE ?? '';
const handle = await open(import.meta.filename);
const files = Object.getPrototypeOf(handle) as {
  write: (
    this: unknown,
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ) => Promise<{ bytesWritten: number }>;
};
await handle.close();

const { write } = files;
let wish = '';
let left = 0;

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('killed');
}

files.write = async function (bytes, offset, length, position) {
  if (!Buffer.from(bytes).includes('"changes":[')) return write.call(this, bytes, offset, length, position);
  const said = readFileSync(place, { encoding: 'utf8', flag: 'a+' });
  if (said !== wish) left = Number.parseInt((wish = said), 10) || 0;
  left -= 1;
  if (left !== 0) return write.call(this, bytes, offset, length, position);
  if (said.includes('before')) die();
  await write.call(this, bytes, offset, said.includes('half') ? Math.floor(length / 2) : length, position);
  return die();
};
