import { request as askPlain, type IncomingMessage } from 'node:http';
import { request as askSecure } from 'node:https';
import { checkServerIdentity, TLSSocket, type DetailedPeerCertificate } from 'node:tls';

/** How long the whole may take, in milliseconds. */
const PATIENCE_MS = 10_000;
/** What of an answer is read at most. */
const MOST_BYTES = 16 * 1024;

/** What came back. Nothing is ever thrown: failing is what is looked for. */
export interface Answer {
  /** Undefined when nobody answered. */
  readonly status: number | undefined;
  readonly text: string;
  /** Why nobody answered. */
  readonly failure: string | undefined;
  readonly certificate: Seen | undefined;
}

/** A certificate as a visitor sees it. */
export interface Seen {
  readonly endsAt: Date;
  /** Why a browser would not take it; undefined when it would, but for its end. */
  readonly refusal: string | undefined;
}

/** Asks an address. A certificate that no browser would take is told of, and the question asked all the same: it holds no secret of worth. */
export function request(url: URL, signal: AbortSignal, onBegin: () => void): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  let certificate: Seen | undefined;
  const done = (answer: Partial<Answer>): void =>
    resolve({ status: undefined, text: '', failure: undefined, certificate, ...answer });
  const fail = ({ message }: Error): void => done({ failure: message });
  const take = (answer: IncomingMessage): void => {
    let text = '';
    answer.setEncoding('utf8').on('data', (piece: string) => {
      onBegin();
      if (text.length < MOST_BYTES) text += piece;
    });
    answer.once('error', fail).once('end', () => done({ status: answer.statusCode, text }));
  };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  const ask = url.protocol === 'https:' ? askSecure : askPlain;
  const asked = ask(url, { signal: limit, agent: false, rejectUnauthorized: false }, take);
  asked.once('error', (error) => fail(limit.aborted ? new Error(`no answer within ${PATIENCE_MS / 1_000} s`) : error));
  asked.once('socket', (socket) => {
    if (socket instanceof TLSSocket) socket.once('secureConnect', () => (certificate = seen(socket, url.hostname)));
  });
  asked.end();
  return promise;
}

function seen(socket: TLSSocket, name: string): Seen {
  const peer: DetailedPeerCertificate = socket.getPeerCertificate(true);
  const wrongName = checkServerIdentity(name, peer)?.message;
  const { authorizationError: unverified } = socket;
  const code = unverified ? String(unverified.message || unverified) : undefined;
  // That it has ended is told by its date.
  const untrusted = code === undefined || /expired/i.test(code) ? undefined : `it cannot be verified (${code})`;
  return { endsAt: new Date(peer.valid_to), refusal: wrongName === undefined ? untrusted : `it is not for ${name}` };
}
