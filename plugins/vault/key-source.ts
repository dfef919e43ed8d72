import { argon2, randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { createId, Fault, isMissingFile, redactor, writeAtomically } from 'boternity';
import type { Keychain } from './keychain.ts';
import { idOf, KEY_BYTES } from './seal.ts';

/** Where the key of the vault comes from. */
export type KeyKind = 'file' | 'password' | 'keychain';

/** What vault.json says of its key: never the key. */
export interface KeyHeader {
  readonly id: string;
  readonly from: KeyKind;
  /** Of a password: random, base64. */
  readonly salt?: string | undefined;
}

export interface VaultKey {
  readonly bytes: Buffer;
  readonly header: KeyHeader;
}

export interface KeyPlaces {
  /** Absolute path of the folder that holds vault.json. */
  readonly folder: string;
  readonly keychain: Keychain;
  readonly environment: NodeJS.ProcessEnv;
  /** A password that was given while the server runs; counts before that of the environment. */
  readonly password?: string | undefined;
}

const KEY_FILE = 'vault.key';
/** The next key waits here while vault.json is rewritten; whichever of the two fits vault.json is the key. */
const NEXT_FILE = 'vault.key.next';
const ACCOUNT = 'vault-master-key';
const PASSWORD = 'BOTERNITY_VAULT_PASSWORD';
/** RFC 9106 with the parameters of OWASP's cheat sheet: 19 MiB, two passes, one lane. */
const ARGON = { parallelism: 1, memory: 19_456, passes: 2, tagLength: KEY_BYTES };

const derive = promisify(argon2);

/** The key from the place that vault.json names; whether it fits is for the caller to see. Throws VAULT_KEY_MISSING, VAULT_KEY_EXPOSED or VAULT_KEY_WRONG. */
export async function findKey(header: KeyHeader, places: KeyPlaces): Promise<VaultKey> {
  const bytes = known(await bytesFor(header, places));
  return { bytes, header: { ...header, id: idOf(bytes) } };
}

function bytesFor(header: KeyHeader, places: KeyPlaces): Promise<Buffer> {
  switch (header.from) {
    case 'file':
      return keyOfFiles(header, places.folder);
    case 'password':
      return keyOfPassword(header, places);
    case 'keychain':
      return keyOfKeychain(header, places.keychain);
    default:
      return header.from satisfies never;
  }
}

/** A key for a vault that does not exist yet. One that lies there already is taken, never overwritten. */
export async function firstKey(from: KeyKind, places: KeyPlaces): Promise<VaultKey> {
  if (from !== 'file') return nextKey(from, places);
  const file = path.join(places.folder, KEY_FILE);
  const bytes = (await readKeyFile(file)) ?? (await createKeyFile(file));
  return { bytes: known(bytes), header: { id: idOf(bytes), from } };
}

/** Another key, kept where it will be found once vault.json names it, while the present one stays. */
export async function nextKey(from: KeyKind, places: KeyPlaces): Promise<VaultKey> {
  if (from === 'password') {
    const salt = randomBytes(16).toString('base64');
    const bytes = known(await stretch(await readPassword(places), salt));
    return { bytes, header: { id: idOf(bytes), from, salt } };
  }
  const bytes = known(randomBytes(KEY_BYTES));
  const id = idOf(bytes);
  if (from === 'keychain') {
    await places.keychain.set(accountOf(id), bytes.toString('hex'));
  } else await writeAtomically(path.join(places.folder, NEXT_FILE), `${bytes.toString('hex')}\n`, 0o600);
  return { bytes, header: { id, from } };
}

/** Takes away a key that no vault needs any more, as far as that is possible. */
export async function retireKey(old: KeyHeader, now: KeyHeader, { folder, keychain }: KeyPlaces): Promise<void> {
  if (old.from === 'keychain') await keychain.remove(accountOf(old.id)).catch(() => undefined);
  if (old.from === 'file' && now.from !== 'file') await rm(path.join(folder, KEY_FILE), { force: true });
}

/** Who may read the key file, when somebody else may: a sentence. Windows keeps rights in another way. */
export function exposure(mode: number, file: string): string | undefined {
  if (process.platform === 'win32' || (mode & 0o077) === 0) return undefined;
  return `${file} can be read by other users of this machine (mode ${(mode & 0o777).toString(8)})`;
}

async function keyOfFiles({ id }: KeyHeader, folder: string): Promise<Buffer> {
  const file = path.join(folder, KEY_FILE);
  const next = path.join(folder, NEXT_FILE);
  const [present] = await Promise.allSettled([readKeyFile(file)]);
  const key = present.status === 'fulfilled' ? present.value : undefined;
  if (key && idOf(key) === id) {
    await rm(next, { force: true });
    return key;
  }
  // A rotation has written vault.json under the next key, which takes its place now, or after a crash at the next start.
  const waiting = await readKeyFile(next).catch(() => undefined);
  if (waiting && idOf(waiting) === id) {
    await rename(next, file);
    return waiting;
  }
  if (key) return key;
  if (present.status === 'rejected') throw present.reason;
  throw new Fault('VAULT_KEY_MISSING', `The key of the vault is not there: ${file} is missing.`);
}

async function keyOfPassword({ salt = '' }: KeyHeader, places: KeyPlaces): Promise<Buffer> {
  return stretch(await readPassword(places), salt);
}

async function keyOfKeychain({ id }: KeyHeader, keychain: Keychain): Promise<Buffer> {
  const state = await keychain.read();
  if (!state.entries) {
    // It may be unlocked in the next moment.
    keychain.forget();
    throw new Fault(
      'VAULT_KEY_MISSING',
      `The key of the vault is in the keychain, which cannot be read: ${state.why}.`,
    );
  }
  const text = state.entries.get(accountOf(id));
  if (text !== undefined) return keyIn(text, `The entry ${accountOf(id)} of the keychain`);
  throw new Fault('VAULT_KEY_MISSING', `The keychain has no entry ${accountOf(id)}, which is the key of the vault.`);
}

async function readPassword({ environment, password: given }: KeyPlaces): Promise<string> {
  const file = environment[`${PASSWORD}_FILE`];
  const password = given || environment[PASSWORD] || (file && (await readSecretFile(file)));
  if (!password)
    throw new Fault(
      'VAULT_KEY_MISSING',
      `The vault is under a password, and neither ${PASSWORD} nor ${PASSWORD}_FILE is set.`,
    );
  redactor.add(PASSWORD, password);
  return password;
}

async function readSecretFile(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    throw new Fault(
      'VAULT_KEY_MISSING',
      `The file that ${PASSWORD}_FILE names cannot be read: ${Fault.from(error).message}`,
    );
  }
}

