import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { bytesOf } from './body.ts';
import { differenceOf } from './difference.ts';
import { recordRequest } from './exchange.ts';
import { readTape, type Exchange, type Tape } from './format.ts';
import { hashOf, isLike, normalOf } from './normal.ts';
import { Scrubber } from './scrub.ts';

export interface ReplayOptions {
  /** Answers come in pieces of so many bytes; whole when absent. */
  readonly pieces?: number;
  /** Hears of every request that stands nowhere on the tape. */
  readonly onMiss?: (difference: string) => void;
}

/** A tape that plays on loopback. */
export interface Replay extends AsyncDisposable {
  /** Without a path: `http://127.0.0.1:…`. */
  readonly url: string;
  /** What stands as `address` of a provider, so that its requests are those of the tape; the first of the tape when absent. */
  address(provider?: string): string;
  /** Where each request that stands nowhere on the tape differs from the one that is nearest. Empty is as it should be. */
  readonly misses: readonly string[];
  /** Exchanges that nobody asked for so far. */
  readonly left: readonly Exchange[];
}

interface Recorded {
  readonly exchange: Exchange;
  readonly hash: string;
  readonly normal: unknown;
}

type Asked = NonNullable<Awaited<ReturnType<typeof recordRequest>>>;

/**
 * Plays a tape, or the one in a file, on a free port of the loopback address. A request is answered with the first exchange that was
 * not played yet and has its method, its path and its body, apart from days, ids and what was taken out; any other is refused
 * with status 400 and where it differs. Throws TAPE_INVALID.
 */
export async function replayTape(tape: Tape | string, options: ReplayOptions = {}): Promise<Replay> {
  const { providers, exchanges } = typeof tape === 'string' ? readTape(await readFile(tape, 'utf8'), tape) : tape;
  const left = exchanges.map(recorded);
  const scrubber = new Scrubber();
  const misses: string[] = [];
  const miss = (difference: string): void => {
    misses.push(difference);
    options.onMiss?.(difference);
  };
  const server = createServer((request, response) => {
    void answer(request, response, { left, scrubber, miss, pieces: options.pieces }).catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    address: (provider = Object.keys(providers)[0] ?? '') => url + (providers[provider]?.path ?? ''),
    misses,
    get left() {
      return left.map(({ exchange }) => exchange);
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function recorded(exchange: Exchange): Recorded {
  const normal = normalOf(exchange.request.body);
  return { exchange, normal, hash: exchange.request.hash ?? hashOf(normal) };
}

interface Playing {
  readonly left: Recorded[];
  readonly scrubber: Scrubber;
  readonly miss: (difference: string) => void;
  readonly pieces: number | undefined;
}

async function answer(request: IncomingMessage, response: ServerResponse, playing: Playing): Promise<void> {
  const { left, scrubber, miss, pieces } = playing;
  const body = await text(request);
  const url = new URL(request.url ?? '/', 'http://tape');
  const asked = await recordRequest(request.method ?? '', url, body, scrubber);
  const found = asked && find(left, asked);
  if (found) {
    left.splice(left.indexOf(found), 1);
    return play(response, found.exchange, pieces);
  }
  const message = `This request is not on the tape. ${asked ? nearest(left, asked) : 'It is too long to be compared.'}`;
  miss(message);
  response.writeHead(400, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ message, error: { type: 'invalid_request_error', message } }));
}

function find(left: readonly Recorded[], asked: Asked): Recorded | undefined {
  const candidates = left.filter(({ exchange: { request } }) => isAt(request, asked));
  const normal = normalOf(asked.body);
  return candidates.find(({ hash }) => hash === asked.hash) ?? candidates.find((each) => isLike(each.normal, normal));
}

function isAt(request: Exchange['request'], asked: Asked): boolean {
  return request.method === asked.method && request.path === asked.path;
}

/** What is left and most like it, and where it differs. */
function nearest(left: readonly Recorded[], asked: Asked): string {
  const normal = normalOf(asked.body);
  const here = left.filter(({ exchange: { request } }) => isAt(request, asked));
  if (here.length === 0) {
    const others = new Set(left.map(({ exchange: { request } }) => `${request.method} ${request.path}`));
    const rest =
      others.size === 0 ? 'everything was played' : `what is left of the tape asks ${[...others].join(', ')}`;
    return `${asked.method} ${asked.path}: ${rest}.`;
  }
  const ranked = here.toSorted((a, b) => sameness(b.normal, normal) - sameness(a.normal, normal));
  const [best] = ranked;
  return `${differenceOf(best?.normal, normal) ?? 'Its hash is another: remove the hash of an exchange that was edited'}.`;
}

/** Characters that are the same at the beginning and at the end. */
function sameness(recordedBody: unknown, asked: unknown): number {
  const [a, b] = [JSON.stringify(recordedBody), JSON.stringify(asked)];
  const most = Math.min(a.length, b.length);
  let begin = 0;
  while (begin < most && a[begin] === b[begin]) begin += 1;
  let end = 0;
  while (end < most - begin && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  return begin + end;
}

async function play(response: ServerResponse, { answer: given }: Exchange, pieces: number | undefined): Promise<void> {
  if (!given) return void response.destroy();
  response.writeHead(given.status, given.headers);
  response.flushHeaders();
  const bytes = bytesOf(given.body);
  const size = pieces ?? Math.max(1, bytes.length);
  for (let at = 0; at < bytes.length; at += size) {
    response.write(bytes.subarray(at, at + size));
    if (pieces !== undefined) await turn();
  }
  if (given.isCut) response.write('', () => response.destroy());
  else response.end();
}
