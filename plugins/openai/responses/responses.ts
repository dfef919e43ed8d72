import {
  bodyOf,
  conceding,
  eventStream,
  modelOver,
  type Model,
  type ModelFacts,
  type ModelRequest,
  type OpenedStream,
  type ProviderAccess,
  type Service,
} from 'boternity';
import { clientFor } from '../client.ts';
import { findIn, refusableEfforts, type Refused } from '../refusals.ts';
import { ResponseReader } from './answer.ts';
import { requestBody } from './request.ts';

/** Thoughts that another account or an older key encrypted. They are left out of one request. */
const UNREADABLE = 'own items';

const find = findIn([
  [UNREADABLE, /invalid_encrypted_content|could not be (verified|decrypted)/i],
  ['temperature', /\btemperature\b/],
  ['summary', /summar(y|ies)/i],
  ['encrypted', /encrypted/i],
  ...refusableEfforts,
]);

/** A model behind OpenAI's Responses. Nothing is stored there: every request brings the whole conversation. */
export function responsesModel(access: ProviderAccess, facts: ModelFacts): Model {
  const refused = new Set<string>();
  const open = async (service: Service, request: ModelRequest, signal: AbortSignal): Promise<OpenedStream> => {
    const client = await clientFor(service);
    const ask = async (without: Refused): Promise<OpenedStream> => {
      const body = requestBody(service, request, facts, without);
      // Not the SDK's iterator: it takes events one by one, which costs twice as much.
      return eventStream(bodyOf(await client.responses.create(body, { signal }).asResponse()));
    };
    return conceding(refused, find, ask, (name) => name === UNREADABLE);
  };
  return modelOver(access, facts, { open, answer: (service) => new ResponseReader(service.model) });
}