async function stretch(password: string, salt: string): Promise<Buffer> {
  return derive('argon2id', { message: password, nonce: Buffer.from(salt, 'base64'), ...ARGON });
}

/** Undefined when there is no such file. */
async function readKeyFile(file: string): Promise<Buffer | undefined> {
  try {
    const exposed = exposure((await stat(file)).mode, file);
    if (exposed)
      throw new Fault('VAULT_KEY_EXPOSED', `${exposed}, so it is not used.`, { hint: `Run: chmod 600 ${file}` });
    return keyIn(await readFile(file, 'utf8'), file);
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw Fault.from(error);
  }
}

function keyIn(text: string, where: string): Buffer {
  if (/^[0-9a-f]{64}\s*$/i.test(text)) return Buffer.from(text.trim(), 'hex');
  throw new Fault('VAULT_KEY_WRONG', `${where} holds no key of the vault: 64 hexadecimal digits.`);
}

/** Makes the file whole and at once, and only where there is none. Whoever writes vault.json next makes its name durable too. */
async function createKeyFile(file: string): Promise<Buffer> {
  const bytes = randomBytes(KEY_BYTES);
  const prepared = `${file}.${createId()}.bnity-tmp`;
  await writeAtomically(prepared, `${bytes.toString('hex')}\n`, 0o600);
  try {
    await link(prepared, file);
  } finally {
    await unlink(prepared);
  }
  return bytes;
}

function known(bytes: Buffer): Buffer {
  redactor.add('VAULT_KEY', bytes.toString('hex'));
  redactor.add('VAULT_KEY', bytes.toString('base64'));
  return bytes;
}

function accountOf(id: string): string {
  return `${ACCOUNT}/${id}`;
}
