import { open } from 'node:fs/promises';
import { Fault } from 'boternity';

/** How the text of a file is found; undefined where there is none to find. */
export type TextKind = 'plain' | 'markdown' | 'html' | 'csv' | 'json' | 'json-lines' | 'pdf' | 'docx';

export interface FileType {
  /** Media type of the content. */
  readonly media: string;
  readonly text?: TextKind;
  /** Says whether content with this beginning can be of the type. */
  readonly holds: (beginning: Buffer) => boolean;
  /** What it should be, for a refusal. */
  readonly title: string;
}

/** Bytes at the beginning that are looked at. */
const BEGINNING = 4_096;

const begins = (...marks: readonly (string | readonly number[])[]): FileType['holds'] => {
  const bytes = marks.map((mark) => (typeof mark === 'string' ? Buffer.from(mark, 'latin1') : Buffer.from(mark)));
  return (beginning) => bytes.some((mark) => beginning.subarray(0, mark.length).equals(mark));
};
const riff =
  (form: string): FileType['holds'] =>
  (beginning) =>
    beginning.toString('latin1', 0, 4) === 'RIFF' && beginning.toString('latin1', 8, 12) === form;
const zip = begins('PK\x03\x04', 'PK\x05\x06');
/** Readers allow some bytes before the mark. */
const pdf: FileType['holds'] = (beginning) => beginning.subarray(0, 1_024).includes('%PDF-');

/** Text in UTF-8, in UTF-16 with its mark, or in one of the old sets of 256 characters: nothing that no text has. */
function isText(beginning: Buffer): boolean {
  const [first, second] = beginning;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  return !beginning.some((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27));
}

const text = (media: string, kind: TextKind = 'plain'): FileType => ({
  media,
  text: kind,
  holds: isText,
  title: 'text',
});
const binary = (media: string, title: string, holds: FileType['holds'] = () => true): FileType => ({
  media,
  title,
  holds,
});

const unknown = binary('application/octet-stream', 'anything');

const byEnding: Readonly<Record<string, FileType>> = {
  ...each('txt text log ini conf cfg env properties toml yaml yml srt vtt tex rst org diff patch', text('text/plain')),
  ...each(
    'c h cc cpp hpp cs go java kt swift rs py rb php pl lua r sql sh bash zsh fish ps1 bat js mjs cjs jsx ts mts tsx vue svelte css scss less graphql proto dockerfile makefile',
    text('text/plain'),
  ),
  ...each('md markdown', text('text/markdown', 'markdown')),
  ...each('html htm xhtml', text('text/html', 'html')),
  ...each('xml svg', text('application/xml', 'html')),
  csv: text('text/csv', 'csv'),
  tsv: text('text/tab-separated-values', 'csv'),
  json: text('application/json', 'json'),
  ...each('jsonl ndjson', text('application/x-ndjson', 'json-lines')),
  pdf: { ...binary('application/pdf', 'a PDF', pdf), text: 'pdf' },
  docx: {
    ...binary('application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'a Word document', zip),
    text: 'docx',
  },
  xlsx: binary('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'an Excel workbook', zip),
  pptx: binary('application/vnd.openxmlformats-officedocument.presentationml.presentation', 'a presentation', zip),
  odt: binary('application/vnd.oasis.opendocument.text', 'an OpenDocument text', zip),
  epub: binary('application/epub+zip', 'a book', zip),
  zip: binary('application/zip', 'a zip archive', zip),
  gz: binary('application/gzip', 'a gzip file', begins([0x1f, 0x8b])),
  png: binary('image/png', 'a PNG picture', begins([0x89, 0x50, 0x4e, 0x47])),
  ...each('jpg jpeg', binary('image/jpeg', 'a JPEG picture', begins([0xff, 0xd8, 0xff]))),
  gif: binary('image/gif', 'a GIF picture', begins('GIF87a', 'GIF89a')),
  webp: binary('image/webp', 'a WebP picture', riff('WEBP')),
  wav: binary('audio/wav', 'a WAV sound', riff('WAVE')),
  ...each(
    'mp3',
    binary('audio/mpeg', 'an MP3 sound', begins('ID3', [0xff, 0xfb], [0xff, 0xf3], [0xff, 0xf2], [0xff, 0xfa])),
  ),
};

function each(endings: string, type: FileType): Record<string, FileType> {
  return Object.fromEntries(endings.split(' ').map((ending) => [ending, type]));
}

/** The type that a name says. */
export function typeOf(name: string): FileType {
  const ending = /\.([^.]+)$/.exec(name)?.[1] ?? name;
  return (Object.hasOwn(byEnding, ending.toLowerCase()) && byEnding[ending.toLowerCase()]) || unknown;
}

/** Throws STORAGE_TYPE_WRONG where a file, or its content, is something else than its name says. */
export async function assertType(name: string, content: string | Buffer): Promise<void> {
  const type = typeOf(name);
  const beginning = typeof content === 'string' ? await beginningOf(content) : content.subarray(0, BEGINNING);
  if (beginning.length === 0 || type.holds(beginning)) return;
  throw new Fault('STORAGE_TYPE_WRONG', `"${name}" does not hold ${type.title}.`);
}

async function beginningOf(file: string): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(BEGINNING), 0, BEGINNING, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
