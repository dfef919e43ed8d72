import { Fault } from '../../base/fault.ts';
import type { LiveStream } from './live.ts';

export interface FoundStream {
  readonly stream: LiveStream;
  readonly params: Readonly<Record<string, string>>;
}

/** The stream at a path below /api/v1, and what the names in its path stand for. */
export function findStream(streams: Iterable<[string, LiveStream]>, path: string): FoundStream | undefined {
  for (const [, stream] of streams) {
    const params = matched(stream.path, `/api/v1${path}`);
    if (params) return { stream, params };
  }
  return undefined;
}

export function noStream(path: string): Fault {
  return new Fault('ROUTE_MISSING', `There is no stream at "${path}".`, { hint: 'List them with: bnity stream list' });
}

function matched(template: string, path: string): Record<string, string> | undefined {
  const names = template.split('/');
  const parts = path.split('/');
  if (names.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, part] of parts.entries()) {
    const name = /^\{(\w+)\}$/.exec(names[at] ?? '')?.[1];
    if (name === undefined && part !== names[at]) return undefined;
    if (name === undefined) continue;
    const value = decoded(part);
    if (value === undefined || value === '') return undefined;
    params[name] = value;
  }
  return params;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
