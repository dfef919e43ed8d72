import type { SecretCollector } from '../parts/secrets.ts';
import { CONFIG, isValues, textAt, type Values } from './config.ts';

const SECRET_KEY =
  /(^|_|-)(api_?key|(\w+_)?token|password|passwd|(\w+_)?secret|private_?key|authorization|x-api-key)$|(apiKey|Token|Password|Secret|PrivateKey)$/i;
/** A value that only names where the real one is. */
const REFERENCE = /^\s*\$\{[A-Z_][A-Z0-9_]*\}\s*$|^\s*(Bearer|Basic)\s+\$\{[A-Z_][A-Z0-9_]*\}\s*$/;

/** Whether a value under this key is a key or password in plain text. */
export function isPlainSecret(key: string, value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && SECRET_KEY.test(key) && !REFERENCE.test(value);
}

/** Gathers every key in plain text of the configuration, under the name it would have in a vault. */
export function collectSecrets(config: Values, secrets: SecretCollector): void {
  const walk = (value: unknown, place: readonly string[]): void => {
    if (Array.isArray(value)) return value.forEach((each, index) => walk(each, [...place, String(index)]));
    if (!isValues(value) || isReference(value)) return;
    for (const [key, each] of Object.entries(value)) {
      const here = [...place, key];
      if (isPlainSecret(key, each)) secrets.take(nameFor(here), each, `${CONFIG} ${here.join('.')}`);
      else walk(each, here);
    }
  };
  walk(config, []);
}

/** `{ source: 'env', id: 'NAME' }` and its like: where the real value is. */
export function isReference(value: Values): boolean {
  return textAt(value, 'source') !== undefined && textAt(value, 'id') !== undefined;
}

/** `${NAME}` for a reference to the environment, words for any other. */
export function referenceText(value: Values): string {
  const id = textAt(value, 'id') ?? '';
  return textAt(value, 'source') === 'env' ? `\${${id}}` : `(${textAt(value, 'source')}: ${id})`;
}

/** The key itself where it is a variable's name, else the thing it opens and the key. */
function nameFor(place: readonly string[]): string {
  const key = place.at(-1) ?? '';
  if (/^[A-Z][A-Z0-9_]+$/.test(key)) return key;
  const thing =
    place.slice(0, -1).findLast((each) => !/^(env|headers|auth|accounts|default|entries|\d+)$/.test(each)) ?? '';
  return `${thing}_${key}`;
}
