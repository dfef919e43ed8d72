import type { IncomingHttpHeaders } from 'node:http';
import type { ServedFile } from './folder.ts';
import { commonHeaders, filePolicy } from './policy.ts';

export interface PageAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer | string;
}

const FOR_EVER = 'public, max-age=31536000, immutable';

/** A file as an answer: 304 when the browser has it, compressed where it was compressed beforehand and the browser may. */
export function answerFile(file: ServedFile, headers: IncomingHttpHeaders): PageAnswer {
  const own = {
    ...commonHeaders,
    'content-type': file.type,
    'content-security-policy': filePolicy,
    'cache-control': file.isImmutable ? FOR_EVER : 'no-cache',
    etag: file.etag,
    ...(file.encoded && { vary: 'accept-encoding' }),
  };
  const held = (headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (held.includes(file.etag)) return { status: 304, headers: own, body: '' };
  const wanted = accepted(headers['accept-encoding']);
  const encoding = (['br', 'gzip'] as const).find((name) => wanted.has(name) && file.encoded?.[name]);
  const body = encoding && file.encoded?.[encoding];
  if (!body) return { status: 200, headers: own, body: file.body };
  return { status: 200, headers: { ...own, 'content-encoding': encoding }, body };
}

/** Encodings the browser takes, without those it weighs with 0. */
function accepted(header: string | string[] | undefined): Set<string> {
  const parts = String(header ?? '').split(',');
  const names = parts
    .filter((part) => !/;\s*q=0(?:\.0+)?\s*$/.test(part))
    .map((part) => part.split(';')[0]?.trim() ?? '');
  return new Set(names);
}
