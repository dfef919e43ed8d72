import { isUtf8 } from 'node:buffer';
import type { TapeBody } from './format.ts';
import { bytesOfFrame, framesIn } from './frames.ts';
import { TAKEN_OUT, type Scrubber } from './scrub.ts';

const FRAMES_TYPE = 'application/vnd.amazon.eventstream';

/** A line of an answer: JSON behind what stands before it (`data: `), or any text. */
interface Line {
  readonly text: string;
  readonly before: string;
  /** White space at its end. */
  readonly after: string;
  readonly value: unknown;
  /** The value as it is written without spaces. */
  readonly json: string;
}

/** A text inside of JSON, which can be replaced where it stands. */
interface Leaf {
  readonly place: string;
  readonly text: string;
  readonly replace: (text: string) => void;
}

/** The body of an answer as it stands on a tape, scrubbed. Undefined when it is too much to be searched for keys. */
export async function recordBody(bytes: Buffer, type: string, scrubber: Scrubber): Promise<TapeBody | undefined> {
  if (type.startsWith(FRAMES_TYPE)) return recordFrames(bytes, scrubber);
  if (!isUtf8(bytes)) return { kind: 'bytes', bytes: masked(bytes, scrubber).toString('base64') };
  const text = bytes.toString('utf8');
  const lines = await scrubLines(text.split('\n'), scrubber);
  return lines && { kind: 'text', lines };
}

/** The bytes of a body that stands on a tape. */
export function bytesOf(body: TapeBody): Buffer {
  if (body.kind === 'text') return Buffer.from(body.lines.join('\n'));
  if (body.kind === 'bytes') return Buffer.from(body.bytes, 'base64');
  const frames = body.frames.map(({ headers, payload }) =>
    bytesOfFrame({ headers: Buffer.from(headers, 'base64'), payload: Buffer.from(payload) }),
  );
  return Buffer.concat([...frames, Buffer.from(body.rest, 'base64')]);
}

async function recordFrames(bytes: Buffer, scrubber: Scrubber): Promise<TapeBody | undefined> {
  const { frames, rest } = framesIn(bytes);
  const payloads = await scrubLines(
    frames.map(({ payload }) => payload.toString('utf8')),
    scrubber,
  );
  return (
    payloads && {
      kind: 'frames',
      frames: frames.map(({ headers }, index) => ({
        headers: masked(headers, scrubber).toString('base64'),
        payload: payloads[index] ?? '',
      })),
      rest: masked(rest, scrubber).toString('base64'),
    }
  );
}

/** Bytes of no known form, of the same length: nothing may move in them. */
function masked(bytes: Buffer, scrubber: Scrubber): Buffer {
  const text = bytes.toString('latin1');
  const clean = scrubber.text(text);
  if (clean === text) return bytes;
  const [kept = '', ...others] = clean.split(TAKEN_OUT);
  const end = text.length - (others.at(-1) ?? '').length;
  return Buffer.from(kept + '*'.repeat(end - kept.length) + text.slice(end), 'latin1');
}

/** Scrubs lines of JSON so that also what is cut into several of them is found. Lines in which nothing is found stay byte for byte. */
async function scrubLines(texts: readonly string[], scrubber: Scrubber): Promise<string[] | undefined> {
  const text = texts.join('\n');
  const whole = lineOf(text);
  const lines = whole.before === '' && whole.value !== undefined ? [whole] : texts.map(lineOf);
  const leaves = lines.flatMap(({ value }) => [...leavesOf(value)]);
  const streams = [...Map.groupBy(leaves, ({ place }) => place).values()].filter(isStream);
  for (const each of [text, ...streams.map(textOf)]) if (!(await scrubber.study(each))) return undefined;
  for (const stream of streams) {
    const clean = scrubber.pieces(stream.map((leaf) => leaf.text));
    for (const [index, leaf] of stream.entries()) leaf.replace(clean[index] ?? '');
  }
  return lines.flatMap((line) => cleanLine(line, scrubber).split('\n'));
}

function cleanLine({ text, before, after, value, json }: Line, scrubber: Scrubber): string {
  if (value === undefined) return scrubber.text(text);
  const clean = JSON.stringify(scrubber.value(value));
  return clean === json ? text : before + clean + after;
}

/** Whether texts at the same place are pieces of one, and not the same again and again. */
function isStream(leaves: readonly Leaf[]): boolean {
  return leaves.some(({ text }) => text !== leaves[0]?.text);
}

function textOf(leaves: readonly Leaf[]): string {
  return leaves.map(({ text }) => text).join('');
}

function lineOf(text: string): Line {
  const [, before = '', json = '', after = ''] = /^((?:data: ?)?)([^]*?)(\s*)$/.exec(text) ?? [];
  const line = { text, before, after };
  if (!/^\s*[[{]/.test(json)) return { ...line, value: undefined, json: '' };
  try {
    const value: unknown = JSON.parse(json);
    return { ...line, value, json: JSON.stringify(value) };
  } catch {
    return { ...line, value: undefined, json: '' };
  }
}

function* leavesOf(value: unknown, place = ''): Generator<Leaf> {
  if (typeof value !== 'object' || value === null) return;
  const holder = value as Record<string, unknown>;
  for (const [key, item] of Object.entries(holder)) {
    const here = `${place}.${key}`;
    if (typeof item === 'string') yield { place: here, text: item, replace: (text) => void (holder[key] = text) };
    else yield* leavesOf(item, here);
  }
}
