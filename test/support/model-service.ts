import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RETRY_AFTER_SECONDS } from '../../core/testing.ts';
import type { ProviderStage, ServiceAnswer, StageOptions } from '../../core/testing.ts';
import type { Model } from 'boternity';

/** A request as it came in. */
export interface Asked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Byte for byte. */
  readonly body: string;
  /** The body as JSON; an empty object where it is none. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** What a service answers: JSON with a status, or frames of a stream. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** As they travel, each written on its own. */
  readonly frames?: readonly (string | Uint8Array)[];
  /** What comes after the frames instead of the end: a cut of the connection, or nothing any more. */
  readonly ending?: 'cut' | 'silence' | undefined;
  /** Writes byte by byte. */
  readonly isTrickled?: boolean | undefined;
}

export interface ModelService extends AsyncDisposable {
  /** Without a path: `http://127.0.0.1:…`. */
  readonly url: string;
  /** Oldest first. */
  readonly asked: readonly Asked[];
}

/** A server on a free loopback port that gives its replies in order, the last one again and again; or to each request what fits. */
export async function startService(replies: readonly Reply[] | ((asked: Asked) => Reply)): Promise<ModelService> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void read(request).then((each) => {
      asked.push(each);
      const reply = typeof replies === 'function' ? replies(each) : replies[Math.min(asked.length, replies.length) - 1];
      return write(response, reply ?? { status: 500 });
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function read(request: IncomingMessage): Promise<Asked> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const body = Buffer.concat(pieces).toString('utf8');
  const { method = '', url = '', headers } = request;
  return { method, path: url, headers, body, json: jsonIn(body) };
}

function jsonIn(body: string): Asked['json'] {
  try {
    return JSON.parse(body) as Asked['json'];
  } catch {
    return {};
  }
}

async function write(response: ServerResponse, reply: Reply): Promise<void> {
  const { status = 200, headers, json = {}, frames, ending, isTrickled } = reply;
  const type = frames ? 'text/event-stream' : 'application/json';
  response.writeHead(status, { 'content-type': type, ...headers });
  if (!frames) return void response.end(JSON.stringify(json));
  response.flushHeaders();
  for (const frame of frames) {
    for (const piece of isTrickled ? Buffer.from(frame) : [frame]) {
      response.write(typeof piece === 'number' ? Buffer.of(piece) : piece);
      if (isTrickled) await new Promise(setImmediate);
    }
    await new Promise(setImmediate);
  }
  if (ending === 'cut') response.write('', () => response.destroy());
  else if (ending !== 'silence') response.end();
}

export type Refusals = Readonly<Record<NonNullable<ServiceAnswer['refusal']>, Reply>>;

/** How a service says what the contract suite has it say. */
export interface StagedService {
  /** The path that models are asked at; any when absent. */
  readonly path?: string;
  readonly modelAt: (url: string, patience: { firstMs: number; idleMs: number }) => Model | Promise<Model>;
  /** The frames of an answer up to its trouble; `last` is what ends it. */
  readonly frames: (answer: ServiceAnswer) => {
    readonly spoken: readonly (string | Uint8Array)[];
    readonly last: readonly (string | Uint8Array)[];
  };
  /** The frame in which it reports an error of its own inside a stream. */
  readonly error: string | Uint8Array;
  /** A frame that nobody can read. */
  readonly garbage?: Uint8Array;
  readonly refusals: Refusals;
  /** What a strict service finds wrong with a request: the words of its refusal. */
  readonly wrongWith?: (asked: Asked) => string | undefined;
  /** Of its streams. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A service of the contract suite: it plays the answers in order and refuses what the real one would. */
export function stageOver(service: StagedService): (options: StageOptions) => Promise<ProviderStage> {
  return async ({ answers, patienceMs }) => {
    const waiting = [...answers];
    const taken: string[] = [];
    const server = await startService((asked) => {
      const isHere = service.path === undefined || asked.path === service.path;
      const wrong = isHere ? service.wrongWith?.(asked) : `no such path: ${asked.path}`;
      if (wrong !== undefined) return refused(400, { message: wrong, type: 'invalid_request_error' });
      taken.push(asked.body);
      return replyTo(service, waiting.shift() ?? {});
    });
    return {
      model: await service.modelAt(server.url, { firstMs: patienceMs, idleMs: patienceMs }),
      requests: () => taken,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  };
}

function replyTo(service: StagedService, answer: ServiceAnswer): Reply {
  const { refusal, trouble, isTrickled, text = [] } = answer;
  if (refusal) return service.refusals[refusal];
  const { garbage = 'data: {"oops\n\n', error, headers = {} } = service;
  const { spoken, last } = service.frames(answer);
  const ends = { garbage: [garbage], error: [error], cut: [], silence: [] };
  const neverBegins = trouble === 'silence' && text.length === 0;
  const frames = neverBegins ? [] : [...spoken, ...(trouble ? ends[trouble] : last)];
  return { frames, headers, isTrickled, ending: trouble === 'cut' || trouble === 'silence' ? trouble : undefined };
}

export function refused(status: number, error: object, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, json: { error }, headers };
}

/** The header of a refusal for `rate`. */
export const later = { 'retry-after': String(RETRY_AFTER_SECONDS) };

/** How OpenAI and those who copy it refuse. */
export const openAiRefusals: Refusals = {
  key: refused(401, { message: 'Incorrect API key provided: sk-test.', code: 'invalid_api_key' }),
  rate: refused(429, { message: 'Slow down' }, later),
  failure: refused(500, { message: 'The server had an error' }),
  invalid: refused(400, { message: 'Something is missing', type: 'invalid_request_error' }),
  overload: refused(503, { message: 'The engine is overloaded' }),
  context: refused(400, {
    message: 'Your input exceeds the context window of this model.',
    code: 'context_length_exceeded',
  }),
};
