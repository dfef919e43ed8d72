import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TEMPORARY_SUFFIX } from './store-path.ts';

/** 256 random bits as hexadecimal digits. */
const FORM = /^[0-9a-f]{64}$/;

/**
 * The token by which commands on this machine are the owner's, new at every start of a server. It lies in `.boternity/cli-token`
 * and only the user who runs the server may read it, so whoever holds it could read and write the home anyway.
 */
export async function makeCliToken(home: string): Promise<string> {
  const token = randomBytes(32).toString('hex');
  const file = fileIn(home);
  const temporary = `${file}.${process.pid}${TEMPORARY_SUFFIX}`;
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(temporary, token, { mode: 0o600 });
  // Whatever stands in its place is no token.
  if ((await lstat(file).catch(() => undefined))?.isDirectory()) await rm(file, { recursive: true });
  await rename(temporary, file);
  return token;
}

/** The token of the server that runs on this home; undefined when there is none, or none that this user may read. */
export async function readCliToken(home: string): Promise<string | undefined> {
  const text = await readFile(fileIn(home), 'utf8').catch(() => '');
  return FORM.test(text) ? text : undefined;
}

function fileIn(home: string): string {
  return path.join(home, '.boternity', 'cli-token');
}
