import { randomBytes } from 'node:crypto';
import { credentialsOf, Fault, plainAddress, z, type Reach, type Route } from 'boternity';
import { request, type Answer } from './request.ts';

const PLACE = '/api/v1/doctor/way';
/** How long the end of an answer waits for its beginning to arrive, in milliseconds. */
const PATIENCE_MS = 3_000;

/** How a question of this server to itself came back to it. */
export interface Arrival {
  /** Address of who passed it on, or of this server. */
  readonly peer: string;
  readonly isTrusted: boolean;
  /** Whether a header says that somebody passed it on. */
  readonly isPassedOn: boolean;
  /** Host and scheme as they can be believed. */
  readonly host: string | undefined;
  readonly isSecure: boolean;
  readonly saysWho: boolean;
  /** Whether the beginning of the answer arrived before its end was written. */
  isStreamed: boolean;
}

export interface Told {
  readonly url: URL;
  readonly answer: Answer;
  /** Undefined when it came to somebody else, or not at all. */
  readonly arrival: Arrival | undefined;
  /** Whether it arrives at the root, where the base path leads elsewhere. */
  readonly isAtRoot: boolean;
}

interface Pending {
  arrival: Arrival | undefined;
  readonly begun: PromiseWithResolvers<void>;
}

/** A question that only this server can recognise, and the route on which it does. Nobody else gets an answer there. */
export function createProbe(reach: Reach): {
  route: Route;
  ask: (signal: AbortSignal) => Promise<Told | undefined>;
} {
  const pending = new Map<string, Pending>();

  const askAt = async (
    base: string,
    signal: AbortSignal,
  ): Promise<{ answer: Answer; arrival: Arrival | undefined }> => {
    const secret = randomBytes(32).toString('hex');
    const question: Pending = { arrival: undefined, begun: Promise.withResolvers() };
    pending.set(secret, question);
    try {
      const answer = await request(new URL(`${base}${PLACE}/${secret}`), signal, () => question.begun.resolve());
      return { answer, arrival: question.arrival };
    } finally {
      pending.delete(secret);
    }
  };

  return {
    route: {
      method: 'GET',
      path: `${PLACE}/{secret}`,
      permission: 'anyone',
      describe: {
        name: 'doctor.way',
        summary: 'Where the server meets a question that it asked itself through its public address.',
        params: { secret: { description: 'Made for one question', example: 'secret' } },
        answers: { 200: { description: 'It is this server', type: 'text/event-stream', schema: z.string() } },
      },
      async handle({ params, request: asked, response }) {
        const question = pending.get(params['secret'] ?? '');
        if (!question) throw new Fault('ROUTE_MISSING', 'The server asked nothing of this kind.');
        question.arrival = arrivalOf(asked, reach);
        response.writeHead(200, {
          'content-type': 'text/event-stream',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
        });
        response.write(': begins\n\n');
        const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), PATIENCE_MS).unref());
        question.arrival.isStreamed = await Promise.race([question.begun.promise.then(() => true), late]);
        response.end(': ends\n\n');
      },
    },
    async ask(signal) {
      const { publicUrl, basePath } = reach;
      if (publicUrl === undefined) return undefined;
      const url = new URL(publicUrl);
      const { answer, arrival } = await askAt(publicUrl, signal);
      const wantsMore = !arrival && answer.status !== undefined && basePath !== '';
      const isAtRoot = wantsMore && (await askAt(url.origin, signal)).arrival !== undefined;
      return { url, answer, arrival, isAtRoot };
    },
  };
}

function arrivalOf(asked: Parameters<typeof credentialsOf>[0], reach: Reach): Arrival {
  const { remoteAddress, ...rest } = credentialsOf(asked);
  const { host, isSecure, isPassedOn } = reach.wayOf({ remoteAddress, ...rest });
  const peer = plainAddress(remoteAddress);
  const { headers } = rest;
  const saysWho = headers['x-forwarded-for'] !== undefined || headers['forwarded'] !== undefined;
  return { peer, isTrusted: reach.trusts(peer), isPassedOn, host, isSecure, saysWho, isStreamed: false };
}
