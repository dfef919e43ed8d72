import type { Origins } from '../fleet/origins.ts';
import { Fault, type Bots, type Log, type PushLimits, type RouteCall } from 'boternity';
import { admit, identify, type Asked } from './admit.ts';
import { addressOf, type Address } from './address.ts';
import { bodyOf } from './body.ts';
import { advertiseFetch, answerFetch } from './fetch.ts';
import { advertisePush, receivePush } from './receive.ts';

export interface GitDoor {
  readonly bots: Bots;
  readonly limits: PushLimits;
  readonly origins: Origins;
  readonly log: Log;
}

/** Answers git. What is refused before git's own protocol begins is one plain sentence, which git shows as `remote: …`. */
export function createHandler(door: GitDoor): (call: RouteCall) => Promise<void> {
  return async (call) => {
    const { response } = call;
    response.setHeader('cache-control', 'no-cache, max-age=0, must-revalidate');
    response.setHeader('pragma', 'no-cache');
    response.setHeader('expires', 'Fri, 01 Jan 1980 00:00:00 GMT');
    try {
      // Who is nobody learns nothing, not even what there is to ask for.
      const caller = await identify(call);
      const address = addressOf(call.params['rest'] ?? '', call.url, call.request.method ?? '');
      await answer(door, call, address, await admit(door.bots, caller, address));
    } catch (error) {
      refuse(door, call, Fault.from(error));
    }
  };
}

async function answer(door: GitDoor, call: RouteCall, { step }: Address, asked: Asked): Promise<void> {
  if (step === 'advertise-fetch') return advertiseFetch(door, call, asked);
  if (step === 'advertise-push') return advertisePush(door, call, asked);
  const body = bodyOf(call.request);
  return step === 'fetch' ? answerFetch(door, call, asked, body) : receivePush(door, call, asked, body);
}

function refuse({ log }: GitDoor, { request, response }: RouteCall, fault: Fault): void {
  if (fault.code === 'INTERNAL') log.error('A git request met an unexpected error', { error: fault.cause });
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.statusCode = fault.row.status === 499 ? 503 : fault.row.status;
  if (response.statusCode === 401) response.setHeader('www-authenticate', 'Basic realm="Boternity", charset="UTF-8"');
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  if (!request.complete) response.setHeader('connection', 'close');
  response.end(`${fault.message} ${fault.hint}\n`);
}
