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
import { findIn, refusableEfforts, type Refusable } from '../refusals.ts';
import { Answer } from './answer.ts';
import type { ChatDialect } from './dialect.ts';
import { requestBody } from './request.ts';

/** Old services know no usage, models that think no temperature and no stop, and few servers all forms of a schema. */
const refusable: readonly Refusable[] = [
  ['stream_options', /stream_options|include_usage/],
  ['temperature', /\btemperature\b/],
  ['json_schema', /response_?.?format|json_?.?schema|structured.?output/i],
  ['json_object', /response_?.?format|json_?.?(object|mode)/i],
  ...refusableEfforts,
  ['stop', /'stop'|"stop"|`stop`/],
];

/**
 * A model behind any server that speaks OpenAI's Chat Completions. Reads the SDK's raw chunks with an accumulator of its own, so
 * that what real services add, leave out or number differently does no harm.
 */
export function chatModel(access: ProviderAccess, facts: ModelFacts, dialect: ChatDialect = {}): Model {
  const refused = new Set<string>();
  const open = async (service: Service, request: ModelRequest, signal: AbortSignal): Promise<OpenedStream> => {
    const client = await clientFor(service);
    return conceding(refused, findIn(refusablesOf(request)), async (without) => {
      const body = requestBody(service, request, facts, dialect, without);
      // Not the SDK's iterator: it takes events one by one, which costs twice as much.
      return eventStream(bodyOf(await client.chat.completions.create(body, { signal }).asResponse()));
    });
  };
  return modelOver(access, facts, { open, answer: () => new Answer(dialect) });
}

/** Only what was sent can have been refused. */
function refusablesOf({ temperature, schema, thinking, stop }: ModelRequest): Refusable[] {
  const sent = (name: string): boolean => {
    if (name === 'temperature') return temperature !== undefined;
    if (name.startsWith('json')) return schema !== undefined;
    if (name.startsWith('effort')) return thinking !== undefined;
    return name === 'stop' ? stop !== undefined : true;
  };
  return refusable.filter(([name]) => sent(name));
}
