import { readdir, readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Test } from 'tap';
import type { Model, StopReason, Usage } from 'boternity';
import { ask, hear, type Heard } from './hear.ts';

/** What a recorded stream comes to, read off it by hand; it stands beside the recording as `<name>.expected.json`. */
interface Expected {
  /** Whole, or how it begins, how it ends and how long it is. */
  readonly text: Text;
  readonly thinking?: Text;
  readonly calls?: readonly { readonly name: string; readonly arguments: unknown }[];
  readonly usage: Usage | null;
  readonly stop: StopReason;
  /** Kind of the failure that it ends with. */
  readonly failure?: string;
  /** What the same provider wants to see again. */
  readonly extra?: unknown;
}

type Text = string | { readonly starts: string; readonly ends: string; readonly length: number };

export interface Recordings {
  /** Folder below test/fixtures/provider-streams. */
  readonly folder: string;
  /** The lines of a recording as they travel. */
  readonly frame: (lines: readonly string[]) => Buffer;
  readonly contentType: string;
  readonly modelAt: (address: string) => Model;
}

const root = path.join(import.meta.dirname, '../fixtures/provider-streams');

/** Frames as `data:` lines; with a name those of events that carry their type. */
export function asEvents(options: { readonly isNamed?: boolean; readonly isDone?: boolean } = {}) {
  return (lines: readonly string[]): Buffer => {
    const events = lines.map((line) => {
      const type = options.isNamed === true ? `event: ${(JSON.parse(line) as { type: string }).type}\n` : '';
      return `${type}data: ${line}\n\n`;
    });
    return Buffer.from(`${events.join('')}${options.isDone === true ? 'data: [DONE]\n\n' : ''}`);
  };
}

/** Plays every recording of a folder to a model, whole and in pieces of 7 bytes and of one, and compares what it makes of them. */
export async function playsRecordings(t: Test, { folder, frame, contentType, modelAt }: Recordings): Promise<void> {
  const files = (await readdir(path.join(root, folder))).filter((file) => file.endsWith('.chunks.txt'));
  t.ok(files.length > 0, 'there are recordings');
  for (const file of files) {
    await t.test(`the recorded stream ${folder}/${file} is understood`, async (t) => {
      const place = path.join(root, folder, file);
      const lines = (await readFile(place, 'utf8')).split('\n').filter((line) => line.trim() !== '');
      const expected = JSON.parse(await readFile(place.replace('.chunks.txt', '.expected.json'), 'utf8')) as Expected;
      const bytes = frame(lines);
      const whole = await play(bytes, bytes.length, contentType, modelAt);
      compare(t, whole, expected);
      for (const size of [7, 1]) {
        const inPieces = await play(bytes, size, contentType, modelAt);
        t.strictSame(sumOf(inPieces), sumOf(whole), `in pieces of ${size} bytes the same`);
      }
    });
  }
}

async function play(bytes: Buffer, size: number, contentType: string, modelAt: Recordings['modelAt']): Promise<Heard> {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(200, { 'content-type': contentType });
      void write(response, bytes, size);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await hear(modelAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), ask('Go on'));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** The pieces are chunks of HTTP of their own; many of them leave in one packet, and the reader cuts them apart again. */
async function write(response: ServerResponse, bytes: Buffer, size: number): Promise<void> {
  const { socket } = response;
  const BATCH = 512;
  for (let at = 0; at < bytes.length; at += size * BATCH) {
    socket?.cork();
    for (let piece = at; piece < Math.min(at + size * BATCH, bytes.length); piece += size)
      response.write(bytes.subarray(piece, piece + size));
    socket?.uncork();
    await new Promise(setImmediate);
  }
  response.end();
}

/** What has to be the same however the bytes came. Ids that we gave ourselves differ. */
function sumOf({ text, thinking, calls, usage, end }: Heard): unknown {
  return { text, thinking, usage, end, calls: calls.map(({ name, arguments: input }) => ({ name, input })) };
}

function compare(t: Test, heard: Heard, expected: Expected): void {
  matches(t, heard.text, expected.text, 'text');
  matches(t, heard.thinking, expected.thinking ?? '', 'thinking');
  const calls = heard.calls.map(({ name, arguments: input }) => ({ name, arguments: JSON.parse(input) as unknown }));
  t.strictSame(calls, expected.calls ?? [], 'calls');
  t.strictSame(heard.usage ?? null, expected.usage, 'usage');
  t.equal(heard.end.stop, expected.stop, 'stop');
  t.equal(heard.end.failure?.kind, expected.failure, heard.end.failure?.message ?? 'no failure');
  if (expected.extra !== undefined) t.match(Object.values(heard.end.extra ?? {})[0], expected.extra, 'extra');
}

function matches(t: Test, found: string, expected: Text, what: string): void {
  if (typeof expected === 'string') return void t.equal(found, expected, what);
  t.equal(found.slice(0, expected.starts.length), expected.starts, `${what}: how it begins`);
  t.equal(found.slice(-expected.ends.length), expected.ends, `${what}: how it ends`);
  t.equal(found.length, expected.length, `${what}: how long it is`);
}
