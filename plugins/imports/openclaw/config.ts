import path from 'node:path';
import json5 from 'json5';
import type { ImportSource, Left } from '../format.ts';

export type Values = Readonly<Record<string, unknown>>;

export interface OpenClawConfig {
  readonly value: Values;
  readonly left: readonly Left[];
}

export const CONFIG = 'openclaw.json';
const MAX_INCLUDES = 50;

/**
 * openclaw.json with what it includes: JSON5, `$include` one file or several below the same folder, merged so that the including file wins.
 * Substitutions such as `${NAME}` stay as they are. What cannot be read is named and left out.
 */
export async function readConfig(source: ImportSource): Promise<OpenClawConfig> {
  const left: Left[] = [];
  let includes = 0;
  const load = async (file: string, chain: readonly string[]): Promise<unknown> => {
    const text = await source.text(file);
    if (text === undefined) {
      left.push({ what: file, why: 'it is included and is not there' });
      return {};
    }
    try {
      return await resolve(json5.parse(text), file, [...chain, file]);
    } catch (error) {
      left.push({ what: file, why: `it cannot be read: ${error instanceof Error ? error.message : ''}` });
      return {};
    }
  };
  const resolve = async (value: unknown, file: string, chain: readonly string[]): Promise<unknown> => {
    if (Array.isArray(value)) return Promise.all(value.map((each) => resolve(each, file, chain)));
    if (!isValues(value)) return value;
    const { $include: given, ...own } = value;
    const entries = await Promise.all(
      Object.entries(own).map(async ([key, each]) => [key, await resolve(each, file, chain)] as const),
    );
    let merged: unknown = {};
    for (const each of given === undefined ? [] : [given].flat()) {
      const place = placeOf(each, file);
      includes += 1;
      const why = refusal(place, chain, includes);
      if (why === undefined) merged = merge(merged, await load(place ?? '', chain));
      else left.push({ what: `$include ${JSON.stringify(each)} in ${file}`, why });
    }
    return merge(merged, Object.fromEntries(entries));
  };
  const value = source.files.has(CONFIG) ? await load(CONFIG, []) : {};
  return { value: isValues(value) ? value : {}, left };
}

/** The value at a path of keys; undefined where there is none. */
export function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (inside, key) => (isValues(inside) && Object.hasOwn(inside, key) ? inside[key] : undefined),
    value,
  );
}

export function valuesAt(value: unknown, ...keys: readonly string[]): Values {
  const found = at(value, ...keys);
  return isValues(found) ? found : {};
}

export function textAt(value: unknown, ...keys: readonly string[]): string | undefined {
  const found = at(value, ...keys);
  return typeof found === 'string' && found.trim() !== '' ? found : undefined;
}

export function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function placeOf(given: unknown, file: string): string | undefined {
  if (typeof given !== 'string' || path.posix.isAbsolute(given) || given.startsWith('~')) return undefined;
  const place = path.posix.normalize(path.posix.join(path.posix.dirname(file), given));
  return place.startsWith('..') ? undefined : place;
}

function refusal(place: string | undefined, chain: readonly string[], count: number): string | undefined {
  if (place === undefined) return 'it leads out of the folder';
  if (chain.includes(place)) return 'it includes itself';
  return count > MAX_INCLUDES ? 'there are too many' : undefined;
}

function merge(before: unknown, after: unknown): unknown {
  if (!isValues(before) || !isValues(after)) return after;
  const merged: Record<string, unknown> = { ...before };
  for (const [key, value] of Object.entries(after)) {
    if (key === '__proto__') continue;
    merged[key] = Object.hasOwn(before, key) ? merge(before[key], value) : value;
  }
  return merged;
}
