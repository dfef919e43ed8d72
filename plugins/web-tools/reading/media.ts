import { refusal } from '../refusal.ts';

export type Kind = 'html' | 'json' | 'text';

/** What a content type says. */
export interface Media {
  /** Without its parameters, in small letters; empty when the answer says none. */
  readonly type: string;
  readonly charset: string | undefined;
  readonly kind: Kind;
}

const HTML = /^(text\/html|application\/xhtml\+xml)$/;
const JSON_TYPE = /^(application|text)\/(json|[\w.-]+\+json)$/;
const TEXT =
  /^(text\/[\w.+-]+|application\/(xml|[\w.-]+\+xml|javascript|ecmascript|yaml|x-yaml|toml|x-ndjson|jsonl|sql|x-sh|x-tex|x-subrip))$/;

/** Reads a content type; anything but text is refused. An answer without one is taken for text. */
export function readMedia(header: string | undefined): Media {
  const [first = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim());
  const type = first.toLowerCase();
  const charset = parameters.map((parameter) => /^charset\s*=\s*"?([^"\s]+)"?$/i.exec(parameter)?.[1]).find(Boolean);
  if (HTML.test(type)) return { type, charset, kind: 'html' };
  if (JSON_TYPE.test(type)) return { type, charset, kind: 'json' };
  if (type === '' || TEXT.test(type)) return { type, charset, kind: 'text' };
  throw refusal('unsupported_content_type', `The answer is no text but ${type.slice(0, 100)}.`);
}

/** How many bytes may come before the place where a page names its charset (HTML standard). */
const PRESCAN = 1024;

/**
 * The text of a body: its byte order mark tells the charset, else the header, else the page itself; without any of them it is
 * UTF-8, or windows-1252 where it cannot be. Binary data is refused.
 */
export function decode(body: Buffer, { charset, kind }: Media): string {
  const label = marked(body) ?? charset ?? (kind === 'json' ? 'utf-8' : namedIn(body));
  const text = label === undefined ? guess(body) : decoderFor(label).decode(body);
  if (text.includes('\0')) throw refusal('decode_error', 'The answer says that it is text, but it is binary data.');
  return text;
}

function marked(body: Buffer): string | undefined {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return 'utf-8';
  if (body[0] === 0xfe && body[1] === 0xff) return 'utf-16be';
  return body[0] === 0xff && body[1] === 0xfe ? 'utf-16le' : undefined;
}

/** `<meta charset=…>`, its older form with http-equiv, and the declaration of XML. A page cannot be read as UTF-16 and say so. */
function namedIn(body: Buffer): string | undefined {
  const head = body.subarray(0, PRESCAN).toString('latin1');
  const found = /<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]+)|^<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]+)/i.exec(
    head,
  );
  const label = found?.[1] ?? found?.[2];
  return label !== undefined && /^utf-16/i.test(label) ? 'utf-8' : label;
}

function guess(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return new TextDecoder('windows-1252').decode(body);
  }
}

function decoderFor(label: string): TextDecoder {
  try {
    return new TextDecoder(label);
  } catch {
    throw refusal('decode_error', `The answer is in the charset ${label.slice(0, 40)}, which is unknown.`);
  }
}
