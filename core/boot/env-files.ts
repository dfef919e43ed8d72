import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { redactEnvironment } from '../base/redact.ts';

/** Variables that steer programs and not this product: a file in a folder that came from somewhere must not set them. */
const notTaken =
  /^(PATH|HOME|SHELL|USER|LOGNAME|PWD|TMPDIR|IFS|EDITOR|VISUAL|PAGER|BROWSER)$|^(NODE|LD|DYLD|GIT|SSH|NPM|BASH)_|^npm_/i;

/** Names whose value may be in a file that `<NAME>_FILE` names: those of secrets. */
const secret = /^[A-Z][A-Z0-9_]*(KEY|KEY_ID|TOKEN|SECRET|PASSWORD)$/;
const LONGEST_SECRET = 64 * 1024;

/**
 * Takes the variables of a folder's `.env` into the environment; what is set there already stays. Answers what could not be read,
 * in sentences that show no value.
 */
export function loadEnvFile(folder: string, environment: NodeJS.ProcessEnv = process.env): string[] {
  const place = path.join(folder, '.env');
  const text = textOf(place);
  if (typeof text !== 'string') return text.isMissing ? [] : [`${place} cannot be read: ${text.why}.`];
  for (const [name, value] of Object.entries(parseEnv(text)))
    if (value !== undefined && environment[name] === undefined && !notTaken.test(name)) environment[name] = value;
  const wrong = loadSecretFiles(environment);
  redactEnvironment(environment);
  return wrong;
}

/** Puts what stands in the files of `OPENAI_API_KEY_FILE` and its like under the names without `_FILE`, where those are not set. */
export function loadSecretFiles(environment: NodeJS.ProcessEnv = process.env): string[] {
  const wrong: string[] = [];
  for (const [variable, place = ''] of Object.entries(environment)) {
    const name = /^(.+)_FILE$/.exec(variable)?.[1] ?? '';
    if (!secret.test(name) || environment[name] || place === '') continue;
    const text = textOf(place);
    if (typeof text !== 'string') wrong.push(`${variable} names ${place}, which cannot be read: ${text.why}.`);
    else if (text.length > LONGEST_SECRET) wrong.push(`${variable} names ${place}, which is too large for a secret.`);
    else if (text.trim() !== '') environment[name] = text.trim();
  }
  return wrong;
}

function textOf(place: string): string | { readonly isMissing: boolean; readonly why: string } {
  try {
    return readFileSync(place, 'utf8');
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return { isMissing: code === 'ENOENT', why: code === 'ENOENT' ? 'it is not there' : code };
  }
}

/** Whether the environment asks for the plugins of the product alone: `BOTERNITY_SAFE=1`. */
export function isSafe(environment: NodeJS.ProcessEnv = process.env): boolean {
  return ['1', 'true'].includes(environment.BOTERNITY_SAFE ?? '');
}
