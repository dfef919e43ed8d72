import { createCipheriv, createECDH, hkdfSync, randomBytes, type ECDH } from 'node:crypto';

const CURVE = 'prime256v1';
/** Size of a record (RFC 8188); a message is one record. */
const RECORD_BYTES = 4096;
/** What a message may hold, so that it fits into a record with delimiter and tag. */
export const MOST_BYTES = RECORD_BYTES - 86 - 17;

/** What a browser gives of itself: its public key and a secret that only it and the application know. */
export interface Receiver {
  /** Uncompressed point on P-256. */
  readonly p256dh: Uint8Array;
  /** 16 bytes. */
  readonly auth: Uint8Array;
}

/** What is new with each message; given only by who wants to have the same message again. */
export interface Fresh {
  readonly sender: ECDH;
  /** 16 bytes. */
  readonly salt: Uint8Array;
}

/** Encrypts a message for one browser: RFC 8291, in the coding `aes128gcm` of RFC 8188. Throws for a key that is no point of the curve. */
export function encryptFor({ p256dh, auth }: Receiver, message: Uint8Array, fresh: Fresh = makeFresh()): Buffer {
  const { sender, salt } = fresh;
  const own = sender.getPublicKey();
  const shared = sender.computeSecret(p256dh);
  const about = Buffer.concat([Buffer.from('WebPush: info\0'), p256dh, own]);
  const secret = Buffer.from(hkdfSync('sha256', shared, auth, about, 32));
  const key = Buffer.from(hkdfSync('sha256', secret, salt, 'Content-Encoding: aes128gcm\0', 16));
  const nonce = Buffer.from(hkdfSync('sha256', secret, salt, 'Content-Encoding: nonce\0', 12));
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  // 2 ends the last record.
  const sealed = [cipher.update(message), cipher.update(Buffer.of(2)), cipher.final(), cipher.getAuthTag()];
  const size = Buffer.alloc(5);
  size.writeUInt32BE(RECORD_BYTES);
  size.writeUInt8(own.length, 4);
  return Buffer.concat([salt, size, own, ...sealed]);
}

function makeFresh(): Fresh {
  const sender = createECDH(CURVE);
  sender.generateKeys();
  return { sender, salt: randomBytes(16) };
}
