import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import path from 'node:path';

/** How long somebody who has pressed a key is kept waiting, in milliseconds. */
const PATIENCE_MS = 150;
/** What names a thing in a list, in this order. */
const names = ['slug', 'name', 'key', 'path', 'id', 'code'] as const;

export interface Listed {
  readonly value: string;
  readonly text?: string | undefined;
}

/** What a list of the running server holds, by name; undefined when none runs, or not soon enough. `route` has names of `given` in it. */
export async function listFromServer(
  home: string,
  route: string,
  given: Readonly<Record<string, string>>,
): Promise<Listed[] | undefined> {
  const owner = await readJson(path.join(home, '.boternity', 'server.json'));
  const inPath = [...route.matchAll(/\{(\w+)\+?\}/g)].map(([, name = '']) => name);
  if (typeof owner?.url !== 'string' || route === '' || inPath.some((name) => given[name] === undefined))
    return undefined;
  const place = route.replaceAll(/\{(\w+)\+?\}/g, (_, name: string) => encodeURIComponent(given[name] ?? ''));
  // The owner of the home may read it; without the file the server decides by itself who asks.
  const token = await readFile(path.join(home, '.boternity', 'cli-token'), 'utf8').catch(() => '');
  const answer = await ask(new URL(`/api/v1${place}`, owner.url), token.trim());
  const rows: unknown = Object.values(answer?.data ?? {}).find((value) => Array.isArray(value));
  return Array.isArray(rows) ? rows.flatMap(listed) : undefined;
}

function listed(row: unknown): Listed[] {
  if (typeof row === 'string') return [{ value: row }];
  if (typeof row !== 'object' || row === null) return [];
  const fields = row as Readonly<Record<string, unknown>>;
  const name = names.find((each) => typeof fields[each] === 'string' && fields[each] !== '');
  if (name === undefined) return [];
  const value = String(fields[name]);
  const text = [fields.title, fields.name, fields.description].find(
    (each) => typeof each === 'string' && each !== value,
  );
  return [{ value, text: typeof text === 'string' ? text : undefined }];
}

/** A GET that gives up soon and never throws. */
function ask(url: URL, token: string): Promise<Record<string, unknown> | undefined> {
  return new Promise((resolve) => {
    const headers = { connection: 'close', ...(/^[\w-]+$/.test(token) && { authorization: `Bearer ${token}` }) };
    const request = get(url, { headers, signal: AbortSignal.timeout(PATIENCE_MS) }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', () => resolve(undefined));
      response.on('end', () => resolve(response.statusCode === 200 ? parse(text) : undefined));
    });
    request.on('error', () => resolve(undefined));
  });
}

async function readJson(file: string): Promise<Record<string, unknown> | undefined> {
  return parse(await readFile(file, 'utf8').catch(() => ''));
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
