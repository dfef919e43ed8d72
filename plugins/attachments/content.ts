import { readFile } from 'node:fs/promises';
import type { Content } from 'boternity';
import type { Attachment } from '../conversations/index.ts';
import type { Documents } from '../storage/index.ts';

/** What a file says. */
export type Read = Awaited<ReturnType<Documents['read']>>;

/** Pictures that services take; larger ones are refused by some. */
const PICTURE = /^image\/(png|jpeg|gif|webp)$/;
const MOST_PICTURE_BYTES = 3_750_000;
/** Characters of one document in a prompt. */
const MOST_CHARACTERS = 60_000;
/** What a picture weighs in a prompt, in tokens: about what services count for one of full size. */
const PICTURE_TOKENS = 1_600;
const CHARACTERS_A_TOKEN = 4;

/** Estimated tokens of an attachment in a prompt. */
export function tokensOf(media: string, { text }: Read): number {
  if (PICTURE.test(media)) return PICTURE_TOKENS;
  return Math.ceil(Math.min(text.length, MOST_CHARACTERS) / CHARACTERS_A_TOKEN) + 40;
}

/** An attachment as a model is given it: a picture, the text of a document, or why neither. At most so many tokens. */
export async function contentOf(
  { name, media, bytes }: Attachment,
  { file, read, most }: { readonly file: string; readonly read: Read; readonly most: number },
): Promise<Content[]> {
  const told = (text: string): Content => ({ type: 'text', text });
  const label = `name=${JSON.stringify(name)} type=${JSON.stringify(media)} bytes=${bytes}`;
  if (PICTURE.test(media) && read.state === 'none') {
    if (bytes > MOST_PICTURE_BYTES)
      return [told(`<attachment ${label}>\nThe picture is too large to be shown.\n</attachment>`)];
    if (most < PICTURE_TOKENS)
      return [told(`<attachment ${label}>\nThe picture is left out: the prompt is full.\n</attachment>`)];
    const picture = await readFile(file);
    return [told(`<attachment ${label} />`), { type: 'image', mediaType: media, base64: picture.toString('base64') }];
  }
  return [told(`<attachment ${label}>\n${inside(bodyOf(read, most))}\n</attachment>`)];
}

function bodyOf({ text, state, problem }: Read, most: number): string {
  if (state === 'none') return 'It holds no text that can be read.';
  if (text === '') return `Its text cannot be read. ${problem ?? ''}`.trim();
  const length = Math.min(MOST_CHARACTERS, Math.max(0, most) * CHARACTERS_A_TOKEN);
  if (length === 0) return 'Its text is left out: the prompt is full.';
  const isCut = text.length > length || state === 'partial';
  const shown = text.slice(0, length);
  return isCut ? `${shown}\n[… the rest is left out here]` : shown;
}

/** What a document says cannot end its own part of the prompt. */
function inside(text: string): string {
  return text.replaceAll(/<(?=\/?attachment\b)/gi, '&lt;');
}
