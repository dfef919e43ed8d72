import type { ModelFacts, ModelRequest, Service } from 'boternity';
import type { CallIds } from '../call-ids.ts';

/** In what a service differs from the protocol as most speak it. */
export interface ChatDialect {
  /** Name of the field that limits the answer; by the address when absent. */
  readonly limit?: 'max_completion_tokens' | 'max_tokens';
  /** The field that says how much to think; `reasoning_effort` when absent. A service that refuses it is asked without from then on. */
  readonly effort?: (effort: string) => Readonly<Record<string, unknown>> | undefined;
  /** Whether it sees to the shape of an answer. True when absent: one that refuses a schema is asked for JSON, then told in words. */
  readonly hasSchema?: boolean;
  /** Whether a call of a tool can be demanded. True when absent; otherwise it is asked for in words. */
  readonly hasToolChoice?: boolean;
  /** Which ids of calls it takes; those that OpenAI takes when absent. */
  readonly callIds?: CallIds;
  /** Whether words of the model have to stand between the results of tools and what the user says next. */
  readonly answersTools?: boolean;
  /** Whether marks in the messages say where a cache may end. */
  readonly marksCache?: (service: Service) => boolean;
  /** Whether its usage says what a call cost, in US dollars. */
  readonly tellsCost?: boolean;
  /** Fields that it wants beside the usual ones, or instead of them; one that is undefined is left out. */
  readonly fields?: (request: ModelRequest, service: Service, facts: ModelFacts) => Readonly<Record<string, unknown>>;
}
