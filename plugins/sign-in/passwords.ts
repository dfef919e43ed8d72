import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto';
import { promisify } from 'node:util';
import { Fault, z } from 'boternity';

/** Argon2id as OWASP recommends it at least: 19 MiB, two passes, one lane. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
const SALT_BYTES = 16;
const TAG_BYTES = 32;
/** What a hash on disk may ask for at most: one that was tampered with must not take all the memory. */
const MOST_MEMORY_KIB = 1_048_576;
const MOST_PASSES = 20;
/** Passwords that wait for their hash. Above it somebody floods the door, and nobody is helped by a longer queue. */
const MOST_WAITING = 20;

const SHORTEST_PASSWORD = 12;
const LONGEST_PASSWORD = 1_024;

/** A new password: long enough, of whatever characters. */
export const newPassword = z
  .string()
  .min(SHORTEST_PASSWORD, `use at least ${SHORTEST_PASSWORD} characters`)
  .max(LONGEST_PASSWORD, `use at most ${LONGEST_PASSWORD} characters`)
  .meta({
    writeOnly: true,
    description: `At least ${SHORTEST_PASSWORD} characters, any of them`,
    examples: ['correct horse battery staple'],
  });

/**
 * Hashes a password, as a PHC string: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. Works beside the event loop, one at a time,
 * so that a crowd at the door takes neither the memory nor the threads that files need.
 */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(SALT_BYTES);
  const tag = await derive(password, { nonce, memory: MEMORY_KIB, passes: PASSES, parallelism: LANES });
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${encode(nonce)}$${encode(tag)}`;
}

/** Whether a password fits a hash. Without a hash it takes the same time and does not. */
export async function verifyPassword(password: string, phc: string | undefined): Promise<boolean> {
  const parts = phc === undefined ? undefined : parsePhc(phc);
  const known = parts ?? {
    nonce: Buffer.alloc(SALT_BYTES),
    memory: MEMORY_KIB,
    passes: PASSES,
    parallelism: LANES,
    tag: Buffer.alloc(TAG_BYTES),
  };
  const tag = await derive(password, known);
  return timingSafeEqual(tag, known.tag) && parts !== undefined;
}

interface Salted {
  readonly nonce: Buffer;
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

const argon2id = promisify((parameters: Argon2Parameters, done: (error: Error | null, tag?: Buffer) => void) =>
  argon2('argon2id', parameters, done),
);
let last: Promise<unknown> = Promise.resolve();
let waiting = 0;

async function derive(password: string, salted: Salted): Promise<Buffer> {
  if (waiting >= MOST_WAITING) {
    throw new Fault('ATTEMPTS_TOO_MANY', 'Too many people sign in at this moment.', { retryAfterSeconds: 2 });
  }
  waiting += 1;
  const message = Buffer.from(password.normalize('NFKC'));
  const { nonce, memory, passes, parallelism } = salted;
  const tag = last.then(async () => {
    const made = await argon2id({ message, nonce, memory, passes, parallelism, tagLength: TAG_BYTES });
    if (!made) throw new Error('There is no hash and no error.');
    return made;
  });
  last = tag.catch(() => undefined).finally(() => (waiting -= 1));
  return tag;
}

/** A PHC string of ours in its parts; undefined for any other, also for one that asks for more than is sound. */
function parsePhc(phc: string): (Salted & { readonly tag: Buffer }) | undefined {
  const found = /^\$argon2id\$v=19\$m=(\d{1,9}),t=(\d{1,3}),p=(\d{1,3})\$([\w+/]+)\$([\w+/]+)$/.exec(phc);
  if (!found) return undefined;
  const [, memory, passes, lanes, salt = '', hash = ''] = found;
  const parts = {
    nonce: Buffer.from(salt, 'base64'),
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(lanes),
    tag: Buffer.from(hash, 'base64'),
  };
  const isSound = parts.memory <= MOST_MEMORY_KIB && parts.passes <= MOST_PASSES && parts.tag.length === TAG_BYTES;
  return isSound && parts.nonce.length >= 8 ? parts : undefined;
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
