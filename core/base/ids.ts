import { randomFillSync } from 'node:crypto';

const COUNTER_MAX = 0xfff;
let lastMs = 0;
let counter = 0;
const random = new Uint8Array(8 * 256);
let used = random.length;

/**
 * A UUIDv7 (RFC 9562) that sorts after every id this process made before: 48 bits of milliseconds, then a 12-bit counter
 * in place of rand_a. A full counter or a clock that steps back borrows the next millisecond.
 */
export function createId(now: number = Date.now()): string {
  if (now > lastMs) {
    lastMs = now;
    counter = 0;
  } else if (counter === COUNTER_MAX) {
    lastMs += 1;
    counter = 0;
  } else {
    counter += 1;
  }
  const time = lastMs.toString(16).padStart(12, '0');
  const count = counter.toString(16).padStart(3, '0');
  const tail = randomTail();
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}

export function isId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(text);
}

/** 16 hex digits whose first two bits are the variant `10`. */
function randomTail(): string {
  if (used === random.length) {
    randomFillSync(random);
    used = 0;
  }
  const bytes = Buffer.from(random.buffer, used, 8);
  used += 8;
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex');
}
