import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

/** An encrypted value: AES-256-GCM (NIST SP 800-38D), a fresh 96-bit nonce, the 128-bit tag behind the ciphertext. Base64. */
export interface Sealed {
  readonly nonce: string;
  readonly data: string;
}

/** Version of the file's format; part of what each seal covers. */
export const FORMAT = 1;

export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Seals a value for one place (scope and name). Nowhere else, and under no other format, can it be opened. */
export function seal(key: Buffer, place: string, value: string): Sealed {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(boundTo(place));
  const data = Buffer.concat([cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return { nonce: nonce.toString('base64'), data: data.toString('base64') };
}

/** The value, or undefined when it was not sealed by this key for this place, or was changed. */
export function unseal(key: Buffer, place: string, sealed: unknown): string | undefined {
  if (!isSealed(sealed)) return undefined;
  const nonce = Buffer.from(sealed.nonce, 'base64');
  const data = Buffer.from(sealed.data, 'base64');
  if (nonce.length !== NONCE_BYTES || data.length < TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(boundTo(place));
  decipher.setAuthTag(data.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(data.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

/** Name of a key: 64 bits of an HMAC, from which nothing of the key can be learned. */
export function idOf(key: Buffer): string {
  return createHmac('sha256', key).update('boternity vault key id').digest('hex').slice(0, 16);
}

function boundTo(place: string): Buffer {
  return Buffer.from(`boternity vault ${FORMAT}\n${place}`);
}

function isSealed(value: unknown): value is Sealed {
  if (typeof value !== 'object' || value === null) return false;
  const { nonce, data } = value as Partial<Record<keyof Sealed, unknown>>;
  return typeof nonce === 'string' && typeof data === 'string';
}
