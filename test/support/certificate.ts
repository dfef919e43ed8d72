import { createHash, generateKeyPairSync, sign } from 'node:crypto';

/** A key and a certificate for it that it signed by itself, both as PEM. */
export interface Certified {
  readonly key: string;
  readonly cert: string;
}

/** Makes a certificate for names that is good for two days and is its own authority (X.509 v3, RFC 5280). */
export function certify(...names: readonly string[]): Certified {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(oid('2a8648ce3d040302'));
  const subject = sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(names[0] ?? 'test')))));
  const day = 86_400_000;
  const validity = sequence(time(Date.now() - day), time(Date.now() + day));
  const alternatives = sequence(...names.map((name) => der(0x82, Buffer.from(name))));
  const extensions = sequence(
    extension('551d11', alternatives),
    extension('551d13', sequence(der(0x01, Buffer.from([0xff])))),
  );
  const serial = der(0x02, Buffer.concat([Buffer.from([1]), createHash('sha256').update(String(names)).digest()]));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    serial,
    algorithm,
    subject,
    validity,
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]));
  return {
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    cert: pem(sequence(body, algorithm, signature)),
  };
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const long = [length >> 8, length & 255].slice(length > 255 ? 0 : 1);
  return Buffer.concat([Buffer.from(length < 128 ? [tag, length] : [tag, 0x80 | long.length, ...long]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), der(0x04, value));
}

function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return der(0x18, Buffer.from(digits));
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
