import type { WebSocket } from 'ws';
import { createId } from '../../base/ids.ts';
import { Fault } from '../../base/fault.ts';
import { redactor } from '../../base/redact.ts';
import type { Actions } from '../../actions/actions.ts';
import type { Caller } from '../../actions/caller.ts';
import { failure, success, type Request } from '../envelope.ts';
import { assertMayUse } from '../may-use.ts';
import type { Batch } from './batch.ts';
import { noStream, type FoundStream } from './find-stream.ts';
import type { UnderWay } from '../under-way.ts';
import type { Live } from './live.ts';
import type { Reader } from './reader.ts';
import { closeCodes, socketCommand, type SocketCommand, type SocketMessage } from './socket-messages.ts';

/** Bytes that may wait to leave before readers are given no more. */
const UNSENT_LIMIT = 256 * 1024;
/** Calls under way above which nothing more is read from the client. */
const MOST_CALLS = 32;
/** Streams that one connection may follow. */
const MOST_FOLLOWED = 100;
const BEAT_MS = 15_000;

export interface SocketParts {
  readonly actions: Pick<Actions, 'run' | 'get' | 'covers'>;
  readonly live: Live;
  readonly underWay: Pick<UnderWay, 'assertOpen'>;
  readonly find: (path: string) => FoundStream | undefined;
}

type Id = SocketCommand['id'];
type Call = Extract<SocketCommand, { call: string }>;
type Follow = Extract<SocketCommand, { follow: string }>;

/** One WebSocket: calls and streams of one caller, side by side. Everything it began ends with it. */
export class LiveSocket {
  readonly #socket: WebSocket;
  readonly #caller: Caller;
  readonly #parts: SocketParts;
  readonly #begun = new Map<Id, AbortController>();
  /** What to call when it is no longer full, by what follows. */
  readonly #waiting = new Map<Id, Set<() => void>>();
  #wasFull = false;
  #calls = 0;
  #followed = 0;

  constructor(socket: WebSocket, caller: Caller, parts: SocketParts) {
    this.#socket = socket;
    this.#caller = caller;
    this.#parts = parts;
    const beating = setInterval(() => this.#send({ beat: new Date().toISOString() }), BEAT_MS);
    const revoke = (): void => socket.close(closeCodes.revoked, 'The credential was revoked.');
    caller.revoked?.addEventListener('abort', revoke);
    socket.on('message', (data, isBinary) => this.#take(isBinary ? undefined : textOf(data)));
    // What breaks a connection ends it; `close` follows.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearInterval(beating);
      caller.revoked?.removeEventListener('abort', revoke);
      for (const controller of this.#begun.values()) controller.abort(new Fault('INTERRUPTED', 'The caller left.'));
    });
    if (caller.revoked?.aborted) revoke();
  }

  #take(text: string | undefined): void {
    const request = this.#request();
    const command = socketCommand.safeParse(parse(text));
    if (!command.success) return this.#refuse(idIn(text), request, unreadable);
    const { id } = command.data;
    if ('leave' in command.data) return this.#begun.get(id)?.abort(new Fault('INTERRUPTED', 'The caller left.'));
    if (this.#begun.has(id)) return this.#refuse(id, request, new Fault('INPUT_INVALID', `The id ${id} is in use.`));
    const controller = new AbortController();
    this.#begun.set(id, controller);
    const done = (): void => void this.#begun.delete(id);
    if ('call' in command.data) void this.#call(command.data, request, controller.signal).finally(done);
    else void this.#follow(command.data, request, controller.signal).finally(done);
  }

  async #call({ id, call, input }: Call, request: Request, signal: AbortSignal): Promise<void> {
    this.#calls += 1;
    if (this.#calls >= MOST_CALLS) this.#socket.pause();
    const { actions, underWay } = this.#parts;
    try {
      underWay.assertOpen();
      const progress = (fact: unknown): void => this.#send({ id, progress: fact });
      const data = await actions.run(call, { caller: this.#caller, signal, input, door: 'http', progress });
      this.#send({ id, status: actions.get(call)?.status ?? 200, answer: success(request, data) });
    } catch (error) {
      this.#refuse(id, request, error);
    } finally {
      this.#calls -= 1;
      if (this.#calls < MOST_CALLS) this.#socket.resume();
    }
  }

  /** Settles when it is over. */
  async #follow({ id, follow, cursor }: Follow, request: Request, signal: AbortSignal): Promise<void> {
    const caller = this.#caller;
    this.#followed += 1;
    try {
      this.#parts.underWay.assertOpen();
      const found = this.#parts.find(follow);
      if (!found) throw noStream(follow);
      if (this.#followed > MOST_FOLLOWED)
        throw new Fault('INPUT_INVALID', `One connection follows at most ${MOST_FOLLOWED} streams.`);
      const { stream, params } = found;
      await assertMayUse({ ...stream, what: stream.path }, { caller, params, actions: this.#parts.actions });
      const source = await stream.open(params, caller);
      if (signal.aborted) return;
      this.#send({ id, following: true });
      const over = new AbortController();
      const reader = this.#reader(id, () => over.abort());
      const following = { ...found, caller, over: 'websocket', request: request.id, cursor } as const;
      const leave = this.#parts.live.follow(source, following, reader);
      await aborted(AbortSignal.any([signal, over.signal]));
      leave();
    } catch (error) {
      this.#refuse(id, request, error);
    } finally {
      this.#followed -= 1;
      this.#waiting.delete(id);
    }
  }

  #reader(id: Id, onEnd: () => void): Reader {
    const socket = this.#socket;
    const isFull = (): boolean => (this.#wasFull ||= socket.bufferedAmount > UNSENT_LIMIT);
    const waiting = new Set<() => void>();
    this.#waiting.set(id, waiting);
    const prefix = `{"id":${JSON.stringify(id)},"cursor":"`;
    return {
      take: ({ cursor, list }: Batch) => this.#write(`${prefix}${cursor}","events":[${list}]}`),
      get isFull() {
        return isFull();
      },
      onReady: (callback) => void waiting.add(callback),
      // One for all streams of the connection is enough.
      beat: () => undefined,
      tellStopping: () => this.#send({ id, stopping: true }),
      end: () => {
        this.#send({ id, ended: true });
        onEnd();
      },
      cut: () => socket.close(closeCodes.stalled, 'Nothing was taken for a minute.'),
    };
  }

  #refuse(id: Id | null, request: Request, error: unknown): void {
    const fault = Fault.from(error);
    this.#send({ id, status: fault.row.status, answer: failure(request, fault) });
  }

  #send(message: SocketMessage): void {
    this.#write(redactor.json(message));
  }

  #write(text: string): void {
    const { OPEN } = this.#socket;
    if (this.#socket.readyState !== OPEN) return;
    this.#socket.send(text, () => this.#left());
  }

  /** Something left: whoever waited for that goes on. */
  #left(): void {
    if (!this.#wasFull || this.#socket.bufferedAmount > UNSENT_LIMIT) return;
    this.#wasFull = false;
    for (const callbacks of this.#waiting.values()) for (const ready of callbacks) ready();
  }

  #request(): Request {
    return { id: createId(), startedMs: performance.now(), path: '/api/v1/live' };
  }
}

const unreadable = new Fault('BODY_UNREADABLE', 'The message is no command of this server.', {
  hint: 'Send {"id":1,"call":"bots.list"}, {"id":1,"follow":"/fleet/events"} or {"id":1,"leave":true}.',
});

function textOf(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.from(data as Buffer).toString();
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

/** So that a client learns which of its messages was refused. */
function idIn(text: string | undefined): Id | null {
  const value = parse(text);
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : null;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
