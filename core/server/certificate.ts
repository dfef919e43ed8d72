import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Problem } from '../base/problem.ts';

/** How often it is looked whether the files have changed, in milliseconds. Programs that renew certificates swap links, which no watch tells. */
const LOOK_MS = 2_000;

/** The files of a certificate, absolute or from a folder. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** What TLS needs, as PEM. */
export interface Certified {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** A certificate that lies in files: read again when they change. One that cannot be used is a problem, and the last good one stays. */
export class Certificate implements Disposable {
  readonly #files: CertificateFiles;
  readonly #folder: string;
  readonly #timer: NodeJS.Timeout;
  #follow: (certified: Certified) => void = () => undefined;
  #stamp = '';
  #last: Certified | undefined;
  problem: Problem | undefined;

  private constructor(files: CertificateFiles, folder: string) {
    this.#files = files;
    this.#folder = folder;
    this.#timer = setInterval(() => void this.#look(), LOOK_MS).unref();
  }

  static async open(files: CertificateFiles, folder: string): Promise<Certificate> {
    const certificate = new Certificate(files, folder);
    await certificate.#look();
    return certificate;
  }

  /** Hears of the certificate as it is, and of every one that takes its place. */
  follow(listener: (certified: Certified) => void): void {
    this.#follow = listener;
    if (this.#last) listener(this.#last);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const places = [this.#files.cert, this.#files.key].map((file) => path.resolve(this.#folder, file));
    const stamp = (await Promise.all(places.map(stampOf))).join('\n');
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    try {
      const [cert, key] = await Promise.all([read(places[0] ?? ''), read(places[1] ?? '')]);
      assertUsable(cert, key);
      this.problem = undefined;
      this.#follow((this.#last = { cert, key }));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const meanwhile = this.#last ? 'The one before it stays in use.' : 'Nobody is answered over TLS until it can.';
      const message = `The certificate cannot be used: ${reason.replace(/\.$/, '')}. ${meanwhile}`;
      this.problem = { file: this.#files.cert, line: 1, column: 1, level: 'error', message };
    }
  }
}

async function stampOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  return found ? `${found.mtimeMs} ${found.size} ${found.ino}` : '';
}

async function read(file: string): Promise<Buffer> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new Error(error.code === 'ENOENT' ? `there is no ${file}` : `${file} cannot be read (${error.code ?? ''})`);
  });
}

function assertUsable(cert: Buffer, key: Buffer): void {
  try {
    // Says nothing of what stands in it, which a message of the library might.
    void new X509Certificate(cert);
  } catch {
    throw new Error('the file of the certificate holds none in PEM');
  }
  try {
    createSecureContext({ cert, key });
  } catch {
    throw new Error('the key is not that of the certificate, or is no key in PEM without a password');
  }
}
